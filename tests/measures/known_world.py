"""A world with one true time, which passes only when the test or the network says so.

Every device's clock is off by what the test says; every request takes as long as the test says, on
its way there and back. So what the measures have to come out at is known.
"""

from collections.abc import Callable
from pathlib import Path

from store.documents.trial import TrialLoader
from store.domain.measures.health import RateReading, TimeReading
from store.measures.readings import Readings
from sync.protocol.wire import WireRequest, WireResponse
from sync.transport.memory import Exchange
from tests.support.people import Clock
from tests.sync.client.world import Person, Time, World

BEGIN_MS = 1_790_000_000_000
YEAR_MS = 31_557_600_000
STATED_ERROR = 0.05


class TrueTime(Time):
    """The one time of the world, seconds and milliseconds."""

    def __init__(self) -> None:
        self.now_ms = BEGIN_MS

    def clock(self) -> float:
        return self.now_ms / 1000

    async def sleep(self, seconds: float) -> None:
        self.pass_ms(round(seconds * 1000))

    def pass_ms(self, so_many: int) -> None:
        self.now_ms += so_many


class TrueClock(Clock):
    """Shows the true time, and stands still unless that passes."""

    def __init__(self, time: TrueTime) -> None:
        self.time = time

    def __call__(self) -> int:
        return self.time.now_ms


class KnownWorld(World):
    """The world.

    Attributes:
        time: the true time, which the server's clock shows.
        ahead_ms: so far are people's clocks ahead of it.
        there_ms, back_ms: how long a request is on its way, and its answer.
    """

    def __init__(self, folder: Path, trial: TrialLoader) -> None:
        self.time = TrueTime()
        self.ahead_ms: dict[str, int] = {}
        self.there_ms, self.back_ms = 20, 20
        super().__init__(folder, trial, TrueClock(self.time))

    def clock_of(self, name: str) -> Callable[[], int]:
        return lambda: self.time.now_ms + self.ahead_ms.get(name, 0)

    def time_of(self, name: str) -> Time:
        return self.time

    def person(self, name: str, home: Path | None = None) -> Person:
        person = super().person(name, home)
        person.network.fault = self._carried
        person.replica.readings = Readings(self.time.clock, person.rng)
        return person

    async def _carried(self, request: WireRequest, send: Exchange) -> WireResponse:
        self.time.pass_ms(self.there_ms)
        answer = await send(request)
        self.time.pass_ms(self.back_ms)
        return answer


def time_of(person: Person, measure: str, window: str = "1h") -> TimeReading:
    """What somebody's device measured."""
    return person.replica.health().times[measure][window]


def rate_of(person: Person, measure: str, window: str = "1h") -> RateReading:
    """What somebody's device counted."""
    return person.replica.health().rates[measure][window]


def total_of(person: Person, measure: str, window: str = "1h") -> int:
    """How often, by somebody's device."""
    return person.replica.health().totals[measure][window].part
