"""Who was away for long: 10,000 offline edits, a first sync of 10,000 items, long histories."""

import asyncio
import os
import time
from collections.abc import Awaitable
from pathlib import Path
from typing import Final

from automerge.core import ROOT, Document, ScalarType

from store.commands.patches import NewTask, Patch
from store.commands.steps import carry_out, field_step
from store.documents.inspect import InspectedChange, inspect_change
from store.documents.schema import genesis_change
from store.domain.ids import DocId, SpaceId
from store.replica import Replica
from sync.client.engine import Engine
from sync.client.membership import Membership
from sync.transport.http import HttpTransport
from tests.benchmarks.material import tasks
from tests.benchmarks.measuring import Figure, timed_ms
from tests.benchmarks.syncing import resident_mb
from tests.support.pushes import some_doc
from tests.support.server import RunningServer, running_server

EDITS: Final = 10_000
DOCS: Final = 10_000
CHANGES: Final = 10_000  # with an actor each, 100,000 are beyond the limit: docs/limits.md
EDITED_DOCS: Final = 500
IN_ONE_ACT: Final = 500
ACTOR_BYTES: Final = 16
SAMPLE_S: Final = 0.02


def figures(folder: Path) -> list[Figure]:
    """All of them; each has a server of its own."""
    return [
        *_offline_edits(folder / "edits"),
        _first_sync(folder / "first"),
        *_huge(folder / "huge"),
    ]


def _offline_edits(folder: Path) -> list[Figure]:
    with Pair(folder) as pair:
        docs = [
            pair.ann.add_task(NewTask(f"Task {n}"), space=pair.space) for n in range(EDITED_DOCS)
        ]
        _edit_often(pair.ann, docs, EDITS)
        before = resident_mb(os.getpid())
        cuts = asyncio.run(pair.push_with_cuts())
        taken_s, peak = asyncio.run(_watched(pair.synced(pair.ann)))
        asyncio.run(pair.synced(pair.bea))
        assert pair.ann.digest(pair.space) == pair.bea.digest(pair.space), "both have the same"
    return [
        Figure(
            f"{EDITS:,} edits made offline: sync, broken off {cuts} times before",
            "s",
            {"last part": taken_s},
            {"last part": 60},
            1,
        ),
        Figure(
            f"{EDITS:,} edits made offline: more memory while they are sent",
            "MB",
            {"peak": max(0.0, peak - before)},
            {"peak": 64},
            1,
        ),
    ]


def _first_sync(folder: Path) -> Figure:
    with Pair(folder) as pair:
        pair.ann.import_items(pair.space, tasks(DOCS))
        push_s, _ = asyncio.run(_watched(pair.synced(pair.ann)))
        pull_s, peak = asyncio.run(_watched(pair.synced(pair.bea)))
        assert pair.ann.digest(pair.space) == pair.bea.digest(pair.space), "both have the same"
    return Figure(
        f"first sync of {DOCS:,} items",
        "s",
        {"push": push_s, "pull": pull_s},
        {"push": 30, "pull": 60},
        1,
        notes=f"peak of the process that pulls {peak:.0f} MB",
    )


def _huge(folder: Path) -> list[Figure]:
    with Pair(folder) as pair:
        doc = some_doc()
        history = _history(doc, CHANGES)
        for start in range(0, CHANGES, IN_ONE_ACT):
            part = [(doc, change) for change in history[start : start + IN_ONE_ACT]]
            pair.ann.apply_remote(pair.space, part, origin="by file")
        push_s, _ = asyncio.run(_watched(pair.synced(pair.ann)))
        pull_s, peak = asyncio.run(_watched(pair.synced(pair.bea)))
        assert pair.ann.digest(pair.space) == pair.bea.digest(pair.space), "both have the same"
        pair.reopen_bea()
        edit_ms = timed_ms(lambda: pair.bea.edit(doc, Patch(fields={"title": "At last"})))
    what = f"a document of {CHANGES:,} changes"
    return [
        Figure(f"{what}: first sync", "s", {"push": push_s, "pull": pull_s}, {"pull": 300}, 1),
        Figure(f"{what}: memory while it is pulled", "MB", {"peak": peak}, {"peak": 1_000}, 1),
        Figure(
            f"{what}: the first edit after a start", "s", {"once": edit_ms / 1000}, {"once": 5}, 1
        ),
    ]


