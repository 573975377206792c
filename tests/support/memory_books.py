"""A server's database in memory, for tests that need thousands of them: fast, and cut off anywhere.

It keeps to what a `Database` promises: a write is whole or not at all, a read sees no half of one.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager


class CutOff(Exception):
    """The process ended here: before its commit, or before it could say so."""


class MemoryDb:
    """One database; the process that uses it can be cut off at a write.

    Attributes:
        is_watched: writes count now; the others are somebody else's, and never cut off.
        commits: writes that counted and were committed.
    """

    def __init__(self, conn: sqlite3.Connection) -> None:
        self.conn = conn
        self.is_watched = False
        self.commits = 0
        self._cut_in: int | None = None
        self._is_after = False

    def cut_off(self, writes: int, *, is_after: bool) -> None:
        """End the process at the write after so many: before its commit, or right after."""
        self._cut_in, self._is_after = writes, is_after

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        is_last = self.is_watched and self._cut_in == 0
        if self.is_watched and self._cut_in is not None:
            self._cut_in = self._cut_in - 1 if self._cut_in else None
        self.conn.execute("BEGIN IMMEDIATE")
        try:
            yield self.conn
            if is_last and not self._is_after:
                raise CutOff  # noqa: TRY301 -- as from inside the block
        except BaseException:
            self.conn.execute("ROLLBACK")
            raise
        self.conn.execute("COMMIT")
        self.commits += self.is_watched
        if is_last:
            raise CutOff

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Count the writes of the block."""
        self.is_watched = True
        try:
            yield
        finally:
            self.is_watched = False

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        yield self.conn
