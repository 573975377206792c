"""Links between items: what an item's text leads to, and which texts lead to it.

A link stays in its space. Where several items fit, the nearest file of that name counts, of those
as near the first by path, else the oldest of that title, notes before tasks: the same on every
device.
"""

import posixpath
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from store.domain.ids import DocId
from store.domain.links import link_keys, name_keys, with_leads
from store.projections.canonical import canonical_json
from store.rows import LinkedRow, Links

LINKS_MAX: Final = 200  # shown of one item

_COLUMNS: Final = "item.doc, item.kind, item.title, item.source, item.created_at_ms"
_SHOWN: Final = "item.trashed = 0 AND item.purged = 0"
_NAMED: Final = (
    f"SELECT link_name.key, {_COLUMNS} FROM link_name JOIN item ON item.doc = link_name.doc"
    " WHERE link_name.key IN (SELECT value FROM json_each(?1)) AND item.space ="
    f" (SELECT space FROM item WHERE doc = ?2) AND {_SHOWN}"
)
_LINKING: Final = (
    f"SELECT DISTINCT {_COLUMNS} FROM link_name JOIN link ON link.key = link_name.key"
    " JOIN item ON item.doc = link.doc WHERE link_name.doc = ?1 AND item.doc <> ?1"
    f" AND item.space = (SELECT space FROM item WHERE doc = ?1) AND {_SHOWN}"
    " ORDER BY item.kind, item.title, item.doc LIMIT ?2"
)


@dataclass(frozen=True, slots=True)
class _Found:
    doc: str
    kind: str
    title: str
    source: str | None
    created_at_ms: int | None

    def rank(self, key: str, source: str | None) -> tuple[bool, bool, int, str, bool, int, str]:
        """What makes it the one that a link in a text from `source` means; lower is likelier."""
        is_file = self.source is not None and key in name_keys(self.doc, "", self.source)
        near = posixpath.dirname(self.source or "") == posixpath.dirname(source or "")
        return (
            not is_file,
            is_file and not near,
            (self.source or "").count("/") if is_file else 0,
            (self.source or "") if is_file else "",
            self.kind != "note",
            self.created_at_ms or 0,
            self.doc,
        )


def followed(conn: sqlite3.Connection, doc: DocId, keys: Iterable[str]) -> dict[str, LinkedRow]:
    """Say which item each key leads to, for links in the text of `doc`; no entry where none does.

    Args:
        conn: a connection.
        doc: the item in which the links stand.
        keys: as from `store.domain.links`.
    """
    source = _source_of(conn, doc)
    best: dict[str, _Found] = {}
    for key, *values in conn.execute(_NAMED, (canonical_json(sorted(keys)), doc)):
        found = _Found(*values)
        known = best.get(key)
        if known is None or found.rank(key, source) < known.rank(key, source):
            best[key] = found
    return {key: _row(found) for key, found in best.items()}


def with_item_links(conn: sqlite3.Connection, doc: DocId, text: str) -> str:
    """Make the links of an item's text lead to items (`cairn:<document id>`), for showing it."""
    source = _source_of(conn, doc)
    found = followed(conn, doc, link_keys(text, source))
    return with_leads(text, source=source, leads={key: row.id for key, row in found.items()})


def links(conn: sqlite3.Connection, doc: DocId) -> Links:
    """Give the items that an item's text leads to, and those whose texts lead to it."""
    keys = [row[0] for row in conn.execute("SELECT key FROM link WHERE doc = ?", (doc,))]
    ahead = {row.id: row for row in followed(conn, doc, keys).values() if row.id != doc}
    behind = [
        found
        for values in conn.execute(_LINKING, (doc, LINKS_MAX))
        if _leads_to(conn, found := _Found(*values), doc)
    ]
    return Links(
        tuple(sorted(ahead.values(), key=lambda row: (row.kind, row.title, row.id))),
        tuple(_row(found) for found in behind),
    )


def _leads_to(conn: sqlite3.Connection, found: _Found, doc: DocId) -> bool:
    """Tell whether a text that names an item means this one, and not another of the same name."""
    keys = [
        row[0]
        for row in conn.execute(
            "SELECT key FROM link WHERE doc = ? AND key IN"
            " (SELECT key FROM link_name WHERE doc = ?)",
            (found.doc, doc),
        )
    ]
    return any(row.id == doc for row in followed(conn, DocId(found.doc), keys).values())


def _source_of(conn: sqlite3.Connection, doc: str) -> str | None:
    row = conn.execute("SELECT source FROM item WHERE doc = ?", (doc,)).fetchone()
    return None if row is None else row[0]


def _row(found: _Found) -> LinkedRow:
    return LinkedRow(found.doc, found.kind, found.title)
