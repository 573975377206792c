"""Reading sums: of a window, or one by one for a chart."""

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from store.domain.measures.health import Sums
from store.domain.measures.names import SampleKey
from store.domain.measures.sketch import Sketch
from store.domain.measures.windows import WINDOWS, Window, first_start


@dataclass(frozen=True, slots=True)
class Stretch:
    """What was sampled in one stretch of time of a window.

    Attributes:
        start_ms: when it began, Unix ms by this device's clock.
        sums: what was.
    """

    start_ms: int
    sums: Sums


def read_windows(conn: sqlite3.Connection, now_ms: int) -> Mapping[str, Sums]:
    """Sum up every window, by its name."""
    return {window.name: summed(read_stretches(conn, window, now_ms)) for window in WINDOWS}


def read_stretches(conn: sqlite3.Connection, window: Window, now_ms: int) -> list[Stretch]:
    """Read a window, one stretch after the other; those without samples are left out."""
    found: dict[int, Sums] = {}
    rows = conn.execute(
        "SELECT start_ms, name, label, count, sketch FROM measure"
        " WHERE step_ms = ? AND start_ms BETWEEN ? AND ? ORDER BY start_ms",
        (window.step_ms, first_start(window, now_ms), now_ms),
    )
    for start_ms, name, label, count, sketch in rows:
        sums, key = found.setdefault(start_ms, Sums()), SampleKey(name, label)
        if sketch is None:
            sums.counts[key] = count
        else:
            sums.sketches[key] = Sketch.decode(sketch)
    return [Stretch(start_ms, sums) for start_ms, sums in found.items()]


def summed(stretches: Iterable[Stretch]) -> Sums:
    """Add stretches up."""
    total = Sums()
    for stretch in stretches:
        for key, count in stretch.sums.counts.items():
            total.counts[key] = total.counts.get(key, 0) + count
        for key, sketch in stretch.sums.sketches.items():
            total.sketches.setdefault(key, Sketch()).merge(sketch)
    return total
