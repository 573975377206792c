"""What a refused change would take away: an item as it is, beside what the server has of it.

The list of what is refused comes from rows; only the page of one refusal opens its document.
"""

import sqlite3
from typing import Final

from store import peers
from store.commands.differences import differences
from store.documents.open_doc import OpenDoc
from store.domain.errors import NotFound
from store.domain.ids import SpaceId
from store.rows import Refusal, RefusalRow

_REFUSED: Final = (
    "SELECT item.title, (SELECT min(at_ms) FROM parked WHERE parked.doc = item.doc)"
    " FROM item WHERE doc = ? AND purged = 0"
)


def refusals(conn: sqlite3.Connection, space: SpaceId | None = None) -> list[RefusalRow]:
    """List the items of which a server refused changes, the longest refused first."""
    rows = []
    for parked in peers.parked_rows(conn, space):
        found = conn.execute(_REFUSED, (parked.doc_id,)).fetchone()
        title, at_ms = found or ("", None)
        rows.append(
            RefusalRow(parked.id, parked.doc_id, title, parked.reason, parked.changes, at_ms)
        )
    return rows


def refusal_of(conn: sqlite3.Connection, doc: OpenDoc) -> Refusal:
    """Say what is refused of one item, and what the item says with it and without it.

    Raises:
        NotFound: nothing of it is refused.
    """
    row = next((each for each in refusals(conn) if each.doc_id == doc.id), None)
    if row is None:
        raise NotFound("Nothing of this item is refused any more.")
    gone = _refused(conn, doc)
    kept = [change for change in doc.history.changes if change.hash not in gone]
    followed = {dep for change in kept for dep in change.deps}
    heads = tuple(change.hash for change in kept if change.hash not in followed)
    without = doc.state_at(heads) if len(kept) > 1 else None
    return Refusal(row, without is None, differences(without, doc.state()))


def _refused(conn: sqlite3.Connection, doc: OpenDoc) -> set[bytes]:
    """The refused changes and all that follow them: what taking back would take back."""
    gone = {row[0] for row in conn.execute("SELECT hash FROM parked WHERE doc = ?", (doc.id,))}
    for change in doc.history.changes:
        if gone.intersection(change.deps):
            gone.add(change.hash)
    return gone
