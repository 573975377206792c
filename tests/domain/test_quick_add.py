"""What quick add understands, and what it leaves alone. It is Monday, 10:30 in Berlin."""

import re
from dataclasses import asdict
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from store.domain import fields
from store.domain.due_date import checked_due
from store.domain.quick_add import TEXT_CHARS_MAX, QuickAdd, Span, parse
from store.domain.recurrence import checked_rule

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 11, 23, 10, 30, tzinfo=BERLIN)


def understood(text: str, now: datetime = MONDAY) -> dict[str, object]:
    """Give what was understood besides the title, without what is empty."""
    said = asdict(parse(text, now=now))
    del said["spans"]
    return {name: value for name, value in said.items() if value}


def test_the_line_of_the_manual() -> None:
    text = "Buy rope tomorrow 9am #climb !high @Kit +Hut every week"

    assert parse(text, now=MONDAY) == QuickAdd(
        title="Buy rope",
        due="2026-11-24T08:00:00Z",
        priority="high",
        list="Hut",
        assignee="Kit",
        tags=("climb",),
        repeat="FREQ=WEEKLY",
        spans=(
            Span("date", 9, 17, "tomorrow"),
            Span("time", 18, 21, "9am"),
            Span("tag", 22, 28, "#climb"),
            Span("priority", 29, 34, "!high"),
            Span("assignee", 35, 39, "@Kit"),
            Span("list", 40, 44, "+Hut"),
            Span("repeat", 45, 55, "every week"),
        ),
    )


@pytest.mark.parametrize(
    "text",
    [
        # words that are not dates
        "March of the penguins",
        "May I come in",
        "I may 2 times",
        "Wait a second",
        "Every second counts",
        "Sun cream and sat nav",
        "Protect the plants from the sun",
        "Get wed",
        "March 5 miles north",
        "Watch High Noon",
        "Today's news",
        "Read Tomorrowland",
        "Run 5 km in 25 minutes",
        "Call 9 to 5 people",
        "Version 9.30",
        "Ratio 16:9",
        "Score 31 feb",
        "Rename report-2026-11-24.pdf",
        "Flight LH 1030 5th row",
        # days that are not when the task is due
        "Friday prayer notes",
        "Monday night football with Kit",
        "Black friday",
        "Stay in the hut until friday",
        "Open monday to friday",
        "Prepare slides for tomorrow",
        "Finish before 24 nov",
        "Look at 9 huts",
        "Read John 3:16 aloud",
        "Fix the today view",
        "(tomorrow) maybe",
        # repeating words that don't repeat the task
        "Read the weekly report",
        "Make every day count",
        "Read the Daily Mail daily news",
        "Try every time",
        "Give every 10th guest a cake",
        # days that are none, or are not when the task is due
        "Buy a ticket for 30.2.2027",
        "Install version 1.2.3",
        "Read yesterday",
        "Was 24.12.1999 a friday too",
        "Call every 2nd monday club member",
        # signs that are not marks
        "e.g. #1",
        "Fix #123 and #45.",
        "Learn C# and F#",
        "# heading",
        "a+b",
        "+1 for the plan",
        "C++ and +2",
        "Write to me@example.com",
        "Meet @9am",
        "@ home",
        "!important",
        "!!high stakes",
        "!highest",
        "!4",
        "Really!",
        "#a#b",
        "#a+b",
        '#"" @"" +""',
        '+"no end',
        "[#link](#x)",
        # literal text
        '"due tomorrow #climb" reading',
        "“Tomorrow” by Kit",
        "C:\\users \\server",
    ],
)
def test_what_is_not_surely_meant_stays_in_the_title(text: str) -> None:
    assert parse(text, now=MONDAY) == QuickAdd(title=text)


