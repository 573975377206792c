"""When a home is synced while the app is open."""

import asyncio
import logging
import threading

import pytest

from store.change_set import ChangeSet
from store.replica import Replica
from sync.client.lock import EngineLock
from sync.client.scheduler import wait_for_event
from sync.client.timetable import Phase
from sync.protocol.wire import WireRequest, WireResponse
from sync.transport.memory import Exchange
from tests.sync.client.watching import GUARD_S, watched
from tests.sync.client.world import Person, World


async def test_a_local_edit_is_pushed_after_a_moment(here: World, alice: Person) -> None:
    async with watched(alice) as watch:
        watch.take_phases()
        alice.network.asked.clear()

        alice.add("Buy rope")
        await watch.time.pass_by(0.1)

        assert alice.network.asked.count("push") == 1
        assert watch.take_phases() == [Phase.SYNCING, Phase.IDLE]
        here.assert_alike(alice)


async def test_a_burst_of_edits_is_pushed_at_once(here: World, alice: Person) -> None:
    async with watched(alice) as watch:
        alice.network.asked.clear()

        for number in range(10):
            alice.add(f"Task {number}")
        await watch.time.pass_by(1)

        assert alice.network.asked.count("push") == 1


async def test_the_store_is_edited_from_any_thread(here: World, alice: Person) -> None:
    async with watched(alice) as watch:
        writer = threading.Thread(target=alice.add, args=("Buy rope",))
        writer.start()
        await asyncio.to_thread(writer.join)
        await watch.time.pass_by(0.1)

        here.assert_alike(alice)


async def test_what_somebody_else_wrote_arrives_by_a_hint(
    here: World, alice: Person, bob: Person
) -> None:
    async with watched(bob) as watch:
        arrived = asyncio.Event()
        loop = asyncio.get_running_loop()

        def heard(changed: ChangeSet) -> None:
            if changed.docs:
                loop.call_soon_threadsafe(arrived.set)

        unwatch = bob.replica.watch(heard)

        alice.add("Buy rope")
        await alice.sync()
        async with asyncio.timeout(GUARD_S):
            await arrived.wait()
        unwatch()

        assert bob.titles() == ["Buy rope"]
        await watch.time.settled()


async def test_an_edit_during_a_round_causes_one_more(here: World, alice: Person) -> None:
    async with watched(alice) as watch:
        reached, go_on = asyncio.Event(), asyncio.Event()

        async def hold(request: WireRequest, send: Exchange) -> WireResponse:
            if request.path.endswith("push") and not reached.is_set():
                reached.set()
                await go_on.wait()
            return await send(request)

        alice.network.asked.clear()
        alice.network.fault = hold
        alice.add("First")
        passing = asyncio.create_task(watch.time.pass_by(0.1))
        await reached.wait()
        alice.add("Second")
        alice.add("Third")
        assert watch.phase() is Phase.SYNCING
        go_on.set()
        await passing
        await watch.time.pass_by(0.2)

        assert alice.network.asked.count("push") == 2
        here.assert_alike(alice)


async def test_a_difference_that_cursors_missed_is_repaired_in_time_and_counted(
    here: World, alice: Person, bob: Person
) -> None:
    """Nobody edits anything more: the timer's round is what looks."""
    async with watched(bob) as watch:
        bob.network.is_down = True  # or the hint would bring it to him before he skips it
        alice.add("Buy rope")
        await alice.sync()
        bob.skip_to(here.end_of_server_log(), push_seq=len(bob.log()))
        bob.network.is_down = False

        await watch.time.pass_by(400, step_s=0.3)

        assert bob.titles() == ["Buy rope"]
        here.assert_alike(alice, bob)
        with bob.replica.db.read() as conn:
            counted = conn.execute("SELECT sum(count) FROM measure WHERE name = 'repairs'")
            assert counted.fetchone()[0] > 0


async def test_a_space_that_is_joined_meanwhile_is_synced(
    here: World, alice: Person, bob: Person
) -> None:
    alice.add("Buy rope")
    await alice.sync()
    carol = here.person("carol")
    async with watched(carol) as watch:
        assert watch.phase() is Phase.IDLE

        await carol.members.join((await alice.members.invite()).link)
        await watch.time.pass_by(0.1)

        assert carol.titles() == ["Buy rope"]


async def test_what_another_process_adds_is_pushed(here: World, alice: Person) -> None:
    async with watched(alice) as watch:
        other = Replica.open(alice.home)
        other.add_note("From a script", space=here.space)
        other.close()

        await watch.time.pass_by(1)

        here.assert_alike(alice)


async def test_a_quiet_space_is_looked_at_now_and_then(alice: Person) -> None:
    async with watched(alice) as watch:
        alice.network.asked.clear()

        await watch.time.pass_by(1_000, step_s=0.3)

        assert 2 <= alice.network.asked.count("hello") <= 5


async def test_a_second_engine_waits_its_turn(here: World, alice: Person) -> None:
    lock = EngineLock(alice.home)
    assert lock.acquire()
    alice.add("Buy rope")
    alice.network.asked.clear()
    async with watched(alice) as watch:
        await watch.time.pass_by(3)
        assert alice.network.asked == []

        lock.release()
        await watch.time.pass_by(1)

        here.assert_alike(alice)


async def test_every_transition_is_one_line_of_the_log(
    alice: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="cairn.sync")
    async with watched(alice) as watch:
        alice.add("Secret title")
        await watch.time.pass_by(0.1)

    lines = [record.getMessage() for record in caplog.records]
    assert any(line.startswith("scheduler idle -> syncing") for line in lines)
    assert any("outcome=quiet pushed=" in line for line in lines)
    token = alice.peer().token
    assert token is not None
    assert not any("Secret title" in line or token in line for line in lines)


async def test_the_real_wait_ends_with_the_event_or_the_time() -> None:
    event = asyncio.Event()
    async with asyncio.timeout(GUARD_S):
        await wait_for_event(event, 0.001)
        await wait_for_event(event, -1)
        event.set()
        await wait_for_event(event, 3_600)


async def test_a_device_that_saves_its_battery_holds_no_long_poll_and_sends_all_the_same(
    here: World, alice: Person, bob: Person
) -> None:
    listens = asyncio.Event()

    async def noted(request: WireRequest, send: Exchange) -> WireResponse:
        if request.path.endswith("wait"):
            listens.set()
        return await send(request)

    async with watched(bob) as watch:
        watch.scheduler.save_power(saving=True)
        await watch.time.pass_by(1)
        bob.network.asked.clear()
        bob.network.fault = noted

        alice.add("Buy rope")
        await alice.sync()
        await watch.time.pass_by(60, step_s=5)
        assert bob.network.asked == []
        assert bob.titles() == []

        bob.add("Buy gas")
        await watch.time.pass_by(1)
        assert sorted(bob.titles()) == ["Buy gas", "Buy rope"]

        assert not listens.is_set()

        watch.scheduler.save_power(saving=False)
        await watch.time.pass_by(1)
        async with asyncio.timeout(GUARD_S):  # it is asked for beside the rounds, in its own time
            await listens.wait()
        here.assert_alike(bob)
