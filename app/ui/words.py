"""What the app says: short phrases for sync, conflicts and who did what. Pure, so easily tested."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from app.local_time import due_words, moment_words
from store.domain.rule_words import rule_words
from store.queries import Activity
from store.rows import ConflictRow, EventRow, PeerRow, Side, Status
from sync.client.timetable import Phase
from sync.protocol.address import shown_address

Tone = Literal["quiet", "busy", "waiting", "alarm"]

NOTHING: Final = "(nothing)"
_NOTHING_SHARED: Final = "Nothing here is shared: no space has a server."
_NOBODY_DECIDES: Final = "Requests about supplies and money wait: their space has no server."
FIELD_NAMES: Final = {
    "title": "title",
    "due": "due date",
    "priority": "priority",
    "list": "list",
    "assignee": "assignee",
    "parent": "parent task",
    "repeat": "repeat",
    "pinned": "pin",
}
_EVENT_WORDS: Final = {
    "start": "started",
    "block": "blocked",
    "done": "done",
    "cancel": "cancelled",
    "reopen": "reopened",
    "set": "set by a settlement or undo",
}
_DONE_WORDS: Final = {
    "start": "started",
    "block": "blocked",
    "done": "finished",
    "cancel": "cancelled",
    "reopen": "reopened",
    "set": "set the state of",
}
_TOUCHED_WORDS: Final = {
    "title": "the title",
    "due": "the due date",
    "priority": "the priority",
    "list": "the list",
    "assignee": "the assignee",
    "parent": "the parent task",
    "repeat": "the repeat",
    "pinned": "the pin",
    "body": "the text",
    "tags": "the tags",
    "order": "the place",
}
_TOLD_APART: Final = ("created", "events", "trash", "settlements", "reopened", "moved_to")
MARK_WORDS: Final = {
    "pending": "waiting to be sent",
    "synced": "synced",
    "error": "refused by the server",
    "local": "only on this device",
}


@dataclass(frozen=True, slots=True)
class Chip:
    """The sync chip.

    Attributes:
        words: a few.
        tone: how they look.
        sentence: the whole of it, for who asks.
        can_hurry: whether the next try need not be waited for.
    """

    words: str
    tone: Tone
    sentence: str
    can_hurry: bool = False


def peer_place(peer: PeerRow) -> str:
    """Say where a peer is: a server by its address, another device by its name."""
    if peer.name is not None:
        return f"with {peer.name}"
    return f"at {shown_address(peer.url)}" if peer.url else "with a device"


def sync_chip(status: Status, phase: Phase, retry_in_s: int | None) -> Chip:
    """Tell the truth about sync in two or three words.

    Args:
        status: what the store knows.
        phase: what this process's scheduler is doing; idle where another process syncs.
        retry_in_s: seconds until the next try, if one is planned.
    """
    state = _state(status, phase)
    waiting = f"{status.pending} waiting" if status.pending else ""
    # Nobody sends these anywhere: only a server decides about supplies and money.
    is_undecidable = 0 < status.pending == status.undecidable
    match state:
        case "local":
            sentence = _NOBODY_DECIDES if is_undecidable else _NOTHING_SHARED
            return Chip(_joined("local only", waiting), "quiet", sentence)
        case "attention":
            return Chip("needs attention", "alarm", "A server refused something; see below.")
        case "syncing":
            return Chip(_joined("syncing", waiting), "busy", "Exchanging changes now.")
        case "retrying" if retry_in_s is not None:
            words = _joined(f"retrying in {retry_in_s} s", waiting)
            sentence = "The server is busy or broken; it is tried again."
            return Chip(words, "waiting", sentence, can_hurry=True)
        case "offline" | "retrying":
            again = f" Next try in {retry_in_s} s." if retry_in_s is not None else ""
            sentence = f"No server answers; what you write is kept and sent later.{again}"
            words = _joined("offline", waiting)
            return Chip(words, "waiting", sentence, can_hurry=retry_in_s is not None)
        case "pending":
            sentence = _NOBODY_DECIDES if is_undecidable else "Will be sent in a moment."
            return Chip(waiting or "not synced yet", "busy", sentence)
    return Chip("synced", "quiet", "The server has confirmed everything written here.")


def _state(status: Status, phase: Phase) -> str:
    """What the scheduler of this process does now is fresher than what the store remembers."""
    if status.state in ("local", "attention"):
        return status.state
    live = {
        Phase.ATTENTION: "attention",
        Phase.SYNCING: "syncing",
        Phase.OFFLINE: "offline",
        Phase.BACKING_OFF: "retrying",
    }
    return live.get(phase, status.state)


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def activity_words(entry: Activity) -> str:
    """Say what somebody did: `finished`, `added`, `changed the due date and the text`."""
    if "created" in entry.what:
        return "added"
    done = [_DONE_WORDS.get(event, event) for event in entry.events]
    if "trash" in entry.what:
        done.append("put away or brought back")
    if {"settlements", "reopened"} & set(entry.what):
        done.append("settled or reopened a conflict of")
    if "moved_to" in entry.what:
        done.append("moved to another space")
    fields = [_TOUCHED_WORDS.get(each, each) for each in entry.what if each not in _TOLD_APART]
    if fields:
        done.append(f"changed {_listed(fields)} of")
    return _listed(done) if done else "changed"


def _listed(words: Sequence[str]) -> str:
    """Put words together: `a`, `a and b`, `a, b and c`."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def counted(number: int, one: str) -> str:
    """Say how many: `1 task`, `3 tasks`."""
    return f"{number} {one}" if number == 1 else f"{number} {one}s"