@pytest.mark.parametrize(
    ("text", "title", "due"),
    [
        ("Buy rope today", "Buy rope", "2026-11-23"),
        ("Dinner tonight", "Dinner", "2026-11-23T19:00:00Z"),
        ("Buy rope TOMORROW", "Buy rope", "2026-11-24"),
        ("Tomorrow, buy rope", "buy rope", "2026-11-24"),
        ("Buy tomorrow the rope", "Buy the rope", "2026-11-24"),
        ("Buy rope, tomorrow", "Buy rope", "2026-11-24"),
        ("Buy rope, tomorrow, in the shop", "Buy rope, in the shop", "2026-11-24"),
        ("Buy rope tomorrow!", "Buy rope!", "2026-11-24"),
        ("Buy rope by tomorrow", "Buy rope", "2026-11-24"),
        ("Buy rope the day after tomorrow", "Buy rope", "2026-11-25"),
        ("Meet friday", "Meet", "2026-11-27"),
        ("Meet monday", "Meet", "2026-11-30"),
        ("Meet next monday", "Meet", "2026-11-30"),
        ("Meet on friday with Kit", "Meet with Kit", "2026-11-27"),
        ("Meet fri", "Meet", "2026-11-27"),
        ("Friday 9am meet Kit", "meet Kit", "2026-11-27T08:00:00Z"),
        ("Meet sat 9:30", "Meet", "2026-11-28T08:30:00Z"),
        ("Rent due friday", "Rent", "2026-11-27"),
        ("Plan next week", "Plan", "2026-11-30"),
        ("Plan next month", "Plan", "2026-12-01"),
        ("Call in 3 days", "Call", "2026-11-26"),
        ("Call in 2 weeks at 14:00", "Call", "2026-12-07T13:00:00Z"),
        ("Ship 24 nov", "Ship", "2026-11-24"),
        ("Ship nov 24 to Kit", "Ship to Kit", "2026-11-24"),
        ("Ship on march 5 to Kit", "Ship to Kit", "2027-03-05"),
        ("Ship march 5", "Ship", "2027-03-05"),
        ("Ship nov 24 2100 ropes", "Ship 2100 ropes", "2026-11-24"),
        ("Pay 2026-12-01 to Kit", "Pay to Kit", "2026-12-01"),
        ("Pay 24.12.2026 to Kit", "Pay to Kit", "2026-12-24"),
        ("Pay on 1.3.2027, 9:00", "Pay", "2027-03-01T08:00:00Z"),
        ("Pay 2026-12-01T09:00Z", "Pay", "2026-12-01T09:00:00Z"),
        ("Call at 9", "Call", "2026-11-24T08:00:00Z"),
        ("Call at 9 tomorrow about rope", "Call about rope", "2026-11-24T08:00:00Z"),
        ("Call 9:30", "Call", "2026-11-24T08:30:00Z"),
        ("Call 9am Kit", "Call Kit", "2026-11-24T08:00:00Z"),
        ("Call 21:00", "Call", "2026-11-23T20:00:00Z"),
        ("Lunch at noon", "Lunch", "2026-11-23T11:00:00Z"),
        ("Lunch tomorrow noon", "Lunch", "2026-11-24T11:00:00Z"),
        ("Call tomorrow Kit 9am", "Call Kit", "2026-11-24T08:00:00Z"),
        ("Watch Today tomorrow", "Watch Today", "2026-11-24"),
    ],
)
def test_a_day_and_a_time_become_the_due_date(text: str, title: str, due: str) -> None:
    assert understood(text) == {"title": title, "due": due}


