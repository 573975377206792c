"""What is measured of the exchanges with one server, from where it happens to where it is written.

An `Observer` lives as long as the engine. Rounds tell it what they meet; the transaction that ends
a round, well or not, writes the samples along. Times between devices are by the server's clock, as
each hello measures it; this device's own clock is never compared with anybody's.
"""

from collections import deque
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from store.domain.measures import clocks, names
from store.domain.measures.clocks import ClockOffset
from store.domain.measures.names import SampleKey
from store.domain.measures.sketch import Sketch
from store.log import LogRow
from store.measures.readings import Readings
from store.measures.samples import Samples
from sync.errors import SyncError, Transient
from sync.protocol.messages import Pulled
from sync.protocol.probes import Probe
from sync.protocol.seen import COUNT_MAX, LABELS_MAX, ROUNDS_CHARS_MAX, Seen


@dataclass(slots=True)
class Observer:
    """Observes the rounds with one server.

    Attributes:
        kept: the clock's offset as this home last kept it; None if it never did.
        is_failing: the last round failed in a way that may pass.
        samples: what was sampled and isn't written yet.
        unsaid: what was sampled since the server was last told (see `seen`).
        probes_seen: stamp of the newest probe of another device that is here.
    """

    kept: ClockOffset | None = None
    is_failing: bool = False
    samples: Samples = field(default_factory=Samples)
    unsaid: Samples = field(default_factory=Samples)
    probes_seen: int = 1  # of another server's clock: all that it sends from now on is newer
    _measured: deque[ClockOffset] = field(default_factory=lambda: deque(maxlen=clocks.KEPT))
    _is_stepped: bool = False
    _received: dict[str, list[float]] = field(default_factory=dict)

    @property
    def clock(self) -> ClockOffset | None:
        """How far the server's clock is ahead of ours; None before the first hello."""
        return clocks.best(self._measured) if self._measured else None

    def met_clock(self, sent_ms: int, took_s: float, there_ms: int) -> None:
        """Learn the server's time from a question and its answer; see `clocks`."""
        found = clocks.measured(sent_ms, took_s * 1000, there_ms)
        before = self.clock or self.kept
        self._is_stepped = before is not None and found.contradicts(before)
        if self._is_stepped:
            self._measured.clear()
        self._measured.append(found)

    def committed_ms(self, row: LogRow) -> int:
        """When a change of ours was committed, by the server's clock; 0 = that can't be told.

        It can't of changes that came from elsewhere, and of none before this round if one of the
        two clocks was set since the last one.
        """
        clock = self.clock
        if clock is None or self._is_stepped or row.origin is not None:
            return 0
        return max(0, round(clock.there(row.received_at_ms)))

    def took_in(self, page: Pulled, fresh: AbstractSet[bytes], now_ms: int) -> None:
        """Sample how long the changes of a page took to be visible here.

        Args:
            page: as the server sent it.
            fresh: hashes of those that are new here.
            now_ms: by this device's clock, after they had become visible.
        """
        clock = self.clock
        if clock is None:
            return
        visible_ms = clock.there(now_ms)
        for row, committed_ms in zip(page.rows, page.committed_ms, strict=False):
            if row.hash in fresh and committed_ms:
                self.samples.took(names.REPLICATION_LAG, visible_ms - committed_ms)
        for row, received_ms in zip(page.rows, page.received_ms, strict=False):
            if row.hash in fresh:
                self._received.setdefault(row.doc, []).append(received_ms)

    def caught_up(self, readings: Readings, now_ms: int) -> None:
        """Judge what was looked at, now that all of the server's log until now is here."""
        if self.clock is not None:
            judged = readings.judge(self._received, self.clock.there(now_ms))
            self.samples.count(names.READS, by=judged.readings)
            self.samples.count(names.STALE_READS, by=judged.stale)
        self._received.clear()

    def met_probes(self, probes: Sequence[Probe], now_ms: int) -> None:
        """Sample how long the probes of others took to get here."""
        for probe in probes:
            self.probes_seen = max(self.probes_seen, probe.stamp)
            if self.clock is not None:
                self.samples.took(names.PROBE_LAG, self.clock.there(now_ms) - probe.at_ms)

    def probed(self, devices: int, confirmed: int) -> None:
        """Sample whom our own probe has reached in time."""
        self.samples.count(names.PROBES, by=devices)
        self.samples.count(names.PROBE_TIMEOUTS, by=devices - confirmed)

    def ended(self, took_s: float, *, pushed: int, repairs: int) -> None:
        """Sample a round that ended well."""
        self.samples.took(names.ANTI_ENTROPY, took_s * 1000)
        self.samples.count(names.CHANGES, "own", pushed)
        self.samples.count(names.REPAIRS, by=repairs)
        if not self.is_failing:  # else the operation was counted with its first try
            self.samples.count(names.OPERATIONS)
        self.is_failing = False

    def failed(self, error: SyncError) -> None:
        """Sample a round that failed; only what may pass is tried again."""
        if not isinstance(error, Transient):
            return
        if not self.is_failing:
            self.samples.count(names.OPERATIONS)
            self.samples.count(names.RETRIED, error.type)
        self.samples.count(names.RETRIES, error.type)
        self.is_failing = True

    def take_samples(self) -> Samples:
        """Give what isn't written yet to a transaction that writes it."""
        taken, self.samples = self.samples, Samples()
        self.unsaid.add(taken)
        return taken

    def counted(self, samples: Samples) -> None:
        """Hear what taking a page in has counted and written itself."""
        self.unsaid.add(samples)

    def take_unsaid(self) -> Samples:
        """Give what the server is to be told; `counted` puts it back if it can't be."""
        taken, self.unsaid = self.unsaid, Samples()
        return taken

    def take_clock(self) -> ClockOffset | None:
        """Give the clock's offset to be kept; None where what is kept is as good."""
        clock = self.clock
        if clock is None or (self.kept is not None and _is_as_good(self.kept, clock)):
            return None
        self.kept = clock
        return clock


def _is_as_good(kept: ClockOffset, clock: ClockOffset) -> bool:
    apart = abs(kept.offset_ms - clock.offset_ms)
    return apart <= clock.error_ms and kept.error_ms <= 2 * clock.error_ms


def committed_by(observer: Observer, rows: Sequence[LogRow]) -> list[int]:
    """Say when rows were committed, in their order; empty where that can't be told of any."""
    times = [observer.committed_ms(row) for row in rows]
    return times if any(times) else []


def seen_in(samples: Samples) -> Seen:
    """Write what was sampled as a message; what is beyond its bounds is left out."""

    def total(name: str) -> int:
        return min(
            sum(count for key, count in samples.counts.items() if key.name == name), COUNT_MAX
        )

    conflicts = {
        key.label: min(count, COUNT_MAX)
        for key, count in samples.counts.items()
        if key.name == names.CONFLICTS
    }
    rounds = samples.sketches.get(SampleKey(names.ANTI_ENTROPY), Sketch()).encode()
    return Seen(
        changes=total(names.CHANGES),
        conflicts=dict(list(conflicts.items())[:LABELS_MAX]),
        reads=total(names.READS),
        stale_reads=total(names.STALE_READS),
        operations=total(names.OPERATIONS),
        retried=total(names.RETRIED),
        repairs=total(names.REPAIRS),
        rounds=rounds if len(rounds) <= ROUNDS_CHARS_MAX else "",
    )
