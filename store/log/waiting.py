"""Changes that are not in the log: those whose causes have not come yet, and those refused as lies.

Nothing that a peer sends is dropped. What lacks its deps waits here until they come; what is kept
only as evidence (a second change under the same actor and number) goes to quarantine with its
sender's name.
"""

import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

from store.domain.ids import DocId, SpaceId
from store.log.position import join_hashes
from store.log.reading import live_among

if TYPE_CHECKING:
    from store.documents.inspect import InspectedChange


@dataclass(frozen=True, slots=True)
class Held:
    """A change that waited, and the peer that it came from."""

    change: "InspectedChange"
    origin: str | None


def hold(
    conn: sqlite3.Connection,
    space: SpaceId,
    doc: DocId,
    change: "InspectedChange",
    missing: tuple[bytes, ...],
    *,
    origin: str | None,
    now_ms: int,
) -> None:
    """Keep a change until its deps are known; holding it twice is the same as once."""
    conn.execute(
        "INSERT INTO waiting (space, hash, doc, origin, at_ms, missing, bytes)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (space, hash) DO UPDATE SET missing = excluded.missing",
        (space, change.hash, doc, origin, now_ms, join_hashes(missing), change.raw),
    )


def release(conn: sqlite3.Connection, space: SpaceId, doc: DocId) -> list[Held]:
    """Take out the changes of a document whose deps are all known now.

    Returns:
        What can be appended, causes before their effects: a change that only waits for another one
        in the list is in it too. It is the caller's to append them in the same transaction.
    """
    kept = conn.execute(
        "SELECT bytes, origin FROM waiting WHERE space = ? AND doc = ? ORDER BY at_ms, hash",
        (space, doc),
    ).fetchall()
    if not kept:
        return []
    # Imported here: the usual commit finds nothing waiting.
    from store.documents.inspect import inspect_change
    from store.documents.schema import genesis_hash

    held = [Held(inspect_change(raw), origin) for raw, origin in kept]
    named = {dep for one in held for dep in one.change.deps}
    known = live_among(conn, space, doc, named) | {genesis_hash(doc)}
    free: list[Held] = []
    while ready := [one for one in held if known.issuperset(one.change.deps)]:
        free += ready
        known.update(one.change.hash for one in ready)
        held = [one for one in held if one.change.hash not in known]
    conn.executemany(
        "DELETE FROM waiting WHERE space = ? AND hash = ?",
        [(space, one.change.hash) for one in free],
    )
    return free


def waiting_docs(conn: sqlite3.Connection, space: SpaceId) -> list[DocId]:
    """List the documents that have changes waiting for others, by id."""
    return [
        row[0]
        for row in conn.execute(
            "SELECT DISTINCT doc FROM waiting WHERE space = ? ORDER BY doc", (space,)
        )
    ]


def quarantine(
    conn: sqlite3.Connection,
    space: SpaceId,
    doc: DocId,
    change_hash: bytes,
    raw: bytes,
    reason: str,
    *,
    sender: str | None,
    now_ms: int,
) -> None:
    """Keep a change as evidence, once for each sender; it never takes effect."""
    conn.execute(
        "INSERT INTO quarantine (space, doc, hash, reason, sender, at_ms, bytes)"
        " SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE NOT EXISTS"
        " (SELECT 1 FROM quarantine WHERE space = ?1 AND hash = ?3 AND sender IS ?5)",
        (space, doc, change_hash, reason, sender, now_ms, raw),
    )
