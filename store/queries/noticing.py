"""How many refusals and cancellations this person has not seen yet."""

import sqlite3

from store.domain.ids import SpaceId


def unseen(conn: sqlite3.Connection, space: SpaceId | None = None) -> int:
    """Count what `notices` lists, without reading it."""
    (count,) = conn.execute(
        "SELECT (SELECT count(*) FROM outbox WHERE type NOT IN ('', 'taken-back')"
        " AND (?1 IS NULL OR space = ?1))"
        " + (SELECT count(*) FROM notice AS n WHERE (?1 IS NULL OR n.space = ?1)"
        " AND (n.holder = (SELECT value FROM meta WHERE key = 'replica_id')"
        " OR n.person = (SELECT value FROM meta WHERE key = 'person'))"
        " AND NOT EXISTS (SELECT 1 FROM noted WHERE noted.space = n.space AND noted.id = n.id))",
        (space,),
    ).fetchone()
    assert isinstance(count, int)
    return count
