"""Acts that a server lost, left out or signs anew: all have the same books again, or are told."""

import sqlite3

import pytest
from msgspec import structs

from store.commands.receiving_acts import ASK_AGAIN_MS
from store.doctor.ledger_check import ledger_problems
from store.domain.ledger.policies import Policy
from store.ledger import outbox
from store.ledger.offering import remembered
from store.ledger.signing import Signer
from store.ledger.standing import LedgerAt, ledger_at
from store.log.entries import ACT_TYPES
from sync.errors import Diverged, Unreachable
from sync.protocol.messages import Pulled
from sync.protocol.problems import refuse
from sync.protocol.wire import WireRequest, WireResponse
from sync.server.endpoint import problem_response
from sync.transport.memory import Exchange
from tests.sync.client.disturbing import Once, reply_lost
from tests.sync.client.ledgers import books, everybody, states, waiting
from tests.sync.client.world import Person, World, edited


async def _no_ledger(request: WireRequest, send: Exchange) -> WireResponse:
    if request.path.endswith("commands"):
        return problem_response(refuse("no-ledger", "Not now.").problem)
    return await send(request)


def _place(person: Person) -> LedgerAt | None:
    with person.replica.db.read() as conn:
        return ledger_at(conn, person.space)


async def _without_acts(request: WireRequest, send: Exchange) -> WireResponse:
    """The server leaves out of its log what its authority has decided."""
    response = await send(request)
    if not request.path.endswith("pull") or response.status != 200:
        return response
    return edited(
        response,
        Pulled,
        lambda page: structs.replace(
            page, rows=[row for row in page.rows if row.type not in ACT_TYPES]
        ),
    )


async def _silent(request: WireRequest, send: Exchange) -> WireResponse:
    raise Unreachable("No answer.")


async def _without_rows(request: WireRequest, send: Exchange) -> WireResponse:
    """The server leaves everything out of its log."""
    response = await send(request)
    if not request.path.endswith("pull"):
        return response
    return edited(response, Pulled, lambda page: structs.replace(page, rows=[]))


async def test_a_server_that_lost_what_it_had_decided_is_told_by_who_knows(
    here: World, alice: Person, bob: Person
) -> None:
    alice.replica.add_item("Tent", 3, Policy("oversell", oversell_percent=0))
    await everybody(here)
    backup = here.back_up_server()
    reservation = bob.replica.reserve("Tent", 2)
    await everybody(here)

    here.restore_server(backup)
    alice.replica.reserve("Tent", 2)
    await bob.sync()
    await everybody(here)
    await everybody(here)

    assert states(bob)[reservation] == "confirmed"
    assert books(alice) == books(bob)
    assert sorted(states(alice).values()) == ["confirmed", "rejected"]
    assert alice.replica.supply("Tent").available == 1


async def test_who_reads_an_older_beginning_last_stands_again_where_the_server_stands(
    here: World, alice: Person, bob: Person
) -> None:
    alice.replica.add_item("Tent", 5, Policy("oversell"))
    await everybody(here)
    backup = here.back_up_server()
    bob.replica.reserve("Tent", 1)
    await everybody(here)
    here.restore_server(backup)
    await bob.sync()  # begins anew by what he has, and alice does not hear of it
    with bob.replica.db.read() as conn:
        older = conn.execute("SELECT type, bytes FROM log WHERE doc = 'ledger'").fetchall()
    here.restore_server(backup)
    await alice.sync()  # so does she, and then the server hears of bob's too
    await everybody(here)
    alice.replica.apply_remote(here.space, [], origin="lan", acts=older)
    assert _place(alice) != _place(bob)

    reservation = alice.replica.reserve("Tent", 2)
    await everybody(here)

    assert states(alice)[reservation] == "confirmed"
    assert waiting(alice) == 0
    assert books(alice) == books(bob)
    assert not list(ledger_problems(alice.replica.db, here.space))
    with here.server.db.read() as conn:
        assert _place(alice) == _place(bob) == ledger_at(conn, here.space)


async def test_what_is_to_be_offered_since_an_offer_was_begun_is_not_forgotten_with_it(
    here: World, alice: Person, bob: Person
) -> None:
    """A guest may bring acts while the round with the server waits for an answer."""
    alice.replica.add_item("Tent", 5, Policy("oversell"))
    await everybody(here)
    backup = here.back_up_server()
    alice.replica.reserve("Tent", 1)
    await everybody(here)
    here.restore_server(backup)
    await bob.sync()  # begins anew by what he has
    with bob.replica.db.read() as conn:
        other = conn.execute("SELECT type, bytes FROM log WHERE doc = 'ledger'").fetchall()
    here.restore_server(backup)

    async def brought(request: WireRequest, send: Exchange) -> WireResponse:
        if request.path.endswith("offer"):
            alice.replica.apply_remote(here.space, [], origin="lan", acts=other)
            alice.network.fault = _silent
        return await send(request)

    alice.network.fault = brought
    with pytest.raises(Unreachable):
        await alice.once()

    with alice.replica.db.read() as conn:
        assert remembered(conn, here.space)


async def test_what_was_accepted_and_never_heard_of_is_asked_for_again_after_a_restore(
    here: World, alice: Person
) -> None:
    alice.replica.add_item("Tent", 3, Policy("oversell"))
    await alice.sync()
    backup = here.back_up_server()
    reservation = alice.replica.reserve("Tent", 2)
    alice.network.fault = Once(2, reply_lost)  # hello, commands, pull
    with pytest.raises(Unreachable):
        await alice.once()

    here.restore_server(backup)
    alice.add("Buy rope")
    for _ in range(3):
        await alice.sync()

    assert states(alice)[reservation] in ("confirmed", "requested")
    assert alice.replica.supply("Tent").available == 1


