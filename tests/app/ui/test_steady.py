"""Rows don't move under a finger. A row here is its name and what it says."""

import pytest

from app.ui.steady import steady


def drawn(shown: str, fresh: str, *, held: bool = False, lingering: str = "") -> str:
    """Rows are pairs of a letter (the name) and a digit (what it says), parted by spaces."""
    rows = steady(
        shown.split(),
        fresh.split(),
        key=lambda row: row[0],
        held=held,
        lingering=set(lingering),
    )
    return " ".join(rows)


@pytest.mark.parametrize(
    ("shown", "fresh", "expected"),
    [
        ("", "a1 b1", "a1 b1"),
        ("a1 b1", "b2 a1 c1", "b2 a1 c1"),
        ("a1 b1", "", ""),
    ],
)
def test_a_list_that_nobody_touches_shows_what_is(shown: str, fresh: str, expected: str) -> None:
    assert drawn(shown, fresh) == expected


@pytest.mark.parametrize(
    ("shown", "fresh", "expected"),
    [
        ("a1 b1", "n1 a1 b1", "a1 b1"),  # a new one waits
        ("a1 b1", "b1 a1", "a1 b1"),  # none changes its place
        ("a1 b1", "b2", "a1 b2"),  # none goes, and what is said is said at once
        ("", "a1", "a1"),  # an empty list has nothing to hold
    ],
)
def test_while_it_is_touched_no_row_moves(shown: str, fresh: str, expected: str) -> None:
    assert drawn(shown, fresh, held=True) == expected


@pytest.mark.parametrize(
    ("shown", "fresh", "expected"),
    [
        ("a1 b1 c1", "a1 c1", "a1 b1 c1"),
        ("a1 b1 c1", "b1 c1 n1", "b1 c1 n1"),
        ("b1 c1", "c1", "b1 c1"),
        ("a1 b1", "", "b1"),
        ("a1 b1", "b2 a1", "b2 a1"),  # it came back: as it is
    ],
)
def test_what_was_just_ticked_off_stays_where_it_was(shown: str, fresh: str, expected: str) -> None:
    assert drawn(shown, fresh, lingering="b") == expected
