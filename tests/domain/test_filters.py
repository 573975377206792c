"""The filter language, by table. It is Monday, 10:30 in Berlin."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.domain.filters import DueRange, Filter, Terms, parse_terms

MONDAY = datetime(2026, 11, 23, 10, 30, tzinfo=ZoneInfo("Europe/Berlin"))


def terms(text: str) -> Terms:
    return parse_terms(text, now=MONDAY)


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("tag:climb", "tag", "climb"),
        ("tag:#climb", "tag", "climb"),
        ("#climb", "tag", "climb"),
        ('tag:"two words"', "tag", "two words"),
        ('#"two words"', "tag", "two words"),
        ("in:Hut", "list", "Hut"),
        ("list:Hut", "list", "Hut"),
        ("+Hut", "list", "Hut"),
        ('in:"Long list"', "list", "Long list"),
        ("in:none", "list", None),
        ("by:Kit", "assignee", "Kit"),
        ("@Kit", "assignee", "Kit"),
        ("by:none", "assignee", None),
        ("priority:high", "priority", "high"),
        ("PRIORITY:High", "priority", "high"),
        ("priority:3", "priority", "high"),
        ("!1", "priority", "low"),
        ("priority:none", "priority", None),
        ("is:open", "is", "open"),
        ("is:Overdue", "is", "overdue"),
        ("due:none", "due", None),
        ("due:any", "due", "any"),
    ],
)
def test_each_filter(text: str, kind: str, value: str | None) -> None:
    assert terms(text) == Terms("", (Filter(kind, value, text=text),))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "due"),
    [
        # In Berlin the day begins at 23:00 UTC of the day before.
        (
            "due:friday",
            DueRange("2026-11-27", "2026-11-26T23:00:00Z", "2026-11-28", "2026-11-27T23:00:00Z"),
        ),
        ("due:<friday", DueRange(until_day="2026-11-27", until_at="2026-11-26T23:00:00Z")),
        ("due:<=friday", DueRange(until_day="2026-11-28", until_at="2026-11-27T23:00:00Z")),
        ("due:>2026-12-24", DueRange(from_day="2026-12-25", from_at="2026-12-24T23:00:00Z")),
        ("due:>=2026-12-24", DueRange(from_day="2026-12-24", from_at="2026-12-23T23:00:00Z")),
        ('due:<"friday 9am"', DueRange(until_day="2026-11-27", until_at="2026-11-27T08:00:00Z")),
        # Summer time: the offset is the one of that day, not of now.
        ("due:<2026-07-01", DueRange(until_day="2026-07-01", until_at="2026-06-30T22:00:00Z")),
    ],
)
def test_stretches_of_time(text: str, due: DueRange) -> None:
    assert terms(text).filters == (Filter("due", due=due, text=text),)


def test_words_and_filters_stand_in_any_order() -> None:
    found = terms("rope tag:climb long is:open")

    assert found.words == "rope long"
    assert [each.kind for each in found.filters] == ["tag", "is"]


@pytest.mark.parametrize("text", ["-tag:climb", "-#climb", "-is:done", "-@Kit", "-due:any"])
def test_a_minus_keeps_the_others(text: str) -> None:
    (found,) = terms(text).filters

    assert found.negated


@pytest.mark.parametrize(
    "text",
    [
        "rope",
        "10:30",
        "https://example.org",
        "C#",
        "#1",
        "+1",
        "note: this",
        "-rope",
        "a:b",
        "!now",
    ],
)
def test_everything_else_is_text(text: str) -> None:
    assert terms(text) == Terms(text)


def test_quotes_keep_a_filter_literal() -> None:
    assert terms('"tag:climb" rope') == Terms("tag:climb rope")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("tag:", "after the colon"),
        ("is:nice", "one of open, started"),
        ("priority:urgent", "low, medium, high"),
        ("due:<", "needs a day"),
        ('due:<"fri the"', "not a day"),
        ("due:soon", "not a day"),
    ],
)
def test_half_a_filter_keeps_everything_and_says_why(text: str, says: str) -> None:
    found = terms(text)

    assert found.filters == ()
    assert says in found.unread[0]


@given(st.text(max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    terms(text)
