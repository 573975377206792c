"""Receipts: where the latest version of an item is, as the devices of a space say themselves.

What is said is never more than what is so. Each test that sees a receipt appear also sees it go, or
not come, where the version is not there.
"""

import asyncio

import pytest

from store.domain.errors import NotFound
from store.domain.ids import DocId
from store.receipts import MILESTONES_MAX, pass_milestone
from store.rows import Confirmed
from sync.protocol import routes
from sync.protocol.wire import WireRequest, WireResponse
from sync.server import limits
from sync.transport.memory import Exchange
from tests.support.long_polls import until_waiting
from tests.sync.client.world import Person, World


def where(person: Person, doc: DocId) -> Confirmed:
    """What somebody's device says of an item."""
    return person.replica.confirmed(doc)


def holders(person: Person, doc: DocId) -> list[str]:
    """The people whose device has the item's latest version, as somebody's device says."""
    return [one.person for one in where(person, doc).devices if one.has_latest]


async def looked(person: Person) -> bool:
    """Somebody's device asks for news and says what it has, without waiting."""
    return await person.engine.has_news(person.peer().id, timeout_s=0)


# -- where an item is ------------------------------------------------------------------------------


async def test_an_item_is_first_here_then_on_the_server_then_on_the_other_device(
    here: World,
) -> None:
    alice = await here.found("alice")
    bob = await here.invite("bob", by=alice)
    await looked(bob)
    await alice.sync()

    rope = alice.add("Rope")
    assert (where(alice, rope).is_on_server, holders(alice, rope)) == (False, [])

    await alice.sync()
    assert (where(alice, rope).is_on_server, holders(alice, rope)) == (True, [])
    [known] = where(alice, rope).devices
    assert (known.person, known.device, known.has_latest) == ("Bob", "bobs laptop", False)

    await bob.sync()
    await looked(bob)
    await looked(alice)
    assert holders(alice, rope) == ["Bob"]
    assert where(alice, rope).is_on_server


async def test_the_author_of_a_change_has_it_and_everybody_hears_so(here: World) -> None:
    alice = await here.found("alice")
    bob = await here.invite("bob", by=alice)
    carol = await here.invite("carol", by=alice)
    rope = bob.add("Rope")
    for person in (bob, alice, carol):
        await person.sync()
        await looked(person)

    await alice.sync()

    assert holders(alice, rope) == ["Bob", "Carol"]


async def test_a_new_edit_is_not_confirmed_by_what_confirmed_the_one_before(here: World) -> None:
    alice = await here.found("alice")
    bob = await here.invite("bob", by=alice)
    rope, axe = alice.add("Rope"), alice.add("Axe")
    for person in (alice, bob):
        await person.sync()
        await looked(person)
    await alice.sync()
    assert (holders(alice, rope), holders(alice, axe)) == (["Bob"], ["Bob"])

    alice.retitle(rope, "Long rope")
    assert (where(alice, rope).is_on_server, holders(alice, rope)) == (False, [])
    await alice.sync()
    assert (where(alice, rope).is_on_server, holders(alice, rope)) == (True, [])
    assert holders(alice, axe) == ["Bob"]


async def test_who_only_syncs_now_and_then_says_what_it_took_in_before_it_ends(
    here: World,
) -> None:
    alice = await here.found("alice")
    bob = await here.invite("bob", by=alice)
    rope = alice.add("Rope")
    await alice.sync()

    await bob.sync()
    await alice.sync()

    assert holders(alice, rope) == ["Bob"]


async def test_the_author_is_woken_by_a_receipt_without_a_round(here: World) -> None:
    alice = await here.found("alice")
    bob = await here.invite("bob", by=alice)
    await alice.sync()
    rope = alice.add("Rope")
    await alice.sync()
    await looked(alice)

    listening = asyncio.ensure_future(
        alice.engine.has_news(alice.peer().id, timeout_s=limits.RECEIPTS_PAUSE_S * 20)
    )
    await until_waiting(here.server.service.wakeups, alice.replica.identity.replica_id)
    await bob.sync()
    has_news = await listening

    assert not has_news
    assert holders(alice, rope) == ["Bob"]


