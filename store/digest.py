"""Hashes of a space by which two replicas can be compared (DECISIONS D15).

view    SHA-256 over the canonical JSON of all documents by id, the trash included: what a person
        sees and what conflicts there are, without what differs from device to device (sync
        marks, parked changes, what was listed)
heads   SHA-256 over sorted lines of a document id and its sorted heads
"""

import hashlib
import json
import sqlite3
from typing import Any, Final

from store.domain.ids import SpaceId
from store.log.position import split_hashes
from store.projections.canonical import canonical_json
from store.rows import Digest

_ITEM_COLUMNS: Final = (
    "doc",
    "kind",
    "title",
    "state",
    "due",
    "priority",
    "list",
    "assignee",
    "parent",
    "order_key",
    "repeat",
    "pinned",
    "source",
    "moved_to",
    "trashed",
    "purged",
    "created_at_ms",
    "updated_at_ms",
)
_DOCUMENTS: Final = (
    f"SELECT {', '.join('item.' + column for column in _ITEM_COLUMNS)},"
    " item.tags, item.events, text.body FROM item JOIN text ON text.doc = item.doc"
    " WHERE item.space = ? ORDER BY item.doc"
)
_CONFLICTS: Final = (
    "SELECT doc, id, kind, field, record, base, sides, settled FROM conflict"
    " WHERE space = ? ORDER BY id"
)


def digest(conn: sqlite3.Connection, space: SpaceId) -> Digest:
    """Compute both hashes of a space, as hex."""
    heads, docs, changes = _heads(conn, space)
    return Digest(heads, _view(conn, space), docs, changes)


def _view(conn: sqlite3.Connection, space: SpaceId) -> str:
    conflicts: dict[str, list[dict[str, Any]]] = {}
    for doc, *values in conn.execute(_CONFLICTS, (space,)):
        conflicts.setdefault(doc, []).append(_conflict_json(*values))
    view = hashlib.sha256(b"[")
    separator = b""
    for *scalars, tags, events, body in conn.execute(_DOCUMENTS, (space,)):
        document = dict(zip(_ITEM_COLUMNS, scalars, strict=True))
        document |= {
            "tags": _list_of(tags),
            "events": _list_of(events),
            "body": body,
            "conflicts": conflicts.get(document["doc"], []),
        }
        view.update(separator + canonical_json(document).encode())
        separator = b","
    view.update(b"]")
    return view.hexdigest()


def _list_of(text: str) -> list[Any]:
    return [] if text == "[]" else json.loads(text)  # most have none


def _conflict_json(
    conflict_id: str,
    kind: str,
    field: str | None,
    record: str | None,
    base: str,
    sides: str,
    settled: str | None,
) -> dict[str, Any]:
    return {
        "id": conflict_id,
        "kind": kind,
        "field": field,
        "record": record,
        "base": json.loads(base),
        "sides": json.loads(sides),
        "settled": None if settled is None else json.loads(settled),
    }


def _heads(conn: sqlite3.Connection, space: SpaceId) -> tuple[str, int, int]:
    heads = hashlib.sha256()
    docs = changes = 0
    for doc, joined, logged in conn.execute(
        "SELECT id, heads, changes FROM doc WHERE space = ? AND changes > 0 ORDER BY id", (space,)
    ):
        line = " ".join([doc, *(one.hex() for one in split_hashes(joined))])
        heads.update(f"{line}\n".encode())
        docs += 1
        changes += logged
    return heads.hexdigest(), docs, changes
