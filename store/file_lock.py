"""A lock on an open file that the operating system frees when its process ends, however it ends.

It belongs to the open file, not to the process: two openings of one file exclude each other inside
one process too. The file stays; only the lock on it means anything.
"""

import os
import sys
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def try_lock(file: int) -> bool:
        """Try to take the lock, without waiting; say whether it is held now."""
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError:  # somebody else holds it: the answer, not a fault
            return False
        return True

    def unlock(file: int) -> None:
        """Give the lock back."""
        os.lseek(file, 0, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def try_lock(file: int) -> bool:
        """Try to take the lock, without waiting; say whether it is held now."""
        # flock, not lockf: it belongs to the open file, so it also holds inside one process.
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def unlock(file: int) -> None:
        """Give the lock back."""
        fcntl.flock(file, fcntl.LOCK_UN)


def open_lock_file(path: Path) -> int:
    """Open a file to lock, and make it where it is not there; raises OSError."""
    return os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
