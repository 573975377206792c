"""Whatever happens in two stories, they become one: promises are kept, and sums hold."""

from contextlib import suppress
from random import Random

import pytest

from store.domain.errors import DomainError
from store.domain.ledger import commands as c
from store.domain.ledger.caller import Caller
from store.domain.ledger.facts import Noticed, Saga
from store.domain.ledger.policies import NAMES, PolicyName
from store.domain.ledger.reentering import ANEW
from store.domain.ledger.sagas import advance
from tests.domain.ledger.stories import Story, come_back, copy_of, make_good
from tests.support.desk import ANN, BEA, CEM, check_books, check_sums

PEOPLE = (ANN, BEA, CEM)


def live(
    story: Story, rng: Random, items: dict[PolicyName, str], budgets: list[str], acts: int
) -> None:
    """People and jobs do what comes to mind."""
    for _ in range(acts):
        story.now_ms += rng.choice([0, 1_000, 300_000])
        who: Caller = rng.choice(PEOPLE)
        with suppress(DomainError):
            _act(story, rng, who, items, budgets)
        if rng.random() < 0.3:
            story.expire()
        for saga in story.sagas():
            if rng.random() < 0.4:
                story.fold(advance(story.books, saga, story.now_ms))


def _act(
    story: Story, rng: Random, who: Caller, items: dict[PolicyName, str], budgets: list[str]
) -> None:
    name = rng.choice(NAMES)
    item, count = items[name], rng.randint(1, 3)
    kitty, hut = rng.sample(budgets, 2)
    match rng.randrange(9):
        case 0 | 1 | 2:
            version = story.the_item(item).version
            promised = name == "probabilistic"
            story.reserve(who, item, count, version=version, is_promised=promised)
        case 3:
            story.ask(who, c.TakeQuota(story.new("x"), items["escrow"], count))
            story.reserve(who, items["escrow"], 1, is_certain=True)
        case 4:
            story.ask(who, c.Deposit(story.new("x"), kitty, rng.randint(1, 90), "EUR"))
        case 5:
            amount = rng.randint(1, 90)
            story.ask(who, c.TransferMoney(story.new("g"), kitty, hut, amount, "EUR"))
        case 6:
            fee = c.Fee(kitty, hut, rng.randint(1, 60), "EUR")
            story.ask(who, c.Book(story.new("g"), "Trip", (c.Wanted(item, count),), fee))
        case 7 if known := story.reservations():
            one = rng.choice(known)
            story.ask(ANN, c.Release(one.id) if rng.random() < 0.5 else c.Confirm(one.id))
        case _:
            story.ask(ANN, c.Settle(items["oversell"]))


@pytest.mark.parametrize("seed", range(60))
def test_any_two_stories_become_one(here: Story, seed: int) -> None:
    rng = Random(seed)
    items = {
        name: here.item(name, 8, name, oversell_percent=50, settle_after_ms=0) for name in NAMES
    }
    budgets = [here.budget("Kitty", 60), here.budget("Hut", 40)]
    live(here, rng, items, budgets, 12)
    then = copy_of(here, seed + 1_000)
    live(then, rng, items, budgets, 15)
    live(here, rng, items, budgets, rng.choice([0, 6, 15]))
    promised = {one.id for one in then.reservations() if one.state == "confirmed" and not one.saga}

    come_back(here, then.acts)
    once = list(here.conn.iterdump())
    come_back(here, [act for act in then.acts if not any(isinstance(f, Noticed) for f in act)])
    assert sums(once) == sums(list(here.conn.iterdump())), "coming back twice is once"
    make_good(here)

    check_sums(here.conn)
    assert promised <= {one.id for one in here.reservations()}, "one that was told is gone"
    for one in here.reservations():
        assert taken(here, one.id) == (one.state == "confirmed"), one
    for saga in here.sagas():
        assert saga.state in ("completed", "compensated", "stuck"), saga
        for step in saga.steps:
            if step.kind == "pay":
                check_paid(here, saga, step.transfer)
    for item in items.values():
        assert here.left(item) >= 0


def check_paid(story: Story, booking: Saga, fee: str) -> None:
    """A fee is paid where a booking is complete, and back where it is not, or was made good."""
    paid = story.books.transfer(fee)
    is_paid = paid is not None and paid.state == "posted"
    is_back = story.books.transfer(f"{fee}/back") is not None
    assert paid is None or paid.state != "pending", "a fee that stays put aside"
    if booking.state == "compensated":
        assert is_paid == is_back, booking
    if booking.state == "completed":
        gone = [one for one in story.reservations() if one.saga == booking.id]
        assert is_paid, booking
        assert not is_back or any(one.state == "compensated" for one in gone), booking


def taken(story: Story, reservation: str) -> int:
    """How often a reservation's pieces are out of the stock."""
    found = {
        end: story.books.transfer(reservation + end) is not None for end in ("", ANEW, "/back")
    }
    first = story.books.transfer(reservation)
    assert first is None or first.state != "pending", "a hold without an end"
    is_out = first is not None and first.state == "posted"
    return is_out + found[ANEW] - found["/back"]


def sums(dump: list[str]) -> list[str]:
    return [line for line in dump if line.startswith('INSERT INTO "account"')]


def test_the_books_of_a_desk_are_checked_by_the_same_rules(here: Story) -> None:
    here.item("escrow", 3)

    check_books(here.conn)
