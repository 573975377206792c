"""Opening a database file: made, brought up to date, or left alone with a reason."""

import errno
import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from store.database import CLIENT, SERVER, Database, Role
from store.database.failures import explained, folder_failure
from store.database.journal import Journal, loses_commits, wanted_mode
from store.database.meta import write_meta
from store.database.migrations import apply, dump
from store.errors import (
    HomeBusy,
    HomeCorrupt,
    HomeReadOnly,
    SchemaTooNew,
    StorageFailed,
    StorageFull,
    StoreError,
)
from tests.store.building import keep, kept

# -- made, or brought up to date -------------------------------------------------------------------


def test_opening_makes_the_folder_for_its_owner_only(path: Path) -> None:
    Database(path).close()

    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_what_was_written_is_there_after_opening_again(path: Path) -> None:
    first = Database(path)
    keep(first, "rope")
    first.close()

    again = Database(path)
    assert kept(again) == "rope"
    again.close()


@pytest.mark.parametrize("role", [CLIENT, SERVER], ids=["device", "server"])
def test_a_new_file_is_what_the_migration_steps_make(role: Role, path: Path) -> None:
    made = Database(path, role)
    stepped = sqlite3.connect(":memory:", isolation_level=None)
    apply(stepped, role)
    tables = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name"
    steps = "SELECT migration_set, name FROM _sqlite_migrations ORDER BY id"

    with made.read() as conn:
        # If this fails, write the files anew: python -m store.database.migrations
        assert conn.execute(tables).fetchall() == stepped.execute(tables).fetchall()
        assert conn.execute(steps).fetchall() == stepped.execute(steps).fetchall()
        assert conn.execute("PRAGMA user_version").fetchone() == (len(role.steps),)
    assert role.fresh_sql.read_text(encoding="utf-8") == dump(role)
    made.close()
    stepped.close()


def test_an_older_file_gets_the_steps_that_it_lacks_and_keeps_its_rows(path: Path) -> None:
    earlier = Role(CLIENT.name, CLIENT.what, CLIENT.application_id, CLIENT.steps[:1])
    path.parent.mkdir()
    conn = sqlite3.connect(path, isolation_level=None)
    apply(conn, earlier)
    conn.execute(f"PRAGMA application_id={CLIENT.application_id}")
    conn.execute("PRAGMA user_version=1")
    conn.execute("INSERT INTO meta VALUES ('kept', 'rope')")
    conn.close()

    db = Database(path)
    assert kept(db) == "rope"
    with db.read() as reading:
        assert reading.execute("SELECT count(*) FROM item").fetchone() == (0,)
        assert reading.execute("PRAGMA user_version").fetchone() == (CLIENT.schema,)
    db.close()


