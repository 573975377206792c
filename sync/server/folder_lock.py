"""One server per data folder: long polls are woken, and the setup code is kept, in one process.

The operating system frees the lock when its process ends, however it ends. The file stays; only the
lock on it means anything.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from store.file_lock import open_lock_file, try_lock
from sync.server.listening import CannotServe

LOCK_FILE: Final = "server.lock"


@contextmanager
def only_server_of(data: Path) -> Iterator[None]:
    """Hold the folder's lock; make the folder where it is not there.

    Raises:
        CannotServe: another server holds it, or the folder can't be written.
    """
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = open_lock_file(data / LOCK_FILE)
    except OSError as failure:
        raise CannotServe(
            "data",
            "The data folder can't be written",
            f"{data} can't be written ({failure.strerror}); check its permissions, or choose "
            "another with --data.",
        ) from failure
    try:
        if not try_lock(handle):
            raise CannotServe(
                "data-in-use",
                "The data folder is in use",
                f"Another server uses {data}; stop it, or choose another folder with --data.",
            )
        yield
    finally:
        os.close(handle)
