"""The sync mark of each item, and the ids of its open conflicts.

    local     its space has no server (nor another peer)
    error     a peer refused a change of it
    pending   it has a change that its server (or, without one, any peer) has not acknowledged
    synced    none of these

Few items are ever pending, parked or in conflict, so those are read as sets, once for a list,
instead of being joined to every row of it.
"""

import sqlite3
from dataclasses import dataclass
from typing import Final

from store.rows import SyncMark

_PENDING: Final = "SELECT id FROM doc WHERE space = ? AND own_seq > ?"


@dataclass(frozen=True, slots=True)
class Marks:
    """What lists need to know beside their own rows.

    Attributes:
        names: names of spaces by id.
        default: mark of an item by its space, where nothing else is known of the item.
        exceptions: mark of the items that have another one.
        conflicts: ids of open conflicts by document, sorted.
    """

    names: dict[str, str]
    default: dict[str, SyncMark]
    exceptions: dict[str, SyncMark]
    conflicts: dict[str, tuple[str, ...]]

    def sync(self, doc: str, space: str) -> SyncMark:
        """Give the mark of an item."""
        return self.exceptions.get(doc) or self.default.get(space, "local")


def read_marks(conn: sqlite3.Connection, doc: str | None = None) -> Marks:
    """Read the marks of all items, or only of one."""
    names = dict(conn.execute("SELECT id, name FROM space").fetchall())
    default: dict[str, SyncMark] = dict.fromkeys(names, "local")
    exceptions: dict[str, SyncMark] = {}
    for space, push_seq in acknowledged(conn).items():
        default[space] = "synced"
        pending = (
            conn.execute(_PENDING, (space, push_seq))
            if doc is None
            else conn.execute(f"{_PENDING} AND id = ?", (space, push_seq, doc))
        )
        exceptions.update((row[0], "pending") for row in pending)
    exceptions.update((row[0], "error") for row in conn.execute("SELECT doc FROM parked"))
    return Marks(names, default, exceptions, _open_conflicts(conn, doc))


def acknowledged(conn: sqlite3.Connection) -> dict[str, int]:
    """How far each space's log is acknowledged: by its server, or else by any peer (D19)."""
    found = conn.execute(
        "SELECT space, coalesce(max(CASE kind WHEN 'server' THEN push_seq END), max(push_seq))"
        " FROM peer GROUP BY space"
    )
    return dict(found.fetchall())


def _open_conflicts(conn: sqlite3.Connection, doc: str | None) -> dict[str, tuple[str, ...]]:
    found = conn.execute(
        "SELECT doc, id FROM conflict WHERE settled IS NULL AND (?1 IS NULL OR doc = ?1)"
        " ORDER BY id",
        (doc,),
    )
    by_doc: dict[str, tuple[str, ...]] = {}
    for of, conflict_id in found:
        by_doc[of] = (*by_doc.get(of, ()), conflict_id)
    return by_doc
