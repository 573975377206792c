"""Each threshold's alert fires above it and clears at it, in words that say what to do."""

from dataclasses import dataclass, replace

import pytest

from store.domain.errors import InvalidValue
from store.domain.measures.alerts import DURATIONS_MIN, WHOLE_MIN, alerts_of
from store.domain.measures.health import Health, SagaStanding
from store.domain.measures.thresholds import Thresholds
from tests.measures.healths import health

SEED = Thresholds()


@dataclass(frozen=True)
class Case:
    """A measure just above its threshold, and one that isn't."""

    alert: str
    above: Health
    below: Health
    says: str
    severity: str = "warning"


def sagas(pending: int, stuck: int = 0) -> SagaStanding:
    return SagaStanding(pending, 10.0 if pending else None, stuck)


CASES = [
    Case(
        "replication_lag",
        health(durations_ms={"probe_lag": [5_600.0] * 20}),
        health(durations_ms={"probe_lag": [4_700.0] * 20}),
        "see whether the network",
    ),
    Case(
        "conflict_rate",
        health({"conflicts/task.field.title": 11, "changes": 1_000}),
        health({"conflicts/task.field.title": 10, "changes": 1_000}),
        "the title of tasks. Settle them (cairn conflicts)",
    ),
    Case(
        "compensation_rate",
        health({"compensations/booking": 2, "promises": 1_000}, sagas=sagas(0)),
        health({"compensations/booking": 1, "promises": 1_000}, sagas=sagas(0)),
        "cairn notices",
    ),
    Case(
        "stale_read_rate",
        health({"stale_reads": 51, "reads": 1_000}),
        health({"stale_reads": 50, "reads": 1_000}),
        "Keep the app open and online",
    ),
    Case(
        "anti_entropy",
        health(durations_ms={"anti_entropy": [67_000.0] * 20}),
        health(durations_ms={"anti_entropy": [55_000.0] * 20}),
        "first sync",
    ),
    Case("pending_sagas", health(sagas=sagas(101)), health(sagas=sagas(100)), "cairn sagas"),
    Case(
        "retry_rate",
        health({"retried/unreachable": 11, "operations": 100}),
        health({"retried/unreachable": 10, "operations": 100}),
        "because of unreachable. Check the network",
    ),
    Case(
        "stuck_sagas",
        health(sagas=sagas(50, stuck=11)),
        health(sagas=sagas(50, stuck=10)),
        "over 60 min",
        "high",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.alert)
def test_an_alert_fires_above_its_threshold_and_clears_at_it(case: Case) -> None:
    (alert,) = alerts_of(case.above, SEED)

    assert (alert.name, alert.severity) == (case.alert, case.severity)
    assert alert.value > alert.threshold
    assert case.says.lower() in alert.words.lower()
    assert alerts_of(case.below, SEED) == ()


def test_the_defaults_are_those_of_the_seed() -> None:
    assert (
        Thresholds(
            lag_s=5,
            conflict_rate=0.01,
            compensation_rate=0.001,
            stale_read_rate=0.05,
            anti_entropy_s=60,
            pending_sagas=100,
            retry_rate=0.1,
            saga_stuck_s=3_600,
            stuck_sagas=10,
            probe_timeout_s=30,
        )
        == SEED
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.alert)
def test_a_threshold_that_was_raised_holds(case: Case) -> None:
    (alert,) = alerts_of(case.above, SEED)
    name = {"replication_lag": "lag_s", "anti_entropy": "anti_entropy_s"}.get(
        alert.name, alert.name
    )

    assert alerts_of(case.above, SEED.changed({name: alert.value * 2})) == ()


def test_too_few_samples_say_nothing_yet() -> None:
    few = health(
        {"conflicts/task.field.title": 1, "changes": WHOLE_MIN - 1},
        {"probe_lag": [60_000.0] * (DURATIONS_MIN - 1)},
    )

    assert alerts_of(few, SEED) == ()


def test_without_a_ledger_nothing_is_said_of_sagas() -> None:
    none = health({"compensations/booking": 900, "promises": 1_000})

    assert "compensation_rate" not in none.rates
    assert alerts_of(none, SEED) == ()


def test_what_is_severe_comes_first() -> None:
    both = replace(health({"stale_reads": 90, "reads": 100}), now=health(sagas=sagas(50, 11)).now)

    assert [alert.name for alert in alerts_of(both, SEED)] == ["stuck_sagas", "stale_read_rate"]


@pytest.mark.parametrize("given", [{"lag": 3}, {"lag_s": -1}, {"lag_s": "3"}, {"lag_s": True}])
def test_what_is_no_threshold_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(InvalidValue):
        SEED.changed(given)
