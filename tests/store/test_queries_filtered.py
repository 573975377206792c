"""Filters on rows, by table; lists of the app with subtasks, sorted, and their finished ones."""

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from store import queries
from store.domain.filters import parse_terms
from store.domain.ids import DocId
from store.projections import project
from store.queries import Moment, TaskListing
from tests.store.building import HOME, conflict, doc, state_of

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)  # a Monday
MOMENT = Moment("2026-11-23", "2026-11-24T00:00:00Z", "2026-11-23T09:30:00Z")


def add(conn: sqlite3.Connection, title: str, kind: str = "task", **said: Any) -> DocId:
    of = doc(title, kind)
    names = ("list", "due", "parent", "priority", "assignee", "repeat", "pinned")
    fields = {key: said.pop(key) for key in names if key in said}
    project(conn, HOME, state_of(of, title=title, fields=fields, **said))
    return of


def found(conn: sqlite3.Connection, text: str) -> set[str]:
    terms = parse_terms(text, now=NOW)
    assert not terms.unread
    hits = queries.search(conn, terms.words, filters=terms.filters, moment=MOMENT)
    return {hit.title for hit in hits}


def page(conn: sqlite3.Connection, limit: int = 60, **listing: Any) -> queries.TaskPage:
    return queries.task_page(conn, TaskListing(**listing), MOMENT, limit=limit)


def lines(conn: sqlite3.Connection, **listing: Any) -> list[str]:
    return ["  " * each.depth + each.task.title for each in page(conn, **listing).lines]


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("tag:climb", {"rope", "diary"}),
        ("tag:CLIMB is:task", {"rope"}),
        ("-tag:climb is:open", {"stove", "late", "moment"}),
        ("in:hut", {"rope"}),
        ("in:none is:open", {"stove", "late", "moment"}),
        ("by:Kit", {"stove"}),
        ("by:none is:open", {"rope", "late", "moment"}),
        ("priority:high", {"rope"}),
        ("is:done", {"over"}),
        ("-is:done is:task", {"rope", "stove", "late", "moment"}),
        ("is:blocked", {"stove"}),
        ("is:overdue", {"late", "moment"}),
        ("is:note", {"diary"}),
        ("is:pinned", {"diary"}),
        ("is:repeating", {"late"}),
        ("is:conflict", {"rope"}),
        ("due:any", {"rope", "late", "moment", "over"}),
        ("due:none", {"stove"}),
        ("due:today", {"moment", "over"}),
        ("due:<today", {"late"}),
        ("due:<=today", {"late", "moment", "over"}),
        ("due:>today", {"rope"}),
        ("due:friday", {"rope"}),
        ("-due:any", {"stove", "diary"}),
        ("rope is:open", {"rope"}),
        ("stove is:done", set()),
        ("nothing tag:climb", set()),
    ],
)
def test_filters_keep_what_they_say(conn: sqlite3.Connection, text: str, titles: set[str]) -> None:
    rope = doc("rope")
    add(
        conn,
        "rope",
        tags=("climb",),
        list="Hut",
        priority="high",
        due="2026-11-27",
        conflicts=(conflict(rope),),
    )
    add(conn, "stove", state="blocked", assignee="Kit")
    add(conn, "late", due="2026-11-20", repeat="FREQ=WEEKLY")
    add(conn, "moment", due="2026-11-23T09:00:00Z")
    add(conn, "over", due="2026-11-23", state="done", list="Other")
    add(conn, "diary", "note", tags=("climb",), pinned=True)
    add(conn, "gone", tags=("climb",), trashed=True)

    assert found(conn, text) == titles


def test_subtasks_stand_below_their_task_unless_it_is_folded(conn: sqlite3.Connection) -> None:
    menu = add(conn, "menu", order="b")
    add(conn, "rope", order="a")
    add(conn, "lunch", parent=menu, order="d")
    add(conn, "breakfast", parent=menu, state="done", order="c")

    assert lines(conn, view="inbox") == ["rope", "menu", "  breakfast", "  lunch"]
    assert lines(conn, view="inbox", folded=frozenset({menu})) == ["rope", "menu"]
    (line,) = [each for each in page(conn, view="inbox").lines if each.task.id == menu]
    assert (line.subtasks, line.subtasks_done) == (2, 1)


def test_a_subtask_whose_task_is_not_listed_stands_alone_and_names_it(
    conn: sqlite3.Connection,
) -> None:
    menu = add(conn, "menu", state="done")
    add(conn, "lunch", parent=menu, due="2026-11-23")

    assert lines(conn, view="inbox") == ["lunch"]
    assert page(conn, view="today").lines[0].above == "menu"


def test_a_subtask_of_a_list_stands_below_its_task_though_it_has_no_list_itself(
    conn: sqlite3.Connection,
) -> None:
    menu = add(conn, "menu", list="Trip")
    add(conn, "lunch", parent=menu)

    assert lines(conn, view="all", list_name="Trip") == ["menu", "  lunch"]
    assert lines(conn, view="inbox") == []


def test_tasks_in_a_circle_of_parents_are_listed_once(conn: sqlite3.Connection) -> None:
    # Two people who were apart put each below the other.
    add(conn, "one", parent=doc("two"), order="a")
    add(conn, "two", parent=doc("one"), order="b")
    add(conn, "below", parent=doc("one"))

    assert lines(conn, view="all") == ["one", "  below", "two"]


def test_finished_tasks_are_a_page_of_their_own_with_the_last_first(
    conn: sqlite3.Connection,
) -> None:
    add(conn, "open")
    add(conn, "done first", state="done", updated_at_ms=1)
    add(conn, "cancelled later", state="cancelled", updated_at_ms=2)

    assert page(conn, view="inbox").finished == 2
    assert lines(conn, view="inbox", finished=True) == ["cancelled later", "done first"]


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("order", ["b", "a", "c"]),
        ("due", ["c", "a", "b"]),
        ("priority", ["a", "c", "b"]),
        ("title", ["a", "b", "c"]),
        ("changed", ["c", "b", "a"]),
    ],
)
def test_sorted(conn: sqlite3.Connection, sort: str, order: list[str]) -> None:
    add(conn, "a", order="2", due="2026-11-27T08:00:00Z", priority="high", updated_at_ms=1)
    add(conn, "b", order="1", updated_at_ms=2)
    add(conn, "c", order="3", due="2026-11-27", priority="low", updated_at_ms=3)

    assert lines(conn, view="all", sort=sort) == order


def test_a_page_says_whether_there_is_more(conn: sqlite3.Connection) -> None:
    for name in "abc":
        add(conn, name, order=name)

    assert [each.task.title for each in page(conn, 2, view="all").lines] == ["a", "b"]
    assert page(conn, 2, view="all").has_more
    assert not page(conn, 3, view="all").has_more


def test_counts_of_views_lists_and_tags(conn: sqlite3.Connection) -> None:
    add(conn, "late", due="2026-11-20", tags=("climb",))
    add(conn, "later", due="2026-12-20", list="Hut")
    add(conn, "over", state="done", list="Hut", tags=("done-only",))
    add(conn, "diary", "note", tags=("climb",))
    add(conn, "gone", trashed=True, list="Gone")

    counts = queries.task_counts(conn, MOMENT)

    assert replace(counts, lists=(), tags=()) == queries.TaskCounts(1, 1, 1, 2, (), (), 1)
    assert counts.lists == (("Hut", 1),)
    assert counts.tags == (("climb", 1), ("done-only", 0))
