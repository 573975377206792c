"""The words for a day: how `date_words` reads the day part of what it understands."""

import re
from calendar import isleap, monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from typing import Final

# English words of their own: "sat nav", "sun cream", "get wed"; "march 5 miles", "you may 2".
_WORDLIKE_DAYS: Final = frozenset({"wed", "sat", "sun"})
_WORDLIKE_MONTHS: Final = frozenset({"mar", "march", "may"})
# How far a year may be away; beyond, "nov 24 2100" is a day and 2100 of something.
_YEARS_BACK: Final = 1
_YEARS_AHEAD: Final = 20

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS: Final = (
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
)
WEEKDAY: Final = (
    "(?:mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?"
    "|sat(?:urday)?|sun(?:day)?)"
)
_MONTH: Final = (
    "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    "|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
# An understood word ends where a word ends: at a space or the end, or at punctuation before those.
WORD_END: Final = r"(?=[,;.!?)]*(?:\s|$))"
LEAD: Final = r"(?:(?P<lead>on|by|due)\s+)?"
ISO_DAY: Final = r"(?P<day>\d{4}-\d\d-\d\d)"
_NUMBER: Final = r"(?P<number>(?P<day>\d{1,2})(?P<nth>st|nd|rd|th)?)"
_YEAR: Final = r"(?:,?\s+(?P<year>\d{4}))?"


class Certainty(IntEnum):
    """Where in a title words may be taken; see the table in `date_words`."""

    ALONE = 0  # beside something that makes them sure, or where they are all there is (`--due`)
    AT_END = 1
    SURE = 2


@dataclass(frozen=True, slots=True)
class NamedDay:
    """A day that some words name.

    Attributes:
        end: index in the text behind the words.
        day: the local day.
        certainty: where in a title the words may be taken.
        evening: the words mean its evening.
    """

    end: int
    day: date
    certainty: Certainty = Certainty.SURE
    evening: bool = False


def words_pattern(pattern: str) -> re.Pattern[str]:
    """Compile a pattern of whole English words, case ignored; what it matches ends a word."""
    return re.compile(rf"(?:{pattern}){WORD_END}", re.IGNORECASE | re.ASCII)


_NEAR: Final = words_pattern(
    r"(?:(?:by|due)\s+)?(?P<word>today|tonight|tomorrow|(?:the\s+)?day\s+after\s+tomorrow)"
)
_WEEKDAY: Final = words_pattern(rf"(?:(?P<lead>on|by|due|this|next)\s+)?(?P<name>{WEEKDAY})")
_NEXT: Final = words_pattern(r"(?:(?:by|due)\s+)?next\s+(?P<unit>week|month)")
_COUNTED: Final = words_pattern(r"in\s+(?P<count>\d{1,4}|an?)\s+(?P<unit>day|week|month)s?")
_DAY_MONTH: Final = words_pattern(rf"{LEAD}{_NUMBER}\s+(?:of\s+)?(?P<month>{_MONTH}){_YEAR}")
_MONTH_DAY: Final = words_pattern(rf"{LEAD}(?P<month>{_MONTH})\s+{_NUMBER}{_YEAR}")
_WRITTEN: Final = words_pattern(LEAD + ISO_DAY)
_DOTTED: Final = words_pattern(
    rf"{LEAD}(?P<number>\d{{1,2}})\.(?P<month>\d{{1,2}})\.(?P<year>\d{{4}})"
)


def day_at(text: str, start: int, *, today: date) -> NamedDay | None:
    """Read the words for a day that begin at `start`; None if there are none, or no such day."""
    for reader in (_near, _weekday, _next, _counted, _day_month, _month_day, _written, _dotted):
        try:
            day = reader(text, start, today)
        except (ValueError, OverflowError):  # 31 feb, or beyond the calendar
            day = None
        if day is not None:
            return day
    return None


def weekday_of(name: str) -> int:
    """Give the number of a weekday (Monday is 0) from its name, whole or short."""
    return _DAYS.index(name[:3].lower())


def _near(text: str, start: int, today: date) -> NamedDay | None:
    found = _NEAR.match(text, start)
    if found is None:
        return None
    word = found["word"].lower()
    days = 0 if word in ("today", "tonight") else 1 if word == "tomorrow" else 2
    return NamedDay(found.end(), today + timedelta(days), evening=word == "tonight")


def _weekday(text: str, start: int, today: date) -> NamedDay | None:
    found = _WEEKDAY.match(text, start)
    if found is None:
        return None
    wanted, lead = weekday_of(found["name"]), (found["lead"] or "").lower()
    if lead == "next":
        day = _monday_of_next_week(today) + timedelta(wanted)
    else:
        day = today + timedelta((wanted - today.weekday() - 1) % 7 + 1)
    if lead:
        return NamedDay(found.end(), day)
    wordlike = found["name"].lower() in _WORDLIKE_DAYS
    return NamedDay(found.end(), day, Certainty.ALONE if wordlike else Certainty.AT_END)


def _next(text: str, start: int, today: date) -> NamedDay | None:
    found = _NEXT.match(text, start)
    if found is None:
        return None
    if found["unit"].lower() == "week":
        return NamedDay(found.end(), _monday_of_next_week(today))
    return NamedDay(found.end(), _months_later(today.replace(day=1), 1))


def _counted(text: str, start: int, today: date) -> NamedDay | None:
    found = _COUNTED.match(text, start)
    if found is None:
        return None
    count = 1 if found["count"].startswith(("a", "A")) else int(found["count"])
    unit = found["unit"].lower()
    if unit == "month":
        return NamedDay(found.end(), _months_later(today, count))
    return NamedDay(found.end(), today + timedelta(count * (7 if unit == "week" else 1)))


def _day_month(text: str, start: int, today: date) -> NamedDay | None:
    found = _DAY_MONTH.match(text, start)
    return None if found is None else _calendar_day(found, found.end("month"), today)


def _month_day(text: str, start: int, today: date) -> NamedDay | None:
    found = _MONTH_DAY.match(text, start)
    return None if found is None else _calendar_day(found, found.end("number"), today)


def _written(text: str, start: int, today: date) -> NamedDay | None:  # noqa: ARG001 - as the others
    found = _WRITTEN.match(text, start)
    return None if found is None else NamedDay(found.end(), date.fromisoformat(found["day"]))


def _dotted(text: str, start: int, today: date) -> NamedDay | None:
    found = _DOTTED.match(text, start)
    if found is None or not _is_near(int(found["year"]), today):
        return None
    day = date(int(found["year"]), int(found["month"]), int(found["number"]))
    return NamedDay(found.end(), day)


def _is_near(year: int, today: date) -> bool:
    return today.year - _YEARS_BACK <= year <= today.year + _YEARS_AHEAD


def _calendar_day(found: re.Match[str], end_without_year: int, today: date) -> NamedDay:
    number, month = int(found["day"]), _MONTHS.index(found["month"][:3].lower()) + 1
    year = int(found["year"] or 0)
    if _is_near(year, today):
        return NamedDay(found.end(), date(year, month, number))
    sure = found["lead"] or found["nth"] or found["month"].lower() not in _WORDLIKE_MONTHS
    day = _next_such_day(number, month, today)
    return NamedDay(end_without_year, day, Certainty.SURE if sure else Certainty.AT_END)


def _next_such_day(number: int, month: int, today: date) -> date:
    """Find the first such day from today on; 29 February may be eight years away."""
    for year in range(today.year, today.year + 9):
        is_leap_day = (number, month) == (29, 2)
        if is_leap_day and not isleap(year):
            continue
        day = date(year, month, number)
        if day >= today:
            return day
    raise ValueError(number, month)


def _monday_of_next_week(today: date) -> date:
    return today + timedelta(7 - today.weekday())


def _months_later(day: date, months: int) -> date:
    """Count months on; where the month is too short, its last day."""
    years, month = divmod(day.month - 1 + months, 12)
    last = monthrange(day.year + years, month + 1)[1]
    return day.replace(year=day.year + years, month=month + 1, day=min(day.day, last))