# -- what is not there -----------------------------------------------------------------------------


async def test_what_was_refused_is_nowhere_else_and_only_once_it_passed_again(
    here: World,
) -> None:
    alice = await here.found("alice")
    bob = await here.invite("bob", by=alice)
    rope = alice.add("Rope")
    [row] = alice.log(rope)
    here.examiner.refuses.add(row.hash)
    axe = alice.add("Axe")
    for person in (alice, bob):
        await person.sync()
    await alice.sync()
    assert (where(alice, rope).is_on_server, holders(alice, rope)) == (False, [])
    assert holders(alice, axe) == ["Bob"]
    assert alice.replica.safe_to_close().parked == 1

    here.examiner.refuses.clear()
    alice.replica.retry_parked(rope)
    assert (where(alice, rope).is_on_server, holders(alice, rope)) == (False, [])
    await alice.sync()
    assert (where(alice, rope).is_on_server, holders(alice, rope)) == (True, [])

    await bob.sync()
    await alice.sync()
    assert holders(alice, rope) == ["Bob"]


async def test_a_device_that_lacks_what_it_read_does_not_say_that_it_has_it(here: World) -> None:
    alice = await here.found("alice")
    bob = await here.invite("bob", by=alice)
    await alice.sync()
    rope = alice.add("Rope")
    await alice.sync()
    with bob.replica.db.write() as conn:  # a row of the server that was damaged on its way
        conn.execute(
            "INSERT INTO quarantine (space, doc, hash, reason, sender, at_ms, bytes)"
            " VALUES (?, ?, x'00', 'wrong-hash', ?, 0, x'')",
            (bob.space, rope, bob.peer().id),
        )
    await bob.sync()
    await alice.sync()
    assert holders(alice, rope) == []

    with bob.replica.db.write() as conn:
        conn.execute("DELETE FROM quarantine")
    await looked(bob)
    await alice.sync()
    assert holders(alice, rope) == ["Bob"]


async def test_a_device_that_was_removed_is_told_of_no_more(here: World) -> None:
    alice = await here.found("alice")
    bob = await here.invite("bob", by=alice)
    rope = alice.add("Rope")
    for person in (alice, bob, alice):
        await person.sync()
    assert holders(alice, rope) == ["Bob"]

    await alice.members.revoke(bob.replica.identity.replica_id, alice.space)
    await alice.sync()

    assert where(alice, rope).devices == ()


async def test_a_server_from_a_backup_confirms_nothing_that_it_lost(here: World) -> None:
    alice = await here.found("alice")
    bob = await here.invite("bob", by=alice)
    await alice.sync()
    backup = here.back_up_server()
    rope = alice.add("Rope")
    for person in (alice, bob, alice):
        await person.sync()
    assert holders(alice, rope) == ["Bob"]

    here.restore_server(backup)
    axe = alice.add("Axe")
    await alice.sync()
    assert where(alice, rope).is_on_server
    assert holders(alice, axe) == []

    await bob.sync()
    await alice.sync()
    assert (holders(alice, rope), holders(alice, axe)) == (["Bob"], ["Bob"])


async def test_places_in_the_log_of_another_history_say_nothing(here: World) -> None:
    alice = await here.found("alice")
    carol = await here.invite("carol", by=alice)
    backup = here.back_up_server()
    rope = alice.add("Rope")
    await alice.sync()

    here.restore_server(backup)
    carol.add("Axe")  # takes the place that the rope had
    await carol.sync()
    await alice.sync()

    assert where(alice, rope).is_on_server
    assert holders(alice, rope) == []


