"""Who waits for the database gets at it next, however often others write (DECISIONS D14).

SQLite itself gives its locks to whoever asks when they happen to be free. `test_two_writers` shows
the same with real processes.
"""

import errno
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from store.database.connection import Database
from store.database.meta import write_meta
from store.database.turns import SUFFIX, Turns
from store.errors import HomeBusy
from store.file_lock import open_lock_file, try_lock, unlock
from tests.store.building import keep, kept

SHORT_MS = 50


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database that exists."""
    made = tmp_path / "home" / "cairn.db"
    Database(made).close()
    return made


@contextmanager
def database(path: Path, *, busy_timeout_ms: int = 60_000) -> Iterator[Database]:
    with closing(Database(path, busy_timeout_ms=busy_timeout_ms)) as opened:
        yield opened


@contextmanager
def held_by_another(path: Path) -> Iterator[sqlite3.Connection]:
    """Nobody else can read or write, where the journal is a rollback journal."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield other


def has_the_turn(path: Path, thread: threading.Thread) -> bool:
    """Wait until somebody has the turn; tell whether that came about before the thread ended."""
    file = open_lock_file(path.with_name(path.name + SUFFIX))
    try:
        while try_lock(file):
            unlock(file)
            if not thread.is_alive():
                return False
    finally:
        os.close(file)
    return True


def waits_with_the_turn(path: Path, wait: Callable[[], object]) -> bool:
    """Tell whether who finds the file held by another has the turn until that one is done."""
    with held_by_another(path) as other:
        thread = threading.Thread(target=wait)
        thread.start()
        has_it = has_the_turn(path, thread)
        other.execute("ROLLBACK")
        thread.join()
    return has_it


def test_who_waits_to_write_has_the_turn_meanwhile(path: Path) -> None:
    with database(path) as db:
        assert waits_with_the_turn(path, lambda: keep(db, "rope"))
        assert kept(db) == "rope"


def test_who_is_kept_out_from_reading_has_the_turn_meanwhile(path: Path) -> None:
    with database(path) as db:
        keep(db, "rope")
        seen: list[str | None] = []
        has_it = waits_with_the_turn(path, lambda: seen.append(kept(db)))
        # A write-ahead log keeps nobody out.
        assert has_it is (db.journal().mode != "wal")
        assert seen == ["rope"]


def test_who_asks_whether_others_wrote_has_the_turn_meanwhile(path: Path) -> None:
    with database(path) as db:
        before = db.data_version()
        seen: list[tuple[int, int]] = []
        has_it = waits_with_the_turn(path, lambda: seen.append(db.data_version()))
        assert has_it is (db.journal().mode != "wal")
        assert seen == [before]


def test_who_has_just_written_waits_for_whoever_has_the_turn(path: Path) -> None:
    """The database itself is free all the time: so a loop of writes would go on for ever."""
    waiting = Turns(path)
    with database(path, busy_timeout_ms=SHORT_MS) as db:
        keep(db, "once")
        with waiting.taken(0), pytest.raises(HomeBusy):
            keep(db, "twice")
        assert kept(db) == "once"
        keep(db, "thrice")
        assert kept(db) == "thrice"
    waiting.close()


def test_a_thread_that_waits_has_the_turn_too(path: Path) -> None:
    with database(path) as db:
        with db.write() as conn:
            thread = threading.Thread(target=keep, args=(db, "by another thread"))
            thread.start()
            assert has_the_turn(path, thread)
            write_meta(conn, "kept", "first")
        thread.join()
        assert kept(db) == "by another thread"


def test_a_turn_that_nobody_gives_back_ends_in_a_busy_home(path: Path) -> None:
    first, second = Turns(path), Turns(path)
    with first.taken(0), pytest.raises(HomeBusy), second.taken(0):
        raise AssertionError("it was taken")
    with second.taken(0):
        pass
    first.close()
    second.close()


def test_where_the_file_system_knows_no_such_locks_all_goes_without_turns(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As some network drives: whether the database can work there is SQLite's to say."""

    def refuse(_: int) -> bool:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr("store.database.turns.try_lock", refuse)
    with database(path, busy_timeout_ms=SHORT_MS) as db:
        keep(db, "rope")
        assert kept(db) == "rope"
        with held_by_another(path), pytest.raises(HomeBusy):
            keep(db, "cord")
        assert kept(db) == "rope"
