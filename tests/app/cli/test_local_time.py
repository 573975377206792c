"""Moments in a person's words, in their zone, with its summer time."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from app.local_time import LocalZone, due_words, is_overdue, local_now, moment_words
from tests.app.cli.rows import MORNING_MS

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def in_berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The machine stands in a zone with summer time."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("due", "words"),
    [
        ("2026-11-23", "today"),
        ("2026-11-24", "tomorrow"),
        ("2026-11-22", "yesterday"),
        ("2026-11-27", "Fri"),
        ("2026-11-30", "Mon 30 Nov"),
        ("2026-11-16", "Mon 16 Nov"),
        ("2027-03-01", "2027-03-01"),
        ("2026-11-24T09:00:00Z", "tomorrow 09:00"),
        (None, ""),
    ],
)
def test_a_due_date_is_said_as_a_person_would(due: str | None, words: str) -> None:
    assert due_words(due, MONDAY) == words


@pytest.mark.parametrize(
    ("due", "late"),
    [
        ("2026-11-22", True),
        ("2026-11-23", False),
        ("2026-11-23T08:59:59Z", True),
        ("2026-11-23T09:00:00Z", False),
        (None, False),
    ],
)
def test_a_day_is_over_at_its_end_and_a_moment_when_it_is_past(due: str | None, late: bool) -> None:
    assert is_overdue(due, MONDAY) is late


def test_what_happened_today_needs_no_day() -> None:
    assert moment_words(MORNING_MS, MONDAY) == "08:49"
    assert moment_words(MORNING_MS, MONDAY + timedelta(days=1)) == "yesterday 08:49"
    assert moment_words(None, MONDAY) == "at an unknown time"


@pytest.mark.usefixtures("in_berlin")
def test_a_wall_time_in_summer_has_summers_offset_whatever_the_season_now() -> None:
    july = datetime(2026, 7, 1, 9, 0, tzinfo=LocalZone())
    november = datetime(2026, 11, 23, 9, 0, tzinfo=LocalZone())

    assert july.astimezone(UTC).hour == 7
    assert november.astimezone(UTC).hour == 8


@pytest.mark.usefixtures("in_berlin")
def test_a_moment_in_utc_becomes_wall_time_and_back() -> None:
    moment = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    wall = moment.astimezone(LocalZone())

    assert (wall.day, wall.hour) == (2, 0)
    assert wall.astimezone(UTC) == moment


@pytest.mark.usefixtures("in_berlin")
@pytest.mark.parametrize("hour", [0, 1, 2])
def test_the_hour_that_the_end_of_summer_time_repeats_is_told_apart(hour: int) -> None:
    moment = datetime(2026, 10, 25, hour, 30, tzinfo=UTC)
    assert moment.astimezone(LocalZone()).astimezone(UTC) == moment


@pytest.mark.usefixtures("in_berlin")
def test_a_moment_due_is_shown_in_the_persons_zone() -> None:
    now = MONDAY.astimezone(LocalZone())
    assert due_words("2026-11-24T09:00:00Z", now) == "tomorrow 10:00"


def test_now_is_aware() -> None:
    assert local_now().utcoffset() is not None
