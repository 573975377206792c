"""The measures as they are read: each over each window, and how things stand now.

replication lag      committed at the author (server's clock) to visible here (server's clock)
conflict rate        conflicts that opened / changes taken in
compensation rate    promises taken back / promises made (reservations, bookings, transfers)
stale read rate      readings that the authority had superseded / readings judged
anti-entropy         duration of the rounds that ended well
retry rate           operations that took more than one try / operations
saga completion      bookings and transfers that ended well / those that began
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from store.domain.measures import names
from store.domain.measures.names import SampleKey
from store.domain.measures.sketch import Sketch
from store.domain.measures.windows import WINDOWS

# The rates: name -> (what is counted, out of what).
RATES: Final = {
    "conflict_rate": (names.CONFLICTS, names.CHANGES),
    "stale_read_rate": (names.STALE_READS, names.READS),
    "retry_rate": (names.RETRIED, names.OPERATIONS),
    "probe_timeout_rate": (names.PROBE_TIMEOUTS, names.PROBES),
    "compensation_rate": (names.COMPENSATIONS, names.PROMISES),
    "saga_completion_rate": (names.SAGAS_COMPLETED, names.SAGAS_STARTED),
}
SAGA_RATES: Final = frozenset({"compensation_rate", "saga_completion_rate"})
TIMES: Final = (names.REPLICATION_LAG, names.PROBE_LAG, names.ANTI_ENTROPY)
TOTALS: Final = (names.REPAIRS, names.RETRIES)


@dataclass(frozen=True, slots=True)
class TimeReading:
    """Durations of one window: how many, and their quantiles in ms (None of none)."""

    count: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None


@dataclass(frozen=True, slots=True)
class RateReading:
    """Counts of one window.

    Attributes:
        part: what is counted.
        whole: out of how many.
        by: `part` by label, most first.
    """

    part: int
    whole: int
    by: Mapping[str, int] = field(default_factory=dict)

    @property
    def value(self) -> float | None:
        """The rate, 0 to 1 (above where one thing has several causes); None out of nothing."""
        return self.part / self.whole if self.whole else None


@dataclass(frozen=True, slots=True)
class SagaStanding:
    """How the sagas of this home's spaces stand now.

    Attributes:
        pending: under way.
        oldest_age_s: of the one that runs longest; None if none does.
        stuck: under way for longer than the threshold.
    """

    pending: int
    oldest_age_s: float | None
    stuck: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand now.

    Attributes:
        pending: changes that a server has not acknowledged.
        parked: items with changes that a server refused.
        waiting: changes here whose causes have not come yet.
        oldest_unsent_s: age of the change that waits longest to be sent; None if none does.
        clock_offset_ms: how far the server's clock is ahead of ours; None = never measured.
        clock_error_ms: by how much that may be wrong; None as above.
        log_rows: changes in the log.
        database_bytes: size of the database file and its journal.
        sagas: None where there is no ledger.
    """

    pending: int
    parked: int
    waiting: int
    oldest_unsent_s: float | None
    clock_offset_ms: float | None
    clock_error_ms: float | None
    log_rows: int
    database_bytes: int
    sagas: SagaStanding | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """All measures.

    Attributes:
        at_ms: when they were read, by this device's clock.
        times: by measure and window.
        rates: by measure and window.
        totals: counts by measure and window, with their labels in `by`.
        now: how things stand.
    """

    at_ms: int
    times: Mapping[str, Mapping[str, TimeReading]]
    rates: Mapping[str, Mapping[str, RateReading]]
    totals: Mapping[str, Mapping[str, RateReading]]
    now: Standing


@dataclass(slots=True)
class Sums:
    """What was sampled in one window.

    Attributes:
        counts: how often, by sample.
        sketches: durations, by sample.
    """

    counts: dict[SampleKey, int] = field(default_factory=dict)
    sketches: dict[SampleKey, Sketch] = field(default_factory=dict)

    def total(self, name: str) -> int:
        """How often, whatever the label."""
        return sum(count for key, count in self.counts.items() if key.name == name)

    def by_label(self, name: str) -> dict[str, int]:
        """How often by label, most first."""
        found = {key.label: count for key, count in self.counts.items() if key.name == name}
        return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))

    def sketch(self, name: str) -> Sketch:
        """All durations of a name."""
        merged = Sketch()
        for key, sketch in self.sketches.items():
            if key.name == name:
                merged.merge(sketch)
        return merged


def health_of(sums: Mapping[str, Sums], now: Standing, at_ms: int) -> Health:
    """Work the measures out.

    Args:
        sums: what was sampled, by window name; every window of `WINDOWS`.
        now: how things stand; measures of sagas are left out where it has none.
        at_ms: when, by this device's clock.
    """
    windows = [window.name for window in WINDOWS]
    wanted = [rate for rate in RATES if now.sagas is not None or rate not in SAGA_RATES]
    return Health(
        at_ms=at_ms,
        times={
            name: {window: time_reading(sums[window].sketch(name)) for window in windows}
            for name in TIMES
        },
        rates={
            rate: {window: _rate(sums[window], *RATES[rate]) for window in windows}
            for rate in wanted
        },
        totals={
            name: {window: _rate(sums[window], name, name) for window in windows} for name in TOTALS
        },
        now=now,
    )


def time_reading(sketch: Sketch) -> TimeReading:
    """Read the quantiles of a sketch."""
    p50, p95, p99 = (sketch.quantile(part) for part in (0.50, 0.95, 0.99))
    return TimeReading(sketch.count, p50, p95, p99)


def _rate(sums: Sums, part: str, whole: str) -> RateReading:
    return RateReading(sums.total(part), sums.total(whole), sums.by_label(part))
