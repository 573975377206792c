"""Secrets that a server keeps beside its database: whole or not at all, for its owner only."""

import os
from pathlib import Path


def write_private(path: Path, content: bytes) -> None:
    """Write a file so that nobody else can read it, and so that it is there after a power cut.

    Raises:
        OSError: it can't be written; what was there before is there still.
    """
    part = path.with_name(path.name + ".part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    if os.name != "nt":  # no folder can be opened there
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
