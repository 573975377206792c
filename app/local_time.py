"""The person's own time zone: what `tomorrow 9am` means here, and how a moment reads.

Inside Cairn all moments are UTC; only here do they become the time on the person's wall.
"""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from store.domain.errors import InvalidValue

_DAYS_NEAR: Final = 6  # a weekday's name alone is clear for the coming week only


class LocalZone(tzinfo):
    """The machine's time zone, with its summer time.

    `datetime.now().astimezone()` carries today's offset for all dates, so a date typed in November
    for July would be an hour off.
    """

    def utcoffset(self, dt: datetime | None) -> timedelta | None:
        """Look up the offset that holds at this wall time."""
        return None if dt is None else dt.replace(tzinfo=None).astimezone().utcoffset()

    def dst(self, dt: datetime | None) -> timedelta | None:  # noqa: ARG002 -- tzinfo's shape
        """Leave unsaid which part of the offset is summer time; nobody here asks."""
        return None

    def tzname(self, dt: datetime | None) -> str | None:
        """Give the zone's short name at this wall time, as the machine writes it."""
        return None if dt is None else dt.replace(tzinfo=None).astimezone().tzname()

    def fromutc(self, dt: datetime) -> datetime:
        """Turn UTC into wall time."""
        wall = dt.replace(tzinfo=UTC).astimezone()
        here = wall.replace(tzinfo=self)
        # The hour that the end of summer time repeats: say which of the two it is.
        return here if here.utcoffset() == wall.utcoffset() else here.replace(fold=1)


def local_now() -> datetime:
    """Give the time on the person's wall, with the zone's rules attached."""
    return datetime.now(LocalZone())


def due_words(due: str | None, now: datetime) -> str:
    """Say when something is due, as a person would: `tomorrow 09:00`, `Fri 28 Nov`, `2027-03-01`.

    Args:
        due: a day `YYYY-MM-DD`, a moment `YYYY-MM-DDTHH:MM:SSZ`, or None (gives an empty text).
        now: aware, in the zone to show it in.
    """
    if due is None:
        return ""
    if "T" not in due:
        return _day_words(date.fromisoformat(due), now.date())
    moment = datetime.fromisoformat(due).astimezone(now.tzinfo)
    return f"{_day_words(moment.date(), now.date())} {moment:%H:%M}"


def is_overdue(due: str | None, now: datetime) -> bool:
    """Tell whether the day is over, or the moment past."""
    if due is None:
        return False
    if "T" not in due:
        return date.fromisoformat(due) < now.date()
    return datetime.fromisoformat(due) < now


def end_of(day: date, now: datetime) -> int:
    """The last moment of a day where the person is, as Unix ms; raises InvalidValue."""
    try:
        following = datetime.combine(day + timedelta(days=1), time(), tzinfo=now.tzinfo)
        return unix_ms(following) - 1
    except OverflowError:
        raise InvalidValue("That day is beyond the calendar; name an earlier one.") from None


def unix_ms(moment: datetime) -> int:
    """An aware moment as Unix ms; raises InvalidValue at the edge of the calendar."""
    try:
        return round(moment.timestamp() * 1000)
    except (OverflowError, ValueError):
        raise InvalidValue("That time is beyond the calendar; name an earlier one.") from None


def moment_words(at_ms: int | None, now: datetime) -> str:
    """Say when something happened: `08:49`, `yesterday 08:49`, `Fri 14 Nov 08:49`."""
    if at_ms is None:
        return "at an unknown time"
    moment = datetime.fromtimestamp(at_ms // 1000, tz=UTC).astimezone(now.tzinfo)
    if moment.date() == now.date():
        return f"{moment:%H:%M}"
    return f"{_day_words(moment.date(), now.date())} {moment:%H:%M}"


def _day_words(day: date, today: date) -> str:
    days = (day - today).days
    near = {-1: "yesterday", 0: "today", 1: "tomorrow"}
    if days in near:
        return near[days]
    if 0 < days <= _DAYS_NEAR:
        return f"{day:%a}"
    if day.year == today.year:
        return f"{day:%a} {day.day} {day:%b}"
    return day.isoformat()
