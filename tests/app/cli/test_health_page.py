"""The page of `cairn health` says of which sorts conflicts, retries and compensations were."""

from app.cli.render.health import health_page
from app.health_words import SORTS_MAX, sorts_words
from store.domain.measures.health import RateReading, SagaStanding
from tests.measures.healths import health


def test_each_rate_and_count_is_followed_by_its_sorts() -> None:
    row = health(
        {
            **{"conflicts/task.field.title": 3, "conflicts/note.passage": 1, "changes/own": 400},
            **{"retried/unreachable": 2, "operations": 100, "retries/timeout": 5},
            **{"compensations/booking": 1, "promises/booking": 4_000},
        },
        sagas=SagaStanding(pending=40, oldest_age_s=9_000.0, stuck=7),
    )

    lines = [" ".join(line.split()) for line in health_page(row, ()).splitlines()]

    at = next(n for n, line in enumerate(lines) if line.startswith("Conflicts per change"))
    assert lines[at + 1 : at + 3] == ["task.field.title 3 3 3", "note.passage 1 1 1"]
    assert {"unreachable 2 2 2", "timeout 5 5 5", "booking 1 1 1"} <= set(lines)
    assert "Bookings under way 40 (the oldest for 2.5 h)" in lines
    assert "Stuck bookings 7" in lines


def test_what_is_of_one_sort_says_none_and_of_many_says_most() -> None:
    many = {f"task.field.{name}": 9 for name in "abcdefgh"}

    assert sorts_words(RateReading(5, 10, {"": 5})) == ""
    assert sorts_words(RateReading(4, 9, {"note.trash": 3, "task.trash": 1})) == (
        "note.trash 3, task.trash 1"
    )
    assert sorts_words(RateReading(72, 99, many)).count("task.") == SORTS_MAX
