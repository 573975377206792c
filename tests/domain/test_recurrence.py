"""How a task comes back: which rules it follows, and when it is due next."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.domain.errors import InvalidValue
from store.domain.recurrence import checked_rule, first_day, next_due, next_rule, parse_rule

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("typed", "rule"),
    [
        ("daily", "FREQ=DAILY"),
        ("Weekly", "FREQ=WEEKLY"),
        ("every day", "FREQ=DAILY"),
        ("every week", "FREQ=WEEKLY"),
        ("Every  Month", "FREQ=MONTHLY"),
        ("every year", "FREQ=YEARLY"),
        ("every 1 week", "FREQ=WEEKLY"),
        ("every 2 weeks", "FREQ=WEEKLY;INTERVAL=2"),
        ("every other day", "FREQ=DAILY;INTERVAL=2"),
        ("every second week", "FREQ=WEEKLY;INTERVAL=2"),
        ("every monday", "FREQ=WEEKLY;BYDAY=MO"),
        ("every other monday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO"),
        ("every thu, mon and wednesday", "FREQ=WEEKLY;BYDAY=MO,WE,TH"),
        ("every sat & sun", "FREQ=WEEKLY;BYDAY=SA,SU"),
        ("every week on tuesday", "FREQ=WEEKLY;BYDAY=TU"),
        ("every 3 weeks on tue and fri", "FREQ=WEEKLY;INTERVAL=3;BYDAY=TU,FR"),
        ("every weekday", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
        ("every weekend", "FREQ=WEEKLY;BYDAY=SA,SU"),
        ("every month on the 15th", "FREQ=MONTHLY;BYMONTHDAY=15"),
        ("every 2 months on the last day", "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=-1"),
        ("every 15th", "FREQ=MONTHLY;BYMONTHDAY=15"),
        ("every 1st of the month", "FREQ=MONTHLY;BYMONTHDAY=1"),
        ("every last day of the month", "FREQ=MONTHLY;BYMONTHDAY=-1"),
        ("every 2nd Monday", "FREQ=MONTHLY;BYDAY=2MO"),
        ("every last fri of the month", "FREQ=MONTHLY;BYDAY=-1FR"),
        ("every month on the first sunday", "FREQ=MONTHLY;BYDAY=1SU"),
        ("RRULE:FREQ=WEEKLY", "FREQ=WEEKLY"),
        ("freq=weekly;byday=th,mo,mo", "FREQ=WEEKLY;BYDAY=MO,TH"),
        ("BYDAY=-1FR;FREQ=MONTHLY;INTERVAL=1;", "FREQ=MONTHLY;BYDAY=-1FR"),
        ("FREQ=DAILY;COUNT=005", "FREQ=DAILY;COUNT=5"),
        ("FREQ=DAILY;UNTIL=20261231T230000Z", "FREQ=DAILY;UNTIL=20261231T230000Z"),
        ("FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1", "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1"),
        ("FREQ=YEARLY;BYMONTHDAY=29;BYMONTH=2", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29"),
    ],
)
def test_a_rule_is_kept_in_one_canonical_form(typed: str, rule: str) -> None:
    assert parse_rule(typed) == rule
    assert checked_rule(rule) == rule


@pytest.mark.parametrize(
    "typed",
    [
        *("", "week", "every", "every second", "every 0 days", "every time", "every 3 mondays"),
        *(
            "every month on the 32nd",
            "every 32nd",
            "every 6th friday",
            "sometimes",
            "FREQ=",
            "FREQ=HOURLY",
            "FREQ=SECONDLY",
        ),
        *("INTERVAL=2", "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;INTERVAL=1000", "FREQ=DAILY;X=1"),
        *("FREQ=DAILY;FREQ=DAILY", "FREQ=DAILY;COUNT=2;UNTIL=20261231", "FREQ=DAILY;UNTIL=soon"),
        *("FREQ=DAILY;UNTIL=20260230", "FREQ=WEEKLY;BYDAY=1MO", "FREQ=WEEKLY;BYDAY=MO,XX"),
        *("FREQ=MONTHLY;BYDAY=54MO", "FREQ=MONTHLY;BYMONTHDAY=0", "FREQ=YEARLY;BYMONTH=-1"),
        *("FREQ=DAILY;BYSETPOS=1", "FREQ=MONTHLY;BYWEEKNO=1", "FREQ=DAILY;BYHOUR=9"),
        *("FREQ=YEARLY;BYYEARDAY=" + ",".join(map(str, range(1, 100))), "FREQ=DAILY" + ";" * 600),
        "FREQ=WEEKLY\nDTSTART=20260101",
    ],
)
def test_a_rule_that_no_task_can_follow_is_refused_in_one_sentence(typed: str) -> None:
    with pytest.raises(InvalidValue, match="is not a rule for repeating") as refusal:
        parse_rule(typed)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("rule", "due", "following"),
    [
        ("FREQ=DAILY", "2026-11-23", "2026-11-24"),
        ("FREQ=WEEKLY", "2026-11-23", "2026-11-30"),
        ("FREQ=WEEKLY;INTERVAL=2", "2026-11-23", "2026-12-07"),
        ("FREQ=WEEKLY;BYDAY=MO,TH", "2026-11-23", "2026-11-26"),
        ("FREQ=WEEKLY;BYDAY=MO,TH", "2026-11-24", "2026-11-26"),
        ("FREQ=MONTHLY", "2026-12-24", "2027-01-24"),
        ("FREQ=MONTHLY", "2027-01-31", "2027-03-31"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "2027-01-31", "2027-02-28"),
        ("FREQ=MONTHLY;BYDAY=-1FR", "2026-11-27", "2026-12-25"),
        ("FREQ=YEARLY", "2028-02-29", "2032-02-29"),
        ("FREQ=DAILY;COUNT=2", "2026-11-23", "2026-11-24"),
        ("FREQ=DAILY;COUNT=1", "2026-11-23", None),
        ("FREQ=WEEKLY;UNTIL=20261130", "2026-11-23", "2026-11-30"),
        ("FREQ=WEEKLY;UNTIL=20261129", "2026-11-23", None),
        ("FREQ=WEEKLY;UNTIL=20261130T075959Z", "2026-11-23T08:00:00Z", None),
        ("FREQ=WEEKLY;UNTIL=20261130T080000Z", "2026-11-23T08:00:00Z", "2026-11-30T08:00:00Z"),
        ("FREQ=DAILY", "9999-12-31", None),
        ("FREQ=DAILY", "0001-01-01", "0001-01-02"),
        ("FREQ=YEARLY;INTERVAL=999", "2026-11-23", None),
    ],
)
def test_the_next_due_date_follows_the_rule(rule: str, due: str, following: str | None) -> None:
    assert next_due(rule, due) == following


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;BYDAY=1MO;BYMONTHDAY=20",
        "FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=29",
    ],
)
@pytest.mark.timeout(10)
def test_a_rule_that_never_comes_true_ends_the_search(rule: str) -> None:
    assert next_due(rule, "2026-11-23") is None


@pytest.mark.parametrize(
    ("due", "following"),
    [
        ("2026-10-22T07:00:00Z", "2026-10-29T08:00:00Z"),  # 09:00 before and after summer time
        ("2026-03-25T08:00:00Z", "2026-04-01T07:00:00Z"),
        ("2026-03-22T01:30:00Z", "2026-03-29T01:30:00Z"),  # 02:30 is skipped: 03:30
    ],
)
def test_a_time_of_day_stays_over_a_clock_change(due: str, following: str) -> None:
    assert next_due("FREQ=WEEKLY", due, tz=BERLIN) == following


def test_weekdays_are_those_of_the_person_and_not_of_utc() -> None:
    monday_half_past_midnight = "2026-11-22T23:30:00Z"

    assert next_due("FREQ=WEEKLY;BYDAY=MO,TU", monday_half_past_midnight, tz=BERLIN) == (
        "2026-11-23T23:30:00Z"
    )


def test_a_moment_at_the_edge_of_the_calendar_has_no_next_one() -> None:
    assert next_due("FREQ=DAILY", "9999-12-31T23:30:00Z", tz=BERLIN) is None


@pytest.mark.parametrize(
    ("rule", "following"),
    [
        ("FREQ=DAILY", "FREQ=DAILY"),
        ("FREQ=DAILY;COUNT=3", "FREQ=DAILY;COUNT=2"),
        ("FREQ=DAILY;COUNT=1", None),
        ("FREQ=DAILY;UNTIL=20261231", "FREQ=DAILY;UNTIL=20261231"),
    ],
)
def test_counted_occurrences_run_out(rule: str, following: str | None) -> None:
    assert next_rule(rule) == following


@pytest.mark.parametrize(
    ("rule", "first"),
    [
        ("FREQ=WEEKLY", "2026-11-23"),
        ("FREQ=WEEKLY;BYDAY=MO", "2026-11-23"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=WE", "2026-11-25"),
        ("FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=1", "2026-12-01"),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", None),
    ],
)
def test_a_new_task_is_first_due_on_the_next_day_that_fits(rule: str, first: str | None) -> None:
    sunday = date(2026, 11, 22)

    assert first_day(rule, after=sunday) == (first and date.fromisoformat(first))


def test_after_the_last_day_of_the_calendar_there_is_none() -> None:
    assert first_day("FREQ=WEEKLY", after=date.max) is None


@given(text=st.text() | st.text("FREQ=DAILYWK;BYDMOTHNUIVC0123456789-+,T"))
def test_whatever_is_typed_gives_a_canonical_rule_or_a_refusal(text: str) -> None:
    for parse in (parse_rule, checked_rule):
        try:
            rule = parse(text)
        except InvalidValue:
            continue
        assert checked_rule(rule) == rule


weekdays = st.sets(st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), min_size=1)


@given(
    start=st.dates(date(1900, 1, 1), date(2200, 1, 1)),
    days=weekdays,
    interval=st.integers(1, 12),
)
def test_the_next_day_lies_ahead_and_within_the_step(
    start: date, days: set[str], interval: int
) -> None:
    rule = checked_rule(f"FREQ=WEEKLY;INTERVAL={interval};BYDAY={','.join(days)}")

    following = date.fromisoformat(next_due(rule, start.isoformat()) or "")

    assert start < following <= start + timedelta(weeks=interval, days=6)
    assert following.strftime("%a")[:2].upper() in days
