"""A scheduler on a clock of the test's own: time passes when told to, and only then."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from random import Random

from sync.client.scheduler import Scheduler
from sync.client.surroundings import Surroundings
from sync.client.timetable import Phase, SchedulerState
from tests.sync.client.world import Person

GUARD_S = 20.0  # a test that hangs fails after this


class ManualTime:
    """Seconds that pass when told to; knows when whoever waits on it has nothing left to do."""

    def __init__(self) -> None:
        self.now = 5_000.0
        self._waits: dict[asyncio.Event, float] = {}
        self._is_waiting = asyncio.Event()

    def clock(self) -> float:
        return self.now

    async def wait(self, event: asyncio.Event, timeout_s: float) -> None:
        """Wait for the event, or until so much time was made to pass."""
        over = asyncio.Event()
        self._waits[over] = self.now + timeout_s
        either = [asyncio.create_task(one.wait()) for one in (event, over)]
        self._is_waiting.set()
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._is_waiting.clear()
            del self._waits[over]
            for task in either:
                task.cancel()

    async def settled(self) -> None:
        """Come back when everything that was due is done."""
        async with asyncio.timeout(GUARD_S):
            while True:
                for _ in range(10):  # what was begun by call_soon gets its turn
                    await asyncio.sleep(0)
                if self._is_waiting.is_set():
                    return
                await self._is_waiting.wait()

    async def pass_by(self, seconds: float, *, step_s: float = 0.1) -> None:
        """Let time pass in small steps, and all that is due happen on the way."""
        end = self.now + seconds
        while self.now < end:
            await self.settled()
            self.now = min(end, self.now + step_s)
            for over, deadline in self._waits.items():
                if deadline <= self.now:
                    over.set()
        await self.settled()


class Watched:
    """A running scheduler, its time, and the states that it went through.

    Attributes:
        route: the machine's way to the outside.
        slept_ms: for how long the machine slept.
    """

    def __init__(self, person: Person, time: ManualTime) -> None:
        self.time = time
        self.route: tuple[str, ...] = ("10.0.0.2",)
        self.slept_ms = 0.0
        self.states: list[SchedulerState] = []
        self.scheduler = Scheduler(
            person.replica,
            person.engine,
            on_transition=self.states.append,
            clock=time.clock,
            now_ms=person.world.clock,
            rng=Random(1),
            wait=time.wait,
            surroundings=Surroundings(
                time.clock, lambda: time.now * 1000 + self.slept_ms, lambda: self.route
            ),
        )

    def phase(self) -> Phase:
        """What the scheduler is doing now."""
        return self.scheduler.state.phase

    def take_phases(self) -> list[Phase]:
        """The phases since the last look."""
        phases = [state.phase for state in self.states]
        self.states.clear()
        return phases


@asynccontextmanager
async def watched(person: Person) -> AsyncIterator[Watched]:
    """Run a scheduler for somebody's home until the block ends; it has had its first rounds."""
    watch = Watched(person, ManualTime())
    task = asyncio.create_task(watch.scheduler.run())
    try:
        await watch.time.settled()
        yield watch
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