def test_an_up_to_date_file_opens_without_the_migration_library(path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from store.database import Database;"
        "[Database(Path(sys.argv[1])).close() for _ in range(2)];"
        "assert 'sqlite_utils' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program, str(path)], check=True)


def test_a_file_of_a_newer_cairn_is_not_touched(path: Path) -> None:
    Database(path).close()
    conn = sqlite3.connect(path)
    conn.execute("PRAGMA user_version=99")
    conn.close()
    before = path.read_bytes()

    with pytest.raises(SchemaTooNew, match=r"newer Cairn \(schema 99.*update Cairn"):
        Database(path)
    assert path.read_bytes() == before


def test_a_server_is_not_started_on_somebody_s_home(path: Path) -> None:
    Database(path, CLIENT).close()

    with pytest.raises(HomeCorrupt):
        Database(path, SERVER)


@pytest.mark.parametrize(
    "content", [b"not a database " * 100, b"\0" * 4096, b"SQLite format 3\0" + b"\1" * 4000]
)
def test_a_file_that_is_no_database_is_left_alone_and_named(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)

    with pytest.raises(HomeCorrupt, match=r"cairn\.db is .*cairn doctor --repair"):
        Database(path)
    assert path.read_bytes() == content


def test_a_database_of_another_program_is_left_alone(path: Path) -> None:
    path.parent.mkdir()
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE photos (id)")
    other.commit()
    other.close()

    with pytest.raises(HomeCorrupt, match="is not a database of Cairn"):
        Database(path)


def test_a_damaged_page_is_reported_and_not_answered_with_nothing(path: Path) -> None:
    db = Database(path)
    with db.write() as conn:
        for number in range(6000):
            write_meta(conn, f"key {number}", "value" * 20)
    db.close()
    damaged = bytearray(path.read_bytes())
    pages = len(damaged) // 4096
    for page in range(pages // 2, pages):  # the tables' definitions stand before
        damaged[page * 4096 : page * 4096 + 100] = b"\xff" * 100
    path.write_bytes(damaged)

    again = Database(path)
    with pytest.raises(HomeCorrupt, match="is damaged"), again.read() as conn:
        conn.execute("SELECT sum(length(value)) FROM meta").fetchall()
    again.close()


def test_two_processes_may_make_the_same_home_at_once(path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from store.database import Database;"
        "Database(Path(sys.argv[1])).close()"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", program, str(path)], stderr=subprocess.PIPE)
        for _ in range(4)
    ]

    assert [(one.communicate()[1], one.returncode) for one in running] == [(b"", 0)] * 4


# -- the journal that loses no commit --------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "loses"),
    [
        ((3, 40, 1), True),
        ((3, 44, 5), True),
        ((3, 44, 6), False),
        ((3, 45, 0), True),
        ((3, 50, 6), True),
        ((3, 50, 7), False),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((3, 52, 0), False),
    ],
)
def test_a_write_ahead_log_is_used_only_where_it_loses_no_commit(
    version: tuple[int, int, int], loses: bool
) -> None:
    assert loses_commits(version) is loses
    assert wanted_mode(version) == ("TRUNCATE" if loses else "WAL")
    assert Journal("wal", version).is_safe is not loses
    assert Journal("truncate", version).is_safe


def test_a_file_left_in_wal_mode_is_brought_to_the_safe_mode(path: Path) -> None:
    Database(path).close()
    other = sqlite3.connect(path)
    other.execute("PRAGMA journal_mode=WAL")
    other.close()

    db = Database(path)
    assert db.journal().is_safe
    keep(db, "rope")
    db.close()


# -- the world says no -----------------------------------------------------------------------------


def test_a_home_below_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(HomeReadOnly, match="check the permissions"):
        Database(tmp_path / "file" / "cairn.db")


def test_a_folder_in_place_of_the_file_is_named(path: Path) -> None:
    path.mkdir(parents=True)

    with pytest.raises(HomeReadOnly):
        Database(path)


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        (sqlite3.SQLITE_BUSY, HomeBusy),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, HomeBusy),
        (sqlite3.SQLITE_FULL, StorageFull),
        (sqlite3.SQLITE_IOERR_FSYNC, StorageFailed),
        (sqlite3.SQLITE_CORRUPT_VTAB, HomeCorrupt),
        (sqlite3.SQLITE_NOTADB, HomeCorrupt),
        (sqlite3.SQLITE_TOOBIG, HomeCorrupt),
        (sqlite3.SQLITE_READONLY_DBMOVED, HomeReadOnly),
        (sqlite3.SQLITE_CANTOPEN, HomeReadOnly),
    ],
)
def test_every_failure_of_the_world_has_a_sentence(
    path: Path, code: int, meaning: type[StoreError]
) -> None:
    failure = sqlite3.OperationalError("in SQLite's words")
    failure.sqlite_errorcode = code
    failure.sqlite_errorname = "SQLITE_IOERR_FSYNC"

    with pytest.raises(meaning) as raised, explained(path):
        raise failure

    said = str(raised.value)
    assert said.endswith(".")
    assert "\n" not in said
    assert raised.value.detail == said
    assert raised.value.type
    assert raised.value.title


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        (errno.ENOSPC, StorageFull),
        (errno.EDQUOT, StorageFull),
        (errno.EIO, StorageFailed),
        (errno.EROFS, HomeReadOnly),
        (errno.EACCES, HomeReadOnly),
    ],
)
def test_every_failure_to_make_the_folder_has_a_sentence(
    path: Path, code: int, meaning: type[StoreError]
) -> None:
    said = folder_failure(path, OSError(code, os.strerror(code)))

    assert type(said) is meaning
    assert str(path) in str(said)
