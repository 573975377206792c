"""Where a task stands among others: order keys are chosen between those of its neighbours."""

import sqlite3

from store.domain.errors import InvalidValue, NotFound
from store.domain.ids import DocId, SpaceId, kind_of
from store.domain.order_key import between

_OTHERS = "SELECT {} FROM item WHERE space = ? AND kind = 'task' AND order_key IS NOT NULL"


def key_at_end(conn: sqlite3.Connection, space: SpaceId) -> str:
    """An order key after all tasks of the space."""
    query = _OTHERS.format("MAX(order_key)")
    return between(conn.execute(query, (space,)).fetchone()[0], None)


def key_beside(
    conn: sqlite3.Connection,
    space: SpaceId,
    doc_id: DocId,
    *,
    before: DocId | None,
    after: DocId | None,
) -> str:
    """An order key directly before or after another task of the space.

    Raises:
        InvalidValue: both were given, it is no task, or the neighbour is the task itself.
        NotFound: the neighbour is no task of the space.
    """
    if kind_of(doc_id) != "task":
        raise InvalidValue(
            "A note has no place in a list; only tasks stand before or after another."
        )
    if before is not None and after is not None:
        raise InvalidValue("Say either before or after which task, not both.")
    neighbour = before if before is not None else after
    if neighbour == doc_id:
        raise InvalidValue("A task can't stand before or after itself.")
    row = conn.execute(
        "SELECT order_key FROM item WHERE doc = ? AND space = ? AND kind = 'task'",
        (neighbour, space),
    ).fetchone()
    if row is None:
        raise NotFound(f"There is no task {neighbour} in this space to stand beside.")
    key = row[0]
    edge = "MAX(order_key)" if before is not None else "MIN(order_key)"
    side = "<" if before is not None else ">"
    query = _OTHERS.format(edge) + f" AND doc <> ? AND order_key {side} ?"
    other = conn.execute(query, (space, doc_id, key or "")).fetchone()[0]
    return between(other, key) if before is not None else between(key, other)
