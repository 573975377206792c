"""What can be typed as a due date, and what it means on a Monday morning in Berlin."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.domain.due_date import checked_due, due_text, local_due, moment_or_day, parse_due
from store.domain.errors import InvalidValue

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
MONDAY = datetime(2026, 11, 23, 10, 30, tzinfo=BERLIN)  # 09:30 UTC


@pytest.mark.parametrize(
    ("typed", "due"),
    [
        ("none", None),
        (" None ", None),
        ("2026-11-24", "2026-11-24"),
        ("1999-12-31", "1999-12-31"),
        ("2026-11-24T08:00:00Z", "2026-11-24T08:00:00Z"),
        ("2026-11-24T09:00", "2026-11-24T08:00:00Z"),
        ("2026-11-24T09:00:30", "2026-11-24T08:00:30Z"),
        ("2026-11-24T09:00Z", "2026-11-24T09:00:00Z"),
        ("2026-11-24 09:00", "2026-11-24T08:00:00Z"),
        ("today", "2026-11-23"),
        ("TODAY", "2026-11-23"),
        ("tomorrow", "2026-11-24"),
        ("yesterday", "2026-11-22"),
        ("24.12.2026", "2026-12-24"),
        ("1.3.2027 18:00", "2027-03-01T17:00:00Z"),
        ("day after tomorrow", "2026-11-25"),
        ("tonight", "2026-11-23T19:00:00Z"),
        ("tonight at 9", "2026-11-23T20:00:00Z"),
        ("tonight 9:30", "2026-11-23T20:30:00Z"),
        ("tonight 11pm", "2026-11-23T22:00:00Z"),
        ("tuesday", "2026-11-24"),
        ("sun", "2026-11-29"),
        ("monday", "2026-11-30"),
        ("this friday", "2026-11-27"),
        ("on friday", "2026-11-27"),
        ("next friday", "2026-12-04"),
        ("next week", "2026-11-30"),
        ("next month", "2026-12-01"),
        ("in 1 day", "2026-11-24"),
        ("in 3 days", "2026-11-26"),
        ("in a week", "2026-11-30"),
        ("in 2 weeks", "2026-12-07"),
        ("in 3 months", "2027-02-23"),
        ("in 90 minutes", "2026-11-23T11:00:00Z"),
        ("in an hour", "2026-11-23T10:30:00Z"),
        ("24 nov", "2026-11-24"),
        ("nov 24", "2026-11-24"),
        ("23 November", "2026-11-23"),
        ("22 nov", "2027-11-22"),
        ("24th of november 2028", "2028-11-24"),
        ("nov 24, 2027", "2027-11-24"),
        ("2 may", "2027-05-02"),
        ("29 feb", "2028-02-29"),
        ("9am", "2026-11-24T08:00:00Z"),
        ("11am", "2026-11-23T10:00:00Z"),
        ("10:30", "2026-11-24T09:30:00Z"),
        ("12am", "2026-11-23T23:00:00Z"),
        ("12pm", "2026-11-23T11:00:00Z"),
        ("noon", "2026-11-23T11:00:00Z"),
        ("9:30 pm", "2026-11-23T20:30:00Z"),
        ("21:00", "2026-11-23T20:00:00Z"),
        ("at 9", "2026-11-24T08:00:00Z"),
        ("tomorrow 9am", "2026-11-24T08:00:00Z"),
        ("9am tomorrow", "2026-11-24T08:00:00Z"),
        ("tomorrow, at 9", "2026-11-24T08:00:00Z"),
        ("in  2  weeks\tat 14:00", "2026-12-07T13:00:00Z"),
        ("today 8:00", "2026-11-23T07:00:00Z"),
    ],
)
def test_these_words_are_understood(typed: str, due: str | None) -> None:
    assert parse_due(typed, now=MONDAY) == due


@pytest.mark.parametrize(
    "typed",
    [
        *("", " ", "soon", "may", "second", "24", "24/11", "11/24/2026", "9", "31 feb"),
        *("29 feb 2027", "2026-02-30", "2026-13-01", "2026-11-24T25:00", "25:00", "13pm", "0am"),
        *("at 24", "9:60", "tomorrow or friday", "not today", "in 0x3 days", "in 99999 days"),
        *("2026-11-24T09:00+01:00", "9999-12-31T23:59:59.5Z", "tomorrow tomorrow", "today's"),
        *("0001-01-01 00:00", "١ nov", "\ud800"),
    ],
)
def test_other_words_are_refused_in_one_sentence_that_says_what_works(typed: str) -> None:
    with pytest.raises(InvalidValue, match=r"is not a day or |is too far away") as refusal:
        parse_due(typed, now=MONDAY)
    assert str(refusal.value).encode("utf-8")


@pytest.mark.parametrize(
    ("today", "typed", "due"),
    [
        ("2026-11-29", "next monday", "2026-11-30"),  # a Sunday: next week begins tomorrow
        ("2026-11-29", "next week", "2026-11-30"),
        ("2026-11-30", "next week", "2026-12-07"),
        ("2026-12-31", "tomorrow", "2027-01-01"),
        ("2026-12-31", "next month", "2027-01-01"),
        ("2027-01-31", "in 1 month", "2027-02-28"),
        ("2027-12-31", "in 2 months", "2028-02-29"),
        ("2096-03-01", "29 feb", "2104-02-29"),  # 2100 has none
    ],
)
def test_days_are_counted_on_the_calendar(today: str, typed: str, due: str) -> None:
    now = datetime.combine(date.fromisoformat(today), time(12), BERLIN)

    assert parse_due(typed, now=now) == due


def test_tonight_after_eight_is_the_day_itself() -> None:
    assert parse_due("tonight", now=MONDAY.replace(hour=21)) == "2026-11-23"


@pytest.mark.parametrize(
    ("now", "typed", "due", "why"),
    [
        ("2026-03-28T12:00", "tomorrow 9am", "2026-03-29T07:00:00Z", "summer time began at night"),
        ("2026-10-24T12:00", "tomorrow 9am", "2026-10-25T08:00:00Z", "it ended at night"),
        ("2026-03-28T12:00", "tomorrow 2:30", "2026-03-29T01:30:00Z", "skipped: read as 03:30"),
        ("2026-10-24T12:00", "tomorrow 2:30", "2026-10-25T00:30:00Z", "twice: the first"),
        ("2026-10-24T23:30", "in 3 hours", "2026-10-25T00:30:00Z", "elapsed time, not the clock's"),
        ("2026-03-28T23:30", "tomorrow", "2026-03-29", "a day of 23 hours is a day"),
    ],
)
def test_clock_changes_move_no_appointment(now: str, typed: str, due: str, why: str) -> None:
    assert parse_due(typed, now=datetime.fromisoformat(now).replace(tzinfo=BERLIN)) == due


def test_in_the_repeated_hour_a_time_is_still_to_come_only_once() -> None:
    second_time = datetime(2026, 10, 25, 2, 15, tzinfo=BERLIN, fold=1)

    assert parse_due("2:30", now=second_time) == "2026-10-26T01:30:00Z"


def test_today_is_the_day_where_the_person_is() -> None:
    late_in_new_york = datetime(2026, 11, 23, 23, 0, tzinfo=NEW_YORK)

    assert parse_due("today", now=late_in_new_york) == "2026-11-23"
    assert parse_due("tomorrow 9am", now=late_in_new_york) == "2026-11-24T14:00:00Z"


def test_a_moment_beyond_the_calendar_in_utc_is_refused() -> None:
    with pytest.raises(InvalidValue, match="too far away"):
        local_due(date.max, time(23), now=datetime(2026, 1, 1, tzinfo=NEW_YORK))


@given(st.datetimes(timezones=st.just(UTC)) | st.dates())
def test_what_is_stored_is_read_back(due: datetime | date) -> None:
    if isinstance(due, datetime):
        due = due.replace(microsecond=0)

    assert moment_or_day(checked_due(due_text(due))) == due


@given(typed=st.text(), now=st.datetimes(timezones=st.timezones()))
def test_whatever_is_typed_gives_a_due_date_or_a_refusal(typed: str, now: datetime) -> None:
    try:
        due = parse_due(typed, now=now)
    except InvalidValue:
        return
    assert due is None or checked_due(due) == due
