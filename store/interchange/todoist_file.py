"""Imports a project that Todoist exported as CSV ("export as template").

    TYPE,CONTENT,DESCRIPTION,PRIORITY,INDENT,AUTHOR,RESPONSIBLE,DATE,DATE_LANG,TIMEZONE,...
    section,Food,...
    task,Buy rice @shop,,1,1,Kit (1),Ada (2),2026-12-01,en,,
    note,the brown one,...

The list has the file's name, sections and @labels become tags, INDENT makes parts of the task
above, notes (comments) go below the task's text. Dates: `todoist_dates`.
Format: todoist.com/help, "Import or export a project as a CSV file".
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from store.domain.errors import InvalidValue
from store.imports import ImportItem, Place
from store.interchange.errors import ImportRefused
from store.interchange.folder import key_of, place_of
from store.interchange.item import import_item
from store.interchange.reader import Target
from store.interchange.report import Losses, Progress
from store.interchange.source_file import text_of
from store.interchange.todoist_dates import read_date

_PRIORITIES: Final = {"1": "high", "2": "medium", "3": "low"}  # 4 is none
_LABEL: Final = re.compile(r"(?:^|\s)@(\S+)")
_PERSON_ID: Final = re.compile(r"\s*\(\d+\)\s*$")
_CELL_CHARS_MAX: Final = 2_000_000
_NAME_CHARS_MAX: Final = 200


@dataclass(slots=True)
class _Task:
    row: Mapping[str, str]
    section: str
    part: str
    parent: str | None
    notes: list[str] = field(default_factory=list)


class TodoistReader:
    """Reads the tasks of a project.

    Attributes:
        known: nothing; such a file names no items.
    """

    def __init__(self, path: Path, losses: Losses, target: Target) -> None:  # noqa: ARG002
        """Read the file.

        Args:
            path: the `.csv` file.
            losses: told what could not be kept.
            target: the space that is imported into.

        Raises:
            ImportRefused: it is no such CSV.
        """
        self.known = 0
        self._losses = losses
        self._name, self._file = key_of(path.name), place_of(path).file
        self._list = key_of(path.stem)
        self._tasks = self._read(_rows_of(path))

    def items(self, progress: Progress | None = None) -> Iterator[ImportItem]:
        """Turn all rows into tasks, in their order."""
        for done, task in enumerate(self._tasks, start=1):
            try:
                yield self._item(task)
            except InvalidValue as reason:
                self._losses.skip(f"{self._name}: {task.part[:60]}", str(reason))
            if progress is not None:
                progress(done, len(self._tasks))

    def _read(self, rows: list[Mapping[str, str]]) -> list[_Task]:
        tasks: list[_Task] = []
        above: dict[int, str] = {}  # part of the last task of each indent
        seen: dict[str, int] = {}
        section = ""
        for row in rows:
            kind, content = row.get("TYPE", "").lower(), row.get("CONTENT", "")
            if kind == "section":
                section = content
            elif kind == "task" and content:
                indent = _number(row.get("INDENT", ""))
                seen[content] = seen.get(content, 0) + 1
                part = content[:_NAME_CHARS_MAX] + (f"#{seen[content]}" * (seen[content] > 1))
                tasks.append(_Task(row, section, part, above.get(indent - 1)))
                above = {each: name for each, name in above.items() if each < indent}
                above[indent] = part
            elif kind == "note" and content and tasks:
                tasks[-1].notes.append(_comment(row))
            elif content and kind != "meta":  # how Todoist shows the project
                self._losses.drop(self._name, f"a row of the type {kind!r}: {content[:60]}")
        return tasks

    def _item(self, task: _Task) -> ImportItem:
        row, part = task.row, task.part
        title, tags = _without_labels(row["CONTENT"].removeprefix("* "))
        fields: dict[str, object] = {"list": self._list}
        if (priority := row.get("PRIORITY", "")) in _PRIORITIES:
            fields["priority"] = _PRIORITIES[priority]
        if responsible := _PERSON_ID.sub("", row.get("RESPONSIBLE", "")):
            fields["assignee"] = responsible
        texts = [row.get("DESCRIPTION", ""), *task.notes]
        if when := row.get("DATE", ""):
            read = read_date(when, row.get("TIMEZONE", ""))
            fields.update(read.fields)
            if read.lost:
                self._losses.drop(f"{self._name}: {part[:60]}", f"date {when!r}: {read.lost}")
            if read.is_text:
                texts.append(f"Date: {when}")
        if row.get("DURATION", "") not in ("", "None"):
            texts.append(f"Duration: {row['DURATION']} {row.get('DURATION_UNIT', '')}".rstrip())
        return import_item(
            "task",
            f"{self._name}#{part}",
            title=title,
            body="\n\n".join(filter(None, texts)),
            losses=self._losses,
            tags=(*tags, task.section) if task.section else tags,
            fields=fields,
            is_in_order=True,
            state="open",
            place=Place(self._file, part),
            parent=None if task.parent is None else f"{self._name}#{task.parent}",
        )


def _rows_of(path: Path) -> list[Mapping[str, str]]:
    csv.field_size_limit(_CELL_CHARS_MAX)
    try:
        rows = list(csv.DictReader(io.StringIO(text_of(path), newline=""), strict=True))
    except csv.Error as error:
        raise ImportRefused(f"{path} is no CSV ({error}).") from error
    if not rows or "TYPE" not in rows[0] or "CONTENT" not in rows[0]:
        raise ImportRefused(
            f"{path} is no export of Todoist: its first line has no TYPE and CONTENT."
        )
    return [
        {key: value.strip() for key, value in row.items() if key and isinstance(value, str)}
        for row in rows
    ]


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 3 else 1


def _comment(row: Mapping[str, str]) -> str:
    author = _PERSON_ID.sub("", row.get("AUTHOR", ""))
    return f"{author}: {row['CONTENT']}" if author else row["CONTENT"]


def _without_labels(content: str) -> tuple[str, tuple[str, ...]]:
    """Take the labels at the end of a title out of it; one inside a sentence stays there, too."""
    tags = tuple(_LABEL.findall(content))
    words = content.split(" ")
    while len(words) > 1 and words[-1].startswith("@"):
        words.pop()
    return " ".join(words), tags
