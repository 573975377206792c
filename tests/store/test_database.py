"""Writing and reading an open database, by many at once, and what it tells of itself."""

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.database import Database
from store.database.connection import READERS_IDLE_MAX
from store.database.journal import Journal, wanted_mode
from store.database.meta import read_meta, write_meta
from store.errors import HomeBusy, HomeClosed, HomeReadOnly, StorageFull, StoreError
from tests.store.building import keep, kept

SHORT_MS = 50


@pytest.fixture
def db(path: Path) -> Iterator[Database]:
    opened = Database(path, busy_timeout_ms=SHORT_MS)
    yield opened
    opened.close()


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


# -- what fails ------------------------------------------------------------------------------------


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


def test_a_mistake_of_ours_stays_what_it_is(db: Database) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table"), db.read() as conn:
        conn.execute("SELECT * FROM no_such_table")
    with pytest.raises(sqlite3.IntegrityError), db.write() as conn:
        conn.execute("INSERT INTO meta (key) VALUES ('without value')")


# -- journal, checks, copies -----------------------------------------------------------------------


def test_the_doctor_can_read_which_journal_is_in_use(db: Database) -> None:
    journal = db.journal()

    assert journal.is_safe
    assert journal.mode == wanted_mode(journal.sqlite).lower()
    assert journal.mode in journal.detail
    assert "close every Cairn" in Journal("wal", (3, 40, 1)).detail


def test_a_sound_file_has_no_integrity_problems(db: Database) -> None:
    assert db.integrity_problems() == []


def test_a_copy_holds_what_was_committed_when_it_was_made(db: Database, tmp_path: Path) -> None:
    keep(db, "rope")

    db.copy_to(tmp_path / "copy.db")
    keep(db, "later")

    copy = Database(tmp_path / "copy.db")
    assert kept(copy) == "rope"
    copy.close()
