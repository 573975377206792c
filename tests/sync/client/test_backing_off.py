"""A scheduler that can't sync says so, asks ever more rarely, and goes on as soon as it can."""

import asyncio
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode

from msgspec import structs

from store.peers import PeerState
from sync.client.scheduler import EARLY_MAX
from sync.client.timetable import Phase
from sync.protocol.messages import Hint
from sync.protocol.problems import refuse
from sync.protocol.wire import WireRequest, WireResponse
from sync.server.endpoint import problem_response
from sync.transport.memory import Exchange
from tests.sync.client.watching import Watched, watched
from tests.sync.client.world import Person, World, edited


async def test_offline_is_told_with_the_time_of_the_next_try(alice: Person) -> None:
    async with watched(alice) as watch:
        alice.network.is_down = True
        alice.add("Buy rope")
        await watch.time.pass_by(0.1)

        state = watch.scheduler.state
        assert state.phase is Phase.OFFLINE
        assert state.until is not None
        assert state.until > watch.time.now - 0.1
        peer = alice.peer()
        assert peer.state == PeerState.OFFLINE
        assert peer.retry_at_ms is not None
        assert alice.replica.status().state == "offline"


async def test_tries_become_rarer_while_offline_and_a_success_ends_that(
    here: World, alice: Person
) -> None:
    async with watched(alice) as watch:
        alice.network.is_down = True
        alice.add("Buy rope")
        await watch.time.pass_by(30, step_s=0.3)
        early = alice.network.asked.count("hello")
        await watch.time.pass_by(270, step_s=0.3)
        late = alice.network.asked.count("hello") - early

        assert 4 <= early <= 40
        assert late <= early

        alice.network.is_down = False
        watch.scheduler.retry_now()
        await watch.time.settled()
        assert watch.phase() is Phase.IDLE
        assert alice.peer().retry_at_ms is None
        here.assert_alike(alice)


async def test_a_network_that_comes_back_ends_the_wait(here: World, alice: Person) -> None:
    async with watched(alice) as watch:
        await _be_offline_for_long(watch, alice)
        watch.route = ()
        await watch.time.pass_by(1)
        assert alice.network.asked == []

        alice.network.is_down, watch.route = False, ("10.0.0.7",)
        await watch.time.pass_by(1)

        assert watch.phase() is Phase.IDLE
        here.assert_alike(alice)


async def test_an_app_that_wakes_up_syncs_at_once(here: World, alice: Person) -> None:
    async with watched(alice) as watch:
        await _be_offline_for_long(watch, alice)

        alice.network.is_down, watch.slept_ms = False, 8 * 3_600_000.0
        await watch.time.pass_by(1)

        assert watch.phase() is Phase.IDLE
        here.assert_alike(alice)


async def _be_offline_for_long(watch: Watched, person: Person) -> None:
    """Until the next try is some time away."""
    person.network.is_down = True
    person.add("Buy rope")
    await watch.time.pass_by(60, step_s=0.3)
    until = watch.scheduler.state.until
    assert until is not None
    if until - watch.time.now < 3:
        await watch.time.pass_by(4)
    person.network.asked.clear()


async def test_edits_while_offline_do_not_ask_more_often(alice: Person) -> None:
    async with watched(alice) as watch:
        alice.network.is_down = True
        alice.add("First")
        await watch.time.pass_by(60, step_s=0.3)
        until = watch.scheduler.state.until
        assert until is not None
        if until - watch.time.now < 1:
            await watch.time.pass_by(1)
        alice.network.asked.clear()

        for number in range(5):
            alice.add(f"Task {number}")
            await watch.time.settled()

        assert alice.network.asked == []


async def test_a_busy_server_is_left_alone_as_long_as_it_says(alice: Person) -> None:
    async with watched(alice) as watch:
        busy = refuse("busy", "Too many at once.", retry_after_s=60).problem

        async def full(request: WireRequest, send: Exchange) -> WireResponse:
            return problem_response(busy)

        alice.network.fault = full
        alice.add("Buy rope")
        await watch.time.pass_by(0.2)
        assert watch.phase() is Phase.BACKING_OFF
        alice.network.asked.clear()

        await watch.time.pass_by(58, step_s=0.3)
        assert "hello" not in alice.network.asked

        alice.network.fault = None
        await watch.time.pass_by(3, step_s=0.3)
        assert watch.phase() is Phase.IDLE


