"""A disk under a database that fails at a chosen statement, and a process that dies at one.

It stands where Python's `sqlite3` stands: every statement of every connection goes through it, so
`BEGIN`, `COMMIT` and reads can fail as well as writes. SQLite itself, and what it does to the
file, is real; kill -9 and power loss of real processes are tested in `tests/crash`.
"""

import sqlite3
import weakref
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any


class Killed(BaseException):
    """The process is dead: nothing of it may run on."""


class Failure(StrEnum):
    """How a statement goes wrong."""

    FULL = "full"
    IO = "io"
    IO_AT_COMMIT = "io-at-commit"  # nothing of it is durable
    IO_AFTER_COMMIT = "io-after-commit"  # durable, but nobody was told
    KILL = "kill"
    KILL_AFTER = "kill-after"  # the statement was done, nothing after it


_CODES = {
    Failure.FULL: (sqlite3.SQLITE_FULL, "SQLITE_FULL", "database or disk is full"),
    Failure.IO: (sqlite3.SQLITE_IOERR, "SQLITE_IOERR_WRITE", "disk I/O error"),
    Failure.IO_AT_COMMIT: (sqlite3.SQLITE_IOERR, "SQLITE_IOERR_WRITE", "disk I/O error"),
    Failure.IO_AFTER_COMMIT: (sqlite3.SQLITE_IOERR, "SQLITE_IOERR_FSYNC", "disk I/O error"),
}
_WRITES = ("INSERT", "UPDATE", "DELETE", "COMMIT", "REPLACE")


@dataclass
class Disk:
    """The storage of one process.

    Attributes:
        is_dead: the process was killed.
        statements: how many went through.
        fired: failures that came to pass.
    """

    is_dead: bool = False
    statements: int = 0
    fired: list[str] = field(default_factory=list)
    _at: int | None = None
    _times: int = 0
    _failure: Failure = Failure.IO
    _connections: "weakref.WeakSet[sqlite3.Connection]" = field(default_factory=weakref.WeakSet)

    def fail(self, failure: Failure, *, after: int, times: int = 1) -> None:
        """Let statements fail, the first of them after so many that go well."""
        self._at, self._failure, self._times = self.statements + after, failure, times

    def mend(self) -> None:
        """Let all statements go well again."""
        self._at = None

    def crash(self) -> None:
        """End the process: its connections are gone, what they had not committed too."""
        self.is_dead = True
        for connection in list(self._connections):
            connection.close()

    def connection_class(self) -> type[sqlite3.Connection]:
        """The class of this process's connections."""
        disk = self

        class Connection(sqlite3.Connection):
            def __init__(self, *args: Any, **named: Any) -> None:
                super().__init__(*args, **named)
                disk._connections.add(self)

            @property
            def in_transaction(self) -> bool:
                if disk.is_dead:
                    raise Killed
                return super().in_transaction

            def execute(self, sql: str, *args: Any) -> sqlite3.Cursor:
                return disk._carry_out(sql, lambda: super(Connection, self).execute(sql, *args))

            def executemany(self, sql: str, *args: Any) -> sqlite3.Cursor:
                return disk._carry_out(sql, lambda: super(Connection, self).executemany(sql, *args))

        return Connection

    def _carry_out(self, sql: str, do: Any) -> sqlite3.Cursor:
        if self.is_dead:
            raise Killed
        self.statements += 1
        failure = self._due(sql)
        if failure is None:
            done: sqlite3.Cursor = do()
            return done
        self.fired.append(f"{failure} {sql.split(maxsplit=1)[0]}")
        if failure in (Failure.IO_AFTER_COMMIT, Failure.KILL_AFTER):
            do()
        if failure in (Failure.KILL, Failure.KILL_AFTER):
            self.is_dead = True
            raise Killed
        code, name, words = _CODES[failure]
        error = sqlite3.OperationalError(words)
        error.sqlite_errorcode, error.sqlite_errorname = code, name
        raise error

    def _due(self, sql: str) -> Failure | None:
        """The failure of this statement, if it is its turn."""
        if self._at is None or self.statements < self._at:
            return None
        word = sql.split(maxsplit=1)[0].upper()
        if self._failure == Failure.FULL and word not in _WRITES:
            return None  # reading takes no space
        if self._failure in (Failure.IO_AT_COMMIT, Failure.IO_AFTER_COMMIT) and word != "COMMIT":
            return None
        self._times -= 1
        if self._times <= 0:
            self._at = None
        return self._failure


class PlainRead:
    """A connection of the test's own to a database, past the disk that may fail."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)

    def __enter__(self) -> sqlite3.Connection:
        return self._connection

    def __exit__(self, *_: object) -> None:
        self._connection.close()
