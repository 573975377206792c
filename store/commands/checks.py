"""What must hold before an item may be written: it is here, not thrown away, and ours to change."""

import sqlite3

from store.documents.open_doc import OpenDoc
from store.domain.errors import InvalidValue, NotFound, Refused, TooManyEdits
from store.domain.ids import DocId, SpaceId
from store.domain.weight import ITEM_BYTES_MAX
from store.peers import ROLE_IN_SPACE


def ensure_writable(conn: sqlite3.Connection, space: SpaceId) -> None:
    """Refuse edits beforehand where this device may only look (DECISIONS D21).

    Raises:
        Refused: the device is a viewer of the space, or was shut out of it.
    """
    row = conn.execute(
        f"SELECT space.name, {ROLE_IN_SPACE} FROM space WHERE space.id = ?", (space,)
    ).fetchone()
    if row is not None and row[1] == "viewer":
        raise Refused(
            f"You are a viewer of {row[0]}: you can read it, and an owner can let you edit."
        )


def has_room(doc: OpenDoc, *, spare_bytes: int = 0) -> bool:
    """Whether an item can take another edit without becoming too large for others to take."""
    return doc.history.weight_bytes < ITEM_BYTES_MAX + spare_bytes


def ensure_room(doc: OpenDoc, *, spare_bytes: int = 0) -> None:
    """Refuse an edit that nobody else could take (DECISIONS D11).

    Raises:
        TooManyEdits: with the way out.
    """
    if not has_room(doc, spare_bytes=spare_bytes):
        raise TooManyEdits(
            f"This item was edited too often to be written on ({doc.changes:,} edits); "
            f"`cairn salvage {doc.id[:10]}` makes a new one of what it says now."
        )


def ensure_present(conn: sqlite3.Connection, doc_id: DocId) -> None:
    """Refuse to edit what lies in the trash.

    Raises:
        NotFound: no such item.
        Refused: it is in the trash.
    """
    row = conn.execute(
        "SELECT title, trashed, purged FROM item WHERE doc = ?", (doc_id,)
    ).fetchone()
    if row is None or row[2]:
        raise NotFound(f"There is no item {doc_id} on this device.")
    if row[1]:
        raise Refused(f"“{row[0]}” is in the trash; `cairn restore {doc_id[:10]}` brings it back.")


def ensure_parent_fits(
    conn: sqlite3.Connection, space: SpaceId, parent: str, child: DocId | None
) -> None:
    """Refuse a parent that is elsewhere, thrown away, or below the task itself.

    Raises:
        InvalidValue: with the reason.
    """
    seen: set[str] = set()
    current: str | None = parent
    while current is not None and current not in seen:
        if current == child:
            raise InvalidValue("A task can't be put below itself.", field="parent")
        seen.add(current)
        row = conn.execute(
            "SELECT space, kind, trashed, parent FROM item WHERE doc = ?", (current,)
        ).fetchone()
        if current == parent:
            _check_direct_parent(row, space)
        current = row[3] if row is not None else None


def _check_direct_parent(row: tuple[str, str, int, str | None] | None, space: SpaceId) -> None:
    if row is None or row[1] != "task":
        raise InvalidValue("There is no task with that id to put this one below.", field="parent")
    if row[0] != space:
        raise InvalidValue("A parent has to be a task of the same space.", field="parent")
    if row[2]:
        raise InvalidValue("The parent is in the trash; restore it first.", field="parent")
