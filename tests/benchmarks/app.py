"""Figures of the app: what a tab costs in Python, and what its process does in a browser."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path

import flet as ft

from app.ui.core import POLL_EVERY_S
from app.ui.first_run import finish_first_run
from app.ui.layout import PAGE_ROWS
from store.commands.patches import Patch
from store.domain.ids import DocId
from store.replica import Replica
from tests.benchmarks import app_process
from tests.benchmarks.material import home_with
from tests.benchmarks.measuring import Figure, percentile
from tests.support.flet_harness import Tab

TASKS = 10_000
NOTES = 2_000
NOTE_CHARS = 20_000
_KEYS = 200
_EDITS = 40
_OPENINGS = 10
_WINDOW_S = 0.4  # for what follows an act to come to rest
_STORE = f"{TASKS:,} tasks and {NOTES:,} notes in the store"


def figures(folder: Path) -> Iterator[Figure]:
    """What a tab costs in Python."""
    with full_home(folder / "app") as replica:
        for each in (keystroke, row_edit, opening):
            yield asyncio.run(each(replica))


def process_figures(folder: Path) -> Iterator[Figure]:
    """What the app's process does, with a browser."""
    full_home(folder / "app").close()
    yield from app_process.figures(folder / "app", _STORE)


def full_home(home: Path) -> Replica:
    """A home as full as the figures say."""
    replica = home_with(home, task_count=TASKS, note_count=NOTES)
    finish_first_run(replica)
    return replica


async def keystroke(replica: Replica) -> Figure:
    """Type into a long note: the time until the loop is free again."""
    body = _long_text()
    doc = replica.add_note("A long note", body=body)
    tab = await Tab.open(replica, width=1280)
    handled: list[float] = []
    waits: list[float] = []
    waiting = asyncio.ensure_future(_note_waits(waits))
    try:
        await tab.go("Notes")
        await tab.open_row("A long note")
        field = await tab.until(lambda: tab.find(ft.TextField, label="Text", value=body))
        await tab.fire(field, "focus")
        middle = len(body) // 2
        for number in range(1, _KEYS + 1):
            text = body[:middle] + "x" * number + body[middle:]
            began = time.perf_counter()
            await tab.fire(field, "change", text, value=text)
            handled.append((time.perf_counter() - began) * 1000)
            await asyncio.sleep(0.02)  # fifty keys a second; drafts and preview go on meanwhile
        await tab.until(lambda: replica.text(DocId(doc))[0] == text)
    finally:
        waiting.cancel()
        await tab.close()
    return Figure(
        f"a keystroke in a note of {NOTE_CHARS // 1000} kB, Python side, {_STORE}",
        "ms",
        {
            "p50": percentile(handled, 0.5),
            "p95": percentile(handled, 0.95),
            "wait of anything else p99": percentile(waits, 0.99),
        },
        {"p50": 5, "p95": 5},
        len(handled),
    )


async def row_edit(replica: Replica) -> Figure:
    """Somebody's edit of one row: what the tab's loop spends on it, and what all threads do."""
    tab = await Tab.open(replica, width=1280, poll_every_s=POLL_EVERY_S)
    try:
        await tab.until(lambda: len(tab.find_all(ft.Checkbox)) >= PAGE_ROWS)
        idle = [await _spent_ms(_nothing) for _ in range(_OPENINGS)]
        spent = []
        for number, row in enumerate(replica.tasks(limit=_EDITS)):
            patch = Patch(fields={"title": f"Edited {number}"})
            edit = partial(asyncio.to_thread, replica.edit, DocId(row.id), patch)
            spent.append(await _spent_ms(edit))
    finally:
        await tab.close()
    idle_loop, idle_all = (percentile([each[at] for each in idle], 0.5) for at in (0, 1))
    on_loop = [max(each[0] - idle_loop, 0) for each in spent]
    in_all = [max(each[1] - idle_all, 0) for each in spent]
    return Figure(
        f"one row's edit, Python side, {_STORE}",
        "ms",
        {
            "p50": percentile(on_loop, 0.5),
            "p95": percentile(on_loop, 0.95),
            "all threads p50": percentile(in_all, 0.5),
        },
        {"p50": 5},
        len(spent),
        notes="processor time of the tab's loop, beyond what it spends when nothing happens",
    )


async def opening(replica: Replica) -> Figure:
    """Open a list: what the tab's loop and the queries spend from the press until all is drawn."""
    tab = await Tab.open(replica, width=1280, poll_every_s=POLL_EVERY_S)
    spent: list[tuple[float, float]] = []
    took: list[float] = []
    try:
        await tab.until(lambda: len(tab.find_all(ft.Checkbox)) >= PAGE_ROWS)
        idle = [await _spent_ms(_nothing) for _ in range(_OPENINGS)]
        for _ in range(_OPENINGS):
            for name in ("All tasks", "climb", "kitchen", "Inbox"):
                press = partial(tab.fire, tab.row(name), "click")
                began = time.perf_counter()
                spent.append(await _spent_ms(press))
                took.append((tab.sent_at_s - began) * 1000)
    finally:
        await tab.close()
    idle_all = percentile([each[1] for each in idle], 0.5)
    in_all = [max(each[1] - idle_all, 0) for each in spent]
    return Figure(
        f"opening a list, Python side with its queries, {_STORE}",
        "ms",
        {
            "p50": percentile(in_all, 0.5),
            "p95": percentile(in_all, 0.95),
            "until the last of it is sent p50": percentile(took, 0.5),
        },
        {"p50": 100},
        len(spent),
        notes="processor time of all threads, beyond what they spend when nothing happens",
    )


async def _spent_ms(act: Callable[[], Awaitable[object]]) -> tuple[float, float]:
    """Processor time of this loop and of all threads, from an act until all has followed."""
    on_loop, in_all = time.thread_time(), time.process_time()
    await act()
    await asyncio.sleep(_WINDOW_S)
    return (time.thread_time() - on_loop) * 1000, (time.process_time() - in_all) * 1000


async def _nothing() -> None:
    """Do nothing."""


async def _note_waits(waits: list[float]) -> None:
    """Note how late the loop comes to what is due: preview and drafts must not hold it up."""
    while True:
        began = time.perf_counter()
        await asyncio.sleep(0.005)
        waits.append((time.perf_counter() - began - 0.005) * 1000)


def _long_text() -> str:
    """Prose with headings, checklists and links, as long as the figure says."""
    block = (
        "## A day\n\nWe leave at six, with the *long* rope and [[Another note]].\n\n"
        "- [ ] big rope\n- [x] map\n- [ ] stove\n\n"
    )
    return (block * (NOTE_CHARS // len(block) + 1))[:NOTE_CHARS]
