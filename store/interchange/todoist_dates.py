"""Reads the dates of a Todoist file, as far as they mean the same on every day and every device.

    2026-12-01 · 26 Dec 2026 · Dec 26 2026 9:00     that day, or moment by the task's time zone
    every day starting 2026-11-30                   a rule, and the day of its first occurrence
    every day · every 2nd monday                    a rule; which day it is due next, the file
                                                    doesn't say
    every! 2 weeks                                  the same: here a rule counts from the due date
    tomorrow · Dec 26 · every weekday at 9am        what is left over stays text

Two devices that import one file on different days have to make the same task of it (D12): what is
counted from today is not taken. Rules and dates in other languages than English stay text.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from store.domain.due_date import parse_due
from store.domain.errors import InvalidValue
from store.domain.repeat_words import repeat_at

_YEAR: Final = re.compile(r"\b(?:19|20)\d{2}\b", re.ASCII)
_LOCAL: Final = re.compile(r"(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2})(?::\d{2})?", re.ASCII)
_FROM_COMPLETION: Final = re.compile(r"^every!", re.IGNORECASE)
_SHORT: Final = re.compile(r"^ev\s", re.IGNORECASE)
_START: Final = re.compile(r"\s+(?:starting|from)\s+", re.IGNORECASE)

_NO_DAY: Final = "kept as text, since it names no day of a year"
_NOT_ALL: Final = "it repeats, but begins on no day and at no time; all of it is kept as text"
_NO_BEGINNING: Final = "it repeats, but is not due yet, since it names no day to begin with"
_COUNTED: Final = "it repeats counted from the due date, not from the day it was done"


@dataclass(frozen=True, slots=True)
class ReadDate:
    """What a date says here.

    Attributes:
        fields: `due` and `repeat`, those that it says.
        lost: what of it is not kept in fields, in words; empty if all is.
        is_text: it has to be kept as text too.
    """

    fields: Mapping[str, object] = field(default_factory=dict)
    lost: str = ""
    is_text: bool = False


def read_date(when: str, timezone: str) -> ReadDate:
    """Read a date as it stands in the file; `timezone` is a name, or empty for UTC."""
    rule, *start = _START.split(when, maxsplit=1)
    words = _SHORT.sub("every ", _FROM_COMPLETION.sub("every", rule))
    repeat = repeat_at(words, 0)
    if repeat is None:
        due = _due(when, timezone)
        return ReadDate(lost=_NO_DAY, is_text=True) if due is None else ReadDate({"due": due})
    due = _due(start[0], timezone) if start else None
    if repeat.end != len(words) or (start and due is None):
        return ReadDate({"repeat": repeat.rule}, _NOT_ALL, is_text=True)
    if _FROM_COMPLETION.search(rule):
        return ReadDate(_fields(repeat.rule, due), _COUNTED)
    return ReadDate(_fields(repeat.rule, due), "" if due else _NO_BEGINNING)


def _fields(rule: str, due: str | None) -> Mapping[str, object]:
    return {"repeat": rule} if due is None else {"repeat": rule, "due": due}


def _due(when: str, timezone: str) -> str | None:
    local, year = _LOCAL.fullmatch(when), _YEAR.search(when)
    words = f"{local[1]}T{local[2]}" if local else when
    try:
        # Words with a year mean the same whenever they are read; in that year it is taken for one.
        if year is None:
            return None
        due = parse_due(words, now=datetime(int(year[0]), 1, 1, tzinfo=UTC))
        if due is None or "T" not in due or not timezone:
            return due
        return parse_due(words, now=datetime(int(year[0]), 1, 1, tzinfo=ZoneInfo(timezone)))
    except (InvalidValue, ValueError, KeyError, OSError):  # no such day, no such zone
        return None
