"""What all tabs of one process share: the replica, its sync, the ears for other processes."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from app.ui.drafts import Drafts
from app.ui.nearby import Nearby
from store.errors import StoreError
from store.replica import Replica
from sync.client.timetable import SchedulerState

POLL_EVERY_S: Final = 0.5

log = logging.getLogger(__name__)


class BackgroundSync(Protocol):
    """What the app needs of the background sync; see `app.ui.background`."""

    async def start(self) -> None:
        """Begin."""

    async def stop(self) -> None:
        """End."""

    def state(self) -> SchedulerState:
        """What it is doing; idle where another process does it."""

    def retry_in_s(self) -> int | None:
        """Seconds until the next try after a failure, if one is planned."""

    def retry_now(self) -> None:
        """Try all spaces at once; a person asked."""

    def save_power(self, *, saving: bool) -> None:
        """Be sparing while the device saves its battery."""


class AppCore:
    """One open home with its background work. Plain Python: tabs come and go, this stays.

    Attributes:
        nearby: shares the home with devices nearby while its switch is on.
        leaving: what every open tab does before it or the app is left.
        invitation: a link that the app was started with, for the first tab that opens.
    """

    def __init__(
        self, replica: Replica, sync: BackgroundSync, *, poll_every_s: float = POLL_EVERY_S
    ) -> None:
        """Tie together an open replica and its sync; `start` begins the work."""
        self.replica = replica
        self.sync = sync
        self.drafts = Drafts(replica)
        self.nearby = Nearby(replica)
        self.leaving: set[Callable[[], Awaitable[None]]] = set()
        self.invitation = ""
        self._poll_every_s = poll_every_s
        self._polling: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Save what a crash left as drafts, then sync and listen."""
        await asyncio.to_thread(self.drafts.flush)
        await self.sync.start()
        await self.nearby.start()
        self._polling = asyncio.create_task(self._poll())

    async def stop(self) -> None:
        """Save what was typed and is no change yet, and stop; the replica stays open."""
        if self._polling is not None:
            self._polling.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._polling
        await self.nearby.stop()
        await self.keep_typed()
        await self.sync.stop()

    async def keep_typed(self) -> None:
        """Make changes of all that was typed, in whatever tab."""
        for leave in tuple(self.leaving):
            await leave()
        await asyncio.to_thread(self.drafts.flush)

    async def _poll(self) -> None:
        """Hear of what other processes write into the same home."""
        while True:
            try:
                await asyncio.to_thread(self.replica.poll)
            except StoreError as error:  # busy, or the disk: it is asked again in a moment
                log.warning("poll outcome=%s", error.type)
            await asyncio.sleep(self._poll_every_s)
