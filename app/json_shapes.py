"""Rows as the contract's JSON (`--json`), key by key; here milliseconds become RFC 3339.

Scripts rely on these keys: adding one is fine, changing one is a break.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from store.documents.state import EventRow, Settled, Side
    from store.rows import (
        Confirmed,
        ConflictRow,
        Digest,
        HeldRow,
        NoteRow,
        PeerRow,
        RefusalRow,
        SearchHit,
        SpaceRow,
        Status,
        TaskRow,
        VersionRow,
    )
    from sync.client.results import SyncResult
    from sync.protocol.entering import Device

Json = dict[str, Any]


def encode(value: object) -> str:
    """Write one JSON value on one line; text stays readable, as UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def moment(at_ms: int | None) -> str | None:
    """Write Unix milliseconds as RFC 3339 in UTC, whole seconds: `2026-11-23T08:49:03Z`."""
    if at_ms is None:
        return None
    return datetime.fromtimestamp(at_ms // 1000, tz=UTC).isoformat().replace("+00:00", "Z")


def item(row: TaskRow | NoteRow) -> Json:
    """Shape a task or a note, whichever it is."""
    from store.rows import TaskRow

    return task(row) if isinstance(row, TaskRow) else note(row)


def task(row: TaskRow) -> Json:
    """Shape a task."""
    return {
        "id": row.id,
        "kind": "task",
        "space": row.space,
        "title": row.title,
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
        "trashed": row.trashed,
        "created_at": moment(row.created_at_ms),
        "updated_at": moment(row.updated_at_ms),
        "sync": row.sync,
        "conflicts": list(row.conflicts),
        "events": [event(each) for each in row.events],
    }


def note(row: NoteRow) -> Json:
    """Shape a note; `body` is null in lists."""
    return {
        "id": row.id,
        "kind": "note",
        "space": row.space,
        "title": row.title,
        "body": row.body,
        "tags": list(row.tags),
        "pinned": row.pinned,
        "trashed": row.trashed,
        "created_at": moment(row.created_at_ms),
        "updated_at": moment(row.updated_at_ms),
        "sync": row.sync,
        "conflicts": list(row.conflicts),
    }


def confirmed(row: Confirmed) -> Json:
    """Shape where the latest version of an item is; `server` is null where there is none."""
    return {
        "this_device": True,
        "server": row.is_on_server,
        "devices": [
            {
                "id": one.id,
                "person": one.person,
                "device": one.device,
                "confirmed": one.has_latest,
                "at": moment(one.at_ms),
            }
            for one in row.devices
        ],
    }


def event(row: EventRow) -> Json:
    """Shape a lifecycle event; `why` says what kept it from being applied."""
    return {
        "id": row.id,
        "type": row.type,
        "at": moment(row.at_ms),
        "author": row.author,
        "device": row.device,
        "reason": row.reason,
        "applied": row.applied,
        "why": row.why,
    }


def conflict(row: ConflictRow) -> Json:
    """Shape a conflict; the sides are in the order that `--take N` counts, from 0."""
    return {
        "id": row.id,
        "doc_id": row.doc_id,
        "title": row.title,
        "kind": row.kind,
        "field": row.field,
        "base": row.base,
        "sides": [side(each) for each in row.sides],
        "settled": None if row.settled is None else settled(row.settled),
    }


def side(row: Side) -> Json:
    """Shape one side of a conflict."""
    return {
        "value": row.value,
        "author": row.author,
        "device": row.device,
        "at": moment(row.at_ms),
        "shown": row.shown,
    }


def settled(row: Settled) -> Json:
    """Shape how a conflict was settled."""
    return {"by": row.by, "device": row.device, "at": moment(row.at_ms), "value": row.value}


def search_hit(row: SearchHit) -> Json:
    """Shape a search hit."""
    return {
        "id": row.id,
        "kind": row.kind,
        "title": row.title,
        "snippet": row.unmarked(),
        "score": row.score,
    }


def version(row: VersionRow) -> Json:
    """Shape a version of an item."""
    return {
        "version": row.version,
        "author": row.author,
        "device": row.device,
        "at": moment(row.at_ms),
        "summary": row.summary,
    }


def held(row: HeldRow) -> Json:
    """Shape a text that was taken back."""
    return {
        "doc_id": row.doc_id,
        "title": row.title,
        "at": moment(row.at_ms),
        "text": row.text,
    }


def parked(row: RefusalRow) -> Json:
    """Shape changes that the server refused."""
    return {"id": row.id, "doc_id": row.doc_id, "reason": row.reason, "changes": row.changes}


def space(row: SpaceRow) -> Json:
    """Shape a space; `kind` is local or hosted."""
    return {
        "id": row.id,
        "name": row.name,
        "kind": row.kind,
        "current": row.is_current,
        "role": row.role,
        "url": row.url,
    }


def device(row: Device) -> Json:
    """Shape a device of a space, as its server knows it."""
    return {
        "id": row.id,
        "person": row.person,
        "device": row.device,
        "role": row.role,
        "created_at": moment(row.created_at_ms),
        "last_seen_at": moment(row.last_seen_at_ms),
        "revoked": row.revoked,
    }


def sync_result(row: SyncResult) -> Json:
    """Shape what rounds of sync came to."""
    return {
        "state": row.state,
        "pushed": row.pushed,
        "pulled": row.pulled,
        "parked": row.parked,
        "conflicts": row.conflicts,
        "rounds": row.rounds,
        "bytes_sent": row.bytes_sent,
        "bytes_received": row.bytes_received,
        "duration_ms": row.duration_ms,
    }


def status(row: Status) -> Json:
    """Shape what is known locally about sync."""
    return {
        "state": row.state,
        "pending": row.pending,
        "parked": row.parked,
        "conflicts": row.conflicts,
        "last_synced_at": moment(row.last_synced_at_ms),
        "retry_at": moment(row.retry_at_ms),
        "peers": [peer(each) for each in row.peers],
    }


def peer(row: PeerRow) -> Json:
    """Shape what is known about one peer; `device` is its name, null for a server."""
    return {
        "url": row.url,
        "kind": row.kind,
        "state": row.state,
        "push_pending": row.push_pending,
        "last_seen_at": moment(row.last_seen_at_ms),
        "device": row.name,
    }


def digest(row: Digest) -> Json:
    """Shape the hashes of a space."""
    return {"heads": row.heads, "view": row.view, "docs": row.docs, "changes": row.changes}


def identity(person: str, device: str, replica_id: str, home: Path) -> Json:
    """Shape who this replica is."""
    return {"person": person, "device": device, "replica_id": replica_id, "home": str(home)}
