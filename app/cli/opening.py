"""Opens the home that a command or the app works on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from store.domain.errors import Refused
from store.replica import Replica

if TYPE_CHECKING:
    from pathlib import Path


def open_replica(home: Path) -> Replica:
    """Open a home, making it if it isn't there.

    Raises:
        Refused: there is a file where the folder should be.
        StoreError: it can't be used as it is.
    """
    if home.exists() and not home.is_dir():
        raise Refused(f"{home} is a file; name a folder with --home.")
    return Replica.open(home)
