"""What a chart of a measure shows: stretch by stretch, with gaps where nothing was sampled."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.domain.measures import names
from store.domain.measures.course import rate_course, runs, time_course
from store.domain.measures.windows import DAY, HOUR, HOUR_MS, MINUTE_MS, MONTH, Window
from store.measures.recording import record
from store.measures.samples import Samples
from store.replica import Replica
from tests.measures.healths import sums
from tests.support.people import Clock, entropy_of

NOW_MS = 1_790_000_000_000 - 1_790_000_000_000 % HOUR_MS + 30_000


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[Replica]:
    clock = Clock(NOW_MS)
    with Replica.open(tmp_path, clock_ms=clock, entropy=entropy_of(1)) as opened:
        yield opened


def sampled(replica: Replica, at_ms: int, lag_ms: float = 0, **counts: int) -> None:
    """Sample a lag and counts at some time."""
    samples = Samples()
    if lag_ms:
        samples.took(names.REPLICATION_LAG, lag_ms)
    for name, count in counts.items():
        samples.count(name, by=count)
    with replica.db.write() as conn:
        record(conn, samples, at_ms)


def pairs(replica: Replica, window: Window) -> list[tuple[int, object]]:
    return [(each.start_ms, each.sums) for each in replica.measure_course(window)]


def test_a_replica_gives_the_course_of_a_window_minute_by_minute(replica: Replica) -> None:
    sampled(replica, NOW_MS - 59 * MINUTE_MS, lag_ms=1_000)
    sampled(replica, NOW_MS - 2 * MINUTE_MS, lag_ms=2_000)
    sampled(replica, NOW_MS - 2 * MINUTE_MS, lag_ms=2_000)
    sampled(replica, NOW_MS, lag_ms=4_000)

    course = replica.measure_course(HOUR)

    assert [each.start_ms for each in course] == sorted(each.start_ms for each in course)
    found = time_course(
        [(each.start_ms, each.sums) for each in course], HOUR, NOW_MS, names.REPLICATION_LAG
    )
    assert [(point.step, point.reading.count) for point in found] == [(0, 1), (57, 2), (59, 1)]
    assert [point.reading.p95_ms for point in found] == [
        pytest.approx(value, rel=0.05) for value in (1_000, 2_000, 4_000)
    ]


def test_what_began_before_the_window_is_not_in_its_course(replica: Replica) -> None:
    sampled(replica, NOW_MS - 60 * MINUTE_MS, lag_ms=1_000)
    sampled(replica, NOW_MS, lag_ms=1_000)

    assert len(replica.measure_course(HOUR)) == 1
    assert len(replica.measure_course(DAY)) == 2
    assert len(replica.measure_course(MONTH)) == 1


def test_a_stretch_without_the_measure_is_a_gap_and_ends_a_line() -> None:
    stretches = [
        (NOW_MS - NOW_MS % MINUTE_MS - back * MINUTE_MS, sums({}, {"replication_lag": lags}))
        for back, lags in ((9, [5.0]), (8, [5.0]), (7, []), (6, [5.0]))
    ]

    points = time_course(stretches, HOUR, NOW_MS, names.REPLICATION_LAG)

    assert [point.step for point in points] == [50, 51, 53]
    assert [[point.step for point in run] for run in runs(points)] == [[50, 51], [53]]


def test_a_rate_of_nothing_is_no_point() -> None:
    start_ms = NOW_MS - NOW_MS % MINUTE_MS
    stretches = [
        (start_ms - MINUTE_MS, sums({"retried": 0, "operations": 0})),
        (start_ms, sums({"retried/unreachable": 1, "operations": 4})),
    ]

    (point,) = rate_course(stretches, HOUR, NOW_MS, "retry_rate")

    assert (point.step, point.reading.value) == (59, 0.25)
    assert point.reading.by == {"unreachable": 1}


def test_no_points_make_no_runs() -> None:
    assert runs(time_course([], HOUR, NOW_MS, names.PROBE_LAG)) == []