def who(author: str, device: str) -> str:
    """Name who wrote, and on what."""
    if not author:
        return f"someone on {device}" if device else "someone"
    return f"{author} on {device}" if device else author


def conflict_story(row: ConflictRow) -> str:
    """Say what stands against what, after the item's title."""
    match row.kind:
        case "field":
            return f"The {field_name(row.field)} was written differently"
        case "lifecycle":
            return "Taken to different states"
        case "trash":
            return "Edited here, put in the trash there"
        case "passage":
            return "The same passage was edited twice"
    return row.kind


def field_name(field: str | None) -> str:
    """Name a field as a person would."""
    if field is None:
        return "field"
    if field.startswith("tags/"):
        return f"tag #{field.removeprefix('tags/')}"
    return FIELD_NAMES.get(field, field)


def side_words(value: Any, row: ConflictRow, now: datetime) -> str:
    """Say what one side wrote."""
    if row.kind == "trash":
        return "Put it in the trash" if value == "trash" else "Keep it"
    if row.field is not None and row.field.startswith("tags/"):
        return "Set" if value else "Taken off"
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if row.field == "due":
        return _due(str(value), now)
    return repeat_typed(str(value)) if row.field == "repeat" else str(value)


def _due(value: str, now: datetime) -> str:
    typed = due_typed(value, now)
    try:
        return f"{due_words(value, now)} ({typed})"
    except ValueError:  # another program wrote what is no date
        return value


def due_typed(due: str | None, now: datetime) -> str:
    """Write a due date as a person would type it here: `2026-11-24`, `2026-11-24 09:00`."""
    if due is None or "T" not in due:
        return due or ""
    try:
        return f"{datetime.fromisoformat(due).astimezone(now.tzinfo):%Y-%m-%d %H:%M}"
    except ValueError:  # another program wrote what is no date
        return due


def repeat_typed(rule: str | None) -> str:
    """Write a rule as a person would type it: `every week`; as it is where there are no words."""
    return rule_words(rule or "") or rule or ""


def side_author(side: Side, now: datetime) -> str:
    """Say who wrote a side, on what and when."""
    return f"{who(side.author, side.device)}, {moment_words(side.at_ms, now)}"


def event_words(event: EventRow, now: datetime) -> str:
    """Tell one lifecycle event: `done, by Bea on phone, 08:49`."""
    said = _EVENT_WORDS.get(event.type, event.type)
    by = f"{said}, by {who(event.author, event.device)}, {moment_words(event.at_ms, now)}"
    reason = f": {event.reason}" if event.reason else ""
    why = "" if event.applied else f" (had no effect: {event.why})"
    return by + reason + why
