"""Measures for a test: nothing measured, but for what it is about."""

from typing import Any

from store.domain.measures.health import Health, SagaStanding, Standing, Sums, health_of
from store.domain.measures.names import SampleKey
from store.domain.measures.sketch import Sketch
from store.domain.measures.windows import WINDOWS

NOW_MS = 1_790_000_000_000


def sums(
    counts: dict[str, int] | None = None, durations_ms: dict[str, list[float]] | None = None
) -> Sums:
    """Sums with these counts (`name` or `name/label`) and durations."""
    found = Sums()
    for name, count in (counts or {}).items():
        key, _, label = name.partition("/")
        found.counts[SampleKey(key, label)] = count
    for name, values in (durations_ms or {}).items():
        sketch = Sketch()
        for value in values:
            sketch.add(value)
        found.sketches[SampleKey(name)] = sketch
    return found


def standing(sagas: SagaStanding | None = None, **changed: Any) -> Standing:
    """A home with nothing to say."""
    values: dict[str, Any] = {
        "pending": 0,
        "parked": 0,
        "waiting": 0,
        "oldest_unsent_s": None,
        "clock_offset_ms": None,
        "clock_error_ms": None,
        "log_rows": 0,
        "database_bytes": 0,
    }
    return Standing(**(values | changed), sagas=sagas)


def health(
    counts: dict[str, int] | None = None,
    durations_ms: dict[str, list[float]] | None = None,
    *,
    sagas: SagaStanding | None = None,
) -> Health:
    """Measures with these samples in every window."""
    found = sums(counts, durations_ms)
    return health_of({window.name: found for window in WINDOWS}, standing(sagas), NOW_MS)
