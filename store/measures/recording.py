"""Writing samples: added to their minute, hour and day in the transaction that they belong to.

So they cost no sync of the disk of their own, and what was rolled back was not sampled either. What
is older than is kept goes in the same transaction: the table is bounded (see `tests/measures`).
"""

import sqlite3
from typing import Final

from store.domain.measures.names import LABELS_MAX, OTHER, SampleKey
from store.domain.measures.sketch import Sketch
from store.domain.measures.windows import DAY_MS, KEPT, MINUTE_MS, oldest_kept, start_of
from store.measures.samples import Samples

_ADD_COUNT: Final = (
    "INSERT INTO measure (step_ms, start_ms, name, label, count) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT DO UPDATE SET count = count + excluded.count"
)
_ADD_SKETCH: Final = (
    "INSERT INTO measure (step_ms, start_ms, name, label, count, sketch) VALUES (?, ?, ?, ?, ?, ?)"
    " ON CONFLICT DO UPDATE SET count = count + excluded.count, sketch = excluded.sketch"
)


def record(conn: sqlite3.Connection, samples: Samples, now_ms: int) -> None:
    """Add samples to the stretches of time that hold now.

    Args:
        conn: in a write transaction.
        samples: nothing is written of none.
        now_ms: by this device's clock. Should that jump by more than is kept, the sums from before
            go: they could not be told from newer ones.
    """
    if not samples:
        return
    starts = {step_ms: start_of(now_ms, step_ms) for step_ms in KEPT}
    # Once a minute, when its first samples come, is often enough to forget old ones.
    is_new = not _has_rows(conn, MINUTE_MS, starts[MINUTE_MS])
    for given, count in samples.counts.items():
        key = _bounded(conn, given, starts[DAY_MS])
        conn.executemany(
            _ADD_COUNT,
            [(step_ms, start, key.name, key.label, count) for step_ms, start in starts.items()],
        )
    for key, sketch in samples.sketches.items():
        for step_ms, start_ms in starts.items():
            _add_sketch(conn, step_ms, start_ms, key, sketch)
    if is_new:
        _forget_old(conn, now_ms)


def _forget_old(conn: sqlite3.Connection, now_ms: int) -> None:
    for step_ms in KEPT:
        conn.execute(
            "DELETE FROM measure WHERE step_ms = ? AND (start_ms < ? OR start_ms > ?)",
            (step_ms, oldest_kept(step_ms, now_ms), now_ms),
        )


def _add_sketch(
    conn: sqlite3.Connection, step_ms: int, start_ms: int, key: SampleKey, sketch: Sketch
) -> None:
    row = conn.execute(
        "SELECT sketch FROM measure WHERE step_ms = ? AND start_ms = ? AND name = ? AND label = ?",
        (step_ms, start_ms, key.name, key.label),
    ).fetchone()
    merged = Sketch() if row is None else Sketch.decode(row[0])
    merged.merge(sketch)
    values = (step_ms, start_ms, key.name, key.label, sketch.count, merged.encode())
    conn.execute(_ADD_SKETCH, values)


def _has_rows(conn: sqlite3.Connection, step_ms: int, start_ms: int) -> bool:
    found = conn.execute(
        "SELECT 1 FROM measure WHERE step_ms = ? AND start_ms = ? LIMIT 1", (step_ms, start_ms)
    )
    return found.fetchone() is not None


def _bounded(conn: sqlite3.Connection, key: SampleKey, day_ms: int) -> SampleKey:
    """The key itself, or `other` once a day has too many labels of its name."""
    if not key.label:
        return key
    labels = {
        row[0]
        for row in conn.execute(
            "SELECT label FROM measure WHERE step_ms = ? AND start_ms = ? AND name = ?",
            (DAY_MS, day_ms, key.name),
        )
    }
    if key.label in labels or len(labels) < LABELS_MAX - 1:
        return key
    return SampleKey(key.name, OTHER)
