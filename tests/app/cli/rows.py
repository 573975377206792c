"""Rows as the store gives them out, made by hand: only what a test is about needs saying."""

from typing import Any

from store.documents.state import EventRow, Settled, Side
from store.rows import ConflictRow, NoteRow, TaskRow

MORNING_MS = 1_795_423_743_000  # 2026-11-23T08:49:03Z


def task_row(**said: Any) -> TaskRow:
    """Make a task row."""
    row: dict[str, Any] = {
        "id": "t1" + "a" * 26,
        "kind": "task",
        "space": "Personal",
        "title": "Buy rope",
        "state": "open",
        "due": None,
        "priority": None,
        "list": None,
        "assignee": None,
        "tags": (),
        "parent": None,
        "order": "V",
        "repeat": None,
        "body": None,
        "trashed": False,
        "created_at_ms": MORNING_MS,
        "updated_at_ms": MORNING_MS,
        "sync": "local",
        "conflicts": (),
        "events": (),
    }
    return TaskRow(**(row | said))


def note_row(**said: Any) -> NoteRow:
    """Make a note row."""
    row: dict[str, Any] = {
        "id": "n1" + "a" * 26,
        "kind": "note",
        "space": "Personal",
        "title": "Packing list",
        "body": None,
        "tags": (),
        "pinned": False,
        "trashed": False,
        "created_at_ms": MORNING_MS,
        "updated_at_ms": MORNING_MS,
        "sync": "local",
        "conflicts": (),
        "snippet": "",
    }
    return NoteRow(**(row | said))


def side(value: object, author: str = "Ada", *, shown: bool = False) -> Side:
    """Make one side of a conflict."""
    return Side(value, author, f"{author}'s phone", MORNING_MS, shown, "1@aa")


def conflict_row(*sides: Side, **said: Any) -> ConflictRow:
    """Make a conflict between sides."""
    row: dict[str, Any] = {
        "id": "c" + "a" * 26,
        "doc_id": "t1" + "a" * 26,
        "title": "Buy rope",
        "kind": "field",
        "field": "due",
        "base": None,
        "sides": sides,
        "settled": None,
    }
    return ConflictRow(**(row | said))


def settled_by(person: str, value: object) -> Settled:
    """Say who settled a conflict, and on what."""
    return Settled(person, "laptop", MORNING_MS, value)


def event_row(type: str, **said: Any) -> EventRow:
    """Make a lifecycle event."""
    row: dict[str, Any] = {
        "id": "e" + "a" * 26,
        "type": type,
        "at_ms": MORNING_MS,
        "author": "Ada",
        "device": "phone",
        "reason": None,
        "applied": True,
        "why": None,
    }
    return EventRow(**(row | said))
