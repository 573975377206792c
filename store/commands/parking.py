"""Three ways out for an item whose changes were refused: retry, take back, save as new (D20).

Taking back makes the document again without the refused changes and what follows them. Their rows
stay in the log, so that its chain holds, as `withdrawn`: no document is made of them and nobody is
offered them. Their text is kept as a draft that waits for a person.

Each way can be gone back. What was offered once more is parked again, as long as it was not sent.
What was taken back comes back out of the log, parked as it was, and nothing of it is sent; the
draft that was made of it goes, unless somebody has typed on in it.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from store import offered_again, peers
from store.commands import items
from store.commands.checks import ensure_writable, has_room
from store.commands.copying import copied
from store.commands.drafting import draft_of, flush_if_room, held_text, hold_text
from store.commands.inverse import Inverse
from store.commands.unit_of_work import UnitOfWork
from store.domain.errors import NotFound, Refused
from store.domain.ids import DocId, SpaceId, kind_of

SENT: Final = "It was sent from this device since, so this can't be undone any more."
_IS_BACK: Final = "Somebody else has brought it back since, so there is nothing to undo."

# Of a parked change, as it is kept in an act: its hash in hex, and the rest of its row.
_Parked = tuple[str, str, str | None, str, int]


def retry(act: UnitOfWork, doc_id: DocId) -> list[Inverse]:
    """Offer an item's refused changes once more; raises NotFound if none was."""
    parked = _parked(act.conn, doc_id)
    space = act.space_of(doc_id)
    peers.offer_again(act.conn, space, doc_id)
    offered_again.note_offered(act.conn, space, _hashes(parked))
    act.touched.setdefault(doc_id, space)
    return [Inverse.of_retry(doc_id, parked)]


def park_again(act: UnitOfWork, doc_id: DocId, parked: Sequence[_Parked]) -> list[Inverse]:
    """Take a retry back: its changes are parked as they were; raises Refused once they were sent.

    What was written on top of them since follows them, so a round parks it with them.
    """
    space = act.space_of(doc_id)
    if not is_unsent(act.conn, space, parked):
        raise Refused(SENT)
    for one in parked:
        _park(act.conn, space, doc_id, one)
    act.touched.setdefault(doc_id, space)
    return [Inverse.of_parking(doc_id)]


def is_unsent(conn: sqlite3.Connection, space: SpaceId, parked: Sequence[_Parked]) -> bool:
    """Whether changes that were offered once more have not left this device since."""
    return offered_again.unsent(conn, space).issuperset(_hashes(parked))


def take_back(act: UnitOfWork, doc_id: DocId, *, holds: bool = True) -> list[Inverse]:
    """Make an item again without its refused changes; raises NotFound if none was.

    Args:
        act: the act.
        doc_id: the item.
        holds: whether its text stays as a held draft, where it said more.
    """
    parked = _parked(act.conn, doc_id)
    space = act.space_of(doc_id)
    text = _text_with_typed(act, doc_id)  # the draft below would replace what is typed
    held_before = _draft(act.conn, doc_id)
    withdrawn = act.withdraw(doc_id, _hashes(parked))
    peers.unpark(act.conn, space, doc_id)
    without = act.open(doc_id)
    if holds and text != without.state().body:
        hold_text(act.conn, doc_id, text, without.heads, space=space, now_ms=act.stamp.at_ms)
    taken = {
        "parked": parked,
        "withdrawn": sorted(one.hex() for one in withdrawn),
        "held_before": held_before,
        "held": _draft(act.conn, doc_id),
        "holds": holds,
    }
    return [Inverse.of_taking_back(doc_id, taken)]


