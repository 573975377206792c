"""Turns what SQLite and the file system report into the sentences of `store.errors`.

Only failures of the world are translated. A broken constraint or a wrong statement is a mistake of
ours and stays a `sqlite3` error, so that it is never shown as a damaged home.
"""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from store.errors import (
    HomeBusy,
    HomeCorrupt,
    HomeReadOnly,
    StorageFailed,
    StorageFull,
    StoreError,
)

_NOT_A_DATABASE: Final = "is not a database of Cairn"
_DAMAGED: Final = "is damaged"
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
# What SQLite says of a damaged header with the code of a wrong statement.
_NO_CODE_OF_THEIR_OWN: Final = frozenset({"unsupported file format"})
_PRIMARY_CODE: Final = 0xFF  # the low byte of an extended result code


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Raise a StoreError that says what to do in place of an error of SQLite or the file system.

    Args:
        path: the database file, to be named in the message.

    Raises:
        HomeBusy, HomeCorrupt, HomeReadOnly, StorageFull, StorageFailed: as the failure says.
    """
    try:
        yield
    except sqlite3.Error as failure:
        meant = _meaning(path, failure)
        if meant is None:
            raise
        raise meant from failure


def folder_failure(path: Path, failure: OSError) -> StoreError:
    """Say what an error means that making or opening the home's folder gave."""
    if failure.errno in _FULL:
        return StorageFull(path)
    if failure.errno == errno.EIO:
        return StorageFailed(path, failure.strerror or "input/output error")
    return HomeReadOnly(path)


def not_ours(path: Path) -> HomeCorrupt:
    """Say that the file is a database of another program."""
    return HomeCorrupt(path, _NOT_A_DATABASE)


def _meaning(path: Path, failure: sqlite3.Error) -> StoreError | None:
    code = getattr(failure, "sqlite_errorcode", 0) & _PRIMARY_CODE
    match code:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED | sqlite3.SQLITE_PROTOCOL:
            return HomeBusy(path)
        case sqlite3.SQLITE_FULL:
            return StorageFull(path)
        # Nothing that is written comes near the second one's bound; a damaged page says such sizes.
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_TOOBIG:
            return HomeCorrupt(path, _DAMAGED)
        case sqlite3.SQLITE_NOTADB:
            return HomeCorrupt(path, _NOT_A_DATABASE)
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return HomeReadOnly(path)
        case sqlite3.SQLITE_IOERR:
            return StorageFailed(path, failure.sqlite_errorname)
        case sqlite3.SQLITE_ERROR if str(failure) in _NO_CODE_OF_THEIR_OWN:
            return HomeCorrupt(path, _DAMAGED)
    return None
