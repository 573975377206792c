"""Samples in memory, until the transaction of what they are about writes them along."""

from dataclasses import dataclass, field

from store.domain.measures.names import OTHER, SampleKey, is_label
from store.domain.measures.sketch import Sketch


@dataclass(slots=True)
class Samples:
    """What was sampled since they were last written. Belongs to one thread at a time.

    Attributes:
        counts: how often, by sample.
        sketches: durations, by sample.
    """

    counts: dict[SampleKey, int] = field(default_factory=dict)
    sketches: dict[SampleKey, Sketch] = field(default_factory=dict)

    def count(self, name: str, label: str = "", by: int = 1) -> None:
        """Count something; a label that this program can't have made counts as `other`."""
        if by:
            key = SampleKey(name, label if is_label(label) else OTHER)
            self.counts[key] = self.counts.get(key, 0) + by

    def took(self, name: str, duration_ms: float) -> None:
        """Count a duration."""
        self.sketches.setdefault(SampleKey(name), Sketch()).add(duration_ms)

    def add(self, other: "Samples") -> None:
        """Add what others hold."""
        for key, count in other.counts.items():
            self.counts[key] = self.counts.get(key, 0) + count
        for key, sketch in other.sketches.items():
            self.sketches.setdefault(key, Sketch()).merge(sketch)

    def __bool__(self) -> bool:
        return bool(self.counts or self.sketches)