def bring_back(act: UnitOfWork, doc_id: DocId, taken: dict[str, Any]) -> list[Inverse]:
    """Put changes that were taken back into their item again, parked as they were.

    Args:
        act: the act.
        doc_id: the item.
        taken: as `take_back` wrote it down.

    Raises:
        Refused: others have all of it by now, or what it follows was taken back too.
    """
    space = act.space_of(doc_id)
    back = act.bring_back(doc_id, [bytes.fromhex(one) for one in taken["withdrawn"]])
    if not back:
        raise Refused(_IS_BACK)
    parked: dict[str, _Parked] = {one[0]: one for one in taken["parked"]}
    *_, peer, at_ms = taken["parked"][0]
    for one in sorted(change.hex() for change in back):
        follows = (one, peers.DEPENDS_ON_REFUSED, None, peer, at_ms)
        _park(act.conn, space, doc_id, parked.get(one, follows))
    if _draft(act.conn, doc_id) == taken["held"] != taken["held_before"]:
        _put_draft(act, doc_id, taken["held_before"])
    return [Inverse.of_bringing_back(doc_id, holds=taken["holds"])]


def salvage(act: UnitOfWork, doc_id: DocId) -> tuple[DocId, list[Inverse]]:
    """Save what an item says now as a new one, then take the old one's refused changes back.

    An item that was edited too often to be written on is saved like that too. Where nothing of it
    was refused, the old one goes to the trash.

    Returns:
        The new item, and how to go back.

    Raises:
        NotFound: nothing of it was refused, and it can be written on.
    """
    space = act.space_of(doc_id)
    ensure_writable(act.conn, space)
    if has_room(act.open(doc_id)):
        _parked(act.conn, doc_id)
    text = _text_with_typed(act, doc_id)
    content = copied(act, act.state(doc_id), space, {})
    copy = act.create(space, kind_of(doc_id), replace(content, body=text))
    undo = [Inverse.of_trash(copy, "trash")]
    if act.conn.execute("SELECT 1 FROM parked WHERE doc = ?", (doc_id,)).fetchone():
        return copy, [*undo, *take_back(act, doc_id, holds=False)]
    items.write_event(act, doc_id, "trash", {"type": "trash"})
    return copy, [*undo, Inverse.of_trash(doc_id, "restore")]


def _parked(conn: sqlite3.Connection, doc_id: DocId) -> list[_Parked]:
    rows = conn.execute(
        "SELECT hash, reason, detail, peer, at_ms FROM parked WHERE doc = ? ORDER BY at_ms, hash",
        (doc_id,),
    ).fetchall()
    if not rows:
        raise NotFound("Nothing of this item was refused; `cairn parked` lists what was.")
    return [(row[0].hex(), *row[1:]) for row in rows]


def _text_with_typed(act: UnitOfWork, doc_id: DocId) -> str:
    """What an item's text says with what was typed since: a change by now, if it takes one."""
    flush_if_room(act, doc_id)
    typed = draft_of(act.conn, doc_id)
    if typed is None or held_text(act.conn, doc_id) is not None:
        return act.state(doc_id).body
    act.conn.execute("DELETE FROM draft WHERE doc = ?", (doc_id,))
    return typed[0]


def _hashes(parked: Sequence[_Parked]) -> list[bytes]:
    return [bytes.fromhex(one[0]) for one in parked]


def _park(conn: sqlite3.Connection, space: SpaceId, doc_id: DocId, parked: _Parked) -> None:
    change, reason, detail, peer, at_ms = parked
    peers.park(
        conn,
        space,
        doc_id,
        bytes.fromhex(change),
        reason=reason,
        detail=detail,
        peer=peer,
        now_ms=at_ms,
    )


def _draft(conn: sqlite3.Connection, doc_id: DocId) -> list[Any] | None:
    """The held text of an item with the heads that it is of, as an act keeps it."""
    found = draft_of(conn, doc_id) if held_text(conn, doc_id) is not None else None
    return None if found is None else [found[0], [one.hex() for one in found[1]]]


def _put_draft(act: UnitOfWork, doc_id: DocId, held: list[Any] | None) -> None:
    """Hold the text again that was held before, if one was."""
    act.conn.execute("DELETE FROM draft WHERE doc = ?", (doc_id,))
    if held is not None:
        text, base = held
        heads = tuple(bytes.fromhex(one) for one in base)
        space, now_ms = act.space_of(doc_id), act.stamp.at_ms
        hold_text(act.conn, doc_id, text, heads, space=space, now_ms=now_ms)
