"""Opens a home for the app, with its background work, and closes both in order."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from app.cli.opening import open_replica
from app.ui.background import RunningSync
from app.ui.core import AppCore


@asynccontextmanager
async def open_core(home: Path) -> AsyncIterator[AppCore]:
    """Open a home and begin to sync, until the block ends.

    Raises:
        StoreError: the home can't be used as it is.
    """
    with open_replica(home) as replica:
        core = AppCore(replica, RunningSync(replica))
        await core.start()
        try:
            yield core
        finally:
            await core.stop()
