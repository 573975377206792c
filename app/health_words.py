"""What the measures are called and how their values are written, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from store.domain.measures import names
from store.domain.measures.alerts import percent, seconds
from store.domain.measures.health import RateReading, TimeReading

if TYPE_CHECKING:
    from store.domain.measures.health import Standing

RATES_AND_TIMES: Final = {
    names.PROBE_LAG: "Lag to connected devices",
    names.REPLICATION_LAG: "Lag of changes that came in",
    "conflict_rate": "Conflicts per change",
    "stale_read_rate": "Stale readings",
    "retry_rate": "Rounds tried again",
    names.ANTI_ENTROPY: "Duration of a round",
    "probe_timeout_rate": "Probes not confirmed",
    "compensation_rate": "Bookings taken back",
    "saga_completion_rate": "Bookings that went through",
}
TOTALS: Final = {
    names.REPAIRS: "Changes repaired by comparing",
    names.RETRIES: "Tries that failed",
}
NOTHING: Final = "–"
SORTS_MAX: Final = 6  # are shown of a measure; an export has all


def value_words(reading: TimeReading | RateReading) -> str:
    """Write a reading: `0.3 s · 1.2 s · 4.0 s` (p50, p95, p99), `3.3 % (1 of 30)`, `–`."""
    if isinstance(reading, TimeReading):
        if reading.p50_ms is None or reading.p95_ms is None or reading.p99_ms is None:
            return NOTHING
        parts = (reading.p50_ms, reading.p95_ms, reading.p99_ms)
        return " · ".join(_duration(each) for each in parts)
    if reading.value is None:
        return NOTHING
    return f"{percent(reading.value)} ({reading.part} of {reading.whole})"


def sorts_words(reading: RateReading) -> str:
    """Write of which sorts it was, most first: `task.field.title 3, note.passage 1`."""
    return ", ".join(f"{label} {count}" for label, count in sorts_of(reading))


def sorts_of(reading: RateReading) -> list[tuple[str, int]]:
    """The sorts that have a name, most first; nothing where there is but one sort."""
    return [(label, count) for label, count in reading.by.items() if label][:SORTS_MAX]


def standing_words(now: Standing) -> list[tuple[str, str]]:
    """Write how things stand, as pairs of what and how."""
    unsent = NOTHING if now.oldest_unsent_s is None else seconds(now.oldest_unsent_s)
    found = [
        ("Not sent yet", f"{now.pending} (the oldest for {unsent})" if now.pending else "0"),
        ("Refused by a server", str(now.parked)),
        ("Waiting for their causes", str(now.waiting)),
        ("Clock", _clock_words(now)),
        ("Log", f"{now.log_rows} changes"),
        ("Database", f"{now.database_bytes / (1 << 20):.1f} MiB"),
    ]
    if now.sagas is not None:
        age = now.sagas.oldest_age_s
        oldest = "" if age is None else f" (the oldest for {seconds(age)})"
        found.append(("Bookings under way", f"{now.sagas.pending}{oldest}"))
        found.append(("Stuck bookings", str(now.sagas.stuck)))
    return found


def _clock_words(now: Standing) -> str:
    if now.clock_offset_ms is None or now.clock_error_ms is None:
        return "never compared with a server's"
    side = "behind" if now.clock_offset_ms > 0 else "ahead of"
    offset, error = abs(now.clock_offset_ms) / 1000, now.clock_error_ms / 1000
    return f"{seconds(offset)} {side} the server's (± {seconds(error)})"


def _duration(value_ms: float) -> str:
    return f"{value_ms:.0f} ms" if value_ms < 1000 else seconds(value_ms / 1000)
