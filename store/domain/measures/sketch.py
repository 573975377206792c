"""Quantiles of durations in bounded space: a histogram whose buckets grow by a constant factor.

A value lands in bucket `ceil(log(value) / log(GAMMA))`, and each bucket answers with the one value
that is nowhere further than 5 % from what it holds. Two sketches merge by adding their counts, so
the sketch of an hour is the sum of its minutes, whatever the order.

Source: DDSketch (C. Masson, J. E. Rim, H. K. Lee, VLDB 2019), without its collapsing: the range is
bounded instead.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

RELATIVE_ERROR: Final = 0.05
GAMMA: Final = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR)
VALUE_MS_MAX: Final = 31_557_600_000.0  # a year; what took longer counts as a year
_LOG_GAMMA: Final = math.log(GAMMA)
BUCKETS_MAX: Final = math.ceil(math.log(VALUE_MS_MAX) / _LOG_GAMMA) + 1


@dataclass(slots=True)
class Sketch:
    """How often durations of about each length occurred.

    Quantiles are off by at most 5 % of the value, or by 1 ms below 1 ms.

    Attributes:
        counts: how many by bucket; bucket 0 is everything up to 1 ms.
    """

    counts: dict[int, int] = field(default_factory=dict)

    def add(self, value_ms: float, count: int = 1) -> None:
        """Count a duration; one below zero (two clocks disagree by less than they know) is zero."""
        bucket = bucket_of(value_ms)
        self.counts[bucket] = self.counts.get(bucket, 0) + count

    def merge(self, other: "Sketch") -> None:
        """Add what another sketch has counted."""
        for bucket, count in other.counts.items():
            self.counts[bucket] = self.counts.get(bucket, 0) + count

    @property
    def count(self) -> int:
        """How many durations were counted."""
        return sum(self.counts.values())

    def quantile(self, part: float) -> float | None:
        """The duration in ms that a part of all does not exceed; None of nothing.

        Args:
            part: above 0, at most 1; 0.95 for p95.
        """
        rank = math.ceil(part * self.count)
        for value_ms, count in self.values():
            rank -= count
            if rank <= 0:
                return value_ms
        return None

    def values(self) -> Iterator[tuple[float, int]]:
        """Each bucket's duration in ms with its count, the shortest first."""
        for bucket in sorted(self.counts):
            yield value_of(bucket), self.counts[bucket]

    def encode(self) -> str:
        """Write it as text: `bucket:count` with spaces between."""
        return " ".join(f"{bucket}:{self.counts[bucket]}" for bucket in sorted(self.counts))

    @classmethod
    def decode(cls, text: str) -> "Sketch":
        """Read it back.

        Raises:
            ValueError: `encode` did not write this.
        """
        counts: dict[int, int] = {}
        for pair in text.split():
            bucket, _, count = pair.partition(":")
            counts[int(bucket)] = int(count)
        if not _is_sound(counts):
            raise ValueError("not a sketch")
        return cls(counts)


def bucket_of(value_ms: float) -> int:
    """The bucket of a duration."""
    if value_ms <= 1.0:
        return 0
    return math.ceil(math.log(min(value_ms, VALUE_MS_MAX)) / _LOG_GAMMA)


def value_of(bucket: int) -> float:
    """The duration in ms that stands for all of a bucket: 5 % from either of its ends."""
    return 0.0 if bucket == 0 else float(2.0 * GAMMA**bucket / (GAMMA + 1.0))


def _is_sound(counts: Mapping[int, int]) -> bool:
    return all(0 <= bucket <= BUCKETS_MAX and count > 0 for bucket, count in counts.items())
