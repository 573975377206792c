"""What was looked at on this device: a bounded sample, judged once the authority has been heard.

A reading is stale if the authority had something newer of the item by then. That is known at the
next round: a change that comes in for it, and that the authority had received before the reading,
was not shown. Times between the two are measured by a clock that only grows, so no wall clock is
believed.

Source of the bounded sample: reservoir sampling, algorithm R (J. Vitter, 1985).
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final, Protocol

READINGS_MAX: Final = 200  # between two rounds


class Identified(Protocol):
    """A row of an item."""

    @property
    def id(self) -> str:
        """The item's id."""
        ...


@dataclass(frozen=True, slots=True)
class Judged:
    """How many readings could be judged, and how many of them were stale."""

    readings: int
    stale: int


class Readings:
    """Readings since the last round. Thread-safe; nothing of it is ever written.

    Args:
        clock_s: seconds that only grow.
        rng: chooses which readings are kept once there are too many.
    """

    def __init__(self, clock_s: Callable[[], float], rng: Random) -> None:
        self._clock_s = clock_s
        self._rng = rng
        self._lock = threading.Lock()
        self._kept: list[tuple[str, float]] = []
        self._seen = 0

    def note(self, doc: str) -> None:
        """Note that an item was looked at."""
        with self._lock:
            self._seen += 1
            reading = (doc, self._clock_s())
            if len(self._kept) < READINGS_MAX:
                self._kept.append(reading)
            elif (at := self._rng.randrange(self._seen)) < READINGS_MAX:
                self._kept[at] = reading

    def note_one(self, rows: Sequence[Identified]) -> None:
        """Note one of several items that were looked at together, as a list shows them."""
        if rows:
            self.note(rows[self._rng.randrange(len(rows))].id)

    def judge(self, received_ms: Mapping[str, Sequence[float]], there_ms: float) -> Judged:
        """Judge all readings so far, and forget them.

        Args:
            received_ms: by item, when the authority received what came in since the last round.
            there_ms: what the authority's clock shows now.
        """
        with self._lock:
            now_s = self._clock_s()
            judged, self._kept, self._seen = self._kept, [], 0
        stale = sum(
            any(at <= there_ms - (now_s - read_s) * 1000 for at in received_ms.get(doc, ()))
            for doc, read_s in judged
        )
        return Judged(len(judged), stale)
