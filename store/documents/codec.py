"""Numbers and columns as Automerge's binary format writes them.

A change stores its operations by column (all keys, then all values ...), each of them squeezed:

    run-length   `count value` for a repeated value, `-count values...` for different ones,
                 `0 count` for nulls; a column of nothing but nulls is left out
    delta        the differences between neighbours, run-length encoded
    boolean      lengths of alternating runs; the first counts False and may be 0

Counts are signed LEB128, numbers LEB128, strings are prefixed with their length. Every reader is
bounded: by the bytes that are there, by 64 bits, and by a maximum of rows. `encoders` writes them.

Source: automerge.org/automerge-binary-format-spec.
"""

from collections.abc import Callable
from itertools import repeat
from typing import Final, TypeVar

T = TypeVar("T")

_SHIFT_MAX: Final = 63  # of the last byte of a 64-bit number
_SMALL: Final = tuple(bytes((n,)) for n in range(128))


class Malformed(ValueError):
    """The bytes are not what the format says: cut short, too long, or against its rules."""


# -- numbers ----------------------------------------------------------------------------------


def write_leb128(number: int) -> bytes:
    """Encode a number >= 0."""
    if 0 <= number < 0x80:
        return _SMALL[number]
    if number < 0:
        raise ValueError("only a signed number can be below zero")
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def write_sleb128(number: int) -> bytes:
    """Encode a number of either sign."""
    out = bytearray()
    while not -0x40 <= number < 0x40:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number & 0x7F)
    return bytes(out)


def read_leb128(data: bytes, at: int) -> tuple[int, int]:
    """Decode an unsigned number of at most 64 bits.

    Returns:
        The number, and where the next thing starts.

    Raises:
        Malformed: the data ends within the number, or it is too long.
    """
    number = shift = 0
    try:
        if data[at] < 0x80:  # nearly always
            return data[at], at + 1
        while shift <= _SHIFT_MAX:
            byte = data[at]
            at += 1
            number |= (byte & 0x7F) << shift
            if byte < 0x80 and number < 1 << 64:
                return number, at
            shift += 7
    except IndexError:
        raise Malformed("a number is cut short") from None
    raise Malformed("a number is longer than 64 bits")


def read_sleb128(data: bytes, at: int) -> tuple[int, int]:
    """Decode a signed number of at most 64 bits; as `read_leb128`."""
    number = shift = 0
    try:
        while shift <= _SHIFT_MAX:
            byte = data[at]
            at += 1
            number |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                number -= (byte & 0x40) << (shift - 6)
                if -(1 << 63) <= number < 1 << 63:
                    return number, at
    except IndexError:
        raise Malformed("a number is cut short") from None
    raise Malformed("a number is longer than 64 bits")


def read_bytes(data: bytes, at: int) -> tuple[bytes, int]:
    """Decode bytes that are prefixed with their length."""
    length, at = read_leb128(data, at)
    end = at + length
    if end > len(data):
        raise Malformed("it ends before its content does")
    return data[at:end], end


def write_bytes(content: bytes) -> bytes:
    """Encode bytes with their length before them."""
    return write_leb128(len(content)) + content


# -- decoders ---------------------------------------------------------------------------------


def decode_runs(
    column: bytes, read: Callable[[bytes, int], tuple[T, int]], *, rows_max: int
) -> list[T | None]:
    """Decode a run-length column.

    Args:
        column: its bytes.
        read: decodes one value at an offset: `read_leb128`, `read_sleb128` or `read_bytes`.
        rows_max: more rows are refused before they are made.

    Raises:
        Malformed: cut short, or more rows.
    """
    out: list[T | None] = []
    at = 0
    while at < len(column):
        count, at = read_sleb128(column, at)
        value: T | None = None
        if count == 0:
            count, at = read_leb128(column, at)
        elif count > 0:
            value, at = read(column, at)
        if len(out) + abs(count) > rows_max:
            raise Malformed(f"a column has more than {rows_max} rows")
        if count >= 0:
            out.extend(repeat(value, count))
        for _ in range(-count):
            each, at = read(column, at)
            out.append(each)
    return out


def decode_deltas(column: bytes, *, rows_max: int) -> list[int | None]:
    """Decode a delta column; as `decode_runs`."""
    out: list[int | None] = []
    last = 0
    for delta in decode_runs(column, read_sleb128, rows_max=rows_max):
        if delta is not None:
            last += delta
        out.append(None if delta is None else last)
    return out


def decode_booleans(column: bytes, *, rows_max: int) -> list[bool]:
    """Decode a boolean column; as `decode_runs`."""
    out: list[bool] = []
    at = 0
    value = False
    while at < len(column):
        count, at = read_leb128(column, at)
        if len(out) + count > rows_max:
            raise Malformed(f"a column has more than {rows_max} rows")
        out.extend(repeat(value, count))
        value = not value
    return out
