"""A task or note as it was at a version: its row now, with what the document said then."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from store.domain.ids import DocId

if TYPE_CHECKING:
    from store.documents.state import DocState
    from store.replica import Replica
    from store.rows import NoteRow, TaskRow


def as_it_was(replica: Replica, row: TaskRow | NoteRow, version: str) -> TaskRow | NoteRow:
    """Give the item as the author of that version saw it.

    What is no part of a document (its space, its sync mark) stays as it is now.

    Raises:
        NotFound, Ambiguous: no such version, or more than one.
    """
    then = replica.state_at(DocId(row.id), version)
    said: dict[str, Any] = {
        "title": then.fields.get("title") or "",
        "tags": then.tags,
        "body": then.body,
        "trashed": then.trashed,
        "created_at_ms": then.created_at_ms,
        "updated_at_ms": then.updated_at_ms,
        "conflicts": tuple(each.id for each in then.conflicts),
    }
    said |= _task_fields(then) if row.kind == "task" else _note_fields(then)
    return replace(row, **said)


def _task_fields(then: DocState) -> dict[str, Any]:
    names = ("due", "priority", "list", "assignee", "parent", "repeat")
    said = {name: then.fields.get(name) for name in names}
    return said | {"state": then.state, "order": then.order, "events": then.events}


def _note_fields(then: DocState) -> dict[str, Any]:
    return {"pinned": bool(then.fields.get("pinned"))}
