"""`cairn sync` beside an open app: one engine per home, and nobody waits for ever (D14)."""

import pytest

from store import peers
from store.replica import Replica
from sync.client.handoff import GRACE_S, answer, ask, open_request, sync_home
from sync.client.lock import EngineLock
from sync.client.results import SyncResult
from sync.errors import AuthRefused, Busy, SyncError, Unreachable
from tests.sync.client.watching import watched
from tests.sync.client.world import Person, World


def _result(error: SyncError | None = None) -> SyncResult:
    return SyncResult("synced", 3, 2, 1, 0, 1, 100, 200, 12, error=error)


async def test_where_no_engine_runs_it_syncs_here(here: World, alice: Person) -> None:
    alice.add("Buy rope")

    result = await sync_home(alice.replica, alice.engine, here.space)

    assert (result.state, result.error) == ("synced", None)
    assert EngineLock(alice.home).acquire()


async def test_beside_an_open_app_the_app_syncs_and_both_know_how_it_went(
    here: World, alice: Person
) -> None:
    async with watched(alice) as watch:
        other = Replica.open(alice.home)
        other.add_note("From a script", space=here.space)
        asked_before = alice.network.asked.count("push")

        async def let_time_pass(seconds: float) -> None:
            await watch.time.pass_by(seconds)

        result = await sync_home(other, alice.engine, clock=watch.time.clock, sleep=let_time_pass)
        other.close()

        assert (result.state, result.error) == ("synced", None)
        assert alice.network.asked.count("push") == asked_before + 1
        here.assert_alike(alice)


async def test_an_app_that_is_offline_says_so_to_who_asked(here: World, alice: Person) -> None:
    async with watched(alice) as watch:
        alice.network.is_down = True
        other = Replica.open(alice.home)

        result = await sync_home(
            other, alice.engine, clock=watch.time.clock, sleep=watch.time.pass_by
        )
        other.close()

        assert isinstance(result.error, Unreachable)
        assert result.state == "offline"


async def test_who_asked_syncs_when_the_other_engine_ends(here: World, alice: Person) -> None:
    alice.add("Buy rope")
    lock = EngineLock(alice.home)
    assert lock.acquire()
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            lock.release()

    result = await sync_home(alice.replica, alice.engine, here.space, sleep=sleep)

    assert len(slept) == 3
    assert result.pushed >= 1


async def test_an_engine_that_hangs_is_not_waited_for_for_ever(alice: Person) -> None:
    with EngineLock(alice.home) as lock:
        assert lock.acquire()
        began = alice.time.now

        result = await sync_home(
            alice.replica,
            alice.engine,
            timeout_s=2,
            clock=alice.time.clock,
            sleep=alice.time.sleep,
        )

    assert isinstance(result.error, Busy)
    assert alice.time.now - began == pytest.approx(2 + GRACE_S, abs=0.2)


async def test_an_engine_that_moves_is_waited_for(alice: Person) -> None:
    with EngineLock(alice.home) as lock:
        assert lock.acquire()
        began = alice.time.now
        peer = alice.peer().id

        async def sleep(seconds: float) -> None:
            await alice.time.sleep(seconds)
            if alice.time.now - began < 60:
                with alice.replica.db.write() as conn:
                    peers.set_push_seq(conn, peer, int(alice.time.now * 100))
            elif (number := open_request(alice.replica)) is not None:
                answer(alice.replica, number, _result())

        result = await sync_home(
            alice.replica, alice.engine, timeout_s=2, clock=alice.time.clock, sleep=sleep
        )

    assert result == _result()
    assert alice.time.now - began > 60


def test_one_answer_serves_all_who_asked_before(here: World) -> None:
    replica = here.person("alice").replica
    assert open_request(replica) is None

    first, second = ask(replica), ask(replica)
    assert second > first
    assert open_request(replica) == second
    answer(replica, second, _result())

    assert open_request(replica) is None
    assert ask(replica) == open_request(replica)


async def test_an_error_is_handed_over_as_what_it_is(alice: Person) -> None:
    with EngineLock(alice.home) as lock:
        assert lock.acquire()

        async def sleep(_seconds: float) -> None:
            number = open_request(alice.replica)
            assert number is not None
            answer(alice.replica, number, _result(AuthRefused("Out.", type="revoked")))

        result = await sync_home(alice.replica, alice.engine, sleep=sleep)

    assert isinstance(result.error, AuthRefused)
    assert (result.error.type, result.error.detail) == ("revoked", "Out.")


async def test_rounds_that_a_killed_process_left_under_way_are_forgotten(
    here: World, alice: Person
) -> None:
    with alice.replica.db.write() as conn:
        peers.set_state(conn, alice.peer().id, peers.PeerState.SYNCING)
    alice.network.is_down = True

    result = await sync_home(
        alice.replica, alice.engine, clock=alice.time.clock, sleep=alice.time.sleep
    )

    assert result.state == "offline"
