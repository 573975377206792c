"""Supplies and money by way of a real server: each wish has one effect, whatever happens to it."""

import sqlite3
from dataclasses import replace

import pytest
from msgspec import structs

from store.commands.receiving_acts import ASK_AGAIN_MS
from store.doctor.ledger_check import ledger_problems
from store.domain.errors import Refused
from store.domain.ledger.policies import Policy
from store.ledger import outbox
from store.ledger.books import snapshot
from store.ledger.offering import remembered
from store.ledger.signing import Signer
from store.ledger.standing import LedgerAt, ledger_at
from store.log.entries import ACT_TYPES
from sync.errors import BadRequest, Diverged, Unreachable
from sync.protocol.ledger import Decisions
from sync.protocol.messages import Pulled
from sync.protocol.problems import refuse
from sync.protocol.wire import WireRequest, WireResponse
from sync.server.endpoint import problem_response
from sync.transport.memory import Exchange
from tests.sync.client.disturbing import Once
from tests.sync.client.world import Person, World, edited


async def _reply_lost(request: WireRequest, send: Exchange) -> WireResponse:
    await send(request)
    raise Unreachable("The reply got lost.")


async def _passed(request: WireRequest, send: Exchange) -> WireResponse:
    return await send(request)


async def _no_ledger(request: WireRequest, send: Exchange) -> WireResponse:
    if request.path.endswith("commands"):
        return problem_response(refuse("no-ledger", "Not now.").problem)
    return await send(request)


def _books(person: Person) -> list[object]:
    with person.replica.db.read() as conn:
        return list(snapshot(conn, person.space))


def _states(person: Person) -> dict[str, str]:
    return {row.id: row.state for row in person.replica.reservations()}


def _place(person: Person) -> LedgerAt | None:
    with person.replica.db.read() as conn:
        return ledger_at(conn, person.space)


def _waiting(person: Person) -> int:
    with person.replica.db.read() as conn:
        return outbox.waiting(conn, person.space)


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


async def _everybody(here: World) -> None:
    """Everybody syncs until nobody has news, and the server does what is due in between."""
    for _ in range(3):
        for person in here.people.values():
            await person.sync()
        here.server.run_jobs()


async def test_what_one_puts_in_stock_the_other_reserves_and_both_see_the_same(
    here: World, alice: Person, bob: Person
) -> None:
    alice.replica.add_item("Tent", 3, Policy("oversell"))
    await _everybody(here)

    reservation = bob.replica.reserve("Tent", 2)
    assert bob.replica.status(here.space).pending == 1
    await _everybody(here)

    assert _states(bob) == _states(alice) == {reservation: "confirmed"}
    assert _books(alice) == _books(bob)
    row = alice.replica.supply("Tent")
    assert (row.available, row.reserved, row.is_asked) == (1, 0, False)
    assert row.known_at_ms is not None
    assert bob.replica.status(here.space).pending == 0


async def test_the_last_tent_goes_to_one_and_the_other_is_told_why(
    here: World, alice: Person, bob: Person
) -> None:
    alice.replica.add_item("Tent", 1, Policy("oversell", oversell_percent=0))
    await _everybody(here)
    first, second = alice.replica.reserve("Tent", 1), bob.replica.reserve("Tent", 1)

    await _everybody(here)

    assert _states(alice)[first] == "confirmed"
    assert _states(bob)[second] == "rejected"
    (notice,) = bob.replica.notices()
    assert notice.kind == "refused"
    assert bob.replica.status(here.space).conflicts == 1


@pytest.mark.parametrize("number", range(5))
async def test_a_reply_that_gets_lost_anywhere_reserves_nothing_twice(
    here: World, alice: Person, number: int
) -> None:
    alice.replica.add_item("Tent", 5, Policy("oversell"))
    alice.replica.add_budget("Food", "EUR")
    await alice.sync()
    alice.replica.reserve("Tent", 2)
    alice.replica.deposit("Food", "10")
    alice.network.fault = Once(number, _reply_lost)

    await alice.sync()
    await alice.sync()

    assert alice.replica.supply("Tent").available == 3
    assert alice.replica.budget("Food").available == 1_000
    assert _waiting(alice) == 0


