"""What was typed is saved at once as a draft and becomes a change a moment later (DECISIONS D11).

A draft is one row: the whole text of a box and the heads that the box was loaded from. It is
durable within the frame. Turning it into a change writes the difference on a fork of those heads,
so what others wrote meanwhile stays; after a crash the row is still there and is played back the
same way.
"""

import sqlite3

from store.commands import items
from store.commands.inverse import Inverse
from store.commands.unit_of_work import UnitOfWork
from store.domain.fields import validated_body
from store.domain.ids import DocId
from store.log.position import join_hashes, split_hashes


def save_draft(
    conn: sqlite3.Connection,
    doc_id: DocId,
    text: str,
    base: tuple[bytes, ...],
    *,
    space: str,
    now_ms: int,
) -> None:
    """Keep what a box says now; replaces the draft before it."""
    conn.execute(
        "INSERT OR REPLACE INTO draft(doc, space, at_ms, base, text) VALUES (?, ?, ?, ?, ?)",
        (doc_id, space, now_ms, join_hashes(base), validated_body(text)),
    )


def waiting_drafts(conn: sqlite3.Connection) -> list[DocId]:
    """Documents that have a draft, oldest first; not those of which everything was taken back.

    Such a draft is kept, and would make an item without a title of what is gone.
    """
    found = conn.execute(
        "SELECT draft.doc FROM draft JOIN doc ON doc.id = draft.doc WHERE doc.changes > 0"
        " ORDER BY draft.at_ms, draft.doc"
    )
    return [DocId(row[0]) for row in found]


def draft_of(conn: sqlite3.Connection, doc_id: DocId) -> tuple[str, tuple[bytes, ...]] | None:
    """The draft of a document and the heads that it was typed on, if there is one."""
    row = conn.execute("SELECT text, base FROM draft WHERE doc = ?", (doc_id,)).fetchone()
    return (row[0], split_hashes(row[1])) if row else None


def flush_draft(act: UnitOfWork, doc_id: DocId) -> list[Inverse]:
    """Turn a document's draft into a change; none is left behind."""
    found = draft_of(act.conn, doc_id)
    if found is None:
        return []
    text, base = found
    act.conn.execute("DELETE FROM draft WHERE doc = ?", (doc_id,))
    return items.write_text(act, doc_id, text, base)
