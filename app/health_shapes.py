"""The measures as JSON (`cairn health --json`) and as a table (CSV), each value with its unit.

Durations are in seconds, rates are parts of one. Scripts rely on these keys: adding one is fine.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from app.json_shapes import encode, moment

if TYPE_CHECKING:
    from store.domain.measures.alerts import Alert
    from store.domain.measures.health import Health, RateReading, Standing, TimeReading
    from store.domain.measures.thresholds import Thresholds

Json = dict[str, Any]

CSV_COLUMNS: Final = ("at", "measure", "window", "unit", "statistic", "label", "value")


def health(row: Health, alerts: Sequence[Alert], thresholds: Thresholds) -> Json:
    """Shape the measures, the alerts that hold, and the thresholds that they hold by."""
    return {
        "at": moment(row.at_ms),
        "measures": measures(row),
        "alerts": [asdict(each) for each in alerts],
        "thresholds": asdict(thresholds),
    }


def measures(row: Health) -> Json:
    """Shape the measures by name."""
    return {
        **{name: _windows("s", found, _time) for name, found in row.times.items()},
        **{name: _windows("ratio", found, _rate) for name, found in row.rates.items()},
        **{name: _windows("count", found, _total) for name, found in row.totals.items()},
        **_standing(row.now),
    }


def as_json(row: Health, alerts: Sequence[Alert], thresholds: Thresholds) -> str:
    """Write the measures as a JSON document."""
    return encode(health(row, alerts, thresholds)) + "\n"


def as_csv(row: Health) -> str:
    """Write the measures as a table, a line a value."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    at = moment(row.at_ms)
    for name, measure in measures(row).items():
        for values in _values(measure):
            writer.writerow((at, name, *values))
    return out.getvalue()


def _values(measure: Json) -> Iterator[tuple[object, ...]]:
    """Each value of a measure: window, unit, statistic, label, value."""
    unit = measure["unit"]
    windows = measure.get("windows") or {"now": {"value": measure["value"]}}
    for window, statistics in windows.items():
        for statistic, value in statistics.items():
            if isinstance(value, dict):
                for label, count in value.items():
                    yield window, "count", statistic, label, count
            else:
                yield window, unit, statistic, "", value


def _windows(unit: str, found: Mapping[str, Any], shape: Any) -> Json:
    return {
        "unit": unit,
        "windows": {window: shape(reading) for window, reading in found.items()},
    }


def _time(reading: TimeReading) -> Json:
    return {
        "count": reading.count,
        "p50": _seconds(reading.p50_ms),
        "p95": _seconds(reading.p95_ms),
        "p99": _seconds(reading.p99_ms),
    }


def _rate(reading: RateReading) -> Json:
    return {
        "value": None if reading.value is None else round(reading.value, 6),
        "part": reading.part,
        "whole": reading.whole,
        "by": dict(reading.by),
    }


def _total(reading: RateReading) -> Json:
    by = {label: count for label, count in reading.by.items() if label}
    return {"value": reading.part, "by": by} if by else {"value": reading.part}


def _standing(now: Standing) -> Json:
    found = {
        "pending": ("changes", now.pending),
        "parked": ("items", now.parked),
        "waiting": ("changes", now.waiting),
        "oldest_unsent": ("s", now.oldest_unsent_s),
        "clock_offset": ("s", _seconds(now.clock_offset_ms)),
        "clock_error": ("s", _seconds(now.clock_error_ms)),
        "log": ("changes", now.log_rows),
        "database": ("bytes", now.database_bytes),
    }
    if now.sagas is not None:
        found |= {
            "pending_sagas": ("sagas", now.sagas.pending),
            "oldest_saga": ("s", now.sagas.oldest_age_s),
            "stuck_sagas": ("sagas", now.sagas.stuck),
        }
    return {name: {"unit": unit, "value": value} for name, (unit, value) in found.items()}


def _seconds(value_ms: float | None) -> float | None:
    return None if value_ms is None else round(value_ms / 1000, 3)
