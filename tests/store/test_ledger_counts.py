"""Sagas counted by what became of them."""

from pathlib import Path

import pytest

from store.domain.ledger import commands as c
from store.domain.ledger.sagas import ATTEMPTS_MAX, advance
from store.ledger.counts import SagaCounts, saga_counts
from tests.support.desk import ANN, BEA, Desk, open_desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return open_desk(tmp_path)


def counts(desk: Desk) -> SagaCounts:
    return saga_counts(desk.conn, desk.now_ms)


def test_where_nothing_ever_began_all_is_none_or_zero(desk: Desk) -> None:
    assert counts(desk) == SagaCounts()


def test_sagas_are_counted_by_state_and_kind(desk: Desk) -> None:
    kitty, hut = desk.budget("Kitty", 100), desk.budget("Hut")
    tent = desk.item("oversell", 1, oversell_percent=100)
    for amount in (10, 20):
        desk.ask(BEA, c.TransferMoney(desk.new("g"), kitty, hut, amount, "EUR"))
    fee = c.Fee(kitty, hut, 900, "EUR")
    desk.ask(BEA, c.Book(desk.new("g"), "Dear", (c.Wanted(tent, 1),), fee))
    desk.run_sagas()
    desk.reserve(BEA, tent)
    desk.reserve(BEA, tent)
    desk.ask(ANN, c.Settle(tent))
    late = c.TransferMoney(desk.new("g"), kitty, hut, 5, "EUR")
    desk.ask(BEA, late)
    desk.now_ms += 2_500

    assert counts(desk) == SagaCounts(
        pending=1,
        oldest_ms=2_500,
        completed={"transfer": 2, "compensation": 1},
        compensated={"booking": 1},
        begun={"transfer": 3, "booking": 1, "compensation": 1},
        reserved=2,
    )
    desk.now_ms += 3_600_000
    assert counts(desk).overdue == 1


def test_one_that_is_stuck_is_not_pending(desk: Desk) -> None:
    desk.ask(ANN, c.SetApology("Sorry", desk.budget("Kitty"), 5))
    tent = desk.item("probabilistic", 1)
    desk.reserve(ANN, tent)
    desk.reserve(BEA, tent, is_promised=True)
    (saga,) = desk.sagas()
    for _ in range(ATTEMPTS_MAX):
        desk.fold(advance(desk.books, desk.saga(saga.id), desk.now_ms))
        desk.now_ms += 400_000

    assert counts(desk) == SagaCounts(stuck=1, begun={"compensation": 1}, reserved=2)
