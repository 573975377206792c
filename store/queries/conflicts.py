"""Open and settled conflicts of all items that were not purged, the last changed item first."""

import json
import sqlite3

from store.domain.ids import ConflictId, SpaceId
from store.projections.conflicts import settled_of, sides_of
from store.queries.items import only_match
from store.rows import ConflictRow


def conflicts(
    conn: sqlite3.Connection, *, settled: bool = False, space: SpaceId | None = None
) -> list[ConflictRow]:
    """List open conflicts, or the settled ones."""
    found = conn.execute(
        "SELECT conflict.id, conflict.doc, item.title, conflict.kind, conflict.field,"
        " conflict.base, conflict.sides, conflict.settled"
        " FROM conflict JOIN item ON item.doc = conflict.doc"
        " WHERE (conflict.settled IS NOT NULL) = ?1 AND item.purged = 0"
        " AND (?2 IS NULL OR conflict.space = ?2)"
        " ORDER BY item.updated_at_ms DESC, conflict.doc, conflict.id",
        (settled, space),
    )
    return [
        ConflictRow(
            conflict_id,
            doc,
            title,
            kind,
            field,
            json.loads(base),
            sides_of(json.loads(sides)),
            settled_of(by),
        )
        for conflict_id, doc, title, kind, field, base, sides, by in found
    ]


def find_conflict(conn: sqlite3.Connection, prefix: str) -> ConflictId:
    """Find an open or settled conflict by a unique beginning of its id.

    Raises:
        NotFound: no id begins so.
        Ambiguous: several do.
    """
    found = conn.execute(
        "SELECT id FROM conflict WHERE id >= ? AND id < ? ORDER BY id LIMIT 6",
        (prefix, prefix + "\x7f"),
    ).fetchall()
    return ConflictId(only_match("conflict", prefix, [row[0] for row in found]))
