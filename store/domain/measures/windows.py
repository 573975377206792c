"""The stretches of time that samples are summed in, and the windows that are read out of them.

A sample is added to the minute, the hour and the day that it falls into, at once; nothing has to be
rolled up later, and a program that is killed leaves sums that are true. A window is a number of
whole stretches and the one that is under way: "1 h" are the last 60 minutes that began.
"""

from dataclasses import dataclass
from typing import Final

MINUTE_MS: Final = 60_000
HOUR_MS: Final = 3_600_000
DAY_MS: Final = 86_400_000

# How many stretches of each length are kept: what the windows need, and a chart beyond.
KEPT: Final = {MINUTE_MS: 90, HOUR_MS: 48, DAY_MS: 400}


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time up to now.

    Attributes:
        name: as people and programs write it.
        step_ms: length of the stretches that it is summed from.
        steps: how many.
        words: as it stands in a sentence.
    """

    name: str
    step_ms: int
    steps: int
    words: str


HOUR: Final = Window("1h", MINUTE_MS, 60, "the last hour")
DAY: Final = Window("24h", HOUR_MS, 24, "the last day")
MONTH: Final = Window("30d", DAY_MS, 30, "the last 30 days")
WINDOWS: Final = (HOUR, DAY, MONTH)


def start_of(at_ms: int, step_ms: int) -> int:
    """When the stretch that holds a moment began, in Unix ms."""
    return at_ms - at_ms % step_ms


def first_start(window: Window, now_ms: int) -> int:
    """When the oldest stretch of a window began, in Unix ms."""
    return start_of(now_ms, window.step_ms) - (window.steps - 1) * window.step_ms


def oldest_kept(step_ms: int, now_ms: int) -> int:
    """When the oldest stretch of a length that is kept began; what began earlier is dropped."""
    return start_of(now_ms, step_ms) - (KEPT[step_ms] - 1) * step_ms
