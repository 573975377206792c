"""What was typed is saved at once as a draft and becomes a change a moment later (DECISIONS D11).

A draft is one row: the whole text of a box and the heads that the box was loaded from. It is
durable within the frame. Turning it into a change writes the difference on a fork of those heads,
so what others wrote meanwhile stays; after a crash the row is still there and is played back the
same way.

A text that was taken back (DECISIONS D20) is a draft too, but *held*: it becomes a change when a
person puts it in, or types on in it, and not by itself, or what was refused would be sent again.
"""

import sqlite3
from typing import Final

from store.commands import items
from store.commands.checks import has_room
from store.commands.inverse import Inverse
from store.commands.unit_of_work import UnitOfWork
from store.domain.errors import NotFound
from store.domain.fields import validated_body
from store.domain.ids import DocId
from store.log.position import join_hashes, split_hashes
from store.rows import HeldRow

_TITLE_CHARS: Final = 80


def save_draft(
    conn: sqlite3.Connection,
    doc_id: DocId,
    text: str,
    base: tuple[bytes, ...],
    *,
    space: str,
    now_ms: int,
) -> None:
    """Keep what a box says now; replaces the draft before it, which the box has shown."""
    conn.execute(
        "INSERT OR REPLACE INTO draft(doc, space, at_ms, base, text) VALUES (?, ?, ?, ?, ?)",
        (doc_id, space, now_ms, join_hashes(base), validated_body(text)),
    )


def hold_text(
    conn: sqlite3.Connection,
    doc_id: DocId,
    text: str,
    base: tuple[bytes, ...],
    *,
    space: str,
    now_ms: int,
) -> None:
    """Keep a text that was taken back until a person looks; after one that is held already."""
    held = held_text(conn, doc_id)
    if held is not None and held not in text:
        text = f"{held}\n\n{text}"
    save_draft(conn, doc_id, text, base, space=space, now_ms=now_ms)
    conn.execute("UPDATE draft SET held = 1 WHERE doc = ?", (doc_id,))


def held_text(conn: sqlite3.Connection, doc_id: DocId) -> str | None:
    """The text of an item that was taken back and waits for a person, if there is one."""
    row = conn.execute("SELECT text FROM draft WHERE doc = ? AND held", (doc_id,)).fetchone()
    return row[0] if row else None


def held_rows(conn: sqlite3.Connection) -> list[HeldRow]:
    """The texts that were taken back and wait for a person, the oldest first."""
    found = conn.execute(
        "SELECT draft.doc, item.title, draft.at_ms, draft.text FROM draft"
        " LEFT JOIN item ON item.doc = draft.doc WHERE held ORDER BY draft.at_ms, draft.doc"
    )
    return [HeldRow(DocId(doc), title, at_ms, text) for doc, title, at_ms, text in found]


def drop_held(act: UnitOfWork, doc_id: DocId) -> list[Inverse]:
    """Throw a held text away; raises NotFound."""
    text, found = held_text(act.conn, doc_id), draft_of(act.conn, doc_id)
    if text is None or found is None:
        raise _none_held()
    act.conn.execute("DELETE FROM draft WHERE doc = ? AND held", (doc_id,))
    act.touched.setdefault(doc_id, act.space_of(doc_id))
    return [Inverse.of_held(doc_id, *found)]


def put_held_in(act: UnitOfWork, doc_id: DocId) -> tuple[DocId, list[Inverse]]:
    """Turn a held text into a change after all; going back holds it again.

    Returns:
        The item that has it: a new note where all of the item was taken back.

    Raises:
        NotFound: no text of it is held.
    """
    found = draft_of(act.conn, doc_id)
    holding = drop_held(act, doc_id)
    assert found is not None, "it was held"
    text, base = found
    if act.conn.execute("SELECT 1 FROM item WHERE doc = ?", (doc_id,)).fetchone():
        return doc_id, [*holding, *items.write_text(act, doc_id, text, base)]
    title = text.strip().partition("\n")[0][:_TITLE_CHARS] or "Text that was taken back"
    note = items.add_note(act, act.space_of(doc_id), title, text, ())
    return note, [*holding, Inverse.of_trash(note, "trash")]


def waiting_drafts(conn: sqlite3.Connection) -> list[DocId]:
    """Documents whose draft shall become a change, oldest first; not of what is gone.

    A draft of something of which everything was taken back is kept: as a change it would make an
    item without a title.
    """
    found = conn.execute(
        "SELECT draft.doc FROM draft JOIN doc ON doc.id = draft.doc"
        " WHERE doc.changes > 0 AND NOT held ORDER BY draft.at_ms, draft.doc"
    )
    return [DocId(row[0]) for row in found]


def draft_of(conn: sqlite3.Connection, doc_id: DocId) -> tuple[str, tuple[bytes, ...]] | None:
    """The draft of a document and the heads that it was typed on, if there is one."""
    row = conn.execute("SELECT text, base FROM draft WHERE doc = ?", (doc_id,)).fetchone()
    return (row[0], split_hashes(row[1])) if row else None


def flush_draft(act: UnitOfWork, doc_id: DocId) -> list[Inverse]:
    """Turn a document's draft into a change, unless it is held."""
    found = draft_of(act.conn, doc_id)
    if found is None or held_text(act.conn, doc_id) is not None:
        return []
    text, base = found
    act.conn.execute("DELETE FROM draft WHERE doc = ?", (doc_id,))
    return items.write_text(act, doc_id, text, base)


def flush_if_room(act: UnitOfWork, doc_id: DocId) -> list[Inverse]:
    """Turn a document's draft into a change, unless it takes none any more: it stays then."""
    return flush_draft(act, doc_id) if has_room(act.open(doc_id)) else []


def _none_held() -> NotFound:
    return NotFound("No text of this item was taken back; `cairn drafts` lists those that were.")
