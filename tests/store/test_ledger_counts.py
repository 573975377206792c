"""What a ledger tells of itself: sagas by what became of them, and every act in its order."""

from pathlib import Path

import pytest

from store.domain.ledger import commands as c
from store.domain.ledger.facts import Decided, Entered
from store.domain.ledger.ids import new_ledger_id
from store.domain.ledger.policies import Policy
from store.domain.ledger.sagas import ATTEMPTS_MAX, advance
from store.ledger.audit import audit_trail
from store.ledger.counts import SagaCounts, saga_counts
from tests.support.asking import create_space
from tests.support.desk import ANN, BEA, SPACE, START_MS, Desk, open_desk
from tests.support.memory_server import memory_server


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return open_desk(tmp_path)


def counts(desk: Desk, space: str | None = SPACE) -> SagaCounts:
    return saga_counts(desk.conn, desk.now_ms, space)


def test_where_nothing_ever_began_all_is_none_or_zero(desk: Desk) -> None:
    assert counts(desk) == SagaCounts()
    assert counts(desk).started == 0


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
        made_good={"oversell": 2},
    )
    assert counts(desk).started == 5
    assert counts(desk, None) == counts(desk)
    assert counts(desk, "s" + "b" * 26) == SagaCounts()


def test_one_that_is_stuck_is_not_pending(desk: Desk) -> None:
    desk.ask(ANN, c.SetApology("Sorry", desk.budget("Kitty"), 5))
    tent = desk.item("probabilistic", 1)
    desk.reserve(ANN, tent)
    desk.reserve(BEA, tent, is_promised=True)
    (saga,) = desk.sagas()
    for _ in range(ATTEMPTS_MAX):
        desk.fold(advance(desk.books, desk.saga(saga.id), desk.now_ms))
        desk.now_ms += 400_000

    assert counts(desk) == SagaCounts(stuck=1, made_good={"probabilistic": 1})


async def test_the_audit_trail_has_every_act_in_its_order_and_goes_on_where_it_ended(
    tmp_path: Path,
) -> None:
    def name(letter: str, number: int) -> str:
        return new_ledger_id(letter, bytes([number] * 16))

    with memory_server(tmp_path, clock_ms=lambda: START_MS) as server:
        alice = await create_space(server.transport(), server.setup_code)
        await alice.command(
            c.AddItem(name("i", 1), "Tent", 2, Policy("pessimistic")),
            c.Reserve(name("v", 1), name("i", 1), 1),
            c.Reserve(name("v", 2), name("i", 1), 5),
        )
        with server.db.read() as conn:
            entries = list(audit_trail(conn, alice.space))
            first, *rest = entries
            assert list(audit_trail(conn, alice.space, after=first.seq)) == rest
            assert list(audit_trail(conn, alice.space, most=1)) == [first]

    assert [each.n for each in entries] == [1, 2, 3]
    assert {each.at_ms for each in entries} == {START_MS}
    moved = [
        fact.transfer.amount for each in entries for fact in each.facts if isinstance(fact, Entered)
    ]
    assert moved == [2, 1]
    decided = [fact for each in entries for fact in each.facts if isinstance(fact, Decided)]
    assert [each.ok for each in decided] == [True, True, False]
