"""Samples are summed by minute, hour and day in a table that stays small for ever."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.database.connection import Database
from store.domain.measures import names
from store.domain.measures.names import LABELS_MAX, OTHER, SampleKey
from store.domain.measures.sketch import BUCKETS_MAX, Sketch
from store.domain.measures.windows import DAY_MS, HOUR_MS, KEPT, MINUTE_MS, WINDOWS
from store.measures.reading import read_stretches, read_windows
from store.measures.recording import record
from store.measures.samples import Samples

NOON_MS = 20_718 * DAY_MS + 12 * HOUR_MS
DISK_BYTES_MAX = 20_000_000


@pytest.fixture
def conn(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A home's database, in a transaction."""
    db = Database(tmp_path / "cairn.db")
    with db.write() as conn:
        yield conn
    db.close()


def changes(count: int) -> Samples:
    samples = Samples()
    samples.count(names.CHANGES, "own", count)
    return samples


def lag(*values_ms: float) -> Samples:
    samples = Samples()
    for value in values_ms:
        samples.took(names.REPLICATION_LAG, value)
    return samples


def total(conn: sqlite3.Connection, window: str, now_ms: int) -> int:
    return read_windows(conn, now_ms)[window].total(names.CHANGES)


def test_a_window_holds_what_was_sampled_in_it_and_forgets_it_after(
    conn: sqlite3.Connection,
) -> None:
    record(conn, changes(7), NOON_MS)

    for window, length_ms in (("1h", HOUR_MS), ("24h", DAY_MS), ("30d", 30 * DAY_MS)):
        step = next(one.step_ms for one in WINDOWS if one.name == window)
        assert total(conn, window, NOON_MS + length_ms - step) == 7
        assert total(conn, window, NOON_MS + length_ms + step) == 0


def test_samples_of_one_stretch_add_up(conn: sqlite3.Connection) -> None:
    record(conn, changes(2), NOON_MS)
    record(conn, changes(3), NOON_MS + MINUTE_MS - 1)
    record(conn, changes(4), NOON_MS + MINUTE_MS)

    assert total(conn, "1h", NOON_MS + MINUTE_MS) == 9
    assert conn.execute(
        "SELECT count FROM measure WHERE step_ms = ? ORDER BY start_ms", (MINUTE_MS,)
    ).fetchall() == [(5,), (4,)]


def test_durations_of_many_stretches_make_one_quantile(conn: sqlite3.Connection) -> None:
    for minute in range(50):
        record(conn, lag(100.0, 100.0), NOON_MS + minute * MINUTE_MS)
    record(conn, lag(9_000.0), NOON_MS + 50 * MINUTE_MS)

    found = read_windows(conn, NOON_MS + 50 * MINUTE_MS)["1h"].sketch(names.REPLICATION_LAG)

    assert found.count == 101
    assert found.quantile(0.5) == pytest.approx(100.0, rel=0.05)
    assert found.quantile(1.0) == pytest.approx(9_000.0, rel=0.05)


def test_a_chart_gets_the_stretches_one_by_one(conn: sqlite3.Connection) -> None:
    record(conn, changes(2), NOON_MS)
    record(conn, changes(3), NOON_MS + 2 * HOUR_MS)

    day = next(window for window in WINDOWS if window.name == "24h")
    course = read_stretches(conn, day, NOON_MS + 3 * HOUR_MS)

    assert [(each.start_ms, each.sums.total(names.CHANGES)) for each in course] == [
        (NOON_MS, 2),
        (NOON_MS + 2 * HOUR_MS, 3),
    ]


def test_what_is_older_than_is_kept_goes(conn: sqlite3.Connection) -> None:
    record(conn, changes(1), NOON_MS)
    record(conn, changes(1), NOON_MS + KEPT[DAY_MS] * DAY_MS)

    assert conn.execute("SELECT count(*) FROM measure").fetchone() == (len(KEPT),)


def test_a_clock_that_was_years_ahead_leaves_nothing_behind(conn: sqlite3.Connection) -> None:
    record(conn, changes(1), NOON_MS + 3_650 * DAY_MS)
    record(conn, changes(2), NOON_MS)

    assert total(conn, "30d", NOON_MS) == 2
    assert conn.execute("SELECT max(start_ms) FROM measure").fetchone() == (NOON_MS,)


def test_too_many_labels_of_a_day_become_other(conn: sqlite3.Connection) -> None:
    for number in range(100):
        samples = Samples()
        samples.count(names.RETRIES, f"reason-{number}")
        record(conn, samples, NOON_MS)

    found = read_windows(conn, NOON_MS)["24h"].by_label(names.RETRIES)

    assert len(found) == LABELS_MAX
    assert found[OTHER] == 100 - (LABELS_MAX - 1)


@pytest.mark.parametrize("label", ["Wax the boots", "a" * 33, "naïve", "x\ny"])
def test_what_a_person_might_have_written_is_no_label(label: str) -> None:
    samples = Samples()
    samples.count(names.RETRIES, label)

    assert samples.counts == {SampleKey(names.RETRIES, OTHER): 1}


def test_a_year_takes_no_more_than_20_megabytes(conn: sqlite3.Connection) -> None:
    """By arithmetic: every row that can be kept, as large as it can be, in pages two thirds full.

    The size of such rows is measured in a real table, with one day of the worst kind.
    """
    fullest = Sketch(dict.fromkeys(range(BUCKETS_MAX), 99999))
    conn.executemany(
        "INSERT INTO measure VALUES (?, ?, ?, ?, ?, ?)",
        [(DAY_MS, NOON_MS, name, "", 1, fullest.encode()) for name in sorted(names.DURATIONS)]
        + [
            (DAY_MS, NOON_MS, name, f"{label:032}", 1 << 40, None)
            for name in sorted(names.COUNTS)
            for label in range(LABELS_MAX if name in LABELLED else 1)
        ],
    )
    (stretch_bytes,) = conn.execute(
        "SELECT sum(length(name) + length(label) + coalesce(length(sketch), 0) + 40) FROM measure"
    ).fetchone()

    stretches = sum(KEPT.values())

    assert stretches * stretch_bytes * 3 / 2 < DISK_BYTES_MAX


LABELLED = {
    names.CHANGES,
    names.CONFLICTS,
    names.RETRIED,
    names.RETRIES,
    names.SAGAS_STARTED,
    names.SAGAS_COMPLETED,
    names.PROMISES,
    names.COMPENSATIONS,
}
