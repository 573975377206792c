"""Imports the tasks (VTODO) of an iCalendar file, by the icalendar package.

A task's source is its UID, which names it in the world. What Cairn has no field for (a place, a
link) goes below the task's text; events, alarms and starting times stay behind and are reported.
Format: RFC 5545. Our own exports (`export_ics`) meet their items again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from store.domain.due_date import due_text
from store.domain.errors import InvalidValue
from store.domain.ids import parse_doc_id
from store.domain.lifecycle import STATES
from store.imports import ImportItem
from store.interchange.errors import ImportRefused
from store.interchange.item import import_item
from store.interchange.own_export import OwnItem
from store.interchange.reader import Target
from store.interchange.report import Losses, Progress
from store.interchange.source_file import bytes_of

if TYPE_CHECKING:
    from icalendar import Component

STATUSES: Final[Mapping[str, str]] = {
    "NEEDS-ACTION": "open",
    "IN-PROCESS": "started",
    "COMPLETED": "done",
    "CANCELLED": "cancelled",
}
OWN_UID: Final = "@cairn"  # behind the id of an item of ours
OWN_SOURCE: Final = "cairn:"
SOURCE: Final = "ics:"

_BEGIN: Final = b"BEGIN:VCALENDAR"
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_WHY_CHARS_MAX: Final = 120
_TAKEN: Final = frozenset(
    {"UID", "SUMMARY", "DESCRIPTION", "DUE", "PRIORITY", "STATUS", "CATEGORIES", "RRULE", "CLASS"}
    | {"RELATED-TO", "CREATED", "COMPLETED", "DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "TRANSP"}
    | {"PERCENT-COMPLETE"}
)
_REPORTED: Final = frozenset(["DTSTART", "DURATION", "EXDATE", "RDATE", "ATTACH", "ATTENDEE"])


class IcsReader:
    """Reads the tasks of a calendar, each before those that are a part of it.

    Attributes:
        known: tasks of our own export that are here and say the same.
    """

    def __init__(self, path: Path, losses: Losses, target: Target) -> None:
        """Read the file.

        Args:
            path: the `.ics` file.
            losses: told what could not be kept.
            target: the space that is imported into.

        Raises:
            ImportRefused: it is no calendar, or has no tasks.
        """
        from icalendar import Calendar

        self.known = 0
        self._losses = losses
        self._target = target
        raw = bytes_of(path)
        if not raw.removeprefix(_BYTE_ORDER_MARK).lstrip().upper().startswith(_BEGIN):
            raise ImportRefused(
                f"{path} is no iCalendar file: it does not begin with {_BEGIN.decode()}."
            )
        try:
            calendars = Calendar.from_ical(raw, multiple=True)
        except (ValueError, IndexError, KeyError) as error:
            why = " ".join(str(error).split())[:_WHY_CHARS_MAX]
            raise ImportRefused(f"{path} is no iCalendar file that can be read ({why}).") from error
        self._tasks: dict[str, tuple[str, Component]] = {}
        for calendar in calendars:
            name = str(calendar.get("X-WR-CALNAME", "")) or path.stem
            for task in calendar.walk("VTODO"):
                self._add(name, task)
            if events := len(calendar.walk("VEVENT")):
                losses.drop(path.name, f"{events} events: only tasks are imported")
        if not self._tasks:
            raise ImportRefused(f"There are no tasks (VTODO) in {path}.")

    def _add(self, name: str, task: Component) -> None:
        uid = str(task.get("UID", ""))
        if not uid or uid in self._tasks:
            why = "the change of one occurrence" if uid else "a task without a UID"
            self._losses.skip(str(task.get("SUMMARY", "?"))[:60], why)
        else:
            self._tasks[uid] = (name, task)

    def items(self, progress: Progress | None = None) -> Iterator[ImportItem]:
        """Turn all tasks into items."""
        for done, uid in enumerate(self._in_order(), start=1):
            calendar, task = self._tasks[uid]
            name = f"{_text(task, 'SUMMARY')[:60]} ({uid[:8]})"
            try:
                own = _own(task, uid)
                met = None if own is None else self._target.meet(own, name, self._losses)
                if met is None:
                    yield self._item(task, own, calendar, name)
                self.known += bool(met)
            except InvalidValue as reason:
                self._losses.skip(name, str(reason))
            if progress is not None:
                progress(done, len(self._tasks))

    def _in_order(self) -> list[str]:
        ordered: dict[str, None] = {}
        for uid in self._tasks:
            line = [uid]
            while (above := _parent(self._tasks[line[-1]][1])) in self._tasks and above not in line:
                line.append(str(above))
            ordered.update(dict.fromkeys(reversed(line)))
        return list(ordered)

    def _item(self, task: Component, own: OwnItem | None, calendar: str, name: str) -> ImportItem:
        parent = _parent(task)
        if own is not None:
            fields = {key: value for key, value in own.fields.items() if key != "parent"}
            body, source = own.body, OWN_SOURCE + own.id
        else:
            fields = {"list": calendar, **_fields(task)}
            body, source = _body(task), SOURCE + str(task["UID"])
            self._report(task, name)
        created = task.get("CREATED")
        return import_item(
            "task",
            source,
            title=_text(task, "SUMMARY") or "Untitled",
            body=body,
            losses=self._losses,
            tags=_tags(task),
            fields=fields,
            at_ms=None if created is None else _at_ms(created.dt),
            is_in_order=True,
            state=_state(task),
            parent=None if parent is None else source_of_uid(parent),
        )

    def _report(self, task: Component, name: str) -> None:
        behind = sorted(_REPORTED & {key.upper() for key in task})
        alarms = len(task.walk("VALARM"))
        if alarms:
            behind.append(f"{alarms} alarms")
        if behind:
            self._losses.drop(name, ", ".join(behind))
        due = task.get("DUE")
        if due is not None and isinstance(due.dt, datetime) and due.dt.tzinfo is None:
            self._losses.drop(name, "the time zone of its due date: it says none, so UTC is taken")


def source_of_uid(uid: str) -> str:
    """Give the source of the task that a UID names."""
    doc = uid.removesuffix(OWN_UID)
    return OWN_SOURCE + doc if doc != uid else SOURCE + uid


def _own(task: Component, uid: str) -> OwnItem | None:
    """Recognise a task of our own export by its UID."""
    try:
        doc = parse_doc_id(uid.removesuffix(OWN_UID)) if uid.endswith(OWN_UID) else None
    except InvalidValue:
        return None
    if doc is None:
        return None
    parent = _parent(task)
    fields: dict[str, object] = {
        **_fields(task),
        "list": _text(task, "X-CAIRN-LIST") or None,
        "assignee": _text(task, "X-CAIRN-ASSIGNEE") or None,
        "parent": None if parent is None else parent.removesuffix(OWN_UID),
    }
    created = task.get("CREATED")
    return OwnItem(
        id=doc,
        kind="task",
        title=_text(task, "SUMMARY"),
        body=_text(task, "DESCRIPTION"),
        tags=_tags(task),
        fields={key: value for key, value in fields.items() if value is not None},
        state=_state(task),
        at_ms=None if created is None else _at_ms(created.dt),
    )


def _fields(task: Component) -> dict[str, object]:
    fields: dict[str, object] = {}
    due, rule = task.get("DUE"), task.get("RRULE")
    if due is not None:
        fields["due"] = _due(due.dt)
    if (priority := _priority(task.get("PRIORITY"))) is not None:
        fields["priority"] = priority
    if rule is not None and not isinstance(rule, list):
        fields["repeat"] = rule.to_ical().decode()
    return fields


def _body(task: Component) -> str:
    """Give the text, and below it what else stands there in words."""
    others = [
        f"{key.capitalize()}: {_text(task, key)}"
        for key in sorted(task)
        if key.upper() not in _TAKEN | _REPORTED and not key.upper().startswith("X-")
    ]
    return "\n\n".join(filter(None, [_text(task, "DESCRIPTION"), "\n".join(others)]))


def _text(task: Component, key: str) -> str:
    value: Any = task.get(key, "")
    return "\n".join(map(str, value)) if isinstance(value, list) else str(value)


def _tags(task: Component) -> tuple[str, ...]:
    value: Any = task.get("CATEGORIES", [])
    groups = value if isinstance(value, list) else [value]
    return tuple(sorted({str(tag) for group in groups for tag in group.cats if str(tag).strip()}))


def _state(task: Component) -> str:
    own = _text(task, "X-CAIRN-STATE")
    if own in STATES:
        return own
    status = _text(task, "STATUS").upper()
    return STATUSES.get(status, "done" if "COMPLETED" in task else "open")


def _parent(task: Component) -> str | None:
    """Give the UID of the task that this is a part of (RELTYPE is PARENT where none is said)."""
    value: Any = task.get("RELATED-TO")
    for each in value if isinstance(value, list) else [value]:
        if each is not None and each.params.get("RELTYPE", "PARENT").upper() == "PARENT":
            return str(each)
    return None


def _priority(value: object) -> str | None:
    """1 to 4 is high, 5 medium, 6 to 9 low, as in RFC 5545, 3.8.1.9."""
    number = int(str(value)) if str(value).isdigit() else 0
    if number == 0 or number > 9:
        return None
    return "high" if number < 5 else "medium" if number == 5 else "low"


def _due(value: datetime | date) -> str:
    if isinstance(value, datetime) and value.tzinfo is None:
        value = value.replace(tzinfo=UTC)
    return due_text(value)


def _at_ms(value: datetime | date) -> int | None:
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    seconds = int((value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp())
    return seconds * 1000 if seconds >= 0 else None
