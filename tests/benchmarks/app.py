"""Figures of the app's own side of a tab, without a browser: what a keystroke costs."""

import asyncio
import time
from pathlib import Path

import flet as ft

from app.ui.first_run import finish_first_run
from store.domain.ids import DocId
from store.replica import Replica
from tests.benchmarks.material import home_with
from tests.benchmarks.measuring import Figure, percentile
from tests.support.flet_harness import Tab

TASKS = 10_000
NOTES = 2_000
NOTE_CHARS = 20_000
_KEYS = 200


def figures(folder: Path) -> list[Figure]:
    """All of them."""
    with home_with(folder / "app", task_count=TASKS, note_count=NOTES) as replica:
        return [asyncio.run(keystroke(replica))]


async def keystroke(replica: Replica) -> Figure:
    """Type into a long note: the time until the loop is free again."""
    body = _long_text()
    finish_first_run(replica)
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
        f"a keystroke in a note of {NOTE_CHARS // 1000} kB, Python side,"
        f" {TASKS:,} tasks and {NOTES:,} notes in the store",
        "ms",
        {
            "p50": percentile(handled, 0.5),
            "p95": percentile(handled, 0.95),
            "wait of anything else p99": percentile(waits, 0.99),
        },
        {"p50": 5, "p95": 5},
        len(handled),
    )


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
