"""Copies a home, and a server's data beside it, while they are in use; a copy is examined first.

SQLite's own backup gives one moment of each database. What was copied is opened and looked at as
`cairn doctor` does, in a folder beside the target; only a sound copy gets the target's name. So
there is a whole backup, or none.
"""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from store.database.connection import Database
from store.database.roles import CLIENT, SERVER, Role
from store.database.turns import SUFFIX
from store.doctor.documents_check import DocumentFindings
from store.doctor.examination import Check
from store.doctor.examine import look_at, look_at_logs
from store.domain.errors import Refused
from store.errors import HomeCorrupt

HOME_DATABASE: Final = "cairn.db"
SERVER_DATABASE: Final = "server.db"
SERVER_FOLDER: Final = "server"  # in the backup, as in a home
KEPT_FILES: Final = ("tls.pem", "ledger.key")  # whoever knows a server by them must meet them again
_PART: Final = ".part"


@dataclass(frozen=True, slots=True)
class BackedUp:
    """A file of a backup.

    Attributes:
        file: its path in the backup.
        bytes: its size.
        checks: what was looked at; empty for what is no database.
    """

    file: str
    bytes: int
    checks: tuple[Check, ...] = ()


def back_up(home: Path, server: Path, target: Path) -> list[BackedUp]:
    """Copy what is there of a home and of a server's data into a new folder.

    Args:
        home: the replica's folder; may be without a database, on a computer that only serves.
        server: the server's folder; may not be there.
        target: the folder to make; an empty one may be there.

    Raises:
        Refused: nothing to back up, or the target has something in it.
        HomeCorrupt: the copy is not sound, as the original isn't then; nothing was kept.
        StoreError, OSError: it can't be read or written; nothing was kept.
    """
    sources = [
        (home, HOME_DATABASE, CLIENT, Path()),
        (server, SERVER_DATABASE, SERVER, Path(SERVER_FOLDER)),
    ]
    found = [each for each in sources if (each[0] / each[1]).exists()]
    if not found:
        raise Refused(f"There is nothing to back up: neither a home nor server data in {home}.")
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise Refused(f"{target} has something in it; name a folder that is new or empty.")
    part = target.with_name(target.name + _PART)
    shutil.rmtree(part, ignore_errors=True)  # of a backup that was cut off
    try:
        kept: list[BackedUp] = []
        for folder, database, role, below in found:
            into = part / below
            into.mkdir(mode=0o700, parents=True)
            kept += _copied(folder, database, role, into, below)
        if target.exists():
            target.rmdir()
        part.rename(target)
        _sync(target.parent)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return kept


def _copied(folder: Path, database: str, role: Role, into: Path, below: Path) -> Iterator[BackedUp]:
    copy = into / database
    original = Database(folder / database, role)
    try:
        original.copy_to(copy)
    finally:
        original.close()
    checks = _examined(copy, role)
    _sync(copy)
    yield BackedUp(str(below / database), copy.stat().st_size, checks)
    for name in KEPT_FILES:
        if (folder / name).exists():
            shutil.copy2(folder / name, into / name)
            _sync(into / name)
            yield BackedUp(str(below / name), (into / name).stat().st_size)


def _examined(copy: Path, role: Role) -> tuple[Check, ...]:
    db = Database(copy, role)
    try:
        found = look_at(db, DocumentFindings()) if role is CLIENT else look_at_logs(db)
    finally:
        db.close()
    for left in ("-journal", SUFFIX):  # empty, of our looking; a copy is one file
        Path(f"{copy}{left}").unlink(missing_ok=True)
    bad = [check.detail for check in found.checks if not check.ok]
    if bad:
        raise HomeCorrupt(copy, f"is a copy that is not sound ({bad[0]}), and was not kept")
    return found.checks


def _sync(path: Path) -> None:
    if os.name == "nt" and path.is_dir():  # no folder can be opened there
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
