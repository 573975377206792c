"""Bookings of a device in its measures: each counted once, pending while they are under way."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.commands.asking import Plan, PlanFee
from store.domain.measures import names
from store.domain.measures.windows import DAY
from store.measures.reading import read_windows
from tests.support.counter import Counter, counter


@pytest.fixture
def ann(tmp_path: Path) -> Iterator[Counter]:
    with counter(tmp_path) as made:
        yield made


def _booked(ann: Counter, fee: str) -> None:
    """A booking that is decided, step by step, each step heard of by itself."""
    ann.replica.book(Plan("Hut", (("Tent", 1),), PlanFee("Food", "Hut", fee)))
    ann.sync()
    ann.authority.run_sagas()
    ann.pull()


def _totals(ann: Counter) -> dict[str, tuple[int, int]]:
    health = ann.replica.health()
    return {
        name: (health.rates[name][DAY.name].part, health.rates[name][DAY.name].whole)
        for name in ("compensation_rate", "saga_completion_rate")
    }


def test_where_nothing_was_ever_booked_nothing_is_measured(ann: Counter) -> None:
    assert ann.replica.health().now.sagas is None


def test_sagas_that_end_and_that_go_back_are_counted_once_each(ann: Counter) -> None:
    ann.item("escrow")
    for name in ("Food", "Hut"):
        ann.replica.add_budget(name, "EUR")
    ann.replica.deposit("Food", "30")
    ann.sync()
    _booked(ann, "20")
    _booked(ann, "20")

    for _ in range(2):
        ann.pull()

    assert _totals(ann) == {"compensation_rate": (1, 2), "saga_completion_rate": (1, 2)}
    standing = ann.replica.health().now.sagas
    assert standing is not None
    assert (standing.pending, standing.stuck) == (0, 0)


def test_one_under_way_is_pending_and_after_long_stuck(ann: Counter) -> None:
    ann.item("escrow")
    for name in ("Food", "Hut"):
        ann.replica.add_budget(name, "EUR")
    ann.sync()
    ann.replica.book(Plan("Hut", (("Tent", 1),), PlanFee("Food", "Hut", "1")))
    ann.sync()
    ann.pull()
    standing = ann.replica.health().now.sagas
    assert standing is not None
    assert (standing.pending, standing.stuck) == (1, 0)

    ann.passes(24 * 3_600_000)

    standing = ann.replica.health().now.sagas
    assert standing is not None
    assert standing.stuck == 1


def test_contention_is_counted_each_time_somebody_was_faster(ann: Counter) -> None:
    item = ann.item("cas")
    ann.replica.reserve("Tent", 1)
    for _ in range(2):
        ann.taken_by_bea(item, 1)
        ann.send()
    ann.sync()

    with ann.replica.db.read() as conn:
        found = read_windows(conn, ann.reading.wall_ms)[DAY.name].by_label(names.RETRIES)

    assert found == {"version-moved": 2}