async def test_what_is_asked_for_offline_waits_and_is_sent_when_the_network_is_back(
    here: World, alice: Person, bob: Person
) -> None:
    alice.replica.add_item("Tent", 5, Policy("escrow"))
    await _everybody(here)
    bob.replica.take_quota("Tent", 2)
    await _everybody(here)
    bob.network.is_down = True
    certain, asked = bob.replica.reserve("Tent", 2), bob.replica.reserve("Tent", 1)

    result = await bob.engine.sync_until_quiet(here.space)

    assert isinstance(result.error, Unreachable)
    assert _states(bob) == {certain: "certain", asked: "requested"}
    bob.restart()
    bob.network.is_down = False
    await _everybody(here)
    assert _states(bob) == {certain: "confirmed", asked: "confirmed"}
    assert alice.replica.supply("Tent").available == 2


async def test_pessimistic_is_decided_at_once_or_refused_and_nothing_is_kept(
    here: World, alice: Person
) -> None:
    alice.replica.add_item("Key", 2, Policy("pessimistic"))
    await alice.sync()
    got = alice.replica.reserve("Key", 1)
    await alice.sync()
    alice.network.is_down = True
    missed = alice.replica.reserve("Key", 1)

    await alice.engine.sync_until_quiet(here.space)

    assert _states(alice) == {got: "confirmed", missed: "rejected"}
    alice.network.is_down = False
    await alice.sync()
    assert alice.replica.supply("Key").available == 1


async def test_who_gave_up_unanswered_and_asks_again_gets_the_last_one(
    here: World, alice: Person
) -> None:
    """The answer is lost, the device says that there was none, the person asks once more."""
    alice.replica.add_item("Key", 1, Policy("pessimistic"))
    await alice.sync()

    async def cut_off_when_decided(request: WireRequest, send: Exchange) -> WireResponse:
        alice.network.is_down = request.path.endswith("/commands")
        return await (_reply_lost if alice.network.is_down else _passed)(request, send)

    alice.network.fault = cut_off_when_decided
    given_up = alice.replica.reserve("Key", 1)
    await alice.engine.sync_until_quiet(here.space)
    assert _states(alice) == {given_up: "rejected"}
    again = alice.replica.reserve("Key", 1)
    assert _states(alice)[again] == "requested"

    alice.network.fault, alice.network.is_down = None, False
    await alice.sync()

    assert _states(alice) == {given_up: "released", again: "confirmed"}
    assert _waiting(alice) == 0
    (told,) = alice.replica.notices()
    assert (told.about, told.reason.partition(";")[0]) == (
        given_up,
        "It can be reserved only while the server answers",
    )


async def test_two_compare_and_set_at_once_and_both_get_theirs(
    here: World, alice: Person, bob: Person
) -> None:
    alice.replica.add_item("Seat", 4, Policy("cas"))
    await _everybody(here)
    mine, theirs = alice.replica.reserve("Seat", 1), bob.replica.reserve("Seat", 1)

    await _everybody(here)

    assert _states(alice) == _states(bob) == {mine: "confirmed", theirs: "confirmed"}


async def test_a_hold_expires_at_the_server_and_the_device_learns_it(
    here: World, alice: Person
) -> None:
    alice.replica.add_item("Tent", 2, Policy("reservation"))
    reservation = alice.replica.reserve("Tent", 2)
    await alice.sync()
    assert alice.replica.supply("Tent").available == 0

    here.clock.at_ms += 600_001
    here.server.run_jobs()
    await alice.sync()

    assert _states(alice) == {reservation: "expired"}
    assert alice.replica.supply("Tent").available == 2
    assert alice.replica.reservation(reservation).reason == "It was not confirmed in time."
    assert alice.replica.notices() == [], "its end was told beforehand: nothing was taken back"


async def test_a_server_that_lost_what_it_had_decided_is_told_by_who_knows(
    here: World, alice: Person, bob: Person
) -> None:
    alice.replica.add_item("Tent", 3, Policy("oversell", oversell_percent=0))
    await _everybody(here)
    backup = here.back_up_server()
    reservation = bob.replica.reserve("Tent", 2)
    await _everybody(here)

    here.restore_server(backup)
    alice.replica.reserve("Tent", 2)
    await bob.sync()
    await _everybody(here)
    await _everybody(here)

    assert _states(bob)[reservation] == "confirmed"
    assert _books(alice) == _books(bob)
    assert sorted(_states(alice).values()) == ["confirmed", "rejected"]
    assert alice.replica.supply("Tent").available == 1


