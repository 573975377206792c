"""Alerts: a pure function of the measures and the thresholds, so each fires and clears by itself.

Times and retries look at the last hour, rates of rarer things at the last day, sagas at now. What
rests on too few samples says nothing yet. Each alert says what is so and what to do about it.
"""

from dataclasses import dataclass
from typing import Final, Literal

from store.domain.measures import names
from store.domain.measures.health import Health, RateReading
from store.domain.measures.thresholds import Thresholds
from store.domain.measures.windows import DAY, HOUR, Window

Severity = Literal["warning", "high"]

DURATIONS_MIN: Final = 3  # samples before a p95 is worth a word
WHOLE_MIN: Final = 10  # changes, readings, operations or sagas before a rate is


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that a person should know.

    Attributes:
        name: stable, for programs.
        severity: `high` where somebody has to act now.
        value: of the measure; seconds, a rate or a number.
        threshold: that it is above.
        words: what is so and what to do, in a sentence or two.
    """

    name: str
    severity: Severity
    value: float
    threshold: float
    words: str


def alerts_of(health: Health, thresholds: Thresholds) -> tuple[Alert, ...]:
    """Give the alerts that hold, the severe ones first."""
    found = [
        _time(health, "replication_lag", names.PROBE_LAG, thresholds.lag_s, _LAG),
        _time(health, "anti_entropy", names.ANTI_ENTROPY, thresholds.anti_entropy_s, _ANTI_ENTROPY),
        _rate(health, "conflict_rate", DAY, thresholds.conflict_rate, _CONFLICTS),
        _rate(health, "stale_read_rate", DAY, thresholds.stale_read_rate, _STALE),
        _rate(health, "retry_rate", HOUR, thresholds.retry_rate, _RETRIES),
        _rate(health, "compensation_rate", DAY, thresholds.compensation_rate, _COMPENSATIONS),
        _pending_sagas(health, thresholds),
        _stuck_sagas(health, thresholds),
    ]
    holding = [alert for alert in found if alert is not None]
    return tuple(sorted(holding, key=lambda alert: alert.severity != "high"))


_LAG: Final = (
    "Changes take {value} to reach a connected device (p95 of {window}; more than {limit}). "
    "See whether the network or the server is slow, and whether devices were asleep."
)
_ANTI_ENTROPY: Final = (
    "A round with the server takes {value} (p95 of {window}; more than {limit}). "
    "Stay on a better network until the first sync is through, or see what the server is busy with."
)
_CONFLICTS: Final = (
    "{value} of the changes of {window} met another one ({counts}; more than {limit}), most in "
    "{top}. Settle them (cairn conflicts), and agree on who edits what."
)
# In sorts of conflicts (`store.measures.conflicts`), where it is no field.
_CONFLICTING: Final = {
    "passage": "the text",
    "lifecycle": "the state",
    "trash": "the trash",
    "field.due": "the due date",
    "field.pinned": "the pin",
    "field.parent": "the parent",
    "field.other": "other fields",
}
_STALE: Final = (
    "{value} of what was looked at in {window} had been changed elsewhere already ({counts}; more "
    "than {limit}). Keep the app open and online, so that changes come in before they are needed."
)
_RETRIES: Final = (
    "{value} of the rounds of {window} had to be tried again ({counts}; more than {limit}), most "
    "because of {top}. Check the network; if it is fine, whoever runs the server should look."
)
_COMPENSATIONS: Final = (
    "{value} of the bookings of {window} had to be taken back ({counts}; more than {limit}), most "
    "in {top}. See cairn notices, and lower how much may be promised offline."
)
_PENDING_SAGAS: Final = (
    "{pending} bookings are under way at once (more than {limit}). "
    "See cairn sagas, and whether the server gets through its work."
)
_STUCK_SAGAS: Final = (
    "{stuck} bookings have been under way for over {age} (more than {limit} of them is severe). "
    "Whoever runs the server should see cairn sagas now."
)


def _time(health: Health, alert: str, measure: str, threshold_s: float, words: str) -> Alert | None:
    reading = health.times[measure][HOUR.name]
    if reading.p95_ms is None or reading.count < DURATIONS_MIN:
        return None
    value_s = reading.p95_ms / 1000
    if value_s <= threshold_s:
        return None
    said = words.format(value=seconds(value_s), window=HOUR.words, limit=seconds(threshold_s))
    return Alert(alert, "warning", value_s, threshold_s, said)


def _rate(
    health: Health, measure: str, window: Window, threshold: float, words: str
) -> Alert | None:
    readings = health.rates.get(measure)
    if readings is None:  # of sagas, and there is no ledger
        return None
    reading = readings[window.name]
    value = reading.value
    if value is None or reading.whole < WHOLE_MIN or value <= threshold:
        return None
    said = words.format(
        value=percent(value),
        window=window.words,
        counts=f"{reading.part} of {reading.whole}",
        limit=percent(threshold),
        top=_conflict_words(reading) if measure == "conflict_rate" else _top(reading),
    )
    return Alert(measure, "warning", value, threshold, said)


def _pending_sagas(health: Health, thresholds: Thresholds) -> Alert | None:
    sagas, limit = health.now.sagas, thresholds.pending_sagas
    if sagas is None or sagas.pending <= limit:
        return None
    said = _PENDING_SAGAS.format(pending=sagas.pending, limit=f"{limit:g}")
    return Alert("pending_sagas", "warning", sagas.pending, limit, said)


def _stuck_sagas(health: Health, thresholds: Thresholds) -> Alert | None:
    sagas, limit = health.now.sagas, thresholds.stuck_sagas
    if sagas is None or sagas.stuck <= limit:
        return None
    said = _STUCK_SAGAS.format(
        stuck=sagas.stuck, age=seconds(thresholds.saga_stuck_s), limit=f"{limit:g}"
    )
    return Alert("stuck_sagas", "high", sagas.stuck, limit, said)


def seconds(value_s: float) -> str:
    """Write a duration for a person: `0.3 s`, `12 s`, `3 min`, `1.5 h`."""
    if value_s < 10:
        return f"{value_s:.1f} s"
    if value_s < 120:
        return f"{value_s:.0f} s"
    if value_s < 7_200:
        return f"{value_s / 60:.0f} min"
    return f"{value_s / 3_600:.1f} h"


def percent(rate: float) -> str:
    """Write a rate for a person: `0.05 %`, `3.3 %`, `40 %`."""
    value = rate * 100
    return f"{value:.2g} %" if value < 10 else f"{value:.0f} %"


def _conflict_words(reading: RateReading) -> str:
    """Say what most people wrote differently: `the title of tasks`, `the text of notes`."""
    kind, _, what = _top(reading).partition(".")
    if not what:
        return kind
    return f"{_CONFLICTING.get(what) or 'the ' + what.rpartition('.')[2]} of {kind}s"


def _top(reading: RateReading) -> str:
    """The label that most of it has."""
    return next(iter(reading.by), "") or "one thing"
