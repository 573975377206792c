"""Opening, writing and reading a database file, and what happens when the world says no."""

import errno
import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.database import CLIENT, SERVER, Database, Role
from store.database.connection import READERS_IDLE_MAX
from store.database.failures import explained, folder_failure
from store.database.journal import Journal, loses_commits, wanted_mode
from store.database.meta import read_meta, write_meta
from store.database.migrations import apply, dump
from store.errors import (
    HomeBusy,
    HomeClosed,
    HomeCorrupt,
    HomeReadOnly,
    SchemaTooNew,
    StorageFailed,
    StorageFull,
    StoreError,
)

SHORT_MS = 50


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "cairn.db"


@pytest.fixture
def db(path: Path) -> Iterator[Database]:
    opened = Database(path, busy_timeout_ms=SHORT_MS)
    yield opened
    opened.close()


def keep(db: Database, value: str) -> None:
    with db.write() as conn:
        write_meta(conn, "kept", value)


def kept(db: Database) -> str | None:
    with db.read() as conn:
        return read_meta(conn, "kept")


# -- opening ---------------------------------------------------------------------------------------


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


# -- writing and reading ---------------------------------------------------------------------------


def test_a_transaction_that_fails_leaves_nothing(db: Database) -> None:
    def write_and_fail() -> None:
        with db.write() as conn:
            write_meta(conn, "kept", "half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()

    assert kept(db) is None
    keep(db, "whole")
    assert kept(db) == "whole"


def test_a_read_sees_one_moment_of_the_file(path: Path) -> None:
    db = Database(path)
    keep(db, "before")
    writer = threading.Thread(target=keep, args=(db, "after"))
    with db.read() as conn:
        assert read_meta(conn, "kept") == "before"
        writer.start()  # commits beside us with WAL, and after us without
        assert read_meta(conn, "kept") == "before"
    writer.join()

    assert kept(db) == "after"
    db.close()


def test_a_read_inside_a_write_sees_what_was_just_written(db: Database) -> None:
    with db.write() as conn:
        write_meta(conn, "kept", "new")
        assert kept(db) == "new"


def test_reads_can_be_nested(db: Database) -> None:
    keep(db, "rope")
    with db.read() as outer, db.read() as inner:
        assert outer is inner
    assert kept(db) == "rope"


def test_a_reading_connection_can_not_write(db: Database) -> None:
    with pytest.raises(HomeReadOnly), db.read() as conn:
        write_meta(conn, "kept", "no")


def test_a_thread_that_would_wait_for_itself_is_told_so(db: Database) -> None:
    with db.write(), pytest.raises(RuntimeError, match="wait for itself"):
        keep(db, "never")
    with db.read(), pytest.raises(RuntimeError, match="wait for itself"):
        keep(db, "never")


def test_threads_write_one_after_the_other(path: Path) -> None:
    db = Database(path)

    def count_up() -> None:
        for _ in range(25):
            with db.write() as conn:
                write_meta(conn, "n", str(int(read_meta(conn, "n") or 0) + 1))

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with db.read() as conn:
        assert read_meta(conn, "n") == "100"
    db.close()


def test_many_threads_may_read_at_once_and_few_connections_stay_open(db: Database) -> None:
    keep(db, "rope")
    all_reading = threading.Barrier(READERS_IDLE_MAX + 4)
    seen: list[str | None] = []

    def read() -> None:
        with db.read() as conn:
            all_reading.wait(timeout=10)
            seen.append(read_meta(conn, "kept"))

    threads = [threading.Thread(target=read) for _ in range(READERS_IDLE_MAX + 4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert seen == ["rope"] * (READERS_IDLE_MAX + 4)
    assert len(db._idle) == READERS_IDLE_MAX


def test_another_process_that_keeps_the_lock_ends_in_a_busy_home(db: Database, path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(HomeBusy, match="try again in a moment"):
        keep(db, "never")

    other.execute("ROLLBACK")
    other.close()
    keep(db, "now")
    assert kept(db) == "now"


def test_another_thread_that_keeps_the_lock_ends_in_a_busy_home(db: Database) -> None:
    failures: list[StoreError] = []

    def try_to_write() -> None:
        try:
            keep(db, "never")
        except HomeBusy as busy:
            failures.append(busy)

    with db.write():
        thread = threading.Thread(target=try_to_write)
        thread.start()
        thread.join()

    assert len(failures) == 1


def test_only_commits_of_others_move_the_data_version(db: Database, path: Path) -> None:
    before = db.data_version()
    keep(db, "own")
    assert db.data_version() == before

    other = Database(path)
    keep(other, "theirs")
    other.close()

    assert db.data_version() != before
    with db.write():
        assert db.data_version() == db.data_version()


def test_a_closed_home_says_that_it_is_closed(db: Database) -> None:
    db.close()
    db.close()

    with pytest.raises(HomeClosed):
        keep(db, "never")
    with pytest.raises(HomeClosed):
        kept(db)
    with pytest.raises(HomeClosed):
        db.data_version()


def test_closing_while_another_thread_reads_closes_its_connection_after_it(db: Database) -> None:
    reading, closed = threading.Event(), threading.Event()

    def read() -> None:
        with db.read() as conn:
            read_meta(conn, "kept")
            reading.set()
            closed.wait(timeout=10)

    thread = threading.Thread(target=read)
    thread.start()
    reading.wait(timeout=10)
    db.close()
    closed.set()
    thread.join()

    assert db._idle == []


def test_every_commit_is_synced_to_the_disk(db: Database) -> None:
    with db.write() as conn:
        assert conn.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
        assert conn.execute("PRAGMA foreign_keys").fetchone() == (1,)


# -- the disk says no ------------------------------------------------------------------------------


def test_a_full_disk_leaves_what_was_there_and_can_be_written_again_later(db: Database) -> None:
    keep(db, "before")
    with db.write() as conn:
        (pages,) = conn.execute("PRAGMA page_count").fetchone()
        conn.execute(f"PRAGMA max_page_count={pages}")  # SQLite's own way to a full disk

    with pytest.raises(StorageFull, match=r"No space left .* free some space and try again"):
        keep(db, "x" * 100_000)

    assert kept(db) == "before"
    keep(db, "y" * 100_000)  # a new connection has no such bound
    assert kept(db) == "y" * 100_000


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


def test_a_mistake_of_ours_stays_what_it_is(db: Database) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table"), db.read() as conn:
        conn.execute("SELECT * FROM no_such_table")
    with pytest.raises(sqlite3.IntegrityError), db.write() as conn:
        conn.execute("INSERT INTO meta (key) VALUES ('without value')")


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


# -- journal, checks, copies -----------------------------------------------------------------------


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


def test_the_doctor_can_read_which_journal_is_in_use(db: Database) -> None:
    journal = db.journal()

    assert journal.is_safe
    assert journal.mode == wanted_mode(journal.sqlite).lower()
    assert journal.mode in journal.detail
    assert "close every Cairn" in Journal("wal", (3, 40, 1)).detail


def test_a_file_left_in_wal_mode_is_brought_to_the_safe_mode(path: Path) -> None:
    Database(path).close()
    other = sqlite3.connect(path)
    other.execute("PRAGMA journal_mode=WAL")
    other.close()

    db = Database(path)
    assert db.journal().is_safe
    keep(db, "rope")
    db.close()


def test_a_sound_file_has_no_integrity_problems(db: Database) -> None:
    assert db.integrity_problems() == []


def test_a_copy_holds_what_was_committed_when_it_was_made(db: Database, tmp_path: Path) -> None:
    keep(db, "rope")

    db.copy_to(tmp_path / "copy.db")
    keep(db, "later")

    copy = Database(tmp_path / "copy.db")
    assert kept(copy) == "rope"
    copy.close()
