"""Rounds on a network that loses, repeats, delays and damages: once at every message there is."""

import asyncio
from pathlib import Path

import pytest

from store.documents.trial import TrialLoader
from sync.client.engine import Engine
from sync.errors import SyncError, Unreachable
from sync.protocol.wire import WireRequest, WireResponse
from sync.transport.memory import Exchange
from tests.sync.client.disturbing import FAULTS, Once, lost, reply_lost
from tests.sync.client.world import Person, World, world

UNDISTURBED_ROUNDS = 2
EXTRA_ROUNDS_MAX = 3
CHANGES = "SELECT count(*) FROM log WHERE type = 'change'"


async def _meet_once_disturbed(
    here: World, fault: Once, *, extra_rounds: int = EXTRA_ROUNDS_MAX
) -> None:
    """Two people with news for each other sync by rounds, over one disturbed network."""
    alice = await here.found("alice")
    bob = await here.invite("bob", by=alice)
    shared = alice.add("Buy rope")
    await here.settle()
    alice.retitle(shared, "Buy 60 m of rope")
    bob.retitle(shared, "Buy static rope")
    bob.add("Pack")
    await bob.sync()
    # Alice's cursors missed all of it, so that the heads are compared too.
    alice.skip_to(here.end_of_server_log(), push_seq=len(alice.log()))

    alice.network.fault = bob.network.fault = fault
    for _ in range(UNDISTURBED_ROUNDS + extra_rounds):
        for person in (alice, bob):
            try:
                await person.once()
            except SyncError:
                if person is bob:
                    here.assert_cursor_is_honest(bob)
    alice.network.fault = bob.network.fault = None

    here.assert_alike(alice, bob)
    assert len(alice.log()) == len({row.hash for row in alice.log()})
    assert len(alice.titles()) == 2


@pytest.mark.parametrize("name", FAULTS)
async def test_any_one_message_disturbed_costs_at_most_three_rounds(
    name: str, tmp_path: Path, trial: TrialLoader
) -> None:
    with world(tmp_path / "undisturbed", trial) as here:
        undisturbed = Once(-1, None)
        await _meet_once_disturbed(here, undisturbed, extra_rounds=0)
    assert {"hello", "push", "pull", "heads", "changes"} <= set(undisturbed.names)

    for number in range(undisturbed.seen):
        with world(tmp_path / str(number), trial) as here:
            fault = FAULTS[name](number)
            await _meet_once_disturbed(here, fault)
            assert fault.seen > number


async def test_a_reply_lost_after_the_commit_pushes_nothing_twice(
    here: World, alice: Person, bob: Person
) -> None:
    alice.add("Buy rope")
    before = len(here.server_hashes())
    alice.network.fault = Once(1, reply_lost)  # hello, push
    with pytest.raises(Unreachable):
        await alice.once()
    with here.server.db.read() as conn:
        (rows,) = conn.execute(CHANGES).fetchone()
    assert alice.replica.status(here.space).pending > 0

    await alice.sync()

    with here.server.db.read() as conn:
        assert conn.execute(CHANGES).fetchone() == (rows,)
    assert rows == len(here.server_hashes()) > before
    await bob.sync()
    here.assert_alike(alice, bob)


async def test_a_late_repeat_of_an_old_push_changes_nothing(
    here: World, alice: Person, bob: Person
) -> None:
    kept: list[WireRequest] = []

    async def keep(request: WireRequest, send: Exchange) -> WireResponse:
        kept.append(request)
        return await send(request)

    shared = alice.add("Buy rope")
    alice.network.fault = keep
    await alice.sync()
    alice.network.fault = None
    alice.retitle(shared, "Buy 60 m of rope")
    await here.settle()
    before = here.server_hashes()

    for request in kept:
        await here.server.endpoint.exchange(request)
    await here.settle()

    assert here.server_hashes() == before
    assert alice.titles() == ["Buy 60 m of rope"]


async def test_offline_is_told_after_the_time_and_what_was_asked_is_kept(
    here: World, alice: Person, bob: Person
) -> None:
    alice.add("Buy rope")
    alice.network.is_down = True
    began = alice.time.now

    result = await alice.engine.sync_until_quiet(timeout_s=10)

    assert isinstance(result.error, Unreachable)
    assert result.state == "offline"
    assert 2 < alice.time.now - began <= 10
    assert len(alice.network.asked) > 3
    peer = alice.peer()
    assert (peer.state, peer.error) == ("offline", "The network is down.")

    alice.network.is_down = False
    assert (await alice.sync()).state == "synced"
    assert alice.peer().error is None
    await bob.sync()
    assert bob.titles() == ["Buy rope"]


async def test_a_server_that_says_nothing_is_given_up(alice: Person) -> None:
    async def silent(request: WireRequest, send: Exchange) -> WireResponse:
        await asyncio.Event().wait()
        raise AssertionError("nobody sets it")

    alice.network.fault = silent
    engine = Engine(alice.replica, alice.network.transport, clock=asyncio.get_running_loop().time)

    result = await engine.sync_until_quiet(timeout_s=0.05)

    assert isinstance(result.error, Unreachable)
    assert "0.05 s" in result.error.detail
    assert result.duration_ms < 5_000


async def test_a_network_that_comes_back_meanwhile_is_no_error(alice: Person) -> None:
    alice.add("Buy rope")
    alice.network.fault = Once(0, lost)

    result = await alice.sync()

    assert result.rounds == 2
    assert result.pushed >= 1


async def test_a_round_that_is_cancelled_leaves_nobody_believing_that_it_runs(
    alice: Person,
) -> None:
    alice.add("Buy rope")
    pushing = asyncio.Event()

    async def hang(request: WireRequest, send: Exchange) -> WireResponse:
        if request.path.endswith("push"):
            pushing.set()
            await asyncio.Event().wait()
        return await send(request)

    alice.network.fault = hang
    round_ = asyncio.create_task(alice.once())
    await pushing.wait()
    assert alice.replica.status().state == "syncing"

    round_.cancel()
    with pytest.raises(asyncio.CancelledError):
        await round_

    assert alice.replica.status().state == "pending"
    alice.network.fault = None
    assert (await alice.sync()).state == "synced"