async def test_a_revoked_device_needs_attention_and_a_new_invite_ends_that(
    here: World, alice: Person, bob: Person
) -> None:
    async with watched(bob) as watch:
        await alice.members.revoke(bob.replica.identity.replica_id)
        bob.add("By Bob")
        await watch.time.pass_by(0.1)
        assert watch.phase() is Phase.ATTENTION
        bob.network.asked.clear()
        await watch.time.pass_by(60, step_s=0.3)
        assert "hello" not in bob.network.asked

        await bob.members.join((await alice.members.invite()).link)
        await watch.time.pass_by(0.1)

        assert watch.phase() is Phase.IDLE
        here.assert_alike(bob)


async def test_something_parked_needs_attention(here: World, alice: Person) -> None:
    async with watched(alice) as watch:
        alice.add("Refused")
        here.examiner.refuses.add(alice.log()[-1].hash)
        await watch.time.pass_by(0.2)

        assert watch.phase() is Phase.ATTENTION

        here.examiner.refuses.clear()
        alice.replica.retry_parked(alice.log()[-1].doc)
        await watch.time.pass_by(0.2)
        assert watch.phase() is Phase.IDLE


async def at_once(request: WireRequest, send: Exchange) -> WireResponse:
    """Let nobody wait."""
    if request.path.endswith("wait"):
        query = dict(parse_qsl(request.query)) | {"timeout_s": "0.0"}
        return await send(replace(request, query=urlencode(query)))
    return await send(request)


async def test_a_server_that_never_lets_anybody_wait_is_asked_ever_more_rarely(
    alice: Person,
) -> None:
    """It answers at once that there is no news, as something between the two may, too."""
    alice.network.fault = at_once
    async with watched(alice) as watch:
        for _ in range(20 * EARLY_MAX):  # no time passes, and all that is due happens
            await asyncio.to_thread(alice.replica.status)

        assert alice.network.asked.count("wait") <= EARLY_MAX + 2
        alice.add("Buy rope")
        await watch.time.pass_by(60, step_s=0.3)
        assert alice.replica.status().pending == 0
        assert alice.network.asked.count("hello") <= 30


async def test_a_server_that_always_tells_of_news_and_has_none_is_asked_ever_more_rarely(
    here: World, alice: Person, bob: Person
) -> None:
    """A restored one, or one with a fault, may say so for ever."""

    async def news(request: WireRequest, send: Exchange) -> WireResponse:
        answer = await at_once(request, send)
        if request.path.endswith("wait"):
            return edited(answer, Hint, lambda hint: structs.replace(hint, news=True))
        return answer

    alice.network.fault = news
    async with watched(alice) as watch:
        for _ in range(200 * EARLY_MAX):  # no time passes, and all that is due happens
            await asyncio.to_thread(alice.replica.status)
        assert alice.network.asked.count("hello") <= EARLY_MAX + 3

        bob.add("Buy rope")
        await bob.sync()
        await watch.time.pass_by(60, step_s=0.3)
        here.assert_alike(alice)


async def test_rounds_do_not_spin_where_only_waiting_fails(alice: Person) -> None:
    """A proxy that ends long polls must not make us ask all day."""

    async def cut_waits(request: WireRequest, send: Exchange) -> WireResponse:
        if request.path.endswith("wait"):
            return WireResponse(504, {"content-type": "text/html"}, b"too long")
        return await send(request)

    alice.network.fault = cut_waits
    async with watched(alice) as watch:
        await watch.time.pass_by(600, step_s=0.3)

        assert alice.network.asked.count("hello") <= 30


async def test_a_full_disk_is_shown_and_tried_again(
    here: World, alice: Person, bob: Person
) -> None:
    async with watched(bob) as watch:
        with bob.replica.db.write() as conn:
            conn.execute(
                "CREATE TRIGGER full BEFORE INSERT ON log BEGIN SELECT RAISE(ABORT, 'full'); END"
            )
        alice.add("Buy rope")
        await alice.sync()
        watch.scheduler.retry_now()
        await watch.time.pass_by(0.1)
        assert watch.phase() is Phase.BACKING_OFF
        assert bob.replica.status().state == "retrying"

        with bob.replica.db.write() as conn:
            conn.execute("DROP TRIGGER full")
        await watch.time.pass_by(30)

        assert watch.phase() is Phase.IDLE
        assert bob.titles() == ["Buy rope"]
