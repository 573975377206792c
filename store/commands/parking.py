"""Three ways out for an item whose changes were refused: retry, take back, save as new (D20).

Taking back makes the document again without the refused changes and what follows them. Their rows
stay in the log, so that its chain holds, as `withdrawn`: no document is made of them and nobody is
offered them. Their text is kept as a draft that waits for a person.
"""

import sqlite3

from store import peers
from store.commands.checks import ensure_writable
from store.commands.copying import copied
from store.commands.drafting import flush_draft, hold_text
from store.commands.unit_of_work import UnitOfWork
from store.domain.errors import NotFound
from store.domain.ids import DocId, kind_of


def retry(act: UnitOfWork, doc_id: DocId) -> None:
    """Offer an item's refused changes once more; raises NotFound if none was."""
    _refused(act.conn, doc_id)
    peers.offer_again(act.conn, act.space_of(doc_id), doc_id)


def take_back(act: UnitOfWork, doc_id: DocId) -> None:
    """Make an item again without its refused changes; its text stays as a held draft."""
    text = _without_refused(act, doc_id)
    without = act.open(doc_id)
    if text != without.state().body:
        space = act.space_of(doc_id)
        hold_text(act.conn, doc_id, text, without.heads, space=space, now_ms=act.stamp.at_ms)


def _without_refused(act: UnitOfWork, doc_id: DocId) -> str:
    """Make an item again without its refused changes; gives its text with them."""
    refused = _refused(act.conn, doc_id)
    space = act.space_of(doc_id)
    flush_draft(act, doc_id)  # what is typed counts as well; the draft below would replace it
    text = act.state(doc_id).body
    act.withdraw(doc_id, refused)
    peers.unpark(act.conn, space, doc_id)
    return text


def salvage(act: UnitOfWork, doc_id: DocId) -> DocId:
    """Save what an item says now as a new one, then take the old one's refused changes back."""
    _refused(act.conn, doc_id)
    space = act.space_of(doc_id)
    ensure_writable(act.conn, space)
    flush_draft(act, doc_id)
    state = act.state(doc_id)
    copy = act.create(space, kind_of(doc_id), copied(act, state, space, {}))
    _without_refused(act, doc_id)
    return copy


def _refused(conn: sqlite3.Connection, doc_id: DocId) -> list[bytes]:
    rows = conn.execute("SELECT hash FROM parked WHERE doc = ?", (doc_id,)).fetchall()
    if not rows:
        raise NotFound("Nothing of this item was refused; `cairn parked` lists what was.")
    return [row[0] for row in rows]
