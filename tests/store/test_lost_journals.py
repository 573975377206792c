"""A journal that was deleted beside a database, or left there by another state of it.

Cloud folders and people who tidy up do that. What was told to be saved is in the database or it is
told that something is wrong; a home that quietly shows less or something else is what may not be.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from store import doctor
from store.commands.patches import NewTask
from store.database import connection
from store.errors import HomeCorrupt
from store.replica import Replica
from tests.store.damage import behind, database, furnished, items, logged, opened


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return furnished(tmp_path / "home")


def copied(folder: Path, home: Path, *names: str) -> Path:
    """Copy some files of a home while it is in use."""
    copy = folder / "copy"
    copy.mkdir()
    for name in names:
        shutil.copy(home / name, copy / name)
    return copy


@contextmanager
def written_ahead(home: Path) -> Iterator[Replica]:
    """Keep a home in WAL mode, as a Cairn does whose SQLite loses no commit there."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(connection, "wanted_mode", lambda _version: "WAL")
        with opened(home) as replica:
            yield replica


def test_a_lost_write_ahead_log_leaves_the_home_as_it_was_before_and_sound(
    home: Path, tmp_path: Path
) -> None:
    """Like a backup put back; a server tells that by the chain (see `test_copied_homes`)."""
    before = items(home)
    with written_ahead(home) as replica:
        replica.add_task(NewTask("After"))
        assert database(home).with_name("cairn.db-wal").stat().st_size > 0
        copy = copied(tmp_path, home, "cairn.db")  # and not the log beside it

    assert items(copy) == before
    with opened(copy) as replica:
        assert doctor.examine(replica).ok
        replica.add_task(NewTask("Goes on"))


def test_a_write_ahead_log_that_was_kept_has_all_though_its_index_is_of_another_home(
    home: Path, tmp_path: Path
) -> None:
    """The `-shm` beside it is only an index, which SQLite makes anew where it doesn't fit."""
    stranger = furnished(tmp_path / "stranger")
    with written_ahead(stranger) as other, written_ahead(home) as replica:
        other.add_task(NewTask("Elsewhere"))
        added = replica.add_task(NewTask("After"))
        copy = copied(tmp_path, home, "cairn.db", "cairn.db-wal")
        shutil.copy(stranger / "cairn.db-shm", copy / "cairn.db-shm")

    assert items(copy)[added].title == "After"
    with opened(copy) as replica:
        assert doctor.examine(replica).ok


@contextmanager
def half_written(home: Path) -> Iterator[None]:
    """Stop a transaction when a part of its pages is in the database, and the rest is not."""
    with behind(home) as conn:
        conn.execute("PRAGMA journal_mode=TRUNCATE")
        conn.execute("PRAGMA cache_size=1")
        conn.execute("PRAGMA cache_spill=1")
        conn.execute("BEGIN IMMEDIATE")
        conn.execute("UPDATE log SET chain = zeroblob(32), at_ms = at_ms + 1")
        conn.execute("UPDATE item SET title = title || ' and more'")
        assert database(home).with_name("cairn.db-journal").stat().st_size > 0
        yield
        conn.execute("ROLLBACK")


def test_a_journal_that_is_there_takes_half_a_transaction_back(home: Path, tmp_path: Path) -> None:
    before, changes = items(home), logged(home)
    with half_written(home):
        copy = copied(tmp_path, home, "cairn.db", "cairn.db-journal")

    assert (items(copy), logged(copy)) == (before, changes)
    with opened(copy) as replica:
        assert doctor.examine(replica).ok


def test_a_journal_that_was_lost_is_noticed_and_what_is_left_can_be_saved(
    home: Path, tmp_path: Path
) -> None:
    changes = logged(home)
    with half_written(home):
        copy = copied(tmp_path, home, "cairn.db")
    assert database(copy).read_bytes() != database(home).read_bytes()

    assert _is_noticed(copy)

    doctor.repair_home(copy)
    with opened(copy) as replica:
        found = doctor.repair(replica)
        assert found.ok, found
        assert doctor.examine(replica).ok
    assert logged(copy) >= changes  # a log's rows are whole wherever they stand


def _is_noticed(home: Path) -> bool:
    """Whether the doctor, or opening, says that something is wrong."""
    try:
        with opened(home) as replica:
            return not doctor.examine(replica).ok
    except HomeCorrupt:
        return True
