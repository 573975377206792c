"""Moving an item: a copy in another space that knows where it came from, and trash here (D16)."""

from store.commands import items
from store.commands.checks import ensure_present, ensure_writable
from store.commands.copying import copied
from store.commands.inverse import Inverse
from store.commands.unit_of_work import UnitOfWork
from store.documents.binding import ROOT_OBJECT
from store.domain.errors import Refused
from store.domain.ids import DocId, SpaceId, kind_of


def move(act: UnitOfWork, doc_id: DocId, to: SpaceId) -> tuple[DocId, list[Inverse]]:
    """Move an item, with the subtasks below it, to another space.

    Returns:
        The copy, and how to take the move back.

    Raises:
        Refused: it is there already, or has open conflicts, which would be left behind.
    """
    ensure_writable(act.conn, act.space_of(doc_id))
    ensure_writable(act.conn, to)
    ensure_present(act.conn, doc_id)
    if act.space_of(doc_id) == to:
        raise Refused("It is in that space already.")
    undo: list[Inverse] = []
    copy = _move(act, doc_id, to, None, undo)
    return copy, undo


def _move(
    act: UnitOfWork, doc_id: DocId, to: SpaceId, parent: DocId | None, undo: list[Inverse]
) -> DocId:
    state = act.state(doc_id)
    if state.conflicts:
        raise Refused("Settle its conflicts first: they would not come along.")
    below = act.conn.execute(
        "SELECT doc FROM item WHERE parent = ? AND NOT trashed ORDER BY order_key", (doc_id,)
    ).fetchall()
    content = copied(act, state, to, {"moved_from": doc_id, "parent": parent})
    copy = act.create(to, kind_of(doc_id), content)
    act.edit(doc_id, lambda writer: writer.put(ROOT_OBJECT, "moved_to", copy))
    items.write_event(act, doc_id, "trash", {"type": "trash"})
    undo += [Inverse.of_trash(copy, "trash"), Inverse.of_trash(doc_id, "restore")]
    for (child,) in below:
        _move(act, DocId(child), to, copy, undo)
    return copy
