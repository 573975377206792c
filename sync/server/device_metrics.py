"""What devices see and a server can't, as they say it with their probes.

Conflicts, stale readings and how long rounds take happen on devices. Each is counted on every
device that sees it, so the rates are out of what devices took in, not of what the server did. A
device that is never connected for a few minutes says nothing here.
"""

import re
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram

from store.domain.measures.names import OTHER
from store.domain.measures.sketch import Sketch
from sync.protocol.seen import COUNT_MAX, Seen

ROUND_BUCKETS_S: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0)
ROUNDS_MAX: Final = 10_000  # of one device between two probes; that is a round every 30 ms
# A device may say anything; labels are these words alone, so that nobody can invent some.
_SORT: Final = re.compile(r"(task|note)\.(field|lifecycle|trash|passage|refused)(\.[a-z_]+)?")


class DeviceMetrics:
    """The measures that devices tell one server. May be called from any thread."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Begin at zero, in a server's registry."""
        self._changes = Counter(
            "sync_device_changes", "Changes that devices took in.", registry=registry
        )
        self._conflicts = Counter(
            "sync_conflicts",
            "Conflicts that opened on devices, each on every device that sees it.",
            ("sort",),
            registry=registry,
        )
        self._reads = Counter(
            "sync_reads", "Readings of an item that devices judged.", registry=registry
        )
        self._stale_reads = Counter(
            "sync_stale_reads",
            "Readings that the server had superseded by then.",
            registry=registry,
        )
        self._operations = Counter(
            "sync_operations", "Rounds of devices that were due.", registry=registry
        )
        self._retried = Counter(
            "sync_operations_retried", "Those that took more than one try.", registry=registry
        )
        self._repairs = Counter(
            "anti_entropy_repairs",
            "Changes that comparing heads moved, after the cursors had missed them.",
            registry=registry,
        )
        self._rounds = Histogram(
            "anti_entropy_duration_seconds",
            "Rounds of devices that ended well, from the first request to the last.",
            buckets=ROUND_BUCKETS_S,
            registry=registry,
        )

    def heard(self, seen: Seen) -> None:
        """Take in what one device says."""
        self._changes.inc(seen.changes)
        for label, count in seen.conflicts.items():
            self._conflicts.labels(sort_of(label)).inc(count)
        self._reads.inc(seen.reads)
        self._stale_reads.inc(min(seen.stale_reads, seen.reads))
        self._operations.inc(seen.operations)
        self._retried.inc(min(seen.retried, seen.operations))
        self._repairs.inc(seen.repairs)
        left = ROUNDS_MAX
        for value_ms, count in rounds_of(seen).values():
            for _ in range(min(count, left)):
                self._rounds.observe(value_ms / 1000)
            left -= min(count, left)


def sort_of(label: str) -> str:
    """The kind of document and of conflict that a label names; `other` where it names none."""
    found = _SORT.fullmatch(label)
    return f"{found[1]}.{found[2]}" if found else OTHER


def rounds_of(seen: Seen) -> Sketch:
    """The durations that a device says; nothing where it says none that make sense."""
    try:
        sketch = Sketch.decode(seen.rounds)
    except ValueError:
        return Sketch()
    return sketch if sketch.count <= COUNT_MAX else Sketch()
