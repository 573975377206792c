"""Headings among the tasks of a view: overdue and today, or one for each day. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from store.queries import TaskLine


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading between tasks; `key` is stable, `due` what a task that is put there is due."""

    key: str
    words: str
    due: str | None = None


def with_headings(
    lines: Iterable[TaskLine], *, view: str, now: datetime
) -> list[Heading | TaskLine]:
    """Put the headings of a view among its tasks, which are in order of their due date.

    Args:
        lines: as listed.
        view: `today` and `upcoming` have headings.
        now: aware, where the person is.
    """
    drawn: list[Heading | TaskLine] = []
    last: Heading | None = None
    for line in lines:
        heading = _heading(line, view, now)
        if heading is not None and heading != last:
            drawn.append(heading)
            last = heading
        drawn.append(line)
    return drawn


def _heading(line: TaskLine, view: str, now: datetime) -> Heading | None:
    if line.task.due is None or view not in ("today", "upcoming"):
        return None
    day = local_day(line.task.due, now)
    if day is None:
        return None
    if view == "today":
        if day < now.date():
            return Heading("overdue", "Overdue")
        return Heading("today", "Today", now.date().isoformat())
    return Heading(day.isoformat(), day_heading(day, now.date()), day.isoformat())


def local_day(due: str, now: datetime) -> date | None:
    """Give the day here on which something is due; None for what is no date."""
    try:
        if "T" not in due:
            return date.fromisoformat(due)
        return datetime.fromisoformat(due).astimezone(now.tzinfo).date()
    except ValueError:  # another program wrote what is no date
        return None


def day_heading(day: date, today: date) -> str:
    """Name a day at the head of its tasks: `Tomorrow · Thu 26 Nov`, `Mon 30 Nov`."""
    plain = f"{day:%a} {day.day} {day:%b}"
    if day.year != today.year:
        plain += f" {day.year}"
    if day == today + timedelta(days=1):
        return f"Tomorrow · {plain}"
    return plain
