"""Items and conflicts as the JSON of the command line's contract, for the exports.

The command line shapes the same rows in `app`, which the store can't import; a test holds the two
to the same keys and values.
"""

import json
from datetime import UTC, datetime
from typing import Any

from store.rows import ConflictRow, NoteRow, TaskRow

Json = dict[str, Any]


def encoded(value: object) -> str:
    """Write one JSON value on one line; text stays readable, as UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def moment(at_ms: int | None) -> str | None:
    """Write Unix milliseconds as RFC 3339 in UTC, whole seconds: `2026-11-23T08:49:03Z`."""
    if at_ms is None:
        return None
    whole = datetime.fromtimestamp(at_ms // 1000, tz=UTC)
    return whole.isoformat(timespec="seconds").replace("+00:00", "Z")


def item(row: TaskRow | NoteRow) -> Json:
    """Shape a task or a note."""
    shaped: Json = {"id": row.id, "kind": row.kind, "space": row.space, "title": row.title}
    if isinstance(row, TaskRow):
        shaped |= {
            "state": row.state,
            "due": row.due,
            "priority": row.priority,
            "list": row.list,
            "assignee": row.assignee,
            "tags": list(row.tags),
            "parent": row.parent,
            "order": row.order,
            "repeat": row.repeat,
            "body": row.body,
        }
    else:
        shaped |= {"body": row.body, "tags": list(row.tags), "pinned": row.pinned}
    shaped |= {
        "trashed": row.trashed,
        "created_at": moment(row.created_at_ms),
        "updated_at": moment(row.updated_at_ms),
        "sync": row.sync,
        "conflicts": list(row.conflicts),
    }
    if isinstance(row, TaskRow):
        shaped["events"] = [
            {
                "id": event.id,
                "type": event.type,
                "at": moment(event.at_ms),
                "author": event.author,
                "device": event.device,
                "reason": event.reason,
                "applied": event.applied,
                "why": event.why,
            }
            for event in row.events
        ]
    return shaped


def conflict(row: ConflictRow) -> Json:
    """Shape a conflict, open or settled."""
    settled = row.settled
    return {
        "id": row.id,
        "doc_id": row.doc_id,
        "title": row.title,
        "kind": row.kind,
        "field": row.field,
        "base": row.base,
        "sides": [
            {
                "value": side.value,
                "author": side.author,
                "device": side.device,
                "at": moment(side.at_ms),
                "shown": side.shown,
            }
            for side in row.sides
        ],
        "settled": None
        if settled is None
        else {
            "by": settled.by,
            "device": settled.device,
            "at": moment(settled.at_ms),
            "value": settled.value,
        },
    }
