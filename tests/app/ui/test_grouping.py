"""Headings among tasks, on a Monday at 10:30 in Berlin."""

from datetime import datetime
from zoneinfo import ZoneInfo

from app.ui.grouping import Heading, with_headings
from store.queries import TaskLine
from store.rows import TaskRow

MONDAY = datetime(2026, 11, 23, 10, 30, tzinfo=ZoneInfo("Europe/Berlin"))


def line(due: str | None) -> TaskLine:
    row = TaskRow(
        *("t1", "task", "Home", "Buy rope", "open", due, None, None, None, (), None, None, None),
        *(None, False, None, None, "local", (), ()),
    )
    return TaskLine(row)


def words(view: str, *due: str | None) -> list[str]:
    drawn = with_headings([line(each) for each in due], view=view, now=MONDAY)
    return [each.words if isinstance(each, Heading) else str(each.task.due) for each in drawn]


def test_today_parts_what_is_overdue_from_what_is_due_today() -> None:
    assert words("today", "2026-11-20", "2026-11-23", "2026-11-23T09:00:00Z") == [
        "Overdue",
        "2026-11-20",
        "Today",
        "2026-11-23",
        "2026-11-23T09:00:00Z",
    ]


def test_upcoming_has_a_heading_for_each_day_here() -> None:
    # 23:30 UTC is half past midnight in Berlin.
    assert words("upcoming", "2026-11-24", "2026-11-25", "2026-11-24T23:30:00Z", "2027-01-02") == [
        "Tomorrow · Tue 24 Nov",
        "2026-11-24",
        "Wed 25 Nov",
        "2026-11-25",
        "2026-11-24T23:30:00Z",
        "Sat 2 Jan 2027",
        "2027-01-02",
    ]


def test_other_views_have_none_and_what_is_no_date_has_none() -> None:
    assert words("inbox", "2026-11-20") == ["2026-11-20"]
    assert words("upcoming", "whenever", None) == ["whenever", "None"]
