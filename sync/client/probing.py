"""Probing: every few minutes each connected device sees how long it takes to reach the others.

The lag is measured by those whom the probe reaches, like the lag of a change; how many it did not
reach in time is measured by its sender.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from random import Random
from typing import Final, Protocol

from store.domain.ids import SpaceId
from store.errors import StoreError
from sync.errors import SyncError

log = logging.getLogger("cairn.sync")

PROBE_EVERY_S: Final = 300.0
# Everybody's probe wakes everybody: in a large space each probes less often.
PROBE_DEVICE_S: Final = 30.0

Wait = Callable[[asyncio.Event, float], Awaitable[None]]


class Probing(Protocol):
    """Who sends probes: the engine."""

    async def probe(self, space: SpaceId, wait_s: Callable[[float], Awaitable[None]]) -> int:
        """Send one, wait, and count who has it; gives how many devices were connected."""
        ...


class Prober:
    """Probes the spaces that are connected; belongs to the scheduler's loop.

    Args:
        engine: sends the probes.
        rng: chance, so that devices do not probe in step.
        wait: waits for an event, at most so many seconds.
    """

    def __init__(self, engine: Probing, rng: Random, wait: Wait) -> None:
        self._engine = engine
        self._rng = rng
        self._wait = wait
        self._tasks: dict[SpaceId, asyncio.Task[None]] = {}

    def begin(self, space: SpaceId) -> None:
        """Probe a space from now on; once is enough to say."""
        if space not in self._tasks:
            self._tasks[space] = asyncio.create_task(self._probe(space))

    async def end(self, spaces: Iterable[SpaceId]) -> None:
        """Probe some spaces no more."""
        tasks = [self._tasks.pop(space) for space in tuple(spaces) if space in self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def spaces(self) -> frozenset[SpaceId]:
        """Those that are probed."""
        return frozenset(self._tasks)

    async def _probe(self, space: SpaceId) -> None:
        devices = 0
        while True:
            every_s = max(PROBE_EVERY_S, devices * PROBE_DEVICE_S)
            await self._pass_by(every_s * self._rng.uniform(0.75, 1.25))
            try:
                devices = await self._engine.probe(space, self._pass_by)
            except (SyncError, StoreError) as failure:
                # The rounds say what is wrong; an older server knows no probes.
                log.info("probe space=%s outcome=%s", space, failure.type)

    async def _pass_by(self, seconds: float) -> None:
        await self._wait(asyncio.Event(), seconds)
