"""Reading rows out of the pages of a SQLite file, beside SQLite."""

import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.doctor.pages import Pages


@pytest.fixture
def table(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    conn = sqlite3.connect(tmp_path / "pages.db", isolation_level=None)
    conn.execute("CREATE TABLE t (a, b, c)")
    yield conn
    conn.close()


@pytest.mark.parametrize("size", [512, 4096, 65536])
def test_rows_of_every_type_and_length_are_read_as_sqlite_reads_them(
    size: int, tmp_path: Path
) -> None:
    path = tmp_path / "pages.db"
    conn = sqlite3.connect(path, isolation_level=None)
    conn.execute(f"PRAGMA page_size={size}")
    conn.execute("CREATE TABLE t (a, b, c)")
    rng = random.Random(size)
    numbers = [0, 1, -1, 127, -128, 40_000, 1 << 23, -(1 << 31), 1 << 40, -(1 << 63), (1 << 63) - 1]
    rows: list[tuple[object, ...]] = [(n, n * 0.5, None) for n in numbers]
    rows += [("ä🧭" * length, rng.randbytes(length), length) for length in range(0, 9000, 371)]
    conn.executemany("INSERT INTO t VALUES (?, ?, ?)", rows)
    stored = conn.execute("SELECT rowid, a, b, c FROM t").fetchall()
    conn.close()

    found = [
        (row, *values) for row, values in Pages(path.read_bytes()).records() if len(values) == 3
    ]

    assert sorted(found, key=lambda one: one[0]) == stored


def test_rows_that_were_deleted_stay_so(table: sqlite3.Connection, tmp_path: Path) -> None:
    table.executemany("INSERT INTO t VALUES (?, ?, ?)", [("x" * 900, n, None) for n in range(300)])
    table.execute("DELETE FROM t WHERE b >= 10")

    records = Pages((tmp_path / "pages.db").read_bytes()).records()

    assert {values[1] for _, values in records if len(values) == 3} == set(range(10))
