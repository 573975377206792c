"""The background sync of the app: the engine, its schedule, and what a person is told of them."""

import asyncio
import math
import time
from typing import Final

from store.change_set import ChangeSet
from store.replica import Replica
from sync.client.engine import Engine
from sync.client.scheduler import Scheduler
from sync.client.timetable import SchedulerState
from sync.peer.neighbourhood import keep_looking
from sync.transport.http import HttpTransport

_SYNC_MOVED: Final = ChangeSet(topics=frozenset({"sync"}), initiator="sync")


class RunningSync:
    """Syncs a home while the app is open. Belongs to the loop that `start` was called on."""

    def __init__(self, replica: Replica) -> None:
        """Prepare for a replica; nothing runs yet."""
        self._engine = Engine(replica, HttpTransport)
        self._scheduler = Scheduler(
            replica, self._engine, on_transition=lambda _: replica.announce(_SYNC_MOVED)
        )
        self._replica = replica
        self._running: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin; where another process syncs this home, wait for its turn to come."""
        works = (self._scheduler.run(), keep_looking(self._replica))
        self._running = [asyncio.create_task(work) for work in works]

    async def stop(self) -> None:
        """End, at once: a round that is broken off is done again next time."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        await self._engine.aclose()

    def state(self) -> SchedulerState:
        """What is being done."""
        return self._scheduler.state

    def retry_in_s(self) -> int | None:
        """Seconds until the next try of what failed, if one is planned."""
        until = self._scheduler.state.until
        if until is None or math.isinf(until):
            return None
        return max(0, math.ceil(until - time.monotonic()))

    def retry_now(self) -> None:
        """Try all spaces at once; a person asked."""
        self._scheduler.retry_now()

    def save_power(self, *, saving: bool) -> None:
        """Be sparing while the device saves its battery."""
        self._scheduler.save_power(saving=saving)
