"""Lists of tasks and notes: without bodies and events, which only their own pages show.

inbox      open tasks that are in no list (a subtask is in the list of the task above it)
today      open tasks due today or earlier, the earliest first
upcoming   open tasks due later, the same
all        every task that is not in the trash, whatever its state
trash      what is in the trash and not yet purged

Open means neither done nor cancelled. A subtask stands in a list by itself, with its `parent`.
"""

import json
import sqlite3
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

from store.domain.errors import InvalidValue
from store.domain.ids import SpaceId
from store.queries.filtering import IS_DUE, OPEN, Conditions
from store.queries.making import maker_of
from store.queries.marks import Marks, read_marks
from store.rows import NoteRow, TaskRow

VIEWS: Final = ("inbox", "today", "upcoming", "all", "trash")
NO_LIMIT: Final = -1

TASK_COLUMNS: Final = (
    "doc, space, title, state, due, priority, list, assignee, tags, parent, order_key, repeat,"
    " trashed, created_at_ms, updated_at_ms"
)
NOTE_COLUMNS: Final = (
    "doc, space, title, tags, pinned, trashed, created_at_ms, updated_at_ms, snippet"
)
LISTED_ABOVE: Final = (
    "WITH RECURSIVE listed_above(doc) AS ("
    "SELECT child.doc FROM item AS child JOIN item AS above ON above.doc = child.parent"
    " WHERE child.parent IS NOT NULL AND above.list IS NOT NULL"
    " UNION SELECT child.doc FROM item AS child"
    " JOIN listed_above ON child.parent = listed_above.doc)"
)
IN_ORDER: Final = "order_key IS NULL, order_key, doc"  # as the index item_in_order has it
# A moment counts on the day that it is on here; a whole day comes before its moments.
DUE_HERE: Final = (
    "CASE length(due) WHEN 10 THEN due ELSE strftime('%Y-%m-%dT%H:%M:%S', due, 'localtime') END"
)
_BY_DUE: Final = ("today", "upcoming")
VIEW_CONDITIONS: Final[dict[str, str]] = {
    "inbox": "{t}.trashed = 0 AND {t}.list IS NULL AND {t}.doc NOT IN listed_above",
    "today": f"{{t}}.trashed = 0 AND {{t}}.due IS NOT NULL AND {IS_DUE}",
    "upcoming": f"{{t}}.trashed = 0 AND {{t}}.due IS NOT NULL AND NOT {IS_DUE}",
    "all": "{t}.trashed = 0",
    "trash": "{t}.trashed = 1",
}


def tasks(
    conn: sqlite3.Connection,
    *,
    view: str = "all",
    list_name: str | None = None,
    tag: str | None = None,
    state: str | None = None,
    space: SpaceId | None = None,
    today: str,
    day_ends_at: str,
    limit: int | None = None,
    offset: int = 0,
) -> list[TaskRow]:
    """List tasks by their order key, those that have none last; `today` and `upcoming` by due date.

    Args:
        conn: a read connection.
        view: one of `VIEWS`.
        list_name: only tasks in this list.
        tag: only tasks with this tag.
        state: only tasks in this state; done and cancelled ones too, in any view.
        space: only tasks of this space.
        today: the person's date, `YYYY-MM-DD`.
        day_ends_at: when that day ends, as UTC `YYYY-MM-DDTHH:MM:SSZ`.
        limit: at most so many.
        offset: leave out the first so many.

    Raises:
        InvalidValue: no view is called that.
    """
    conditions = conditions_of_view(view)
    if state is not None:
        conditions.add("{t}.state = :state", state=state)
    elif view not in ("all", "trash"):
        conditions.add(OPEN)
    _add_filters(conditions, list_name, tag, space)
    order = f"{DUE_HERE}, {IN_ORDER}" if view in _BY_DUE else IN_ORDER
    found = conn.execute(
        f"{LISTED_ABOVE if view == 'inbox' else ''} SELECT {TASK_COLUMNS} FROM item"
        f" WHERE {conditions.of('item')} ORDER BY {order}"
        " LIMIT :limit OFFSET :offset",
        {
            **conditions.parameters,
            "today": today,
            "day_ends_at": day_ends_at,
            "limit": NO_LIMIT if limit is None else limit,
            "offset": offset,
        },
    )
    return task_rows(found, read_marks(conn))