async def test_who_reads_an_older_beginning_last_stands_again_where_the_server_stands(
    here: World, alice: Person, bob: Person
) -> None:
    alice.replica.add_item("Tent", 5, Policy("oversell"))
    await _everybody(here)
    backup = here.back_up_server()
    bob.replica.reserve("Tent", 1)
    await _everybody(here)
    here.restore_server(backup)
    await bob.sync()  # begins anew by what he has, and alice does not hear of it
    with bob.replica.db.read() as conn:
        older = conn.execute("SELECT type, bytes FROM log WHERE doc = 'ledger'").fetchall()
    here.restore_server(backup)
    await alice.sync()  # so does she, and then the server hears of bob's too
    await _everybody(here)
    alice.replica.apply_remote(here.space, [], origin="lan", acts=older)
    assert _place(alice) != _place(bob)

    reservation = alice.replica.reserve("Tent", 2)
    await _everybody(here)

    assert _states(alice)[reservation] == "confirmed"
    assert _waiting(alice) == 0
    assert _books(alice) == _books(bob)
    assert not list(ledger_problems(alice.replica.db, here.space))
    with here.server.db.read() as conn:
        assert _place(alice) == _place(bob) == ledger_at(conn, here.space)


async def test_what_is_to_be_offered_since_an_offer_was_begun_is_not_forgotten_with_it(
    here: World, alice: Person, bob: Person
) -> None:
    """A guest may bring acts while the round with the server waits for an answer."""
    alice.replica.add_item("Tent", 5, Policy("oversell"))
    await _everybody(here)
    backup = here.back_up_server()
    alice.replica.reserve("Tent", 1)
    await _everybody(here)
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
    alice.network.fault = Once(2, _reply_lost)  # hello, commands, pull
    with pytest.raises(Unreachable):
        await alice.once()

    here.restore_server(backup)
    alice.add("Buy rope")
    for _ in range(3):
        await alice.sync()

    assert _states(alice)[reservation] in ("confirmed", "requested")
    assert alice.replica.supply("Tent").available == 1


@pytest.mark.parametrize("is_first", [True, False], ids=["nothing came", "the last did not come"])
async def test_the_last_acts_that_did_not_come_are_asked_for_without_any_behind_them(
    here: World, alice: Person, bob: Person, is_first: bool
) -> None:
    """Nothing shows a hole (world 500962): only where the authority stands does."""
    if not is_first:
        alice.replica.add_item("Tent", 3, Policy("oversell"))
        await _everybody(here)
    alice.replica.add_item("Rope", 1, Policy("oversell"))
    await alice.sync()
    bob.network.fault = _without_acts
    with pytest.raises(Diverged, match="lacks a part"):
        await bob.once()
    assert _books(bob) != _books(alice)
    bob.network.asked.clear()
    with pytest.raises(Diverged):
        await bob.once()
    assert bob.network.asked.count("pull") == 1  # the whole log is not read in every round
    bob.network.fault = None
    here.clock.at_ms += ASK_AGAIN_MS

    await bob.sync()

    assert _books(bob) == _books(alice)


async def test_one_answer_without_the_last_acts_is_made_good_in_the_same_round(
    here: World, alice: Person, bob: Person
) -> None:
    alice.replica.add_item("Tent", 3, Policy("oversell"))
    await alice.sync()
    bob.network.fault = Once(1, _without_acts)  # hello, pull

    await bob.once()

    assert _books(bob) == _books(alice)


@pytest.mark.parametrize("is_last", [True, False], ids=["at the end", "with acts behind it"])
async def test_a_beginning_anew_that_did_not_come_is_asked_for_whatever_comes_behind_it(
    here: World, alice: Person, bob: Person, is_last: bool
) -> None:
    """Who stands in a generation that is over takes nothing of the new one, and sees no hole."""
    alice.replica.add_item("Tent", 5, Policy("oversell"))
    await _everybody(here)
    backup = here.back_up_server()
    bob.replica.reserve("Tent", 1)
    await _everybody(here)
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
    assert _books(alice) == _books(bob)


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
    await _everybody(here)
    before = _books(alice)
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
    assert _books(alice) == before
    assert _waiting(alice) == 1
    assert "another key" in (alice.peer().error or "")


async def test_a_home_that_was_copied_hands_out_nothing_by_itself(
    here: World, alice: Person
) -> None:
    alice.replica.add_item("Tent", 5, Policy("escrow"))
    await alice.sync()
    alice.replica.take_quota("Tent", 3)
    await alice.sync()
    copy = here.person("copy", alice.back_up())
    alice.add("Buy rope")
    await alice.sync()
    copy.add("Buy wax")

    await copy.sync()

    assert copy.replica.supply("Tent").quota == 0
    row = copy.replica.reservation(copy.replica.reserve("Tent", 1))
    assert row.state == "requested"
    assert alice.replica.reservation(alice.replica.reserve("Tent", 1)).state == "certain"


