"""Lists and their numbers are read by indexes: none of them reads every task of a full home."""

import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from store.commands.patches import NewTask
from store.queries.lists import tasks
from store.queries.moment import Moment
from store.queries.task_counts import task_counts
from store.queries.task_pages import TaskListing, task_page
from tests.support.flet_harness import open_replica

NOW = Moment("2026-11-25", "2026-11-25T23:00:00Z", "2026-11-25T17:00:00Z")
READS_ALL = re.compile(r"^SCAN item( USING INDEX|$)|USE TEMP B-TREE FOR ORDER BY")


@pytest.fixture
def conn(tmp_path: Path) -> sqlite3.Connection:
    with open_replica(tmp_path / "home") as replica:
        hut = replica.add_task(NewTask("Book the hut", list="Hut", tags=("climb",)))
        replica.add_task(NewTask("Call them", parent=hut))
    return sqlite3.connect(tmp_path / "home" / "cairn.db")


def page(view: str) -> Callable[[sqlite3.Connection], object]:
    """Ask for the first lines of a view."""
    return lambda conn: task_page(conn, TaskListing(view), NOW, limit=60)


@pytest.mark.parametrize(
    "ask",
    [
        *map(page, ("inbox", "today", "upcoming", "all")),
        lambda conn: tasks(conn, today=NOW.today, day_ends_at=NOW.day_ends_at, limit=60),
        lambda conn: task_counts(conn, NOW),
    ],
    ids=["inbox", "today", "upcoming", "all", "tasks", "counts"],
)
def test_no_question_of_a_list_reads_or_sorts_all_tasks(
    conn: sqlite3.Connection, ask: Callable[[sqlite3.Connection], object]
) -> None:
    asked: list[str] = []
    conn.set_trace_callback(asked.append)
    ask(conn)
    conn.set_trace_callback(None)

    plans = {
        each: [str(step[3]) for step in conn.execute(f"EXPLAIN QUERY PLAN {each}")]
        for each in asked
        if "INDEXED BY item_parent" not in each  # the subtasks of one page, which are sorted
    }

    assert plans
    assert {
        each: steps
        for each, steps in plans.items()
        if any(READS_ALL.search(step) for step in steps)
    } == {}
