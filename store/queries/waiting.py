"""What is on this device only, by name: items with changes that nobody has acknowledged.

Bounded: the names of the first few, and how many there are; all from rows.
"""

import sqlite3
from dataclasses import dataclass

from store.queries.marks import acknowledged

_PENDING = (
    "SELECT item.doc, item.kind, item.title, space.name FROM doc JOIN item ON item.doc = doc.id"
    " JOIN space ON space.id = doc.space"
    " WHERE doc.space = ? AND doc.own_seq > ? AND NOT item.purged ORDER BY doc.own_seq"
)


@dataclass(frozen=True, slots=True)
class WaitingItem:
    """An item with changes that nobody has acknowledged; `space` is the space's name."""

    id: str
    kind: str
    title: str
    space: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits to be sent.

    Attributes:
        items: the first of them, those that wait longest first.
        count: how many there are.
    """

    items: tuple[WaitingItem, ...]
    count: int


def waiting(conn: sqlite3.Connection, *, limit: int) -> Waiting:
    """Name what waits in all spaces that somebody else has too."""
    found: list[WaitingItem] = []
    count = 0
    for space, seq in sorted(acknowledged(conn).items()):
        rows = conn.execute(f"{_PENDING} LIMIT ?", (space, seq, limit)).fetchall()
        found += [WaitingItem(*row) for row in rows]
        (here,) = conn.execute(f"SELECT count(*) FROM ({_PENDING})", (space, seq)).fetchone()
        count += here
    return Waiting(tuple(found[:limit]), count)
