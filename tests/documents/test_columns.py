"""Counting the rows of a change's columns without making them."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.documents.codec import (
    Malformed,
    decode_booleans,
    decode_runs,
    read_bytes,
    read_leb128,
    write_bytes,
    write_leb128,
    write_sleb128,
)
from store.documents.columns import (
    ACTION,
    INSERT,
    KEY_COUNTER,
    KEY_STRING,
    OBJECT_COUNTER,
    REPLACED,
    REPLACED_ACTOR,
    REPLACED_COUNTER,
    VALUE_META,
    VALUE_RAW,
    TooManyOps,
    count_ops,
    count_writes_in_place,
    most_writes_to_one_place,
    read_columns,
)
from tests.documents.changes import booleans, deltas, puts_of_one_key, runs

OPS = 1_000
pairs = st.lists(st.tuples(st.none() | st.integers(0, 2**20), st.integers(1, 90)), max_size=12)


def actions(count: int) -> bytes:
    return runs((b"\x01", count))


def rows_of(column: bytes, number: int) -> int:
    """Find how many rows `count_ops` sees, by asking with every number of operations."""
    for ops in range(OPS + 1):
        try:
            count_ops({number: column, ACTION: actions(ops)}, ops_max=OPS)
        except Malformed:
            continue
        return ops
    raise AssertionError("more rows than expected")


@given(pairs)
def test_the_rows_of_a_number_column_are_those_that_decoding_makes(
    values: list[tuple[int | None, int]],
) -> None:
    column = runs(*((None if v is None else write_leb128(v), n) for v, n in values))
    decoded = len(decode_runs(column, read_leb128, rows_max=10_000))
    counted = count_ops({OBJECT_COUNTER: column, ACTION: actions(decoded)}, ops_max=10_000)
    assert counted == decoded
    if decoded:
        with pytest.raises(Malformed):
            count_ops({OBJECT_COUNTER: column, ACTION: actions(decoded - 1)}, ops_max=10_000)


@given(st.lists(st.tuples(st.none() | st.binary(max_size=200), st.integers(1, 90)), max_size=12))
def test_the_rows_of_a_string_column_are_those_that_decoding_makes(
    values: list[tuple[bytes | None, int]],
) -> None:
    column = runs(*((None if v is None else write_bytes(v), n) for v, n in values))
    decoded = len(decode_runs(column, read_bytes, rows_max=10_000))
    assert count_ops({KEY_STRING: column, ACTION: actions(decoded)}, ops_max=10_000) == decoded
    if decoded:
        with pytest.raises(Malformed):
            count_ops({KEY_STRING: column, ACTION: actions(decoded - 1)}, ops_max=10_000)


@given(st.binary(max_size=40), st.sampled_from([OBJECT_COUNTER, KEY_COUNTER, KEY_STRING, INSERT]))
def test_a_column_of_any_bytes_is_counted_or_refused(column: bytes, number: int) -> None:
    with suppress(Malformed):
        assert count_ops({number: column, ACTION: actions(5)}, ops_max=OPS) == 5


def test_rows_of_a_boolean_column_are_counted_too() -> None:
    column = booleans((False, 3), (True, 200), (False, 4))
    assert rows_of(column, INSERT) == len(decode_booleans(column, rows_max=OPS)) == 207


def test_a_column_may_have_fewer_rows_than_there_are_operations() -> None:
    assert count_ops({OBJECT_COUNTER: runs((b"\x01", 2)), ACTION: actions(5)}, ops_max=OPS) == 5


@pytest.mark.parametrize("number", [OBJECT_COUNTER, KEY_COUNTER, KEY_STRING, 0x91, 0xA5])
def test_a_bomb_in_any_column_is_refused_not_only_in_the_actions(number: int) -> None:
    bomb = write_sleb128(10**9) + b"\x01a"[: 2 if number & 7 == 5 else 1]
    with pytest.raises(Malformed, match="more rows"):
        count_ops({number: bomb, ACTION: actions(1)}, ops_max=OPS)


def test_a_run_of_a_trillion_nulls_is_refused() -> None:
    with pytest.raises(Malformed, match="more rows"):
        count_ops({OBJECT_COUNTER: b"\x00" + write_leb128(10**12), ACTION: actions(1)}, ops_max=OPS)


def test_an_operation_may_replace_several_values_but_not_any_number() -> None:
    def replacing(count: int) -> dict[int, bytes]:
        return {
            ACTION: actions(1),
            REPLACED: runs((write_leb128(count), 1)),
            REPLACED_ACTOR: runs((b"\x00", count)),
            REPLACED_COUNTER: deltas(range(count)),
        }

    assert count_ops(replacing(300), ops_max=OPS) == 1
    with pytest.raises(TooManyOps, match="replaces"):
        count_ops(replacing(OPS + 1), ops_max=OPS)


def test_a_group_may_not_have_more_members_than_it_announces() -> None:
    columns = {
        ACTION: actions(1),
        REPLACED: runs((b"\x02", 1)),
        REPLACED_ACTOR: runs((b"\x00", 3)),
    }
    with pytest.raises(Malformed, match="more rows"):
        count_ops(columns, ops_max=OPS)


@pytest.mark.parametrize("raw", [b"", b"abc", b"abcde"])
def test_values_must_be_as_long_as_their_metas_announce(raw: bytes) -> None:
    meta = runs((write_leb128(4 << 4 | 6), 1))
    columns = {ACTION: actions(1), VALUE_META: meta, VALUE_RAW: raw}
    with pytest.raises(Malformed, match="announced"):
        count_ops({n: column for n, column in columns.items() if column}, ops_max=OPS)
    assert count_ops({**columns, VALUE_RAW: b"abcd"}, ops_max=OPS) == 1


def test_more_operations_than_allowed_are_refused_as_such() -> None:
    assert count_ops(puts_of_one_key(OPS), ops_max=OPS) == OPS
    with pytest.raises(TooManyOps, match="1000 operations"):
        count_ops(puts_of_one_key(OPS + 1), ops_max=OPS)


def test_columns_out_of_order_twice_or_deflated_are_refused() -> None:
    def laid_out(*numbers: int) -> bytes:
        sizes = b"".join(write_leb128(n) + b"\x00" for n in numbers)
        return b"\x00" + write_leb128(len(numbers)) + sizes

    assert read_columns(laid_out(0x15, 0x42, 0x94), 0, columns_max=9)[1].keys() == {
        0x15,
        0x42,
        0x94,
    }
    for numbers in ((0x42, 0x15), (0x42, 0x42), (0x42 | 8,), tuple(range(16, 160, 16))):
        with pytest.raises(Malformed):
            read_columns(laid_out(*numbers), 0, columns_max=8)


def test_insertions_are_no_writes_in_place_and_all_else_is() -> None:
    columns = {INSERT: booleans((False, 3), (True, 4), (False, 2))}
    assert count_writes_in_place(columns, 9) == 5
    assert count_writes_in_place({}, 9) == 9


def test_writes_to_one_place_are_told_apart_by_object_and_key() -> None:
    assert most_writes_to_one_place(puts_of_one_key(7), 7) == 7
    in_two_objects = {**puts_of_one_key(7), OBJECT_COUNTER: runs((b"\x03", 4), (b"\x04", 3))}
    assert most_writes_to_one_place(in_two_objects, 7) == 4
    one_element = {KEY_COUNTER: deltas([9] * 5), INSERT: booleans((False, 5))}
    assert most_writes_to_one_place(one_element, 5) == 5
    elements = {KEY_COUNTER: deltas(range(5)), INSERT: booleans((False, 5))}
    assert most_writes_to_one_place(elements, 5) == 1