@pytest.mark.parametrize(
    ("text", "title", "repeat", "due"),
    [
        ("Water plants daily", "Water plants", "FREQ=DAILY", "2026-11-23"),
        ("Water every day at 9am", "Water", "FREQ=DAILY", "2026-11-24T08:00:00Z"),
        ("every day at 9am water", "water", "FREQ=DAILY", "2026-11-24T08:00:00Z"),
        ("Water every week 11am", "Water", "FREQ=WEEKLY", "2026-11-23T10:00:00Z"),
        ("Water every monday", "Water", "FREQ=WEEKLY;BYDAY=MO", "2026-11-23"),
        ("Water every monday at 9", "Water", "FREQ=WEEKLY;BYDAY=MO", "2026-11-30T08:00:00Z"),
        ("Water every tue and fri well", "Water well", "FREQ=WEEKLY;BYDAY=TU,FR", "2026-11-24"),
        ("Rent every month on the 1st", "Rent", "FREQ=MONTHLY;BYMONTHDAY=1", "2026-12-01"),
        ("Water friday every 2 weeks", "Water", "FREQ=WEEKLY;INTERVAL=2", "2026-11-27"),
        ("Rent every 1st", "Rent", "FREQ=MONTHLY;BYMONTHDAY=1", "2026-12-01"),
        ("Club every 2nd tuesday at 7pm", "Club", "FREQ=MONTHLY;BYDAY=2TU", "2026-12-08T18:00:00Z"),
    ],
)
def test_a_repeating_task_is_due_on_the_first_day_that_fits(
    text: str, title: str, repeat: str, due: str
) -> None:
    assert understood(text) == {"title": title, "repeat": repeat, "due": due}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x #climb #two #climb", {"tags": ("climb", "two")}),
        ("x #2fa #🧗 #日本 #a-b/c", {"tags": ("2fa", "🧗", "日本", "a-b/c")}),
        ("x, #climb, y", {"title": "x, y", "tags": ("climb",)}),
        ("x +Hut!", {"title": "x!", "list": "Hut"}),
        ("Meet @Kit. Bring rope", {"title": "Meet. Bring rope", "assignee": "Kit"}),
        ("x friday #climb", {"due": "2026-11-27", "tags": ("climb",)}),
        ('x #"two words"', {"tags": ("two words",)}),
        ('x @"Kit Lee" +"Long list"', {"assignee": "Kit Lee", "list": "Long list"}),
        ("x +“Long list”", {"list": "Long list"}),
        ('x #"1"', {"tags": ("1",)}),
        ("x @Jose\u0301", {"assignee": "José"}),
        ("x !low", {"priority": "low"}),
        ("x !MEDIUM", {"priority": "medium"}),
        ("x !1", {"priority": "low"}),
        ("x !2", {"priority": "medium"}),
        ("x !3", {"priority": "high"}),
    ],
)
def test_marks_become_fields(text: str, said: dict[str, object]) -> None:
    assert understood(text) == {"title": "x", **said}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x !low y !high", {"title": "x !low y", "priority": "high"}),
        ("x +A +B", {"title": "x +A", "list": "B"}),
        ("x @A @B", {"title": "x @A", "assignee": "B"}),
        ("x tomorrow y friday", {"title": "x tomorrow y", "due": "2026-11-27"}),
    ],
)
def test_of_two_that_say_the_same_the_last_counts(text: str, said: dict[str, object]) -> None:
    assert understood(text) == said


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (r"\#climb the hill", "#climb the hill"),
        (r"Read \tomorrow 9am", "Read tomorrow 9am"),
        (r"Say \@Kit and \+Hut and \!high", "Say @Kit and +Hut and !high"),
        (r"Be \every week there", "Be every week there"),
        (r"Keep \this and \ and \\#x", r"Keep \this and \ and \\#x"),
    ],
)
def test_a_backslash_keeps_what_would_be_understood_and_goes(text: str, title: str) -> None:
    assert understood(text) == {"title": title}


@pytest.mark.parametrize("text", ["tomorrow", "#climb", " friday 9am ", "!high @Kit", "today!", ""])
def test_where_no_title_would_be_left_all_of_it_is_the_title(text: str) -> None:
    assert parse(text, now=MONDAY) == QuickAdd(title=text.strip())


def test_a_time_is_that_of_the_persons_clock_on_that_day() -> None:
    evening_before_summer_time = datetime(2026, 3, 28, 20, 0, tzinfo=BERLIN)

    said = understood("Buy rope tomorrow 9am", evening_before_summer_time)

    assert said["due"] == "2026-03-29T07:00:00Z"


