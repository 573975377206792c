"""Wall clocks that are wrong: years off, a little fast or slow, and set forth and back at times."""

from collections.abc import Callable
from random import Random

START_MS = 1_790_000_000_000
YEARS_OFF_MAX = 10
_YEAR_MS = 365 * 86_400_000


class WallClock:
    """Unix milliseconds as one machine believes them.

    Args:
        time: the world's seconds.
        rng: how wrong it is.
        is_right: it shows the world's time.
    """

    def __init__(self, time: Callable[[], float], rng: Random, *, is_right: bool = False) -> None:
        self._time = time
        self._rng = rng
        self._rate = 1.0 if is_right else rng.choice((1.0, 1.0, 0.98, 1.02))
        self._offset_ms = 0
        if not is_right:
            self.jump()

    def __call__(self) -> int:
        return START_MS + self._offset_ms + int(self._time() * 1000 * self._rate)

    def jump(self) -> int:
        """Set the clock to another time, most often near; gives its error in milliseconds."""
        span_ms = self._rng.choice((1_000, 60_000, 3_600_000, _YEAR_MS * YEARS_OFF_MAX))
        self._offset_ms = self._rng.randint(-span_ms, span_ms)
        return self._offset_ms
