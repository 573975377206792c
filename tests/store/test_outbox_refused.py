"""What is no use asking: refused at once in a sentence, and nothing of it is kept."""

import pytest

from store.commands.asking import Plan, PlanFee
from store.domain.errors import InvalidValue, NotFound, Refused
from store.domain.ledger.policies import Policy
from store.ledger import outbox
from tests.support.counter import Counter


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "whole number above zero"), (-1, "whole number above zero"), (10**20, "more than")],
)
def test_counts_that_are_none_are_refused_and_nothing_is_kept(
    ann: Counter, count: int, said: str
) -> None:
    ann.item("escrow")

    with pytest.raises(InvalidValue, match=said):
        ann.replica.reserve("Tent", count)
    with pytest.raises(InvalidValue, match=said):
        ann.replica.add_item("Rope", count, Policy("cas"))

    assert ann.waiting() == []


def test_more_than_there_is_and_what_is_not_there_is_refused(ann: Counter) -> None:
    ann.item("escrow")

    with pytest.raises(Refused, match="only 5 × Tent"):
        ann.replica.reserve("Tent", 6)
    with pytest.raises(NotFound, match="no item 'Boat'"):
        ann.replica.reserve("Boat", 1)
    with pytest.raises(Refused, match="an item Tent"):
        ann.replica.add_item("Tent", 1, Policy("cas"))


@pytest.mark.parametrize(
    ("items", "said"),
    [
        ((), "1 to 50 items"),
        (tuple((f"Item {n}", 1) for n in range(51)), "1 to 50 items"),
        ((("Tent", 1), ("tent", 2)), "twice"),
        ((("Tent", 0),), "above zero"),
    ],
)
@pytest.mark.parametrize("fee", [None, PlanFee("Food", "Hut", "5")])
def test_a_plan_that_books_nothing_or_too_much_is_refused_and_nothing_is_kept(
    ann: Counter, items: tuple[tuple[str, int], ...], said: str, fee: PlanFee | None
) -> None:
    ann.item("escrow")
    for name in ("Food", "Hut"):
        ann.replica.add_budget(name, "EUR")
    ann.sync()

    with pytest.raises(InvalidValue, match=said):
        ann.replica.book(Plan("Trip", items, fee))

    assert ann.waiting() == []


def test_other_money_is_refused(ann: Counter) -> None:
    ann.replica.add_budget("Food", "EUR")
    ann.replica.add_budget("Fuel", "USD")

    with pytest.raises(InvalidValue, match="kept in EUR, not in USD"):
        ann.replica.deposit("Food", "10", currency="usd")
    with pytest.raises(InvalidValue, match="kept in EUR and Fuel in USD"):
        ann.replica.transfer("Food", "Fuel", "10")
    with pytest.raises(InvalidValue, match="2 decimals"):
        ann.replica.deposit("Food", "10.123")

    assert [one.kind for one in ann.waiting()] == ["add-budget", "add-budget"]


def test_more_than_a_full_outbox_is_refused_and_the_rest_is_kept(
    ann: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann.item("oversell")
    monkeypatch.setattr(outbox, "WAITING_MAX", 2)
    ann.replica.reserve("Tent", 1)
    ann.replica.reserve("Tent", 1)

    with pytest.raises(Refused, match="sync first"):
        ann.replica.reserve("Tent", 1)

    assert len(ann.waiting()) == 2
    ann.sync()
    ann.replica.reserve("Tent", 1)