def test_a_text_too_long_for_a_title_is_not_read() -> None:
    text = "tomorrow " * (TEXT_CHARS_MAX // 9 + 1) + "x"

    assert parse(text, now=MONDAY).title == text


@pytest.mark.parametrize(
    "text",
    [
        "#a " * 1_333,
        "every monday at 9 " * 220,
        '"' + " " * 3_990,
        '"a ' * 1_333,
        "every monday " + ", mon" * 790,
        ("in" + " " * 300) * 13,
    ],
)
@pytest.mark.timeout(5)
def test_no_line_takes_long_to_read(text: str) -> None:
    parse(text, now=MONDAY)


VOCABULARY = r"""
    today tonight tomorrow friday sun on by at 9 9am 9:30 24 nov may march next week month in 3 days
    every other monday and daily #climb @Kit +Hut !high !1 # @ + ! " \ \#x "a b" #"a b" , , ; .
    until the for Buy rope 2026-12-01 2026-12-01T09:00Z 9999-12-31 0001-01-01
"""
words = st.sampled_from(VOCABULARY.split())
lines = st.text() | st.lists(words | st.text(max_size=3), max_size=12).map(" ".join)
nows = st.datetimes(timezones=st.timezones()).filter(lambda now: 1900 <= now.year <= 9000)


@given(text=lines, now=nows)
@example(text="x 9999-12-31 23:00", now=datetime(2026, 1, 1, tzinfo=ZoneInfo("America/New_York")))
@example(text="x, tomorrow, , y", now=MONDAY)
def test_any_line_is_read_and_what_was_typed_is_in_the_title_or_understood(
    text: str, now: datetime
) -> None:
    said = parse(text, now=now)

    # The title and the spans cover the text: all but spaces, escapes and commas at a joint.
    rest, end = "", 0
    for span in said.spans:
        assert end <= span.start < span.end
        assert text[span.start : span.end] == span.text
        rest, end = rest + text[end : span.start], span.end
    rest += text[end:]
    assert re.sub(r"[\s,;\\]", "", rest) == re.sub(r"[\s,;\\]", "", said.title)
    assert said.title == said.title.strip()
    assert said.title or not text.strip()
    if not said.spans:
        assert said.title.replace("\\", "") == text.strip().replace("\\", "")


@given(text=lines, now=nows)
def test_all_that_is_understood_can_be_stored(text: str, now: datetime) -> None:
    said = parse(text, now=now)

    assert said.due is None or checked_due(said.due) == said.due
    assert said.repeat is None or checked_rule(said.repeat) == said.repeat
    assert said.repeat is None or said.due is not None
    assert tuple(map(fields.validated_tag, said.tags)) == said.tags
    for field in ("priority", "list", "assignee"):
        value = getattr(said, field)
        assert value is None or fields.validated("task", field, value) == value
    kinds = {span.kind for span in said.spans}
    assert ("priority" in kinds) == (said.priority is not None)
    assert ("list" in kinds) == (said.list is not None)
    assert ("assignee" in kinds) == (said.assignee is not None)
    assert ("repeat" in kinds) == (said.repeat is not None)
    assert ("tag" in kinds) == bool(said.tags)


@pytest.mark.parametrize(
    ("text", "literal", "title", "says"),
    [
        ("Buy rope tomorrow #climb", ["tomorrow"], "Buy rope tomorrow", {"tags": ("climb",)}),
        ("Buy rope tomorrow #climb", ["#climb"], "Buy rope #climb", {"due": "2026-11-24"}),
        ("Buy rope friday 9am", ["9am"], "Buy rope 9am", {"due": "2026-11-27"}),
        ("Buy rope 9am friday", ["9am"], "Buy rope 9am", {"due": "2026-11-27"}),
        ("Call +Hut +Hut", ["+Hut"], "Call +Hut +Hut", {}),
        ("Call #a #ab", ["#a"], "Call #a", {"tags": ("ab",)}),
        ("Call #a", ["#b", ""], "Call", {"tags": ("a",)}),
    ],
)
def test_what_a_person_wants_to_be_text_stays_text(
    text: str, literal: list[str], title: str, says: dict[str, object]
) -> None:
    said = asdict(parse(text, now=MONDAY, literal=literal))

    assert said.pop("title") == title
    assert {key: value for key, value in said.items() if value and key != "spans"} == says
