"""The words for days and times of day that quick add and `--due` understand (English).

    words                                        meaning                              certainty
    today · tomorrow · the day after tomorrow    that day                             sure
    tonight                                      today at 20:00; makes `at 9` 21:00   sure
    friday                                       its next occurrence, never today     at the end
    on / by / due / this friday                  the same                             sure
    next friday                                  the one of next week (from Monday)   sure
    mon · tue · tues · thu · thur · thurs · fri  as the whole name                    the same
    wed · sat · sun                              as the whole name                    beside a time
    next week · next month                       its Monday · its first day           sure
    in 3 days · in a week · in 2 months          counted from today                   sure
    24 nov · nov 24 · 24th of november 2027      that day; without a year the next    sure
                                                 one from today on
    2 may · march 5                              the same, words of their own         at the end
    2026-11-24 · 24.11.2026                      that day (ISO 8601; with dots)       sure
    2026-11-24T09:00[:00][Z]                     that moment; local unless Z          sure
    9am · 9:30 pm · at 9:30 · at noon            that time                            sure
    9:30 · 21:00 · at 9                          that time (24 hour clock)            at the end
    noon                                         12:00                                beside a day
    in 2 hours · in 20 minutes · yesterday       counted from now                     `--due` only

A day and a time may follow each other in either order, with a comma between them or not, and make
each other sure. What is *sure* is taken wherever it stands in a title; *at the end* only where
nothing but understood words follows; `Friday prayer`, `sat nav`, `Read John 3:16 aloud` and `Look
at 9 huts` stay titles. Nothing is taken behind words such as `until`, `before`, `for` or `the`.
"""

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from store.domain.day_words import ISO_DAY, LEAD, Certainty, NamedDay, day_at, words_pattern

EVENING: Final = time(20)
_NOON: Final = time(12)

_GAP: Final = re.compile(r"(?:\s*,)?\s+")
_FROM_NOW: Final = words_pattern(r"in\s+(?P<count>\d{1,4}|an?)\s+(?P<unit>minute|hour)s?")
_YESTERDAY: Final = words_pattern("yesterday")
_ISO_MOMENT: Final = words_pattern(rf"{LEAD}{ISO_DAY}T(?P<time>\d\d:\d\d(?::\d\d)?)(?P<utc>Z)?")
_TIME: Final = words_pattern(
    r"(?P<at>(?:at|by)\s+)?"
    r"(?:(?P<noon>noon)|(?P<hour>\d{1,2})(?::(?P<minute>[0-5]\d))?\s?(?P<half>[ap]m)?)"
)


@dataclass(frozen=True, slots=True)
class Part:
    """Which words say what: `kind` is `date` (a moment in one word too) or `time`."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class When:
    """What some words say about a time.

    Attributes:
        end: index in the text behind the words.
        certainty: where in a title this may be taken.
        day: the local day, if one was named.
        at: the local time of day, if one was named.
        moment: the exact moment (aware, UTC), if the words say one; then the others are None.
        parts: the words for the day and those for the time of day, as they stand.
    """

    end: int
    certainty: Certainty
    day: date | None = None
    at: time | None = None
    moment: datetime | None = None
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class _Time:
    end: int
    time: time
    certainty: Certainty
    is_clock: bool  # looks like a time by itself: 9am, 9:30, noon; not so `at 9`
    is_12_or_24: bool  # nothing says which clock: `tonight at 9` is 21:00


def when_at(text: str, start: int, *, now: datetime) -> When | None:
    """Read the longest words about a time that begin at `start`.

    Args:
        text: what was typed.
        start: index of the first character of a word.
        now: aware, in the person's time zone (a zone that knows its summer time, not an offset).

    Returns:
        None if the words there say nothing about a time.
    """
    try:
        exact = _exact_at(text, start, now)
    except (ValueError, OverflowError):  # 31 feb, 25:00, or beyond the calendar
        exact = None
    if exact is not None:
        return replace(exact, parts=(Part("date", start, exact.end),))
    day, at = day_at(text, start, today=now.date()), None
    day_start = time_start = start
    if day is not None:
        gap = _GAP.match(text, day.end)
        time_start = gap.end() if gap else day.end
        at = _time_at(text, time_start) if gap else None
    else:
        at = _time_at(text, start)
        gap = _GAP.match(text, at.end) if at is not None else None
        day_start = gap.end() if gap else start
        day = day_at(text, day_start, today=now.date()) if gap else None
    joined = _joined(day, at, now)
    if joined is None:
        return None
    parts = [Part("date", day_start, day.end)] if day is not None else []
    parts += [Part("time", time_start, at.end)] if at is not None else []
    return replace(joined, parts=tuple(sorted(parts, key=lambda part: part.start)))


def _joined(day: NamedDay | None, at: _Time | None, now: datetime) -> When | None:
    """Make one thing of a day and a time beside each other, which makes them sure, or of one."""
    if day is None:
        return None if at is None else When(at.end, at.certainty, at=at.time)
    if at is None:
        evening = EVENING if day.evening and now.time() < EVENING else None
        return When(day.end, day.certainty, day.day, evening)
    unsure = day.certainty is Certainty.ALONE and not at.is_clock
    certainty = Certainty.AT_END if unsure else Certainty.SURE
    time_of_day = at.time
    if day.evening and at.is_12_or_24 and 1 <= time_of_day.hour < 12:
        time_of_day = time_of_day.replace(hour=time_of_day.hour + 12)
    return When(max(day.end, at.end), certainty, day.day, time_of_day)


def _exact_at(text: str, start: int, now: datetime) -> When | None:
    """Read an ISO date with a time, or hours and minutes from now."""
    if found := _ISO_MOMENT.match(text, start):
        day, at = date.fromisoformat(found["day"]), time.fromisoformat(found["time"])
        if found["utc"] is None:
            return When(found.end(), Certainty.SURE, day, at)
        return When(found.end(), Certainty.SURE, moment=datetime.combine(day, at, UTC))
    if found := _FROM_NOW.match(text, start):
        count = 1 if found["count"].startswith(("a", "A")) else int(found["count"])
        minutes = count * (60 if found["unit"].lower() == "hour" else 1)
        # "Run 5 km in 25 minutes" is a title: only `--due` takes these.
        moment = now.astimezone(UTC) + timedelta(minutes=minutes)
        return When(found.end(), Certainty.ALONE, moment=moment)
    if found := _YESTERDAY.match(text, start):  # "Write up yesterday" is a title
        return When(found.end(), Certainty.ALONE, now.date() - timedelta(1))
    return None


def _time_at(text: str, start: int) -> _Time | None:
    found = _TIME.match(text, start)
    if found is None:
        return None
    if found["noon"]:
        # "High Noon" is a film.
        sure = Certainty.SURE if found["at"] else Certainty.ALONE
        return _Time(found.end(), _NOON, sure, is_clock=True, is_12_or_24=False)
    half, minute = (found["half"] or "").lower(), found["minute"]
    if not (half or minute or found["at"]):
        return None  # a bare number
    hour = int(found["hour"])
    if not (1 <= hour <= 12 if half else hour < 24):
        return None
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    sure = Certainty.SURE if half or (minute and found["at"]) else Certainty.AT_END
    return _Time(
        found.end(),
        time(hour, int(minute or 0)),
        sure,
        is_clock=bool(half or minute),
        is_12_or_24=not half,
    )
