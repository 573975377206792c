"""Which items the links of imported texts lead to: read from the rows of a space."""

from __future__ import annotations

from typing import TYPE_CHECKING

from store.domain.ids import DocId
from store.domain.links import LinkTargets

if TYPE_CHECKING:
    from store.replica import Replica

_NOTES = """
    SELECT doc, title, source FROM item
    WHERE space = ? AND kind = 'note' AND NOT trashed AND NOT purged
    ORDER BY created_at_ms, doc
"""


def link_targets(replica: Replica, space: str | None) -> LinkTargets[str]:
    """Index the notes of a space for `links.with_item_links`: by source, by name, by title.

    Args:
        replica: whose notes.
        space: name or id; None is the current one.
    """
    with replica.db.read() as conn:
        rows = conn.execute(_NOTES, (replica.space(space).id,)).fetchall()
    return LinkTargets(
        ((source, doc) for doc, _, source in rows if source is not None),
        ((title, doc) for doc, title, _ in rows),
    )


def source_of(replica: Replica, doc: DocId) -> str | None:
    """Give the path that an item was imported from, None if it was made here.

    The task of a checkbox has the path of its note, and behind a `#` which box it is.
    """
    with replica.db.read() as conn:
        row = conn.execute("SELECT source FROM item WHERE doc = ?", (doc,)).fetchone()
    return None if row is None else row[0]