def conditions_of_view(view: str) -> Conditions:
    """Give the conditions of a view of tasks, without their state; raises InvalidValue."""
    if view not in VIEW_CONDITIONS:
        raise InvalidValue(f"{view!r} is not a view; use one of {', '.join(VIEWS)}.", field="view")
    return Conditions(["{t}.kind = 'task'", "{t}.purged = 0", VIEW_CONDITIONS[view]])


def notes(
    conn: sqlite3.Connection,
    *,
    view: str = "all",
    tag: str | None = None,
    space: SpaceId | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> list[NoteRow]:
    """List notes: pinned ones first, then the last changed first.

    Args:
        conn: a read connection.
        view: `all` or `trash`.
        tag: only notes with this tag.
        space: only notes of this space.
        limit: at most so many.
        offset: leave out the first so many.

    Raises:
        InvalidValue: no view is called that.
    """
    if view not in ("all", "trash"):
        raise InvalidValue(f"{view!r} is not a view of notes; use all or trash.", field="view")
    conditions = Conditions(["{t}.kind = 'note'", "{t}.purged = 0", VIEW_CONDITIONS[view]])
    _add_filters(conditions, None, tag, space)
    found = conn.execute(
        f"SELECT {NOTE_COLUMNS} FROM item WHERE {conditions.of('item')}"
        " ORDER BY pinned DESC, updated_at_ms DESC, doc LIMIT :limit OFFSET :offset",
        {
            **conditions.parameters,
            "limit": NO_LIMIT if limit is None else limit,
            "offset": offset,
        },
    )
    return _note_rows(found, read_marks(conn))


@lru_cache(maxsize=4096)
def tags_of(text: str) -> tuple[str, ...]:
    """Read tags from JSON; remembered, as the same few sets of tags stand on most items."""
    return tuple(json.loads(text))


def task_row(values: tuple[Any, ...], marks: Marks) -> TaskRow:
    """Make the row of one task from `TASK_COLUMNS`, without body and events."""
    (row,) = task_rows([values], marks)
    return row


def note_row(values: tuple[Any, ...], marks: Marks) -> NoteRow:
    """Make the row of one note from `NOTE_COLUMNS`, without its body."""
    (row,) = _note_rows([values], marks)
    return row


def task_rows(found: Iterable[tuple[Any, ...]], marks: Marks) -> list[TaskRow]:
    """Make rows of tasks from `TASK_COLUMNS`."""
    names, default, exceptions = marks.names, marks.default, marks.exceptions
    conflicts, make = marks.conflicts, maker_of(TaskRow)
    # Positional and in one expression: this makes ten thousand rows while somebody waits.
    return [
        make(
            doc,
            "task",
            names[space],
            title,
            state,
            due,
            priority,
            list_name,
            assignee,
            tags_of(tags),
            parent,
            order,
            repeat,
            None,
            trashed == 1,
            created,
            updated,
            exceptions.get(doc) or default[space],
            conflicts.get(doc, ()),
            (),
        )
        for (
            doc,
            space,
            title,
            state,
            due,
            priority,
            list_name,
            assignee,
            tags,
            parent,
            order,
            repeat,
            trashed,
            created,
            updated,
        ) in found
    ]


def _note_rows(found: Iterable[tuple[Any, ...]], marks: Marks) -> list[NoteRow]:
    names, default, exceptions = marks.names, marks.default, marks.exceptions
    conflicts, make = marks.conflicts, maker_of(NoteRow)
    return [
        make(
            doc,
            "note",
            names[space],
            title,
            None,
            tags_of(tags),
            pinned == 1,
            trashed == 1,
            created,
            updated,
            exceptions.get(doc) or default[space],
            conflicts.get(doc, ()),
            snippet,
        )
        for doc, space, title, tags, pinned, trashed, created, updated, snippet in found
    ]


def _add_filters(
    conditions: Conditions, list_name: str | None, tag: str | None, space: str | None
) -> None:
    if list_name is not None:
        conditions.add("{t}.list = :list", list=list_name)
    if tag is not None:
        conditions.add("{t}.doc IN (SELECT doc FROM item_tag WHERE tag = :tag)", tag=tag)
    if space is not None:
        conditions.add("{t}.space = :space", space=space)
