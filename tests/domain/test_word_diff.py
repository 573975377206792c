"""What two texts say differently, word by word, for people to look at."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.domain.word_diff import Piece, Place, combined, is_torn, marked, places

TEXTS = st.text(alphabet="ab .\nü🧗", max_size=40)


def shown(old: str, new: str) -> str:
    signs = {"same": "{}", "added": "+{}+", "removed": "-{}-"}
    return "".join(signs[piece.kind].format(piece.text) for piece in marked(old, new))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("Book the bus", "Book the early bus", "Book the +early +bus"),
        ("Book the early bus", "Book the bus", "Book the -early -bus"),
        ("We leave at six.", "We leave at half past five.", "We leave at -six-+half past five+."),
        ("Book the bus", "Book the bus now", "Book the bus+ now+"),
        ("one", "one", "one"),
        ("", "new", "+new+"),
        ("old", "", "-old-"),
        ("🧗 up", "🧗🧗 up", "+🧗+🧗 up"),
        ("a\nb\nc\n", "a\nx\nc\n", "a\n-b-+x+\nc\n"),
    ],
)
def test_words_that_differ_are_marked(old: str, new: str, expected: str) -> None:
    assert shown(old, new) == expected


@given(old=TEXTS, new=TEXTS)
def test_the_pieces_are_both_texts_and_nothing_else(old: str, new: str) -> None:
    pieces = marked(old, new)

    assert "".join(piece.text for piece in pieces if piece.kind != "added") == old
    assert "".join(piece.text for piece in pieces if piece.kind != "removed") == new
    assert all(piece.text for piece in pieces)
    assert all(one.kind != two.kind for one, two in pairwise(pieces))


def test_a_long_text_that_changed_altogether_is_one_removal_and_one_addition() -> None:
    old, new = " ".join(f"a{n}" for n in range(9_000)), " ".join(f"b{n}" for n in range(9_000))

    assert marked(old, new) == (Piece("removed", old), Piece("added", new))


@pytest.mark.parametrize(
    ("base", "sides", "expected"),
    [
        ("Book the bus", ["Book the early bus", "Book the bus now"], "Book the early bus now"),
        ("Book the bus", ["Book the early bus", "Book the late bus"], "Book the early late bus"),
        ("Book the bus", ["Book a bus", "Book the red bus"], "Book a red bus"),
        ("big rope", ["rope", "big long rope"], "long rope"),
        ("", ["one", "two"], "one two"),
        (None, ["Rope", "Stove", "Rope"], "Rope / Stove"),
        ("same", ["new", "new"], "new"),
    ],
)
def test_a_combination_has_what_every_side_put_in(
    base: str | None, sides: list[str], expected: str
) -> None:
    assert combined(base, sides) == expected


@given(base=st.none() | TEXTS, side=TEXTS)
def test_a_single_side_is_its_own_combination(base: str | None, side: str) -> None:
    assert combined(base, [side, side]) == side


def test_places_are_where_the_new_text_differs() -> None:
    old = "We leave at six.\nWater is at the hut.\nBring rope."
    new = "We leave at seven.\nWater is at the hut.\nBring a long rope."

    assert places(old, new) == (Place(12, 17, "six"), Place(46, 53, ""))
    assert [new[place.start : place.end] for place in places(old, new)] == ["seven", "a long "]


def test_what_only_vanished_is_a_place_too() -> None:
    assert places("one two three", "one three") == (Place(4, 4, "two "),)


@given(old=TEXTS, new=TEXTS)
def test_there_is_no_place_only_where_nothing_differs(old: str, new: str) -> None:
    assert (places(old, new) == ()) == (old == new)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("We leave at half past fevenve.", True),
        ("We leave at half past five seven.", False),
        ("We  leave, at six", False),
        ("", False),
    ],
)
def test_a_text_is_torn_that_has_a_word_of_nobody(text: str, is_one: bool) -> None:
    said = ["We leave at six.", "We leave at half past five.", "We leave at seven, perhaps."]

    assert is_torn(text, said) == is_one
