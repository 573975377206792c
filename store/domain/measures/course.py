"""How a measure went through a window, one stretch of time after the other: what a chart shows.

Stretches are numbered: 0 is the oldest of the window, `window.steps - 1` the one under way. Those
in which nothing was sampled are left out; a chart must not draw a line through them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from store.domain.measures.health import RATES, RateReading, Sums, TimeReading, time_reading
from store.domain.measures.windows import Window, first_start

P = TypeVar("P", "TimePoint", "RatePoint")


@dataclass(frozen=True, slots=True)
class TimePoint:
    """Durations of one stretch."""

    step: int
    reading: TimeReading


@dataclass(frozen=True, slots=True)
class RatePoint:
    """A rate of one stretch; its reading is out of at least one thing."""

    step: int
    reading: RateReading


def time_course(
    stretches: Iterable[tuple[int, Sums]], window: Window, now_ms: int, name: str
) -> list[TimePoint]:
    """Follow durations through a window.

    Args:
        stretches: when each began (Unix ms), and what was sampled in it.
        window: which they are of.
        now_ms: the time at which it ends.
        name: of the samples, one of `names.DURATIONS`.
    """
    points = [
        TimePoint(_step(start_ms, window, now_ms), time_reading(sums.sketch(name)))
        for start_ms, sums in stretches
    ]
    return [point for point in points if point.reading.count]


def rate_course(
    stretches: Iterable[tuple[int, Sums]], window: Window, now_ms: int, name: str
) -> list[RatePoint]:
    """Follow a rate through a window; `name` is one of `health.RATES`, the rest as above."""
    part, whole = RATES[name]
    points = [
        RatePoint(
            _step(start_ms, window, now_ms),
            RateReading(sums.total(part), sums.total(whole), sums.by_label(part)),
        )
        for start_ms, sums in stretches
    ]
    return [point for point in points if point.reading.whole]


def runs(points: Sequence[P]) -> list[list[P]]:
    """Part points where stretches between them are missing; each run may be drawn as one line."""
    parted: list[list[P]] = []
    for point in points:
        if parted and parted[-1][-1].step == point.step - 1:
            parted[-1].append(point)
        else:
            parted.append([point])
    return parted


def _step(start_ms: int, window: Window, now_ms: int) -> int:
    return (start_ms - first_start(window, now_ms)) // window.step_ms
