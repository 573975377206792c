"""How often one asker may ask: token buckets, and marks for what nobody could examine.

Kept in memory and bounded: after a restart everybody starts afresh. All methods may be called from
any thread.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from store.domain.ids import DocId
from sync.protocol.problems import refuse
from sync.server import limits


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at_s: float


class Rate:
    """A token bucket per asker: `burst` at once, then `per_s` a second."""

    def __init__(self, per_s: float, burst: float, clock_s: Callable[[], float]) -> None:
        """Set the rate. `clock_s` is monotonic."""
        self._per_s = per_s
        self._burst = burst
        self._clock_s = clock_s
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, asker: str) -> float:
        """Take one token; give back 0, or the seconds until there is one."""
        with self._lock:
            bucket = self._filled(asker)
            if bucket.tokens >= 1:
                bucket.tokens -= 1
                return 0.0
            return (1 - bucket.tokens) / self._per_s

    def wait_s(self, asker: str) -> float:
        """Say how long the asker has to wait, without taking anything."""
        with self._lock:
            bucket = self._buckets.get(asker)
            if bucket is None:
                return 0.0
            tokens = self._filled(asker).tokens
            return 0.0 if tokens >= 1 else (1 - tokens) / self._per_s

    def _filled(self, asker: str) -> _Bucket:
        now_s = self._clock_s()
        bucket = self._buckets.setdefault(asker, _Bucket(self._burst, now_s))
        bucket.tokens = min(self._burst, bucket.tokens + (now_s - bucket.at_s) * self._per_s)
        bucket.at_s = now_s
        self._buckets.move_to_end(asker)
        while len(self._buckets) > limits.ASKERS_KEPT_MAX:
            self._buckets.popitem(last=False)
        return bucket


class Strikes:
    """Marks against senders whose changes made the examining child stop (DECISIONS D22).

    That is no verdict on the change, so the sender may try again; each time it has to wait longer,
    so that one device can't keep the child busy for all.
    """

    def __init__(self, clock_s: Callable[[], float]) -> None:
        """Begin without marks. `clock_s` is monotonic."""
        self._clock_s = clock_s
        self._lock = threading.Lock()
        self._marks: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def mark(self, sender: str) -> float:
        """Note one more failure; give back the seconds that the sender has to wait."""
        with self._lock:
            count = self._marks.pop(sender, (0, 0.0))[0] + 1
            doubled = limits.STRIKE_WAIT_S * float(1 << min(count - 1, 30))
            wait_s = min(doubled, limits.STRIKE_WAIT_S_MAX)
            self._marks[sender] = (count, self._clock_s() + wait_s)
            while len(self._marks) > limits.ASKERS_KEPT_MAX:
                self._marks.popitem(last=False)
            return wait_s

    def clear(self, sender: str) -> None:
        """Forget the marks: a push went through."""
        with self._lock:
            self._marks.pop(sender, None)

    def check(self, sender: str) -> None:
        """Let a sender through whose wait is over.

        Raises:
            ProblemRaised: `trial-unavailable`, with the seconds that are left.
        """
        with self._lock:
            _, until_s = self._marks.get(sender, (0, 0.0))
            left_s = until_s - self._clock_s()
        if left_s > 0:
            raise refuse(
                "trial-unavailable",
                "An earlier push of this device held changes that could not be examined; "
                "wait before sending more.",
                retry_after_s=left_s,
            )


class Outgrown:
    """Documents that turned out to be more than an examiner has memory or time for (ADR 32).

    To find that out takes an examiner seconds, and its sender may not have waited for the answer:
    so it is kept for a while, and told at once the next time. It is said of what one sender would
    add; what others write in that document is examined.
    """

    def __init__(self, clock_s: Callable[[], float]) -> None:
        """Begin without any. `clock_s` is monotonic."""
        self._clock_s = clock_s
        self._lock = threading.Lock()
        self._until_s: OrderedDict[tuple[str, DocId], float] = OrderedDict()

    def note(self, sender: str, doc: DocId) -> None:
        """Keep in mind that a sender's changes of a document can't be examined."""
        with self._lock:
            self._until_s.pop((sender, doc), None)
            self._until_s[sender, doc] = self._clock_s() + limits.OUTGROWN_KEPT_S
            while len(self._until_s) > limits.OUTGROWN_KEPT_MAX:
                self._until_s.popitem(last=False)

    def holds(self, sender: str, doc: DocId) -> bool:
        """Tell whether that was so not long ago."""
        with self._lock:
            return self._clock_s() < self._until_s.get((sender, doc), 0.0)
