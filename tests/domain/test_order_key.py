"""Between any two places there is room for another, and keys stay short."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.domain.errors import InvalidValue
from store.domain.order_key import between, is_order_key, many_between


@pytest.mark.parametrize(
    ("a", "b", "key"),
    [
        (None, None, "a0"),
        ("a0", None, "a1"),
        ("az", None, "b00"),
        (None, "a0", "Zz"),
        (None, "Z0", "Yzz"),
        (None, "a0V", "a0"),
        ("a0", "a1", "a0V"),
        ("a0", "a2", "a1"),
        ("a0", "a0V", "a0G"),
        ("a0", "a1V", "a1"),
        ("Zz", "a0", "ZzV"),
        ("z" + "z" * 26, None, "z" + "z" * 26 + "V"),
        (None, "A" + "0" * 25 + "1", "A" + "0" * 26 + "V"),
        (None, "A" + "0" * 26 + "V", "A" + "0" * 26 + "G"),
    ],
)
def test_keys_do_not_change_between_versions(a: str | None, b: str | None, key: str) -> None:
    assert between(a, b) == key


@pytest.mark.parametrize(
    "text", ["", "a", "0", "a00", "b0", "a0V0", "a-1", "{0", "A" + "0" * 26, "\u00e90", "a0\n"]
)
def test_what_between_would_not_make_is_refused(text: str) -> None:
    assert not is_order_key(text)
    with pytest.raises(InvalidValue, match="is not an order key"):
        between(text, None)
    with pytest.raises(InvalidValue, match="is not an order key"):
        between(None, text)


@pytest.mark.parametrize(("a", "b"), [("a1", "a1"), ("a2", "a1"), ("a0", "Zz")])
def test_there_is_no_place_between_equal_or_crossed_neighbours(a: str, b: str) -> None:
    with pytest.raises(InvalidValue, match="no place between"):
        between(a, b)


@given(places=st.lists(st.floats(0, 1), max_size=200))
def test_any_sequence_of_insertions_keeps_the_order(places: list[float]) -> None:
    keys: list[str] = []
    for place in places:
        at = round(place * len(keys))
        before = keys[at - 1] if at > 0 else None
        after = keys[at] if at < len(keys) else None
        keys.insert(at, between(before, after))

    assert keys == sorted(set(keys))
    assert all(map(is_order_key, keys))


def test_ten_thousand_tasks_added_at_one_end_need_four_characters() -> None:
    last = first = between(None, None)
    for _ in range(10_000):
        last, first = between(last, None), between(None, first)

    assert len(last) == len(first) == 4


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_thousand_insertions_at_one_place_stay_shortish(side: str) -> None:
    low, high = "a0", "a1"
    for _ in range(1_000):
        middle = between(low, high)
        low, high = (low, middle) if side == "left" else (middle, high)

    assert len(between(low, high)) <= 1_000 / 4.9


def test_ten_thousand_insertions_at_random_places_stay_short() -> None:
    chance, keys = random.Random(7), ["a0", "a1"]
    for _ in range(10_000):
        at = chance.randrange(1, len(keys))
        keys.insert(at, between(keys[at - 1], keys[at]))

    assert max(map(len, keys)) <= 16


@pytest.mark.parametrize(("a", "b"), [(None, None), ("a5", None), (None, "a5"), ("a5", "a6")])
@pytest.mark.parametrize("count", [0, 1, 2, 1_000])
def test_many_keys_at_once_are_in_order_and_short(a: str | None, b: str | None, count: int) -> None:
    keys = many_between(a, b, count)

    assert len(keys) == count
    assert list(keys) == sorted(set(keys))
    assert all((a is None or a < key) and (b is None or key < b) for key in keys)
    assert max(map(len, keys), default=0) <= 5
