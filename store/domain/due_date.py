"""Due dates: a day (`2026-11-24`), or a moment in UTC (`2026-11-24T08:00:00Z`).

A day is the same day wherever the reader is; a moment is the same instant. What a person types is
local: it becomes UTC through the time zone of `now`, which has to know its summer time. A local
time that a clock change skips is read by the offset before the change (02:30 shows as 03:30), one
that comes twice is the first.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from store.domain.errors import InvalidValue

_DUE: Final = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}Z)?", re.ASCII)
_WORDS: Final = (
    "Write a day such as 2026-11-24, tomorrow or friday, with a time such as 9am or not."
)


def parse_due(text: str, *, now: datetime) -> str | None:
    """Read a due date as typed on its own: the words of `date_words`, whatever their certainty.

    Args:
        text: `none` clears.
        now: aware, in the person's time zone.

    Returns:
        A day, a moment, or None to clear. A time without a day is the next such time.

    Raises:
        InvalidValue: not understood; the sentence says what is.
    """
    from store.domain.date_words import when_at  # compiled only where somebody types a date

    words = " ".join(text.split())
    if words.lower() == "none":
        return None
    if _DUE.fullmatch(words) is not None:
        return checked_due(words)
    when = when_at(words, 0, now=now)
    if when is None or when.end != len(words):
        raise InvalidValue(f"{text[:40]!r} is not a day or time. {_WORDS}", field="due")
    return due_text(when.moment or local_due(when.day, when.at, now=now))


def checked_due(text: str) -> str:
    """Check a stored due date: `YYYY-MM-DD` (a day) or `YYYY-MM-DDTHH:MM:SSZ` (a moment in UTC).

    Raises:
        InvalidValue: another form, or no such day or moment.
    """
    if _DUE.fullmatch(text) is not None:
        try:
            moment_or_day(text)
        except ValueError:
            pass
        else:
            return text
    raise InvalidValue(f"{text[:40]!a} is not a day or a moment. {_WORDS}", field="due")


def moment_or_day(due: str) -> datetime | date:
    """Read a stored due date: an aware moment in UTC, or a day."""
    if "T" not in due:
        return date.fromisoformat(due)
    return datetime.fromisoformat(due)


def due_text(due: datetime | date) -> str:
    """Write a day, or an aware moment in UTC with seconds; the inverse of `moment_or_day`."""
    if isinstance(due, datetime):
        return due.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"
    return due.isoformat()


def local_due(day: date | None, at: time | None, *, now: datetime) -> datetime | date:
    """Make a due date of a local day and time of day, at least one of which is given.

    A time without a day is its next occurrence: today if it is still to come, else tomorrow.

    Raises:
        InvalidValue: the moment is beyond the calendar in UTC.
    """
    if day is not None:
        return day if at is None else _moment(day, at, now)
    assert at is not None, "neither a day nor a time"
    # Compared in UTC: aware datetimes of one zone compare by wall clock, also in a repeated hour.
    today = _moment(now.date(), at, now)
    return today if today > now.astimezone(UTC) else _moment(now.date() + timedelta(1), at, now)


def _moment(day: date, at: time, now: datetime) -> datetime:
    assert now.tzinfo is not None, "`now` has to know its time zone"
    try:
        return datetime.combine(day, at, now.tzinfo).astimezone(UTC)
    except OverflowError as error:
        raise InvalidValue(f"{day} is too far away for a time of day.", field="due") from error
