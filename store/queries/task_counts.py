"""How many open tasks each view, list and tag has: for the way around an app."""

import sqlite3
from dataclasses import dataclass

from store.domain.ids import SpaceId
from store.queries.filtering import IS_DUE, OPEN
from store.queries.lists import LISTED_ABOVE, VIEW_CONDITIONS
from store.queries.moment import Moment

_OPEN_HERE = (
    f"item.kind = 'task' AND item.trashed = 0 AND item.purged = 0 AND {OPEN.format(t='item')}"
    " AND (:space IS NULL OR item.space = :space)"
)


@dataclass(frozen=True, slots=True)
class TaskCounts:
    """Numbers of open tasks.

    Attributes:
        inbox, today, upcoming, all: of those views; today counts what is overdue too.
        lists, tags: names with numbers, in order of the alphabet.
        trash: tasks and notes in the trash.
    """

    inbox: int
    today: int
    upcoming: int
    all: int
    lists: tuple[tuple[str, int], ...]
    tags: tuple[tuple[str, int], ...]
    trash: int


def task_counts(
    conn: sqlite3.Connection, moment: Moment, *, space: SpaceId | None = None
) -> TaskCounts:
    """Count.

    Args:
        conn: a read connection.
        moment: the time where the person is.
        space: only of this space.
    """
    about = {**moment.parameters(), "space": space}
    is_due, in_inbox = IS_DUE.format(t="item"), VIEW_CONDITIONS["inbox"].format(t="item")
    views = conn.execute(
        f"{LISTED_ABOVE} SELECT count(*), coalesce(sum({in_inbox}), 0),"
        f" coalesce(sum(due IS NOT NULL AND {is_due}), 0),"
        f" coalesce(sum(due IS NOT NULL AND NOT {is_due}), 0) FROM item WHERE {_OPEN_HERE}",
        about,
    ).fetchone()
    lists = conn.execute(
        f"SELECT list, sum({OPEN.format(t='item')}) FROM item WHERE kind = 'task' AND trashed = 0"
        " AND purged = 0 AND list IS NOT NULL AND (:space IS NULL OR space = :space) GROUP BY list",
        about,
    )
    tags = conn.execute(
        "SELECT item_tag.tag, sum(item.kind = 'task' AND"
        f" {OPEN.format(t='item')}) FROM item_tag JOIN item ON item.doc = item_tag.doc"
        " WHERE item.trashed = 0 AND item.purged = 0 AND (:space IS NULL OR item.space = :space)"
        " GROUP BY item_tag.tag",
        about,
    )
    (trash,) = conn.execute(
        "SELECT count(*) FROM item WHERE trashed = 1 AND purged = 0"
        " AND (:space IS NULL OR space = :space)",
        about,
    ).fetchone()
    return TaskCounts(
        inbox=views[1],
        today=views[2],
        upcoming=views[3],
        all=views[0],
        lists=_sorted(lists),
        tags=_sorted(tags),
        trash=trash,
    )


def _sorted(found: sqlite3.Cursor) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(found.fetchall(), key=lambda row: str(row[0]).casefold()))
