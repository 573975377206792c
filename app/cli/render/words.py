"""Short phrases and one-line descriptions: glyphs, marks, ids short enough to type."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from app.local_time import due_words
from store.domain.rule_words import rule_words

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from store.rows import NoteRow, TaskRow

STATE_GLYPHS: Final = {
    "open": "○",
    "started": "◐",
    "blocked": "⊘",
    "done": "✔",
    "cancelled": "✘",
}
NOTE_GLYPH: Final = "¶"
TAG_FIELD: Final = "tags/"  # a conflict's field, before the tag added here and removed there
ID_CHARS_MIN: Final = 8  # letter, schema version and 30 bits: enough to type, rarely ambiguous

# What could move the cursor, recolour the terminal or turn the line around: others write titles.
_UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def printable(text: object) -> str:
    """Make text safe to print on a terminal; line breaks and tabs stay."""
    return _UNPRINTABLE.sub("�", str(text))


def on_one_line(text: object) -> str:
    """Make text safe to print, with its line breaks as spaces."""
    return printable(" ".join(str(text).split()))


def short_ids(ids: Iterable[str]) -> dict[str, str]:
    """Shorten ids to what tells them apart from each other, at least `ID_CHARS_MIN` characters."""
    ordered = sorted(set(ids))
    short: dict[str, str] = {}
    for position, each in enumerate(ordered):
        beside = ordered[max(position - 1, 0) : position] + ordered[position + 1 : position + 2]
        length = max([ID_CHARS_MIN, *(_common(each, other) + 1 for other in beside)])
        short[each] = each[:length]
    return short


def short_id(whole: str) -> str:
    """Shorten one id."""
    return whole[:ID_CHARS_MIN]


def counted(number: int, one: str, many: str | None = None) -> str:
    """Say how many: `1 task`, `3 tasks`."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def glyph(row: TaskRow | NoteRow) -> str:
    """Give the sign of a task's state, or of a note."""
    return STATE_GLYPHS.get(row.state, "?") if row.kind == "task" else NOTE_GLYPH


def marks(row: TaskRow | NoteRow) -> str:
    """Say what a person should know about an item beside what it says."""
    found = []
    if row.conflicts:
        found.append("⚑ " + counted(len(row.conflicts), "conflict"))
    if row.sync == "error":
        found.append("! refused by the server")
    elif row.sync == "pending":
        found.append("↑ not sent yet")
    if row.trashed:
        found.append("in the trash")
    return ", ".join(found)


def details(row: TaskRow | NoteRow) -> str:
    """List what else an item says, in the signs of quick add."""
    parts: list[str] = []
    if row.kind == "task":
        signs = (("!", row.priority), ("+", row.list), ("@", row.assignee))
        parts += [sign + on_one_line(value) for sign, value in signs if value]
        parts += [repeat_words(row.repeat)] if row.repeat else []
    elif row.pinned:
        parts.append("pinned")
    return " ".join(parts + ["#" + on_one_line(tag) for tag in row.tags])


def repeat_words(rule: str) -> str:
    """Say how often, where there are words for it; else the rule itself."""
    return rule_words(rule) or f"repeats {on_one_line(rule)}"


def item_line(row: TaskRow | NoteRow, now: datetime) -> str:
    """Describe one item on one line, with the id that the next command may need."""
    due = due_words(row.due, now) if row.kind == "task" else ""
    parts = (f"{glyph(row)} {on_one_line(row.title)}", due, details(row), marks(row))
    return " · ".join(part for part in parts if part) + f"  ({short_id(row.id)})"


def by_whom(author: str, device: str) -> str:
    """Name who wrote, and on what: `Kit on laptop`."""
    if not author:
        return "someone" if not device else f"someone on {on_one_line(device)}"
    return on_one_line(author) + (f" on {on_one_line(device)}" if device else "")


def _common(one: str, other: str) -> int:
    length = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        length += 1
    return length
