"""An answer to a refusal that is taken back: nothing of it is sent; what was sent stays sent."""

import asyncio
from pathlib import Path

import pytest

from store.domain.errors import Refused
from store.domain.ids import DocId
from store.peers import DEPENDS_ON_REFUSED
from sync.client.bundling import write_bundle
from sync.client.home import Home
from sync.client.outgoing import Outgoing
from sync.client.planner import BatchSize
from sync.errors import Unreachable
from sync.protocol.wire import WireRequest, WireResponse
from sync.transport.memory import Exchange
from tests.sync.client.world import Person, World


@pytest.fixture
async def rope(here: World, alice: Person) -> DocId:
    """A task of which a server refused a new title, and so what follows it."""
    doc = alice.add("Buy rope")
    await here.settle()
    alice.retitle(doc, "Buy 60 m of rope")
    here.examiner.refuses.add(alice.log(doc)[-1].hash)
    alice.retitle(doc, "Buy 70 m of rope")
    await alice.sync()
    return doc


def reasons(person: Person) -> dict[bytes, str]:
    with person.replica.db.read() as conn:
        return dict(conn.execute("SELECT hash, reason FROM parked").fetchall())


async def test_what_comes_back_after_a_taking_back_is_parked_and_not_sent(
    here: World, alice: Person, bob: Person, rope: DocId
) -> None:
    before, heads = reasons(alice), alice.digest()
    alice.replica.take_back(rope)
    await alice.sync()
    here.examiner.refuses.clear()

    alice.replica.undo()
    await alice.sync()
    await bob.sync()

    assert (reasons(alice), alice.digest()) == (before, heads)
    assert not here.server_hashes() & before.keys()
    assert bob.titles() == ["Buy rope"]
    alice.replica.retry_parked(rope)
    await here.settle()
    assert bob.titles() == ["Buy 70 m of rope"]
    here.assert_alike(alice, bob)


async def test_a_retry_that_was_taken_back_before_a_round_is_not_sent(
    here: World, alice: Person, bob: Person, rope: DocId
) -> None:
    before = reasons(alice)
    here.examiner.refuses.clear()
    alice.replica.retry_parked(rope)

    alice.replica.undo()
    alice.add("Pack")
    result = await alice.sync()

    assert (reasons(alice), result.state) == (before, "attention")
    assert not here.server_hashes() & before.keys()
    await bob.sync()
    assert bob.titles() == ["Buy rope", "Pack"]


async def test_what_was_written_on_a_retry_is_parked_with_it(
    here: World, alice: Person, rope: DocId
) -> None:
    alice.replica.retry_parked(rope)
    retry = alice.replica.made_act()
    alice.retitle(rope, "Buy 80 m of rope")
    assert retry is not None

    alice.replica.undo(retry[0])
    result = await alice.sync()

    assert list(reasons(alice).values()).count(DEPENDS_ON_REFUSED) == 2
    assert (result.parked, result.pushed) == (1, 0)


async def test_a_retry_of_which_the_reply_got_lost_counts_as_sent(
    here: World, alice: Person, rope: DocId
) -> None:
    """Nobody here knows whether it arrived, so nobody says that it did not."""
    here.examiner.refuses.clear()

    async def lost(request: WireRequest, send: Exchange) -> WireResponse:
        response = await send(request)
        if request.path.endswith("push"):
            raise Unreachable("The reply got lost.")
        return response

    alice.replica.retry_parked(rope)
    alice.network.fault = lost
    await alice.engine.sync_until_quiet(alice.space)

    with pytest.raises(Refused, match="sent from this device since"):
        alice.replica.undo()

    assert alice.parked() == set()


async def test_a_retry_that_left_in_a_bundle_counts_as_sent(
    alice: Person, rope: DocId, tmp_path: Path
) -> None:
    alice.replica.retry_parked(rope)
    write_bundle(alice.replica, tmp_path / "stick", space=None, now_ms=alice.clock())

    with pytest.raises(Refused, match="sent from this device since"):
        alice.replica.undo()

    assert alice.parked() == set()


async def test_a_retry_while_the_network_is_down_can_be_taken_back(
    alice: Person, rope: DocId
) -> None:
    before = reasons(alice)
    alice.replica.retry_parked(rope)
    alice.network.is_down = True
    await alice.engine.sync_until_quiet(alice.space)

    alice.replica.undo()

    assert reasons(alice) == before


async def test_a_retry_that_was_refused_anew_says_so_once(
    here: World, alice: Person, rope: DocId
) -> None:
    before = reasons(alice)
    alice.replica.retry_parked(rope)
    await alice.sync()

    with pytest.raises(Refused, match="sent from this device since"):
        alice.replica.undo()

    assert reasons(alice) == before
    assert alice.replica.undo().label == "edit"


async def test_what_is_taken_back_between_reading_and_sending_is_not_sent(
    here: World, alice: Person, rope: DocId
) -> None:
    """The other order is a refusal of the undo: one of the two transactions is first."""
    before = reasons(alice)
    alice.replica.retry_parked(rope)
    retry = alice.replica.made_act()
    alice.retitle(rope, "Buy 80 m of rope")
    outgoing = Outgoing(Home(alice.replica, alice.peer().id, here.space, alice.clock))
    read = outgoing.next_batch(alice.peer().push_seq, size=BatchSize())
    assert {row.hash for row in read.rows} >= before.keys()
    assert retry is not None

    alice.replica.undo(retry[0])
    left = await asyncio.to_thread(outgoing.still_to_send, read.rows)

    assert list(left) == []
    assert reasons(alice).keys() == {row.hash for row in read.rows}


async def test_a_retry_that_the_server_has_from_somebody_else_is_not_taken_back(
    here: World, alice: Person, bob: Person, rope: DocId
) -> None:
    here.examiner.refuses.clear()
    alice.replica.retry_parked(rope)
    bob.take_from(alice, rope, *reasons(alice), *(row.hash for row in alice.log(rope)))
    await bob.sync()

    async def only_reading(request: WireRequest, send: Exchange) -> WireResponse:
        if request.path.endswith("push"):
            raise Unreachable("Nothing leaves.")
        return await send(request)

    alice.network.fault = only_reading
    await alice.engine.sync_until_quiet(alice.space)

    with pytest.raises(Refused, match="sent from this device since"):
        alice.replica.undo()
