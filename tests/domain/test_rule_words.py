"""A rule as a person would say it, and read back."""

from datetime import UTC, datetime

import pytest

from store.domain.quick_add import parse
from store.domain.recurrence import parse_rule
from store.domain.rule_words import rule_words

SAID = [
    ("FREQ=DAILY", "every day"),
    ("FREQ=YEARLY;INTERVAL=3", "every 3 years"),
    ("FREQ=WEEKLY;BYDAY=MO", "every Monday"),
    ("FREQ=WEEKLY;BYDAY=MO,WE", "every Monday and Wednesday"),
    ("FREQ=WEEKLY;BYDAY=MO,WE,FR", "every Monday, Wednesday and Friday"),
    ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "every weekday"),
    ("FREQ=WEEKLY;BYDAY=SA,SU", "every weekend"),
    ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU", "every 2 weeks on Tuesday and Sunday"),
    ("FREQ=MONTHLY;BYMONTHDAY=1", "every month on the 1st"),
    ("FREQ=MONTHLY;BYMONTHDAY=12", "every month on the 12th"),
    ("FREQ=MONTHLY;BYMONTHDAY=23", "every month on the 23rd"),
    ("FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=-1", "every 2 months on the last day"),
    ("FREQ=MONTHLY;BYDAY=2MO", "every month on the 2nd Monday"),
    ("FREQ=MONTHLY;BYDAY=-1FR", "every month on the last Friday"),
]


@pytest.mark.parametrize(("rule", "words"), SAID)
def test_a_rule_is_said_in_words_that_mean_it(rule: str, words: str) -> None:
    assert rule_words(rule) == words
    assert parse_rule(words) == rule
    assert parse(f"Water {words}", now=datetime(2026, 11, 26, tzinfo=UTC)).repeat == rule


@pytest.mark.parametrize(
    "rule",
    [
        *("", "x", "FREQ=", "FREQ=HOURLY", "FREQ=DAILY;COUNT=3", "FREQ=DAILY;INTERVAL=x"),
        *("FREQ=DAILY;BYDAY=MO", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "FREQ=WEEKLY;BYDAY=XX"),
        *("FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1", "FREQ=MONTHLY;BYMONTHDAY=1,15"),
        *("FREQ=MONTHLY;BYDAY=MO", "FREQ=MONTHLY;BYDAY=-2MO", "FREQ=MONTHLY;BYDAY=1MO,2TU"),
        *("FREQ=MONTHLY;BYMONTHDAY=-2", "FREQ=MONTHLY;BYDAY=9MO", "FREQ=MONTHLY;BYDAY=1XX"),
    ],
)
def test_a_rule_that_the_words_cannot_say_has_none(rule: str) -> None:
    assert rule_words(rule) is None
