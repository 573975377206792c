"""When to sync, for as long as the app is open or `cairn sync --watch` runs.

One asyncio task runs rounds, one at a time; all store work happens on worker threads. It is woken
by local edits, by other processes' writes and requests, by the server's hints (a long poll for each
space that is quiet), by timers, and by a person who says retry now. What it does is decided by the
`Timetable`, told to a callback, and logged as one line for each transition.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from random import Random
from typing import TYPE_CHECKING, Any, Final

from store import peers
from store.change_set import ChangeSet
from store.clocks import system_now_ms
from store.domain.ids import SpaceId
from store.errors import StoreError
from store.peers import Peer
from sync.client.engine import Engine
from sync.client.handoff import answer, forget_broken_rounds, open_request
from sync.client.lock import EngineLock
from sync.client.probing import Prober
from sync.client.retry import FullJitter
from sync.client.surroundings import Surroundings
from sync.client.timetable import Phase, RoundEnd, SchedulerState, Timetable
from sync.errors import Busy, CursorMismatch, Diverged, Refused, SyncError, Unreachable

if TYPE_CHECKING:
    from store.replica import Replica

log = logging.getLogger("cairn.sync")

LOOK_EVERY_S: Final = 0.3  # for what other processes wrote: one pragma each time
HINT_S_MAX: Final = 25.0  # how long a server lets us wait
HINT_S_JITTER: Final = 5.0  # so that a thousand clients don't come back together
# A server, or a proxy, that ends a wait as soon as it began, without news, makes us ask all day.
EARLY_S: Final = 0.1
EARLY_MAX: Final = 20  # such answers in a row, until they are believed no more

Wait = Callable[[asyncio.Event, float], Awaitable[None]]


async def wait_for_event(event: asyncio.Event, timeout_s: float) -> None:
    """Wait until the event is set, at most so long."""
    try:
        async with asyncio.timeout(timeout_s):
            await event.wait()
    except TimeoutError:
        pass  # both ends of the wait are fine


class Scheduler:
    """Keeps a home synced.

    Args:
        replica: the home.
        engine: runs the rounds; the caller closes it.
        on_transition: called on the loop with each new state.
        clock: seconds that only grow.
        now_ms: Unix time, for what people see.
        rng: chance, for jitter.
        wait: waits for an event, at most so many seconds.
        surroundings: looks at the network and the clocks; None is the system's own.
    """

    def __init__(
        self,
        replica: "Replica",
        engine: Engine,
        *,
        on_transition: Callable[[SchedulerState], None] = lambda _state: None,
        clock: Callable[[], float] = time.monotonic,
        now_ms: Callable[[], int] = system_now_ms,
        rng: Random | None = None,
        wait: Wait = wait_for_event,
        surroundings: Surroundings | None = None,
    ) -> None:
        rng = rng or Random()
        self._replica = replica
        self._engine = engine
        self._on_transition = on_transition
        self._clock = clock
        self._now_ms = now_ms
        self._rng = rng
        self._wait = wait
        self._surroundings = surroundings or Surroundings(clock, now_ms)
        self._backoff = FullJitter(rng)
        self._timetable = Timetable(self._backoff, rng)
        self._state = self._timetable.state()
        self._woken = asyncio.Event()
        self._must_look = True
        self._request: int | None = None
        self._hints: dict[str, asyncio.Task[None]] = {}
        self._prober = Prober(engine, rng, wait)
        self._broken_waits: dict[str, int] = {}
        self._empty_news: dict[str, int] = {}  # told at once and in a row, and nothing came of it
        self._tokens: dict[str, str | None] = {}
        self._served: dict[str, SpaceId] = {}  # the space of each server
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_saving = False

    @property
    def state(self) -> SchedulerState:
        """What the scheduler is doing; `until` is in seconds of its clock."""
        return self._state

    async def run(self) -> None:
        """Sync until cancelled; waits its turn where another process is this home's engine."""
        self._loop = asyncio.get_running_loop()
        unwatch = self._replica.watch(self._heard)
        with EngineLock(self._replica.home) as lock:
            try:
                while not lock.acquire():
                    await self._wait(self._woken, LOOK_EVERY_S)
                    self._woken.clear()
                await self._keep_going()
            finally:
                unwatch()
                self._loop = None
                await self._prober.end(self._prober.spaces)
                await self._stop_listening(self._hints.keys())

    def retry_now(self) -> None:
        """Try every space at once, whatever was; may be called from any thread."""
        self._from_any_thread(lambda: self._timetable.retry_now(self._clock()))

    def save_power(self, *, saving: bool) -> None:
        """Hold no long polls and ask less often, or as usual again; from any thread.

        What is edited here is sent at once all the same.
        """

        def save() -> None:
            if saving == self._is_saving:
                return
            self._is_saving = saving
            self._timetable.save_power(saving=saving)
            if not saving:
                self._timetable.edited(self._clock())  # a round each, after which we listen again
            self._must_look = True

        self._from_any_thread(save)

    # -- what wakes it -------------------------------------------------------------------------

    def _heard(self, changed: ChangeSet) -> None:
        """Hear of a commit, on the thread that made it. Our own rounds are no news to us."""
        if changed.initiator != "sync" or changed.concerns("spaces"):
            self._from_any_thread(self._note_look)

    def _note_look(self) -> None:
        self._must_look = True

    def _from_any_thread(self, act: Callable[[], None]) -> None:
        loop = self._loop
        if loop is None or loop.is_closed():
            return

        def woken() -> None:
            act()
            self._woken.set()

        loop.call_soon_threadsafe(woken)

    # -- one step ------------------------------------------------------------------------------

    async def _keep_going(self) -> None:
        """Take steps for ever; a disk that fails between two rounds ends none of it."""
        failures = 0
        failure = await self._guarded(self._forget_broken_rounds())
        while True:
            failures = 0 if failure is None else failures + 1
            if failure is not None:
                self._show(SchedulerState(Phase.BACKING_OFF))
                await self._wait(self._woken, self._backoff.delay_s(failures))
                self._must_look = True
            failure = await self._guarded(self._step())

    async def _forget_broken_rounds(self) -> None:
        await asyncio.to_thread(forget_broken_rounds, self._replica)

    async def _step(self) -> None:
        """Look around if there is a reason, then run what is due, or wait."""
        self._woken.clear()
        if self._must_look:
            self._must_look = False
            await self._look()
        if self._request is not None:
            await self._answer(self._request)
            return
        if news := self._surroundings.news():
            log.info("scheduler tries at once: %s", news)
            self._timetable.retry_now(self._clock())
        peer = self._timetable.take_due(self._clock())
        self._tell()
        if peer is not None:
            await self._round(peer)
            return
        await self._wait(self._woken, min(self._timetable.wake_at() - self._clock(), LOOK_EVERY_S))
        await asyncio.to_thread(self._replica.poll)

    async def _look(self) -> None:
        """See which peers there are, what waits for each, and whether anybody asked."""
        asked, pending, self._request = await asyncio.to_thread(self._read_around)
        now = self._clock()
        self._served = {peer.id: peer.space for peer in asked if peer.kind == peers.SERVER}
        hosted = frozenset(self._served.values())
        self._timetable.keep(
            [peer.id for peer in asked],
            now,
            groups={peer.id: peer.space for peer in asked},
            silent={p.id for p in asked if p.kind != peers.SERVER and p.space in hosted},
        )
        tokens = {peer.id: peer.token for peer in asked}
        for peer, token in tokens.items():
            if token != self._tokens.get(peer, token):
                self._timetable.retry_now(now, peer)  # joined again: what was refused may pass now
        self._tokens = tokens
        self._timetable.edited(now, pending)
        heard = frozenset[str]() if self._is_saving else tokens.keys()
        probed = frozenset[SpaceId]() if self._is_saving else hosted
        await self._prober.end(self._prober.spaces - probed)
        await self._stop_listening(self._hints.keys() - heard)

    def _read_around(self) -> tuple[list[Peer], list[str], int | None]:
        """Read whom we ask, which of those lack something, and the request of another process."""
        with self._replica.db.read() as conn:
            asked = peers.dialled(conn)
            pending = [peer.id for peer in asked if peers.push_pending(conn, peer)]
        return asked, pending, open_request(self._replica)

    async def _answer(self, number: int) -> None:
        """Run the rounds that another process asked for, and tell it how they went."""
        self._request = None
        self._show(SchedulerState(Phase.SYNCING))
        failure = await self._guarded(self._answered(number))
        if failure is not None:
            await self._wait(self._woken, self._backoff.delay_s(1))
            self._must_look = True  # the request is still open
        self._timetable.retry_now(self._clock())  # how each space stands is told by its own round

    async def _answered(self, number: int) -> None:
        result = await self._engine.sync_until_quiet()
        await asyncio.to_thread(answer, self._replica, number, result)

    async def _round(self, peer: str) -> None:
        failure = await self._guarded(self._quiet_or_moved(peer))
        if failure is not None:
            await self._ended_badly(peer, failure)

    async def _quiet_or_moved(self, peer: str) -> None:
        result = await self._engine.sync_peer(peer)
        if result.pulled or result.told or result.resets:
            self._empty_news.pop(peer, None)
        if (result.pulled or result.told) and len(self._tokens) > 1:
            self._must_look = True  # what came from one of them goes on to the others
        self._ended_well(peer, result.is_quiet, bool(result.parked))

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> SyncError | None:
        """Do it. The border at which every failure becomes a state that is shown."""
        try:
            await work
        except SyncError as failure:
            return failure
        except StoreError as failure:
            log.warning("store: %s", failure)
            return Busy(failure.detail, type=failure.type, title=failure.title)
        except Exception:  # a border: logged with its trace, shown, tried again later
            log.exception("unforeseen while syncing")
            return Busy("Syncing failed for a reason nobody foresaw; the log says which.")
        return None

    def _ended_well(self, peer: str, is_quiet: bool, is_parked: bool) -> None:
        if not is_quiet:
            end = RoundEnd.MOVED
        else:
            end = RoundEnd.PARKED if is_parked else RoundEnd.QUIET
            self._listen(peer)
        self._timetable.ended(self._clock(), peer, end)
        self._tell()

    async def _ended_badly(self, peer: str, error: SyncError) -> None:
        asked_s = error.retry_after_s if isinstance(error, Unreachable | Busy) else None
        now = self._clock()
        due = self._timetable.ended(now, peer, _end_of(error), asked_s)
        retry_at_ms = None if due is None else self._now_ms() + round((due - now) * 1000)
        self._tell()
        await self._engine.note_failure(peer, error, retry_at_ms)

    # -- hints ---------------------------------------------------------------------------------

    def _listen(self, peer: str) -> None:
        """Begin to wait for news of a peer that is quiet; and to probe a space by its server."""
        if self._is_saving:
            return
        if peer in self._served:
            self._prober.begin(self._served[peer])
        if peer not in self._hints:
            self._hints[peer] = asyncio.create_task(self._await_news(peer))

    async def _await_news(self, peer: str) -> None:
        """Wait for news until there is some; then a round is due, after which we wait again."""
        began = self._clock()
        failure = await self._guarded(self._until_news(peer))
        pause_s = 0.0
        at_once = self._clock() - began < EARLY_S
        self._empty_news[peer] = self._empty_news.get(peer, 0) + 1 if at_once else 0
        if (beyond := self._empty_news[peer] - EARLY_MAX) > 0:
            pause_s = self._backoff.delay_s(beyond)
        if failure is not None and not isinstance(failure, CursorMismatch):
            # The round finds out what is wrong. But if only waiting fails, rounds must not spin.
            log.info("wait peer=%s outcome=%s", peer, failure.type)
            self._broken_waits[peer] = self._broken_waits.get(peer, 0) + 1
            pause_s = self._backoff.delay_s(self._broken_waits[peer])
        self._hints.pop(peer, None)
        self._timetable.hinted(self._clock() + pause_s, peer)
        self._woken.set()

    async def _until_news(self, peer: str) -> None:
        has_news, early = False, 0
        while not has_news:
            timeout_s = HINT_S_MAX - self._rng.uniform(0.0, HINT_S_JITTER)
            began = self._clock()
            has_news = await self._engine.has_news(peer, timeout_s=timeout_s)
            early = early + 1 if self._clock() - began < EARLY_S else 0
            if has_news or not early:
                self._broken_waits.pop(peer, None)
            elif early > EARLY_MAX:
                raise Busy("The server lets nobody wait for news.")

    async def _stop_listening(self, gone: Iterable[str]) -> None:
        tasks = [self._hints.pop(peer) for peer in tuple(gone)]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # -- what is told --------------------------------------------------------------------------

    def _tell(self) -> None:
        self._show(self._timetable.state())

    def _show(self, state: SchedulerState) -> None:
        if state == self._state:
            return
        wait_s = None if state.until is None else round(state.until - self._clock(), 1)
        log.info("scheduler %s -> %s next_try_s=%s", self._state.phase, state.phase, wait_s)
        self._state = state
        self._on_transition(state)


def _end_of(error: SyncError) -> RoundEnd:
    match error:
        case Unreachable():
            return RoundEnd.OFFLINE
        case Refused():
            return RoundEnd.REFUSED
        case Busy() | Diverged() | _:
            return RoundEnd.BUSY
