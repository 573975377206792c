"""Whose turn it is to get at a database file, among threads and processes.

SQLite gives a lock to whoever happens to ask when it is free, and who waits asks at most ten times
a second: a process that writes in a loop kept others out for the ten seconds after which they give
up (measured: reads and writes). So whoever writes takes the turn first, and gives it back once the
transaction has begun. Who waits for the file holds the turn meanwhile, and the one who has just
written queues behind.

The turn is a lock on a file beside the database, which the system frees when its process ends.
"""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from store.errors import HomeBusy
from store.file_lock import open_lock_file, try_lock, unlock

SUFFIX: Final = ".turn"
_POLL_S: Final = 0.001
_POLL_S_MAX: Final = 0.008


class Turns:
    """The turns at one database file. Thread-safe."""

    def __init__(self, database: Path) -> None:
        """Name the database; the file of turns is made when one is first taken."""
        self._database = database
        self._here = threading.Lock()  # of this process's threads one asks the others at a time
        self._file: int | None = None
        self._is_closed = False

    @contextmanager
    def taken(self, timeout_s: float) -> Iterator[None]:
        """Have the turn during the block.

        Raises:
            HomeBusy: others had it all the time.
        """
        until = time.monotonic() + timeout_s
        if not self._here.acquire(timeout=timeout_s):
            raise HomeBusy(self._database)
        try:
            file = self._opened()
            if file is None or not self._has_waited(file, until):
                yield
                return
            try:
                yield
            finally:
                unlock(file)
        finally:
            self._here.release()

    def close(self) -> None:
        """Close the file of turns; nobody of this process has the turn, or takes it later."""
        with self._here:
            self._is_closed = True
            if self._file is not None:
                os.close(self._file)
                self._file = None

    def _opened(self) -> int | None:
        """Give the open file of turns; None where there can't be one."""
        if self._file is None and not self._is_closed:
            try:
                self._file = open_lock_file(self._database.with_name(self._database.name + SUFFIX))
            except OSError:
                # Where nobody may write, nobody's writing keeps others out. What else is wrong with
                # the folder SQLite says, with the write that this turn is for.
                return None
        return self._file

    def _has_waited(self, file: int, until: float) -> bool:
        """Wait for the lock, and hold it then; False where the file system knows no such locks."""
        pause_s = _POLL_S
        while True:
            try:
                if try_lock(file):
                    return True
            except OSError:  # some network drives: SQLite says whether it can work there
                return False
            if time.monotonic() >= until:
                raise HomeBusy(self._database)
            time.sleep(pause_s)
            pause_s = min(pause_s * 2, _POLL_S_MAX)
