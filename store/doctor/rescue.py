"""Keeps what lists said of an item whose changes are damaged, as a new item.

The rows of an item hold its last title, fields, tags and text. Where its changes are gone and no
server has them, making the rows anew would take that from the person's sight: so it becomes an item
of its own first, with the tag `recovered`.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from store.commands.content import Content
from store.commands.placing import key_at_end
from store.commands.unit_of_work import UnitOfWork
from store.documents.settlements import compact
from store.documents.state import DocState
from store.domain.errors import InvalidValue
from store.domain.fields import OWN_FIELDS, SCALAR_FIELDS, Scalar
from store.domain.ids import DocId, SpaceId, kind_of, parse_doc_id

RECOVERED_TAG: Final = "recovered"
UNTITLED: Final = "Recovered text"
_TITLE_CHARS: Final = 80
_OF_GONE: Final = "FROM draft WHERE doc NOT IN (SELECT id FROM doc)"
_LOST_DRAFT: Final = f"SELECT text {_OF_GONE} AND doc = ?"

_COLUMNS: Final = (
    "space", "title", "state", "due", "priority", "list", "assignee", "parent", "repeat", "pinned",
    "source", "moved_to", "trashed", "purged", "tags",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """What the rows of an item say."""

    doc: DocId
    row: Mapping[str, Any]
    body: str

    def is_said_by(self, state: DocState) -> bool:
        """Tell whether the document still says the same."""
        names = (*SCALAR_FIELDS[kind_of(self.doc)], *OWN_FIELDS)
        fields = {name: state.fields.get(name) or None for name in names}
        return (
            fields == {name: self._field(name) for name in names}
            and list(state.tags) == self.tags
            and (state.body, state.state) == (self.body, self.row["state"])
        )

    @property
    def tags(self) -> list[str]:
        """Its tags, sorted."""
        return list(json.loads(self.row["tags"]))

    def content(self) -> tuple[dict[str, Scalar], dict[str, Scalar]]:
        """Give its fields, and its tags with the one that says where it comes from."""
        names = SCALAR_FIELDS[kind_of(self.doc)]
        fields: dict[str, Scalar] = {
            name: value for name in names if (value := self._field(name)) is not None
        }
        tags: dict[str, Scalar] = dict.fromkeys([*self.tags, RECOVERED_TAG], True)
        return fields, tags

    def _field(self, name: str) -> Scalar:
        value: Scalar = self.row[name]
        return (bool(value) or None) if name == "pinned" else (value or None)


def shown(conn: sqlite3.Connection, docs: Iterable[str]) -> list[Shown]:
    """Read what the rows say of some items, but for those that were purged from the trash."""
    found = []
    for doc in docs:
        if not is_doc_id(doc):
            continue
        row = _item_row(conn, doc) or _made_up_row(conn, DocId(doc))
        if row is not None and not row["purged"]:
            body = _only(conn, _LOST_DRAFT, doc)
            if body is None:
                body = _only(conn, "SELECT body FROM text WHERE doc = ?", doc) or ""
            found.append(Shown(DocId(doc), row, body))
    return found


def lost_drafts(conn: sqlite3.Connection) -> set[str]:
    """List the documents that are gone and have a text that was not a change yet."""
    return {row[0] for row in conn.execute(f"SELECT doc {_OF_GONE}")}


def drop_lost_drafts(conn: sqlite3.Connection) -> None:
    """Delete the drafts of documents that are gone, once they are items of their own."""
    conn.execute(f"DELETE {_OF_GONE}")


def _item_row(conn: sqlite3.Connection, doc: str) -> dict[str, Any] | None:
    columns = ", ".join(f"item.{name}" for name in _COLUMNS)
    query = f"SELECT {columns} FROM item JOIN space ON space.id = item.space WHERE item.doc = ?"
    values = conn.execute(query, (doc,)).fetchone()
    return None if values is None else dict(zip(_COLUMNS, values, strict=True))


def _made_up_row(conn: sqlite3.Connection, doc: DocId) -> dict[str, Any] | None:
    """Make up the row of an item of which only its text is left, in the current space."""
    title = _only(conn, "SELECT title FROM text WHERE doc = ?", doc)
    if title is None:
        draft = _only(conn, _LOST_DRAFT, doc)
        if draft is None:
            return None
        title = draft.strip().partition("\n")[0][:_TITLE_CHARS] or UNTITLED
    tags = _only(conn, "SELECT tags FROM text WHERE doc = ?", doc) or ""
    row: dict[str, Any] = dict.fromkeys(_COLUMNS)
    return row | {
        "space": _only(conn, "SELECT id FROM space WHERE is_current"),
        "title": title,
        "tags": json.dumps(sorted(set(tags.split()))),
        "state": "open" if kind_of(doc) == "task" else None,
    }


def _only(conn: sqlite3.Connection, query: str, *values: str) -> str | None:
    row = conn.execute(query, values).fetchone()
    return None if row is None else row[0]


def is_doc_id(text: str) -> bool:
    """Tell whether a text names a document that this program knows."""
    try:
        parse_doc_id(text)
    except InvalidValue:
        return False
    return True


def recover(act: UnitOfWork, was: Shown) -> DocId:
    """Make a new item that says what the rows of a damaged one said."""
    space = SpaceId(was.row["space"])
    fields, tags = was.content()
    entries: dict[str, dict[str, Scalar]] = {"tags": tags}
    if kind_of(was.doc) == "task":
        entries["order"] = {act.new_event_id(): key_at_end(act.conn, space)}
        if was.row["state"] not in (None, "open"):
            said = compact({"type": "set", "to": was.row["state"]})
            entries["events"] = {act.new_event_id(): said}
    if was.row["trashed"]:
        entries["trash"] = {act.new_event_id(): compact({"type": "trash"})}
    return act.create(space, kind_of(was.doc), Content(fields, entries, was.body))
