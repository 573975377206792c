"""`cairn sync --watch`: syncs whenever something changes, until it is told to stop."""

from __future__ import annotations

import asyncio
import signal
import time
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from store.rows import Status
from sync.client.engine import Engine
from sync.client.results import SyncResult
from sync.client.scheduler import Scheduler
from sync.client.timetable import Phase, SchedulerState
from sync.peer.neighbourhood import keep_looking
from sync.transport.http import HttpTransport

if TYPE_CHECKING:
    from collections.abc import Callable

    from store.domain.ids import SpaceId
    from store.replica import Replica

_WORDS: Final = {
    Phase.IDLE: "All quiet",
    Phase.OFFLINE: "Offline",
    Phase.BACKING_OFF: "The server is busy",
    Phase.ATTENTION: "Something needs you (cairn status)",
}


class _CountingEngine(Engine):
    """An engine that adds up what its rounds moved."""

    def __init__(self, replica: Replica, *, timeout_s: float) -> None:
        super().__init__(replica, HttpTransport, timeout_s=timeout_s)
        self.total = _nothing(replica.status())

    async def sync_peer(self, peer_id: str) -> SyncResult:
        result = await super().sync_peer(peer_id)
        self.total = _sum(self.total, result)
        return result

    async def sync_until_quiet(
        self, space: SpaceId | None = None, *, timeout_s: float = 10.0
    ) -> SyncResult:
        result = await super().sync_until_quiet(space, timeout_s=timeout_s)
        self.total = _sum(self.total, result)
        return result


def sync_on(replica: Replica, *, timeout_s: float, tell: Callable[[str], None]) -> SyncResult:
    """Sync all spaces until Ctrl+C or SIGTERM; gives the sums of all rounds.

    Args:
        replica: the home.
        timeout_s: when to give up one answer of a server; it is asked again later.
        tell: called with a line whenever the state is another one.
    """
    began = time.monotonic()

    async def watch() -> SyncResult:
        engine = _CountingEngine(replica, timeout_s=timeout_s)
        task = asyncio.current_task()
        assert task is not None, "run by asyncio.run"
        with suppress(NotImplementedError):  # Windows: there Ctrl+C alone cancels the task
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        said = _Said(tell)
        looking = asyncio.create_task(keep_looking(replica))
        try:
            await Scheduler(replica, engine, on_transition=lambda s: said(s, engine.total)).run()
        except asyncio.CancelledError:
            pass  # stopped, as it was asked to
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)
            await engine.aclose()
        return engine.total

    total = asyncio.run(watch())
    now = replica.status()
    return replace(
        total,
        state=now.state,
        parked=now.parked,
        conflicts=now.conflicts,
        duration_ms=round((time.monotonic() - began) * 1000),
    )


class _Said:
    """Tells a person of each state once, with what was moved since the last line."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._line = ""
        self._pushed = 0
        self._pulled = 0

    def __call__(self, state: SchedulerState, total: SyncResult) -> None:
        if state.phase is Phase.SYNCING:
            return
        pushed, pulled = total.pushed - self._pushed, total.pulled - self._pulled
        self._pushed, self._pulled = total.pushed, total.pulled
        moved = f": sent {pushed}, received {pulled}" if pushed or pulled else ""
        line = _WORDS[state.phase] + moved
        if line != self._line or moved:
            self._line = line
            self._tell(line)


def _nothing(now: Status) -> SyncResult:
    return SyncResult(
        state=now.state,
        pushed=0,
        pulled=0,
        parked=now.parked,
        conflicts=now.conflicts,
        rounds=0,
        bytes_sent=0,
        bytes_received=0,
        duration_ms=0,
    )


def _sum(one: SyncResult, other: SyncResult) -> SyncResult:
    return replace(
        other,
        pushed=one.pushed + other.pushed,
        pulled=one.pulled + other.pulled,
        rounds=one.rounds + other.rounds,
        bytes_sent=one.bytes_sent + other.bytes_sent,
        bytes_received=one.bytes_received + other.bytes_received,
    )