async def test_what_is_written_while_a_round_runs_waits_for_a_receipt_of_its_own(
    here: World,
) -> None:
    alice = await here.found("alice")
    bob = await here.invite("bob", by=alice)
    await alice.sync()
    written: list[DocId] = []

    async def meanwhile(request: WireRequest, exchange: Exchange) -> WireResponse:
        if request.path == routes.PULL.path and not written:
            written.append(alice.add("Rope"))
        return await exchange(request)

    alice.network.fault = meanwhile
    await alice.once()
    alice.network.fault = None
    await bob.sync()
    await looked(bob)
    await alice.sync()
    await looked(alice)

    [rope] = written
    assert (where(alice, rope).is_on_server, holders(alice, rope)) == (True, [])


async def test_what_a_comparison_fetched_has_no_known_place_yet(here: World) -> None:
    """Carol writes between the page that Alice read and the comparison that fetches it."""
    alice = await here.found("alice")
    bob = await here.invite("bob", by=alice)
    carol = await here.invite("carol", by=alice)
    rope = carol.add("Rope")
    await carol.sync()
    await bob.sync()
    alice.skip_to(here.end_of_server_log(), push_seq=0)  # a fault of ours
    written: list[DocId] = []

    async def meanwhile(request: WireRequest, exchange: Exchange) -> WireResponse:
        if request.path == routes.CHANGES.path and not written:
            written.append(rope)
            carol.retitle(rope, "Long rope")
            await carol.sync()
        return await exchange(request)

    alice.network.fault = meanwhile
    await alice.once()
    alice.network.fault = None
    await looked(alice)

    assert (written, alice.titles()) == ([rope], ["Long rope"])
    assert holders(alice, rope) in ([], ["Carol"])


async def test_of_an_item_that_is_not_here_nothing_is_said(here: World) -> None:
    alice = await here.found("alice")

    with pytest.raises(NotFound):
        where(alice, DocId("t" + "a" * 26))


# -- safe to close ---------------------------------------------------------------------------------


async def test_it_is_safe_to_close_once_everything_is_somewhere_else(here: World) -> None:
    alice = await here.found("alice")
    assert alice.replica.safe_to_close().is_safe

    rope = alice.add("Rope")
    waits = alice.replica.safe_to_close()
    assert (waits.is_safe, waits.pending) == (False, 1)

    await alice.sync()
    assert alice.replica.safe_to_close().is_safe

    text, heads = alice.replica.text(rope)
    alice.replica.save_draft(rope, f"{text}Sixty metres", heads)
    typed = alice.replica.safe_to_close()
    assert (typed.is_safe, typed.drafts) == (False, 1)
    assert not where(alice, rope).is_on_server


async def test_what_lives_only_here_by_choice_is_counted_apart(here: World) -> None:
    alice = await here.found("alice")
    alice.replica.add_note("Diary", space="Personal")

    found = alice.replica.safe_to_close()

    assert (found.is_safe, found.only_here) == (True, 1)
    assert alice.replica.safe_to_close("Hut").only_here == 0


# -- bounded ---------------------------------------------------------------------------------------


async def test_a_device_that_stays_away_makes_no_more_than_so_many_milestones(
    here: World,
) -> None:
    alice = await here.found("alice")
    peer = alice.peer().id
    with alice.replica.db.write() as conn:
        for step in range(1, 10 * MILESTONES_MAX):
            pass_milestone(conn, peer, step, step)
        kept = [row[0] for row in conn.execute("SELECT own_seq FROM milestone ORDER BY own_seq")]

    assert len(kept) <= MILESTONES_MAX
    assert kept[-1] == 10 * MILESTONES_MAX - 1


async def test_what_every_device_has_passed_needs_one_milestone(here: World) -> None:
    alice = await here.found("alice")
    bob = await here.invite("bob", by=alice)
    for number in range(5):
        alice.add(f"Rope {number}")
        for person in (alice, bob):
            await person.sync()
            await looked(person)
    await alice.sync()

    with alice.replica.db.read() as conn:
        (kept,) = conn.execute("SELECT count(*) FROM milestone").fetchone()
    assert kept <= 2