def _edit_often(replica: Replica, docs: list[DocId], edits: int) -> None:
    """Make so many changes, each an edit of its own, many of them in one transaction."""
    for start in range(0, edits, IN_ONE_ACT):
        with replica.act("sync") as act:
            for number in range(start, min(edits, start + IN_ONE_ACT)):
                doc = docs[number % len(docs)]
                values = {"title": f"Edited {number} times"}
                carry_out(act, doc, [field_step(act, act.state(doc), values)])


def _history(doc: DocId, changes: int) -> list[InspectedChange]:
    """So many edits of a title, each by an actor of its own: the most that it can cost.

    Edited by the product they would take a day: each edit is done on a copy of the document.
    """
    document = Document.load(genesis_change(doc))
    began = document.get_heads()
    for number in range(changes):
        document.set_actor(os.urandom(ACTOR_BYTES))
        with document.transaction() as transaction:
            transaction.put(ROOT, "title", ScalarType.Str, f"Edited {number} times")
    return [inspect_change(bytes(change.raw_bytes)) for change in document.get_changes(began)]


async def _watched(work: Awaitable[None]) -> tuple[float, float]:
    """Do something; give the seconds that it took, and the most memory that this process had."""
    peak = 0.0

    async def sample() -> None:
        nonlocal peak
        while True:
            peak = max(peak, resident_mb(os.getpid()))
            await asyncio.sleep(SAMPLE_S)

    sampling = asyncio.create_task(sample())
    began = time.perf_counter()
    await work
    took_s = time.perf_counter() - began
    sampling.cancel()
    return took_s, peak


class Pair:
    """Two homes in one space of a server of their own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.space = SpaceId("")

    def __enter__(self) -> "Pair":
        self._folder.mkdir(parents=True)
        self._serving = running_server(self._folder)
        self.server = server = self._serving.__enter__()
        self.ann, self.bea = Replica.open(self._folder / "ann"), Replica.open(self._folder / "bea")
        asyncio.run(self._meet(server))
        return self

    def __exit__(self, *_: object) -> None:
        self.ann.close()
        self.bea.close()
        self._serving.__exit__(None, None, None)

    def reopen_bea(self) -> None:
        """Start Bea's program again, with nothing in memory."""
        self.bea.close()
        self.bea = Replica.open(self._folder / "bea")

    def reopen(self) -> None:
        """Open both homes again, which were closed."""
        self.ann, self.bea = Replica.open(self._folder / "ann"), Replica.open(self._folder / "bea")

    async def synced(self, replica: Replica) -> None:
        """Sync until all is quiet."""
        engine = Engine(replica, HttpTransport)
        result = await engine.sync_until_quiet(self.space)
        assert result.error is None, result.error
        await engine.aclose()

    async def push_with_cuts(self) -> int:
        """Begin to sync and break off, a few times, each time where another part is under way."""
        cuts = 3
        for cut in range(cuts):
            engine = Engine(self.ann, HttpTransport)
            task = asyncio.create_task(engine.sync_until_quiet(self.space))
            await asyncio.sleep(0.1 * (cut + 1))
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await engine.aclose()
        return cuts

    async def _meet(self, server: RunningServer) -> None:
        hosting = Membership(self.ann, HttpTransport)
        made = await hosting.create_space("Trip", server.url, server.setup_code)
        self.space = SpaceId(made.id)
        invited = await hosting.invite(space=self.space)
        await Membership(self.bea, HttpTransport).join(invited.link)
