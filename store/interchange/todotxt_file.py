"""Imports a todo.txt: one task on each line.

    x 2026-11-25 2026-11-20 (A) Call the hut @phone +Trip due:2026-12-01 rec:1w

`(A)`, `(B)`, `(C)` become high, medium, low; the first +project the list, other projects and
@contexts tags; due: and rec: the due date and the repeat. What Cairn has no field for stays in the
title as it was written; the day on which a task was finished is kept in its text.
Format: github.com/todotxt/todo.txt.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from store.domain.due_date import checked_due
from store.domain.errors import InvalidValue
from store.imports import ImportItem, Place
from store.interchange.errors import ImportRefused
from store.interchange.folder import key_of, place_of
from store.interchange.front_matter import moment_ms
from store.interchange.item import import_item
from store.interchange.reader import Target
from store.interchange.report import Losses, Progress
from store.interchange.source_file import text_of

_LINE: Final = re.compile(
    r"(?P<done>x\s+)?(?:\((?P<priority>[A-Z])\)\s+)?"
    r"(?:(?P<day>\d{4}-\d{2}-\d{2})\s+)?(?:(?P<day2>\d{4}-\d{2}-\d{2})\s+)?"
    r"(?:\((?P<priority2>[A-Z])\)\s+)?(?P<rest>\S.*)",
    re.ASCII,
)
_PRIORITIES: Final = {"A": "high", "B": "medium", "C": "low"}
_EVERY: Final = re.compile(r"\+?(?P<count>\d{1,3})(?P<unit>[dwmy])", re.ASCII)
_FREQUENCIES: Final = {"d": "DAILY", "w": "WEEKLY", "m": "MONTHLY", "y": "YEARLY"}


@dataclass(slots=True)
class _Said:
    """What one line says."""

    words: list[str]
    fields: dict[str, object] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)


class TodoTxtReader:
    """Reads the lines of a file as tasks.

    Attributes:
        known: nothing; such a file names no items.
    """

    def __init__(self, path: Path, losses: Losses, target: Target) -> None:  # noqa: ARG002
        """Read the file.

        Args:
            path: the file, such as `todo.txt`.
            losses: told what could not be kept.
            target: the space that is imported into.

        Raises:
            ImportRefused: it is no text, or empty.
        """
        self.known = 0
        self._losses = losses
        self._name, self._file = key_of(path.name), place_of(path).file
        self._lines = [line.strip() for line in text_of(path).split("\n") if line.strip()]
        if not self._lines:
            raise ImportRefused(f"There are no tasks in {path}.")

    def items(self, progress: Progress | None = None) -> Iterator[ImportItem]:
        """Turn all lines into tasks, in their order."""
        seen: dict[str, int] = {}
        for done, line in enumerate(self._lines, start=1):
            found = _LINE.fullmatch(line)
            rest = line if found is None else found["rest"]
            part = _name_of(rest)
            seen[part] = seen.get(part, 0) + 1
            if seen[part] > 1:
                part += f"#{seen[part]}"
            try:
                yield self._task(found, rest, part)
            except InvalidValue as reason:
                self._losses.skip(f"{self._name}, line {done}", str(reason))
            if progress is not None:
                progress(done, len(self._lines))

    def _task(self, found: re.Match[str] | None, rest: str, part: str) -> ImportItem:
        said = _read(rest)
        parts = {} if found is None else found.groupdict()
        is_done, day, day2 = parts.get("done"), parts.get("day"), parts.get("day2")
        finished, created = (day, day2) if is_done else (None, day)
        priority = parts.get("priority") or parts.get("priority2")
        if priority in _PRIORITIES:
            said.fields["priority"] = _PRIORITIES[priority]
        elif priority:
            said.words.insert(0, f"({priority})")
        if created and day2 and not is_done:
            said.words.insert(0, day2)
        return import_item(
            "task",
            f"{self._name}#{part}",
            title=" ".join(said.words) or rest,
            body=f"Finished on {finished}\n" if finished else "",
            losses=self._losses,
            tags=said.tags,
            fields=said.fields,
            at_ms=moment_ms(created),
            is_in_order=True,
            state="done" if is_done else "open",
            place=Place(self._file, part),
        )


def _name_of(rest: str) -> str:
    """Name a task by its words, so that finishing it or putting it off finds the same task."""
    words = [word for word in rest.split() if not word.startswith(("due:", "pri:", "t:"))]
    return " ".join(words)[:500] or rest[:500]


def _read(rest: str) -> _Said:
    """Take what Cairn has fields for out of a line; marks inside a sentence stay in it, too."""
    words = rest.split()
    said = _Said([])
    behind = len(words)  # from here on there are only marks
    while behind and (words[behind - 1][0] in "@+" or ":" in words[behind - 1]):
        behind -= 1
    for index, word in enumerate(words):
        taken = _take(word, said)
        if not taken or (index < behind and word[0] in "@+"):
            said.words.append(word)
    return said


def _take(word: str, said: _Said) -> bool:
    """Note what one word means; False if it means nothing to Cairn."""
    if word[0] in "@+" and len(word) > 1:
        if word[0] == "+" and "list" not in said.fields:
            said.fields["list"] = word[1:]
        else:
            said.tags.append(word[1:])
        return True
    key, _, value = word.partition(":")
    if key == "due" and _is_due(value):
        said.fields["due"] = value
    elif key == "pri" and value in _PRIORITIES:
        said.fields["priority"] = _PRIORITIES[value]
    elif key == "rec" and (every := _EVERY.fullmatch(value)) is not None:
        frequency = _FREQUENCIES[every["unit"]]
        said.fields["repeat"] = f"FREQ={frequency};INTERVAL={int(every['count'])}"
    else:
        return False
    return True


def _is_due(value: str) -> bool:
    try:
        checked_due(value)
    except InvalidValue:
        return False
    return True
