"""Exports tasks as an iCalendar file (VTODO), for calendars and task programs.

    PATH                a file that ends in `.ics`, else a folder, which gets a `cairn.ics`

A task that came from a calendar keeps its UID. What iCalendar has no property for (list, assignee,
blocked) stands in `X-CAIRN-` properties. Notes, and what is in the trash, are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from store.domain.due_date import moment_or_day
from store.domain.ids import DocId
from store.interchange.errors import ExportRefused
from store.interchange.ics_file import OWN_UID, SOURCE, STATUSES
from store.interchange.report import Progress
from store.interchange.written_files import write_whole
from store.rows import TaskRow

if TYPE_CHECKING:
    from icalendar import Todo

    from store.replica import Replica
    from store.rows import SpaceRow

FILE_NAME: Final = "cairn.ics"
PRODUCT: Final = "-//Cairn//EN"

_PRIORITIES: Final[Mapping[str, int]] = {"high": 1, "medium": 5, "low": 9}
_STATES: Final = {state: status for status, state in STATUSES.items()} | {"blocked": "IN-PROCESS"}


def export_ics(
    replica: Replica, path: Path, *, spaces: Sequence[SpaceRow], progress: Progress | None = None
) -> int:
    """Export the tasks of some spaces into one file.

    Args:
        replica: what to export.
        path: a file that ends in `.ics`, else a folder.
        spaces: which.
        progress: called after each task with how many are there, and how many there will be.

    Returns:
        How many tasks were written.

    Raises:
        ExportRefused: the file exists and is no earlier export.
        ExportStopped: the file could not be written; what stood there before stays.
    """
    from icalendar import Calendar

    file = path if path.suffix.lower() == ".ics" else path / FILE_NAME
    _refuse_foreign(file)
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    rows = [row for space in spaces for row in replica.tasks(view="all", space=space.id)]
    uids = _uids(replica)
    for done, row in enumerate(rows, start=1):
        calendar.add_component(_todo(replica.task(DocId(row.id)), uids))
        if progress is not None:
            progress(done, len(rows))
    write_whole(file, calendar.to_ical())
    return len(rows)


def _todo(task: TaskRow, uids: Mapping[str, str]) -> Todo:
    from icalendar import Todo, vRecur

    said: dict[str, object] = {
        "uid": _uid(task.id, uids),
        "dtstamp": _moment(task.updated_at_ms),
        "created": _moment(task.created_at_ms),
        "last-modified": _moment(task.updated_at_ms),
        "summary": task.title,
        "status": _STATES[task.state],
        "description": task.body,
        "due": task.due and moment_or_day(task.due),
        "priority": task.priority and _PRIORITIES[task.priority],
        "categories": list(task.tags),
        "rrule": task.repeat and vRecur.from_ical(task.repeat),
        "related-to": task.parent and _uid(task.parent, uids),
        "x-cairn-list": task.list,
        "x-cairn-assignee": task.assignee,
        "x-cairn-state": task.state if task.state == "blocked" else None,
    }
    todo = Todo()
    for name, value in said.items():
        if value:
            todo.add(name, value)
    return todo


def _uids(replica: Replica) -> dict[str, str]:
    """Give the UIDs of the tasks that came from a calendar."""
    with replica.db.read() as conn:
        rows = conn.execute(
            "SELECT doc, source FROM item WHERE kind = 'task' AND source LIKE ?", (f"{SOURCE}%",)
        ).fetchall()
    return {doc: source.removeprefix(SOURCE) for doc, source in rows}


def _uid(doc: str, uids: Mapping[str, str]) -> str:
    return uids.get(doc, doc + OWN_UID)


def _moment(at_ms: int | None) -> datetime:
    return datetime.fromtimestamp((at_ms or 0) // 1000, tz=UTC)


def _refuse_foreign(file: Path) -> None:
    try:
        start = file.read_bytes()[:200]
    except FileNotFoundError:
        return
    except OSError as error:
        raise ExportRefused(f"{file} can't be written ({error.strerror}).") from error
    if PRODUCT.encode() not in start:
        raise ExportRefused(
            f"{file} exists and is no earlier export; choose another name, or move it away."
        )
