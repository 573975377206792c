"""Pages of the app's lists of tasks: with subtasks below their task, and all that a line shows.

A subtask stands below its task where both belong to what is listed (the inbox, a list, all
tasks); elsewhere, and where a filter chooses, every task stands by itself and names the one above.
Done and cancelled tasks are a page of their own, the last finished first: an app folds them away.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from store.domain.filters import Filter
from store.domain.ids import SpaceId
from store.queries.filtering import FINISHED, OPEN, Conditions, add_filters
from store.queries.lists import (
    DUE_HERE,
    IN_ORDER,
    LISTED_ABOVE,
    NO_LIMIT,
    TASK_COLUMNS,
    conditions_of_view,
    task_rows,
)
from store.queries.marks import Marks, read_marks
from store.queries.moment import Moment
from store.rows import TaskRow

Sort = Literal["order", "due", "priority", "title", "changed"]
DEPTH_MAX: Final = 5
_STEPS_MAX: Final = 100_000  # of walking up, over all subtasks
# Two people who were apart may have put two tasks below each other: then both stand alone.
_CIRCLED: Final = (
    "WITH RECURSIVE walk(start, at) AS (SELECT doc, parent FROM item WHERE parent IS NOT NULL"
    " UNION SELECT walk.start, item.parent FROM walk JOIN item ON item.doc = walk.at"
    f" WHERE item.parent IS NOT NULL AND walk.at <> walk.start LIMIT {_STEPS_MAX})"
    " SELECT start FROM walk WHERE at = start"
)
# SQLite believes that there are few tasks in all, and would read them in their order.
_BELOW: Final = "item INDEXED BY item_parent"
_AMONG: Final = "(SELECT value FROM json_each(?))"
_BELOW_MAX: Final = 500  # subtasks of one page and level

_BY: Final[dict[Sort, str]] = {
    "order": "",
    "due": f"{DUE_HERE} NULLS LAST,",
    "priority": (
        "CASE priority WHEN 'high' THEN 0 WHEN 'medium' THEN 1 WHEN 'low' THEN 2 ELSE 3 END,"
    ),
    "title": "title COLLATE NOCASE,",
    "changed": "updated_at_ms DESC,",
}
_DAY_IS_TODAY: Final = (
    "(CASE length({t}.due) WHEN 10 THEN {t}.due = :today"
    " ELSE {t}.due < :day_ends_at AND date({t}.due, 'localtime') = :today END)"
)


@dataclass(frozen=True, slots=True)
class TaskListing:
    """Which tasks to list, and how.

    Attributes:
        view: one of `store.queries.lists.VIEWS`.
        list_name, tag: only of this list, with this tag.
        filters: only what all of these keep.
        sort: by what; equal ones by their order key.
        finished: the done and cancelled ones instead of the open ones.
        folded: ids of tasks whose subtasks are not shown.
    """

    view: str = "all"
    list_name: str | None = None
    tag: str | None = None
    filters: tuple[Filter, ...] = ()
    sort: Sort = "order"
    finished: bool = False
    folded: frozenset[str] = frozenset()

    @property
    def nests(self) -> bool:
        """Whether subtasks stand below their tasks."""
        return self.view in ("inbox", "all") and self.tag is None and not self.filters


@dataclass(frozen=True, slots=True)
class TaskLine:
    """A task in a list.

    Attributes:
        depth: 0, or how far it stands below others here.
        subtasks, subtasks_done: how many it has outside the trash, and how many are finished.
        above: title of the task that it is a part of, where that does not stand above it.
    """

    task: TaskRow
    depth: int = 0
    subtasks: int = 0
    subtasks_done: int = 0
    above: str | None = None


@dataclass(frozen=True, slots=True)
class TaskPage:
    """The first lines of a list.

    Attributes:
        lines: in their order.
        has_more: whether there are more than was asked for.
        finished: how many done and cancelled tasks the list has.
    """

    lines: tuple[TaskLine, ...]
    has_more: bool
    finished: int


def task_page(
    conn: sqlite3.Connection,
    listing: TaskListing,
    moment: Moment,
    *,
    space: SpaceId | None = None,
    limit: int = NO_LIMIT,
) -> TaskPage:
    """List the first tasks, not counting subtasks below them.

    Args:
        conn: a read connection.
        listing: which.
        moment: the time where the person is.
        space: only of this space.
        limit: at most so many.

    Raises:
        InvalidValue: no view is called that.
    """
    marks = read_marks(conn)
    rows = _top(conn, listing, moment, space, limit, marks)
    has_more = 0 <= limit < len(rows)
    rows = rows[:limit] if has_more else rows
    lines = [(row, 0) for row in rows]
    if listing.nests:
        lines = _with_subtasks(conn, lines, listing.folded, marks)
    return TaskPage(
        tuple(_lines(conn, lines)), has_more, _count_finished(conn, listing, moment, space)
    )


def subtasks(conn: sqlite3.Connection, parent: str) -> list[TaskLine]:
    """List the tasks directly below one, outside the trash, in their order."""
    below = _below(conn, [parent], read_marks(conn)).get(parent, [])
    return [
        TaskLine(line.task, 0, line.subtasks, line.subtasks_done)
        for line in _lines(conn, [(row, 1) for row in below])
    ]


def _top(
    conn: sqlite3.Connection,
    listing: TaskListing,
    moment: Moment,
    space: SpaceId | None,
    limit: int,
    marks: Marks,
) -> list[TaskRow]:
    conditions = _conditions(listing, space)
    by = "updated_at_ms DESC," if listing.finished or listing.view == "trash" else _BY[listing.sort]
    found = conn.execute(
        f"{LISTED_ABOVE if listing.view == 'inbox' else ''} SELECT {TASK_COLUMNS} FROM item"
        f" WHERE {conditions.of('item')} ORDER BY {by} {IN_ORDER} LIMIT :limit",
        {
            **conditions.parameters,
            **moment.parameters(),
            "limit": limit + 1 if limit >= 0 else limit,
        },
    )
    return task_rows(found, marks)


def _conditions(listing: TaskListing, space: SpaceId | None) -> Conditions:
    conditions = conditions_of_view(listing.view)
    if listing.list_name is not None:
        conditions.add("{t}.list = :list", list=listing.list_name)
    if listing.tag is not None:
        conditions.add("{t}.doc IN (SELECT doc FROM item_tag WHERE tag = :tag)", tag=listing.tag)
    if space is not None:
        conditions.add("{t}.space = :space", space=space)
    add_filters(conditions, listing.filters)
    belongs = conditions.of("above")
    if listing.finished and listing.view == "today":
        conditions.add(_DAY_IS_TODAY)
    if listing.view != "trash":
        conditions.add(FINISHED if listing.finished else OPEN)
    if listing.nests:  # what stands below another of these is no line of its own
        stands = belongs if listing.finished else f"{belongs} AND {OPEN.format(t='above')}"
        conditions.add(
            "NOT ({t}.parent IS NOT NULL AND EXISTS"
            f" (SELECT 1 FROM item AS above WHERE above.doc = {{t}}.parent AND {stands})"
            f" AND {{t}}.doc NOT IN ({_CIRCLED}))"
        )
    return conditions


def _count_finished(
    conn: sqlite3.Connection, listing: TaskListing, moment: Moment, space: SpaceId | None
) -> int:
    if listing.view == "trash":
        return 0
    over = TaskListing(listing.view, listing.list_name, listing.tag, listing.filters, finished=True)
    conditions = _conditions(over, space)
    (count,) = conn.execute(
        f"{LISTED_ABOVE if listing.view == 'inbox' else ''} SELECT count(*) FROM item"
        f" WHERE {conditions.of('item')}",
        {**conditions.parameters, **moment.parameters()},
    ).fetchone()
    return int(count)


def _with_subtasks(
    conn: sqlite3.Connection,
    lines: list[tuple[TaskRow, int]],
    folded: frozenset[str],
    marks: Marks,
) -> list[tuple[TaskRow, int]]:
    """Put subtasks below their tasks, level by level; a circle of parents ends by itself."""
    seen = {row.id for row, _ in lines}
    children: dict[str, list[TaskRow]] = {}
    level = [row.id for row, _ in lines if row.id not in folded]
    for _ in range(DEPTH_MAX):
        found = _below(conn, level, marks)
        level = []
        for parent, rows in found.items():
            fresh = [row for row in rows if row.id not in seen]
            seen.update(row.id for row in fresh)
            children[parent] = fresh
            level += [row.id for row in fresh if row.id not in folded]
        if not level:
            break

    def unfolded(row: TaskRow, depth: int) -> Iterable[tuple[TaskRow, int]]:
        yield row, depth
        for child in children.get(row.id, ()):
            yield from unfolded(child, depth + 1)

    return [each for row, _ in lines for each in unfolded(row, 0)]


def _below(
    conn: sqlite3.Connection, parents: Sequence[str], marks: Marks
) -> dict[str, list[TaskRow]]:
    if not parents:
        return {}
    found = conn.execute(
        f"SELECT {TASK_COLUMNS} FROM {_BELOW} WHERE parent IN {_AMONG} AND kind = 'task'"
        f" AND trashed = 0 AND purged = 0 ORDER BY {IN_ORDER} LIMIT {_BELOW_MAX}",
        (json.dumps(parents),),
    )
    rows: dict[str, list[TaskRow]] = {}
    for row in task_rows(found, marks):
        rows.setdefault(row.parent or "", []).append(row)
    return rows


def _lines(conn: sqlite3.Connection, rows: list[tuple[TaskRow, int]]) -> list[TaskLine]:
    counts = _counts(conn, [row.id for row, _ in rows])
    titles = _titles(conn, [row.parent for row, depth in rows if row.parent and not depth])
    return [
        TaskLine(
            row,
            depth,
            *counts.get(row.id, (0, 0)),
            titles.get(row.parent) if row.parent and not depth else None,
        )
        for row, depth in rows
    ]


def _counts(conn: sqlite3.Connection, parents: Sequence[str]) -> dict[str, tuple[int, int]]:
    found = conn.execute(
        f"SELECT parent, count(*), sum({FINISHED.format(t='item')})"
        f" FROM {_BELOW} WHERE parent IN {_AMONG} AND kind = 'task'"
        " AND trashed = 0 AND purged = 0 GROUP BY parent",
        (json.dumps(parents),),
    )
    return {parent: (total, done) for parent, total, done in found}


def _titles(conn: sqlite3.Connection, docs: Sequence[str]) -> dict[str, str]:
    found = conn.execute(f"SELECT doc, title FROM item WHERE doc IN {_AMONG}", (json.dumps(docs),))
    return dict(found.fetchall())
