"""Numbers and columns: what is written reads back, and reading never runs away."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.documents.codec import (
    Malformed,
    decode_booleans,
    decode_deltas,
    decode_runs,
    read_bytes,
    read_leb128,
    read_sleb128,
    write_bytes,
    write_leb128,
    write_sleb128,
)
from store.documents.encoders import BooleanEncoder, DeltaEncoder, RunEncoder

unsigned = st.integers(0, 2**64 - 1)
signed = st.integers(-(2**63), 2**63 - 1)
# Few different values and long runs, so that runs, stretches and nulls meet in every order.
runs = st.lists(st.tuples(st.none() | st.integers(0, 300), st.integers(1, 200)), max_size=20)


@given(unsigned)
def test_a_number_reads_back_as_it_was_written(number: int) -> None:
    data = write_leb128(number)
    assert read_leb128(b"?" + data + b"?", 1) == (number, 1 + len(data))


@given(signed)
def test_a_signed_number_reads_back_as_it_was_written(number: int) -> None:
    data = write_sleb128(number)
    assert read_sleb128(b"?" + data + b"?", 1) == (number, 1 + len(data))


def test_numbers_have_the_bytes_that_the_standard_gives_as_examples() -> None:
    assert write_leb128(624485).hex() == "e58e26"
    assert write_sleb128(-123456).hex() == "c0bb78"
    assert [write_sleb128(n).hex() for n in (63, 64, -64, -65)] == ["3f", "c000", "40", "bf7f"]


def test_a_negative_number_can_not_be_written_as_unsigned() -> None:
    with pytest.raises(ValueError, match="below zero"):
        write_leb128(-1)


@pytest.mark.parametrize("read", [read_leb128, read_sleb128])
@pytest.mark.parametrize(
    "data",
    [b"", b"\x80", b"\xff" * 9, b"\xff" * 9 + b"\x3f", b"\x80" * 100_000],
    ids=["nothing", "cut short", "cut shorter than 64 bits", "65 bits", "without end"],
)
def test_a_number_that_ends_too_early_or_too_late_is_refused(
    read: type[read_leb128],  # type: ignore[valid-type]
    data: bytes,
) -> None:
    with pytest.raises(Malformed):
        read(data, 0)  # type: ignore[misc]


def test_bytes_that_end_before_their_announced_length_are_refused() -> None:
    assert read_bytes(write_bytes(b"rope"), 0) == (b"rope", 5)
    with pytest.raises(Malformed):
        read_bytes(write_bytes(b"rope")[:-1], 0)


@given(runs)
def test_a_run_length_column_reads_back_as_it_was_written(
    pairs: list[tuple[int | None, int]],
) -> None:
    encoder = RunEncoder()
    expected: list[int | None] = []
    for value, rows in pairs:
        encoder.append(None if value is None else write_leb128(value), rows)
        expected += [value] * rows
    if all(value is None for value in expected):
        expected = []  # a column of nothing but nulls is left out
    assert decode_runs(encoder.finish(), read_leb128, rows_max=10_000) == expected


@given(runs)
def test_a_run_length_column_has_one_encoding_however_its_rows_are_handed_in(
    pairs: list[tuple[int | None, int]],
) -> None:
    by_run, by_row = RunEncoder(), RunEncoder()
    for value, rows in pairs:
        data = None if value is None else write_leb128(value)
        by_run.append(data, rows)
        for _ in range(rows):
            by_row.append(data)
    assert by_run.finish() == by_row.finish()


@given(st.binary(max_size=3), st.lists(st.sampled_from(b"ab"), min_size=1, max_size=9))
def test_a_stretch_of_distinct_values_encodes_as_if_added_one_by_one(
    before: bytes, values: list[int]
) -> None:
    distinct = bytes(v for i, v in enumerate(values) if not i or v != values[i - 1])
    at_once, by_row = RunEncoder(), RunEncoder()
    for encoder in (at_once, by_row):
        for value in before:
            encoder.append(bytes((value % 128,)))
    at_once.append_distinct(distinct)
    for value in distinct:
        by_row.append(bytes((value,)))
    for encoder in (at_once, by_row):
        encoder.append(b"a")
    assert at_once.finish() == by_row.finish()


@given(st.lists(st.none() | st.integers(-(2**40), 2**40), max_size=50))
def test_a_delta_column_reads_back_as_it_was_written(numbers: list[int | None]) -> None:
    encoder = DeltaEncoder()
    for number in numbers:
        if number is None:
            encoder.append_null()
        else:
            encoder.append(number)
    expected = [] if all(n is None for n in numbers) else numbers
    assert decode_deltas(encoder.finish(), rows_max=100) == expected


@given(st.integers(0, 1000), st.integers(0, 300), st.integers(0, 1000))
def test_counting_up_in_a_delta_column_is_the_same_as_each_number(
    first: int, rows: int, last: int
) -> None:
    at_once, by_row = DeltaEncoder(), DeltaEncoder()
    at_once.append_count(first, rows)
    for number in range(first, first + rows):
        by_row.append(number)
    for encoder in (at_once, by_row):
        encoder.append(last)
    assert at_once.finish() == by_row.finish()


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 300)), max_size=20))
def test_a_boolean_column_reads_back_as_it_was_written(pairs: list[tuple[bool, int]]) -> None:
    encoder = BooleanEncoder()
    expected: list[bool] = []
    for value, rows in pairs:
        encoder.append(value, rows)
        expected += [value] * rows
    assert decode_booleans(encoder.finish(), rows_max=10_000) == expected


def test_a_column_that_announces_too_many_rows_is_refused_before_they_are_made() -> None:
    trillion = 10**12
    with pytest.raises(Malformed, match="more than 10 rows"):
        decode_runs(write_sleb128(trillion) + b"\x01", read_leb128, rows_max=10)
    with pytest.raises(Malformed, match="more than 10 rows"):
        decode_runs(b"\x00" + write_leb128(trillion), read_leb128, rows_max=10)
    with pytest.raises(Malformed, match="more than 10 rows"):
        decode_runs(write_sleb128(-trillion) + b"\x01", read_leb128, rows_max=10)
    with pytest.raises(Malformed, match="more than 10 rows"):
        decode_booleans(write_leb128(trillion), rows_max=10)


@given(st.binary(max_size=60))
def test_decoding_any_bytes_ends_with_rows_or_a_refusal(data: bytes) -> None:
    for decode in (
        lambda: decode_runs(data, read_bytes, rows_max=100),
        lambda: decode_deltas(data, rows_max=100),
        lambda: decode_booleans(data, rows_max=100),
    ):
        with suppress(Malformed):
            assert len(decode()) <= 100