async def test_a_viewer_is_refused_beforehand_and_who_became_one_keeps_what_waits(
    here: World, alice: Person, bob: Person
) -> None:
    alice.replica.add_item("Tent", 5, Policy("oversell"))
    await _everybody(here)
    reservation = bob.replica.reserve("Tent", 1)
    here.set_role(bob, "viewer")

    result = await bob.sync()

    assert result.is_quiet
    assert _states(bob) == {reservation: "requested"}
    assert _waiting(bob) == 1
    with pytest.raises(Refused, match="viewer"):
        bob.replica.reserve("Tent", 1)
    here.set_role(bob, "editor")
    await bob.sync()
    assert _states(bob) == {reservation: "confirmed"}


async def test_who_joins_later_has_the_whole_ledger(here: World, alice: Person) -> None:
    alice.replica.add_item("Tent", 5, Policy("oversell"))
    alice.replica.reserve("Tent", 2)
    await alice.sync()

    bob = await here.invite("bob", by=alice)

    assert _books(bob) == _books(alice)
    assert bob.replica.supply("Tent").available == 3


async def test_a_quiet_round_asks_for_nothing_more_than_before(here: World, alice: Person) -> None:
    alice.replica.add_item("Tent", 5, Policy("oversell"))
    await alice.sync()
    await alice.sync()
    alice.network.asked.clear()

    await alice.once()

    assert alice.network.asked == ["hello", "pull"]


async def test_what_a_server_accepted_and_lost_before_it_was_pulled_is_asked_again(
    here: World, alice: Person, bob: Person
) -> None:
    """World 10000: nobody had the act, so that nothing told of it, and the wish waited for ever."""
    alice.replica.add_item("Tent", 3, Policy("reservation"))
    await _everybody(here)
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
    await _everybody(here)

    assert _states(bob) == _states(alice) == {reservation: "confirmed"}
    assert _books(alice) == _books(bob)
    assert _waiting(bob) == 0


async def test_a_command_that_was_damaged_on_its_way_is_sent_again_and_not_refused(
    here: World, alice: Person, bob: Person
) -> None:
    """World 186: the wish was given up for good, with the advice to send it again."""
    alice.replica.add_item("Tent", 3, Policy("reservation"))
    await _everybody(here)
    damaged: list[str] = []

    async def damage_once(request: WireRequest, send: Exchange) -> WireResponse:
        if request.path.endswith("commands") and not damaged:
            damaged.append(request.path)
            request = replace(request, body=request.body[:-1] + bytes([request.body[-1] ^ 1]))
        return await send(request)

    bob.network.fault = damage_once
    reservation = bob.replica.reserve("Tent", 1)
    await bob.sync()
    await _everybody(here)

    assert damaged
    assert _states(bob) == _states(alice) == {reservation: "confirmed"}


async def test_a_server_that_decides_nothing_of_what_it_is_asked_is_asked_once_a_round(
    here: World, alice: Person
) -> None:
    async def undecided(request: WireRequest, send: Exchange) -> WireResponse:
        response = await send(request)
        if not request.path.endswith("commands"):
            return response
        assert alice.network.asked.count("commands") < 9, "it is asked for ever"
        return edited(response, Decisions, lambda reply: structs.replace(reply, decisions=[]))

    alice.replica.add_item("Tent", 3, Policy("oversell"))
    alice.network.fault = undecided

    with pytest.raises(BadRequest, match="leads nowhere"):
        await alice.once()

    assert alice.network.asked.count("commands") == 1
    assert _waiting(alice) == 1


async def test_what_two_copies_of_a_home_asked_for_is_done_once_and_waits_in_neither(
    here: World, alice: Person, bob: Person
) -> None:
    """World 101137: what says so stands in a generation that is over, and never comes here."""
    alice.replica.add_budget("Food", "EUR")
    await _everybody(here)
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

    await _everybody(here)

    budgets = [person.replica.budget("Food") for person in (alice, bob, copy)]
    assert [(row.available, row.incoming) for row in budgets] == [(1_000, 0)] * 3
    with copy.replica.db.read() as conn:
        assert outbox.intents(conn) == []
