"""Item rows: one for each task and note, its text for search, its tags, links and conflicts.

The text of an item is written (and indexed) only if its title, body or tags changed. What a foreign
client wrote in a field of ours may be of any JSON type; lists show text, so it becomes text here.
"""

import sqlite3
from collections.abc import Sequence
from typing import Any, Final

from store.documents.state import DocState, EventRow
from store.domain.ids import DocId, SpaceId
from store.projections.canonical import canonical_json
from store.projections.conflicts import project_conflicts
from store.projections.links import project_links

SNIPPET_CHARS_MAX: Final = 160

_ITEM_COLUMNS: Final = (
    "doc",
    "space",
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
    "tags",
    "created_at_ms",
    "updated_at_ms",
    "conflict_count",
    "snippet",
    "events",
)
_UPSERT_ITEM: Final = (
    f"INSERT INTO item ({', '.join(_ITEM_COLUMNS)})"
    f" VALUES ({', '.join('?' * len(_ITEM_COLUMNS))}) ON CONFLICT (doc) DO UPDATE SET "
    + ", ".join(f"{column} = excluded.{column}" for column in _ITEM_COLUMNS[1:])
)
_UPSERT_TEXT: Final = (
    "INSERT INTO text (doc, title, body, tags) VALUES (?, ?, ?, ?) ON CONFLICT (doc) DO UPDATE SET"
    " title = excluded.title, body = excluded.body, tags = excluded.tags"
    " WHERE title <> excluded.title OR body <> excluded.body OR tags <> excluded.tags"
)


def project(conn: sqlite3.Connection, space: SpaceId, state: DocState) -> None:
    """Make the rows of a document say what its state says."""
    project_many(conn, space, (state,))


def project_many(conn: sqlite3.Connection, space: SpaceId, states: Sequence[DocState]) -> None:
    """Make the rows of several documents of a space say what their states say."""
    conn.executemany(_UPSERT_ITEM, [_item_values(space, state) for state in states])
    conn.executemany(
        _UPSERT_TEXT,
        [
            (state.doc, _text(state.fields.get("title")) or "", state.body, " ".join(state.tags))
            for state in states
        ],
    )
    conn.executemany("DELETE FROM item_tag WHERE doc = ?", [(state.doc,) for state in states])
    conn.executemany(
        "INSERT INTO item_tag (doc, tag) VALUES (?, ?)",
        [(state.doc, tag) for state in states for tag in state.tags],
    )
    project_links(conn, states)
    project_conflicts(conn, space, states)


def forget(conn: sqlite3.Connection, doc: DocId) -> None:
    """Delete all rows derived from a document."""
    for table in ("item", "text", "item_tag", "link", "link_name", "conflict"):
        conn.execute(f"DELETE FROM {table} WHERE doc = ?", (doc,))


def _item_values(space: SpaceId, state: DocState) -> tuple[Any, ...]:
    field = state.fields.get
    return (
        state.doc,
        space,
        state.kind,
        _text(field("title")) or "",
        state.state,
        _text(field("due")),
        _text(field("priority")),
        _text(field("list")),
        _text(field("assignee")),
        _text(field("parent")),
        state.order,
        _text(field("repeat")),
        field("pinned") is True,
        _text(field("source")),
        _text(field("moved_to")),
        state.trashed,
        state.purged,
        canonical_json(state.tags) if state.tags else "[]",
        state.created_at_ms,
        state.updated_at_ms,
        len(state.conflicts),
        _snippet(state.body),
        canonical_json([_event_json(event) for event in state.events]) if state.events else "[]",
    )


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else canonical_json(value)


def _snippet(body: str) -> str:
    # Twice the length, as runs of white space become one space.
    return " ".join(body[: 2 * SNIPPET_CHARS_MAX].split())[:SNIPPET_CHARS_MAX]


def _event_json(event: EventRow) -> dict[str, Any]:
    return {
        "id": event.id,
        "type": event.type,
        "at_ms": event.at_ms,
        "author": event.author,
        "device": event.device,
        "reason": event.reason,
        "applied": event.applied,
        "why": event.why,
    }