@pytest.mark.parametrize("is_first", [True, False], ids=["nothing came", "the last did not come"])
async def test_the_last_acts_that_did_not_come_are_asked_for_without_any_behind_them(
    here: World, alice: Person, bob: Person, is_first: bool
) -> None:
    """Nothing shows a hole (world 500962): only where the authority stands does."""
    if not is_first:
        alice.replica.add_item("Tent", 3, Policy("oversell"))
        await everybody(here)
    alice.replica.add_item("Rope", 1, Policy("oversell"))
    await alice.sync()
    bob.network.fault = _without_acts
    with pytest.raises(Diverged, match="lacks a part"):
        await bob.once()
    assert books(bob) != books(alice)
    bob.network.asked.clear()
    with pytest.raises(Diverged):
        await bob.once()
    assert bob.network.asked.count("pull") == 1  # the whole log is not read in every round
    bob.network.fault = None
    here.clock.at_ms += ASK_AGAIN_MS

    await bob.sync()

    assert books(bob) == books(alice)


async def test_one_answer_without_the_last_acts_is_made_good_in_the_same_round(
    here: World, alice: Person, bob: Person
) -> None:
    alice.replica.add_item("Tent", 3, Policy("oversell"))
    await alice.sync()
    bob.network.fault = Once(1, _without_acts)  # hello, pull

    await bob.once()

    assert books(bob) == books(alice)


@pytest.mark.parametrize("is_last", [True, False], ids=["at the end", "with acts behind it"])
async def test_a_beginning_anew_that_did_not_come_is_asked_for_whatever_comes_behind_it(
    here: World, alice: Person, bob: Person, is_last: bool
) -> None:
    """Who stands in a generation that is over takes nothing of the new one, and sees no hole."""
    alice.replica.add_item("Tent", 5, Policy("oversell"))
    await everybody(here)
    backup = here.back_up_server()
    bob.replica.reserve("Tent", 1)
    await everybody(here)
    here.restore_server(backup)
    await bob.sync()  # begins anew by what he has
    alice.network.fault = _without_acts
    await alice.once()  # it is another log than it was
    with pytest.raises(Diverged, match="lacks a part"):
        await alice.once()
    if not is_last:
        bob.replica.reserve("Tent", 1)
        await bob.sync()
    alice.network.fault = None
    here.clock.at_ms += ASK_AGAIN_MS

    await alice.sync()

    assert _place(alice) == _place(bob)
    assert books(alice) == books(bob)


async def test_where_acts_are_missing_for_good_the_documents_are_compared_all_the_same(
    here: World, alice: Person, bob: Person
) -> None:
    alice.replica.add_item("Tent", 3, Policy("oversell"))
    alice.add("Buy rope")
    await alice.sync()
    bob.network.fault = _without_rows

    with pytest.raises(Diverged, match="Tasks and notes are synced"):
        await bob.once()

    assert bob.titles() == ["Buy rope"]


async def test_an_authority_with_another_key_is_not_believed_and_all_else_goes_on(
    here: World, alice: Person, bob: Person
) -> None:
    alice.replica.add_item("Tent", 3, Policy("oversell"))
    await everybody(here)
    before = books(alice)
    backup = here.back_up_server()
    (backup / "ledger.key").write_text(bytes(32).hex(), encoding="ascii")
    with sqlite3.connect(backup / "server.db") as conn:
        conn.execute("UPDATE ledger SET key = ?", (Signer(bytes(32), here.space).public_key,))
    conn.close()
    here.restore_server(backup)
    alice.replica.reserve("Tent", 1)
    alice.add("Buy rope")

    with pytest.raises(Diverged, match="another key"):
        await alice.once()
    with pytest.raises(Diverged, match="another key"):
        await bob.once()

    assert "Buy rope" in bob.titles()
    assert books(alice) == before
    assert waiting(alice) == 1
    assert "another key" in (alice.peer().error or "")


async def test_what_a_server_accepted_and_lost_before_it_was_pulled_is_asked_again(
    here: World, alice: Person, bob: Person
) -> None:
    """World 10000: nobody had the act, so that nothing told of it, and the wish waited for ever."""
    alice.replica.add_item("Tent", 3, Policy("reservation"))
    await everybody(here)
    backup = here.back_up_server()

    async def set_back_after_the_answer(request: WireRequest, send: Exchange) -> WireResponse:
        response = await send(request)
        if request.path.endswith("commands"):
            bob.network.fault = None
            here.restore_server(backup)
        return response

    bob.network.fault = set_back_after_the_answer
    reservation = bob.replica.reserve("Tent", 1)
    await bob.sync()
    await everybody(here)

    assert states(bob) == states(alice) == {reservation: "confirmed"}
    assert books(alice) == books(bob)
    assert waiting(bob) == 0


async def test_what_two_copies_of_a_home_asked_for_is_done_once_and_waits_in_neither(
    here: World, alice: Person, bob: Person
) -> None:
    """World 101137: what says so stands in a generation that is over, and never comes here."""
    alice.replica.add_budget("Food", "EUR")
    await everybody(here)
    backup = here.back_up_server()
    bob.replica.deposit("Food", "9")
    copy = here.person("copy", bob.back_up())
    alice.replica.deposit("Food", "1")
    await alice.sync()
    copy.network.fault = _no_ledger
    await copy.sync()  # hears of alice's, and can't ask
    here.restore_server(backup)
    await bob.sync()
    copy.network.fault = None

    await everybody(here)

    budgets = [person.replica.budget("Food") for person in (alice, bob, copy)]
    assert [(row.available, row.incoming) for row in budgets] == [(1_000, 0)] * 3
    with copy.replica.db.read() as conn:
        assert outbox.intents(conn) == []
