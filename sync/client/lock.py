"""One sync engine per home, by a lock on a file (DECISIONS D14).

The operating system frees the lock when its process ends, however it ends, so there is nothing to
clean up after a crash. The file stays; only the lock on it means anything. A second lock inside one
process is refused too: the app and a thread of its own must not sync at once either.
"""

import os
from pathlib import Path
from types import TracebackType
from typing import Final

from store.file_lock import open_lock_file, try_lock, unlock

LOCK_FILE: Final = "sync.lock"


class EngineLock:
    """The right to sync a home. Take it with `acquire`; a `with` block gives it back.

    Args:
        home: the replica's folder, which exists.
    """

    def __init__(self, home: Path) -> None:
        self._path = home / LOCK_FILE
        self._file: int | None = None

    @property
    def is_held(self) -> bool:
        """Whether this object holds the lock."""
        return self._file is not None

    def acquire(self) -> bool:
        """Try to take the lock, without waiting; say whether it is held now."""
        if self._file is not None:
            return True
        file = open_lock_file(self._path)
        if not try_lock(file):
            os.close(file)
            return False
        self._file = file
        return True

    def release(self) -> None:
        """Give the lock back; harmless when it isn't held."""
        if self._file is not None:
            file, self._file = self._file, None
            unlock(file)
            os.close(file)

    def __enter__(self) -> "EngineLock":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()
