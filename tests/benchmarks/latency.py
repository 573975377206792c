"""How soon an edit on one device is seen on another: two apps’ sync and a server on loopback."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Final

from store.change_set import ChangeSet
from store.commands.patches import NewTask, Patch
from store.domain.ids import DocId, SpaceId
from store.replica import Replica
from sync.client.engine import Engine
from sync.client.membership import Membership
from sync.client.scheduler import Scheduler
from sync.transport.http import HttpTransport
from tests.benchmarks.measuring import Figure, percentile
from tests.support.server import RunningServer, running_server

EDITS: Final = 200
PAUSE_S: Final = 0.25  # between two edits, so that each has its own round
SEEN_S_MAX: Final = 30.0


def figures(folder: Path) -> list[Figure]:
    """Edit on one device, and wait each time until the other one's rows have it."""
    folder.mkdir(parents=True, exist_ok=True)
    with running_server(folder) as server:
        seen_ms = asyncio.run(_run(folder, server))
    return [
        Figure(
            "an edit on one device, seen on another",
            "ms",
            {"p50": percentile(seen_ms, 0.5), "p99": percentile(seen_ms, 0.99)},
            {"p50": 150, "p99": 500},
            len(seen_ms),
            notes="from the call of the edit to the other home's commit, by long poll",
        )
    ]


async def _run(folder: Path, server: RunningServer) -> list[float]:
    with Replica.open(folder / "ann") as ann, Replica.open(folder / "bea") as bea:
        hosting, joining = Membership(ann, HttpTransport), Membership(bea, HttpTransport)
        space = SpaceId((await hosting.create_space("Trip", server.url, server.setup_code)).id)
        await joining.join((await hosting.invite(space=space)).link)
        doc = ann.add_task(NewTask("Buy rope"), space=space)
        async with _syncing(ann), _syncing(bea):
            await _until_seen(bea, doc, lambda: None)
            return [
                await _until_seen(bea, doc, partial(_retitle, ann, doc, number))
                for number in range(EDITS)
            ]


def _retitle(replica: Replica, doc: DocId, number: int) -> None:
    replica.edit(doc, Patch(fields={"title": f"Buy {number} m of rope"}))


async def _until_seen(other: Replica, doc: DocId, edit: Callable[[], None]) -> float:
    """Edit, and wait until another home has committed a change of the document; milliseconds."""
    loop, seen = asyncio.get_running_loop(), asyncio.Event()

    def heard(changed: ChangeSet) -> None:
        if doc in changed.docs:
            loop.call_soon_threadsafe(seen.set)

    unwatch = other.watch(heard)
    began = time.perf_counter()
    await asyncio.to_thread(edit)
    async with asyncio.timeout(SEEN_S_MAX):
        await seen.wait()
    took_ms = (time.perf_counter() - began) * 1000
    unwatch()
    await asyncio.sleep(PAUSE_S)
    return took_ms


@asynccontextmanager
async def _syncing(replica: Replica) -> AsyncIterator[None]:
    """Keep a home synced, as an open app does."""
    engine = Engine(replica, HttpTransport)
    task = asyncio.create_task(Scheduler(replica, engine).run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await engine.aclose()
