"""Saves a home whose database file SQLite no longer takes, or takes with damaged pages.

    home/cairn.db              damaged
    home/cairn.damaged-1.db    a copy of it, byte for byte; kept
    home/repaired/cairn.db     made of what can be read, repaired, then moved to its place

At no moment is there a home that looks empty: the repaired file replaces the damaged one in one
step. Just before, the damaged one is marked, so that a process which still has it open is told at
its next write instead of writing where nobody will look.
"""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, Final

from store.clocks import system_now_ms
from store.database.connection import BUSY_TIMEOUT_MS, Database
from store.database.failures import folder_failure
from store.doctor.examination import Check, counted
from store.doctor.pages import HEADER_BYTES, PAGE_BYTES_MIN
from store.doctor.repair import repair
from store.doctor.salvage import Salvaged, salvage
from store.errors import HomeBusy, HomeCorrupt, HomeError

DATABASE: Final = "cairn.db"
FOLDER: Final = "repaired"
MARK: Final = b"Cairn put a repaired file in the place of this one.".ljust(HEADER_BYTES, b"\0")
_BESIDE: Final = ("", "-journal", "-wal")  # what belongs to a database file


class NothingToSave(HomeError):
    """Nothing of a damaged file can be read. It is left as it is."""

    type = "nothing-to-save"
    title = "Nothing can be saved"

    def __init__(self, path: Path) -> None:
        """Name the file."""
        super().__init__(
            f"Nothing in {path} can be read; restore a backup, or move the file away and join "
            "your spaces again.",
            path=path,
        )


def repair_home(
    home: Path,
    *,
    now_ms: Callable[[], int] = system_now_ms,
    entropy: Callable[[int], bytes] = os.urandom,
) -> tuple[Check, ...]:
    """Make a home usable again that can't be opened or has damaged pages; call it before opening.

    Args:
        home: its folder; nobody in this process may have it open.
        now_ms: Unix milliseconds.
        entropy: so many random bytes.

    Returns:
        What was done; nothing if the file was sound, or is not there.

    Raises:
        NothingToSave: no change and no space can be read; the file is left alone.
        HomeBusy, HomeReadOnly, SchemaTooNew, StorageFull, StorageFailed: nothing was changed.
    """
    path = home / DATABASE
    try:
        if not path.exists():
            return ()
        if _is_marked(path):  # a repair was cut off in its last step
            _put_in_place(home)
            return (Check("home", True, "The repair that was cut off is finished."),)
        try:
            return _index_checks(path)
        except HomeCorrupt:
            return (_replace(home, now_ms, entropy),)
    except OSError as failure:
        raise folder_failure(path, failure) from failure


def _index_checks(path: Path) -> tuple[Check, ...]:
    """Make indexes anew if that is all that is wrong.

    Raises:
        HomeCorrupt: there is more, or the file can't be opened at all.
    """
    if 0 < path.stat().st_size < PAGE_BYTES_MIN:
        raise HomeCorrupt(path, "is cut off")  # SQLite would begin anew on it
    with closing(Database(path)) as db:
        if not db.integrity_problems():
            return ()
        with db.write() as conn:
            conn.execute("REINDEX")
        if db.integrity_problems():
            raise HomeCorrupt(path, "is damaged")
    return (Check("home", True, "The indexes of the database were damaged and are made anew."),)


def _replace(home: Path, now_ms: Callable[[], int], entropy: Callable[[int], bytes]) -> Check:
    path, folder = home / DATABASE, home / FOLDER
    with _locked(path) as damaged:
        # Left by a repair that was cut off before the damaged file was marked.
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        kept = _kept_aside(path, damaged)
        scratch = _copied(kept, folder / "scratch.db")
        with closing(Database(folder / DATABASE)) as db, db.write() as conn:
            found = salvage(scratch, conn, now_ms=now_ms(), entropy=entropy)
        _remove(scratch)
        if found.is_nothing:
            shutil.rmtree(folder)
            _remove(kept)
            raise NothingToSave(path)
        saved = _repaired(folder, now_ms, entropy)
        _mark(damaged)
    _put_in_place(home)
    return _told(found, saved, kept)


def _repaired(folder: Path, now_ms: Callable[[], int], entropy: Callable[[int], bytes]) -> int:
    """Repair what was salvaged; gives how many changes there are now."""
    # Imported here: the front door of the store calls this package.
    from store.replica import Replica

    with Replica.open(folder, clock_ms=now_ms, entropy=entropy) as replica:
        repair(replica)
        with replica.db.read() as conn:
            (count,) = conn.execute(
                "SELECT (SELECT count(*) FROM log) + (SELECT count(*) FROM waiting)"
            ).fetchone()
    return int(count)


def _told(found: Salvaged, saved: int, kept: Path) -> Check:
    promised = max(found.promised, saved)
    return Check(
        "home",
        True,
        f"The database was damaged: {saved:,} of {counted(promised, 'change')} saved; "
        f"the damaged file is kept as {kept.name}.",
    )


@contextmanager
def _locked(path: Path) -> Iterator[IO[bytes]]:
    """Keep other processes from writing as far as the file allows that; gives its bytes.

    The file is opened before it is locked and closed after: a process loses its locks on a file
    with the first handle that it closes.

    Raises:
        HomeBusy: somebody reads or writes right now.
    """
    with path.open("r+b") as damaged:
        connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_MS / 1000, isolation_level=None)
        try:
            # A write-ahead log is taken in and gone first: nothing is left for later.
            connection.execute("PRAGMA journal_mode=DELETE")
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
                connection.close()
                raise HomeBusy(path) from error
            # Too damaged to be locked, and so for anybody to write to.
        try:
            yield damaged
        finally:
            connection.close()


def _kept_aside(path: Path, damaged: IO[bytes]) -> Path:
    """Copy the damaged file, and what belongs to it, under a name that is free."""
    number = 1
    while (kept := path.with_name(f"{path.stem}.damaged-{number}{path.suffix}")).exists():
        number += 1
    damaged.seek(0)
    with kept.open("xb") as copy:
        shutil.copyfileobj(damaged, copy)
        copy.flush()
        os.fsync(copy.fileno())
    for ending in _BESIDE[1:]:
        beside = path.with_name(path.name + ending)
        if beside.exists() and beside.stat().st_size:
            shutil.copyfile(beside, kept.with_name(kept.name + ending))
    return kept


def _copied(database: Path, to: Path) -> Path:
    for ending in _BESIDE:
        beside = database.with_name(database.name + ending)
        if beside.exists():
            shutil.copyfile(beside, to.with_name(to.name + ending))
    return to


def _mark(damaged: IO[bytes]) -> None:
    damaged.seek(0)
    damaged.write(MARK)
    damaged.flush()
    os.fsync(damaged.fileno())


def _put_in_place(home: Path) -> None:
    """Let the repaired file take the place of the damaged one."""
    path = home / DATABASE
    for ending in (*_BESIDE[1:], "-shm"):  # of the damaged file: never to be applied to the new one
        path.with_name(path.name + ending).unlink(missing_ok=True)
    (home / FOLDER / DATABASE).replace(path)
    shutil.rmtree(home / FOLDER)
    _sync_folder(home)


def _is_marked(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(MARK)) == MARK and (path.parent / FOLDER / DATABASE).exists()


def _remove(database: Path) -> None:
    for ending in (*_BESIDE, "-shm"):
        database.with_name(database.name + ending).unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Make the new name durable, where a folder can be synced."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
