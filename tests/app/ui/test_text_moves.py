"""A caret and typing on their way, carried over to a text that changed meanwhile."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ui.text_moves import (
    from_units,
    inserted_at,
    moved_caret,
    moved_selection,
    nearest,
    rebased,
    to_units,
    typed_to,
)

TEXTS = st.text(alphabet="ab \n🧗é", max_size=24)


@pytest.mark.parametrize(
    ("old", "caret", "new", "expected"),
    [
        ("We leave.", 9, "Tomorrow we leave.", 18),  # before the caret
        ("We leave at six.", 2, "We leave at seven.", 2),  # after it
        ("ab", 1, "aXb", 1),  # at it: typing goes on where it was
        ("one big three", 7, "one three", 4),  # across it
        ("🧗 up", 1, "🧗🧗 up", 1),
        ("x🧗", 2, "yyx🧗", 4),
        ("gone", 3, "", 0),
    ],
)
def test_a_caret_stays_where_it_was_in_the_text(
    old: str, caret: int, new: str, expected: int
) -> None:
    assert moved_caret(caret, old, new) == expected


@pytest.mark.parametrize(
    ("old", "typed", "new", "expected"),
    [
        ("We leave.", "We leave. Now.", "Ann: We leave.", "Ann: We leave. Now."),
        ("ab", "aTb", "aRb", "aRTb"),
        ("one two", "two", "one big two", "big two"),  # what the other put in stays
        ("", "t", "r", "rt"),
        ("🧗", "🧗!", "up 🧗", "up 🧗!"),
    ],
)
def test_typing_is_carried_over(old: str, typed: str, new: str, expected: str) -> None:
    assert rebased(old, typed, new) == expected


@given(old=TEXTS, at=st.integers(0, 24), typed=TEXTS, new=TEXTS)
def test_no_typed_character_is_lost_or_doubled(old: str, at: int, typed: str, new: str) -> None:
    place = min(at, len(old))
    marked = "".join(chr(0x2460 + number) for number in range(len(typed)))  # in no other text

    result = rebased(old, old[:place] + marked + old[place:], new)

    assert marked in result
    assert result.replace(marked, "") == new


@given(old=TEXTS, caret=st.integers(0, 24), new=TEXTS)
def test_a_caret_is_always_in_the_text(old: str, caret: int, new: str) -> None:
    assert 0 <= moved_caret(min(caret, len(old)), old, new) <= len(new)


@given(text=TEXTS, index=st.integers(0, 24))
def test_code_points_and_units_are_each_others_inverse(text: str, index: int) -> None:
    place = min(index, len(text))

    units = to_units(text, place)

    assert units == len(text[:place].encode("utf-16-le")) // 2
    assert from_units(text, units) == place


@given(old=TEXTS, base=st.integers(0, 24), extent=st.integers(0, 24), new=TEXTS)
def test_a_selection_stays_in_the_text_and_keeps_its_direction(
    old: str, base: int, extent: int, new: str
) -> None:
    selection = min(base, len(old)), min(extent, len(old))

    moved = moved_selection(selection, old, new)

    assert 0 <= min(moved) <= max(moved) <= len(new)
    assert (moved[1] - moved[0]) * (selection[1] - selection[0]) >= 0
    if selection[0] == selection[1]:
        assert moved == (moved_caret(selection[0], old, new),) * 2


@given(text=TEXTS, at=st.integers(0, 24), typed=st.text(alphabet="xyz", min_size=1, max_size=4))
def test_what_was_typed_at_a_caret_is_found_there(text: str, at: int, typed: str) -> None:
    caret = min(at, len(text))
    now = text[:caret] + typed + text[caret:]

    assert inserted_at(text, now, [None, caret]) == typed
    assert typed_to(text, now) == caret + len(typed)


@pytest.mark.parametrize(
    ("old", "typed"), [("one two", "one"), ("one", "one"), ("one two", "onX two"), ("ab", "Xab")]
)
def test_what_removes_something_or_is_elsewhere_was_not_typed_at_the_caret(
    old: str, typed: str
) -> None:
    assert inserted_at(old, typed, [2]) is None


@pytest.mark.parametrize(
    ("text", "origins", "expected"),
    [
        ("abx", ["ab", "abx"], 0),  # a key changes something: it is not made from its equal
        ("abxy", ["ab", "abx"], 1),
        ("ab", ["ab", "ab"], 1),  # of equals the last
        ("aby", ["ab", "abx"], 0),
    ],
)
def test_a_keystroke_is_made_from_the_text_that_differs_least(
    text: str, origins: list[str], expected: int
) -> None:
    assert nearest(text, origins) == expected
