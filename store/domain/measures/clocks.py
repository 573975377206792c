"""How far two clocks are apart, from questions and answers, and how sure that is.

A question was sent at `sent_ms` by our clock and its answer came `took_ms` later by a clock that
only grows; in between the other side read `there_ms` from its own. The other clock is ahead by
`there_ms - (sent_ms + took_ms / 2)`, wrong by half of `took_ms` at most.

Source: the on-wire protocol of NTP (D. Mills, RFC 5905, section 8), with the other side's two
stamps as one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

STEP_MS: Final = (
    1_000.0  # offsets further apart than they can be wrong by, and this: a clock jumped
)
KEPT: Final = 8  # measurements, the best of which counts


@dataclass(frozen=True, slots=True)
class ClockOffset:
    """A measurement.

    Attributes:
        offset_ms: so far is the other clock ahead of ours.
        error_ms: it is not further off than this.
    """

    offset_ms: float
    error_ms: float

    def there(self, here_ms: float) -> float:
        """What the other clock showed when ours showed this."""
        return here_ms + self.offset_ms

    def contradicts(self, other: "ClockOffset") -> bool:
        """Tell whether one of the clocks must have been set between two measurements."""
        apart = abs(self.offset_ms - other.offset_ms)
        return apart > self.error_ms + other.error_ms + STEP_MS


def measured(sent_ms: float, took_ms: float, there_ms: float) -> ClockOffset:
    """Work out a measurement; see the module."""
    return ClockOffset(there_ms - (sent_ms + took_ms / 2), took_ms / 2 + 1.0)


def best(measurements: Sequence[ClockOffset]) -> ClockOffset:
    """The measurement that is wrong by least; the newer one of two alike."""
    return min(reversed(measurements), key=lambda one: one.error_ms)
