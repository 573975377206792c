"""The columns of a change's operations: which there are, and how many rows each says it has.

    number  name            type        holds
    0x01/02 object          actor, int  op id of the object written to; null for the root
    0x11/13 key             actor, Δ    op id of a list or text element; null and 0 for the head
    0x15    key             string      key of a map
    0x34    insert          boolean     whether it inserts an element
    0x42    action          int         0 make map, 1 put, 2 make list, 3 delete, 4 make text, ...
    0x56/57 value           meta, raw   length * 16 + type, and the bytes themselves
    0x70    replaced        group       how many values the operation replaces, then
    0x71/73                 actor, Δ    their op ids

The low three bits of a number are the type, so that unknown columns can be counted as well.
Counting reads run lengths and makes no rows: it costs as much as the bytes that are there.
"""

from collections import Counter
from itertools import chain, compress, islice, repeat, zip_longest
from operator import not_
from typing import Any, Final

from store.documents.codec import (
    Malformed,
    decode_booleans,
    decode_deltas,
    decode_runs,
    read_bytes,
    read_leb128,
    read_sleb128,
)

OBJECT_ACTOR: Final = 0x01
OBJECT_COUNTER: Final = 0x02
KEY_ACTOR: Final = 0x11
KEY_COUNTER: Final = 0x13
KEY_STRING: Final = 0x15
INSERT: Final = 0x34
ACTION: Final = 0x42
VALUE_META: Final = 0x56
VALUE_RAW: Final = 0x57
REPLACED: Final = 0x70
REPLACED_ACTOR: Final = 0x71
REPLACED_COUNTER: Final = 0x73

MAKE_MAP: Final = 0
PUT: Final = 1
MAKE_LIST: Final = 2
DELETE: Final = 3
MAKE_TEXT: Final = 4
MAKE_TABLE: Final = 6
MARK: Final = 7

COLUMNS_MAX: Final = 32  # there are 14; later versions may add some

# Types of columns: the low three bits of their numbers.
_GROUP: Final = 0
_BOOLEAN: Final = 4
_STRING: Final = 5
_META: Final = 6
_RAW: Final = 7
_TYPE_BITS: Final = 0b0111
_DEFLATE_BIT: Final = 0b1000  # only allowed in snapshots

_LENGTH_SHIFT: Final = 4  # a value meta is length * 16 + type
_SHIFTED: Final = {shift: bytes(n >> shift for n in range(256)) for shift in (0, _LENGTH_SHIFT)}
# Rows of a record with one value by its first byte: a short run, or a single value (-1). Others: 0.
_COUNTS: Final = tuple(n if n < 0x40 else int(n == 0x7F) for n in range(256))


class TooManyOps(Malformed):
    """More operations than one change may have."""


def read_columns(
    body: bytes, others_at: int, *, columns_max: int
) -> tuple[list[bytes], dict[int, bytes]]:
    """Split what follows a change's header.

    Args:
        body: the plain body of a change.
        others_at: where its list of other actors starts (`chunk.Header.others_at`).
        columns_max: no more columns than this.

    Returns:
        The other actors, and the columns by number.

    Raises:
        Malformed: cut short, too many, deflated, or not in ascending order.
    """
    count, at = read_leb128(body, others_at)
    others = []
    for _ in range(count):
        actor, at = read_bytes(body, at)
        others.append(actor)
    count, at = read_leb128(body, at)
    if count > columns_max:
        raise Malformed(f"a change has at most {columns_max} columns")
    sizes = body[at : at + 2 * count]
    if sizes.isascii() and len(sizes) == 2 * count:  # nearly always: all are one-byte numbers
        at += 2 * count
        layout = list(zip(sizes[::2], sizes[1::2], strict=True))
    else:
        layout, at = _read_layout(body, at, count)
    columns: dict[int, bytes] = {}
    last = -1
    for number, size in layout:
        if number <= last or number & _DEFLATE_BIT:
            raise Malformed("the columns are deflated or not in order")
        columns[number] = body[at : at + size]
        at += size
        last = number
    if at > len(body):
        raise Malformed("the columns are cut short")
    return others, columns


def count_ops(columns: dict[int, bytes], *, ops_max: int) -> int:
    """Count the operations, and check that no column holds more rows than them.

    A group's columns may hold as many rows as the group announces, and that at most `ops_max` too.

    Raises:
        TooManyOps: more than `ops_max`.
        Malformed: another column has more rows, or values have more or fewer bytes than announced.
    """
    ops = _count_rows(columns.get(ACTION, b""), ACTION & _TYPE_BITS)
    if ops > ops_max:
        raise TooManyOps(f"a change has at most {ops_max} operations")
    members: dict[int, int] = {}  # rows that a group announces
    value_bytes: dict[int, int] = {}  # bytes that value metas announce, less those that are there
    for number, column in columns.items():
        kind, group = number & _TYPE_BITS, number >> 4
        rows = 0
        if kind == _GROUP:
            rows, members[group] = _count_and_sum(column, 0)
        elif kind == _META:
            rows, value_bytes[group] = _count_and_sum(column, _LENGTH_SHIFT)
        elif kind == _RAW:
            value_bytes[group] = value_bytes.get(group, 0) - len(column)
        else:
            rows = _count_rows(column, kind)
        if rows > (ops if kind == _GROUP else members.get(group, ops)):
            raise Malformed("a column has more rows than there are operations")
    if any(value_bytes.values()):
        raise Malformed("the values are not as long as announced")
    _check_replaced(members, ops_max)
    return ops


def _check_replaced(members: dict[int, int], ops_max: int) -> None:
    if max(members.values(), default=0) > ops_max:
        raise TooManyOps(f"a change replaces at most {ops_max} values")


def count_writes_in_place(columns: dict[int, bytes], ops: int) -> int:
    """Count the operations that write to a place which may exist already: all but insertions."""
    column = columns.get(INSERT, b"")
    inserted, at, value = 0, 0, False
    while at < len(column):
        rows, at = read_leb128(column, at)
        inserted += rows if value else 0
        value = not value
    return ops - inserted


def most_writes_to_one_place(columns: dict[int, bytes], ops: int) -> int:
    """Find how often the operations write to the same key of a map or element of a text, at most.

    Reads all rows: call it only where `count_writes_in_place` says that it may matter.
    """
    parts: list[list[Any]] = [
        decode_runs(column, read, rows_max=ops)
        for column, read in (
            (columns.get(OBJECT_ACTOR), read_leb128),
            (columns.get(OBJECT_COUNTER), read_leb128),
            (columns.get(KEY_ACTOR), read_leb128),
            (columns.get(KEY_STRING), read_bytes),
        )
        if column
    ]
    if key_counters := columns.get(KEY_COUNTER):
        parts.append(decode_deltas(key_counters, rows_max=ops))
    inserts = decode_booleans(columns.get(INSERT, b""), rows_max=ops)
    inserts += repeat(False, ops - len(inserts))
    # Rows are gone through by C code only: a stranger may send many.
    places = islice(chain(zip_longest(*parts), repeat(())), ops)
    written = Counter(compress(places, map(not_, inserts)))
    return max(written.values(), default=0)


def _read_layout(body: bytes, at: int, count: int) -> tuple[list[tuple[int, int]], int]:
    layout = []
    for _ in range(count):
        number, at = read_leb128(body, at)
        size, at = read_leb128(body, at)
        layout.append((number, size))
    return layout, at


def _count_rows(column: bytes, kind: int) -> int:
    """Count the rows of a boolean or run-length column."""
    if kind == _BOOLEAN:
        return _count_booleans(column)
    is_string = kind == _STRING
    rows = at = 0
    end = len(column) - 1
    while at < end:
        count, value = _COUNTS[column[at]], column[at + 1]
        if count > 0 and value < 0x80:  # one number or short string, once or repeated: mostly
            rows += count
            at += 2 + value * is_string
        else:
            more, at = _count_rows_of_record(column, at, kind)
            rows += more
    if at != len(column):
        raise Malformed("a column is cut short")
    return rows


def _count_rows_of_record(column: bytes, at: int, kind: int) -> tuple[int, int]:
    count, at = read_sleb128(column, at)
    if count == 0:
        return read_leb128(column, at)
    return abs(count), _skip_values(column, at, max(1, -count), kind)


def _count_booleans(column: bytes) -> int:
    rows = at = 0
    while at < len(column):
        count, at = read_leb128(column, at)
        rows += count
    return rows


def _count_and_sum(column: bytes, shift: int) -> tuple[int, int]:
    """Count the rows of a column of numbers, and sum up `number >> shift` over them."""
    rows = total = at = 0
    end = len(column) - 1
    while at < end:
        count, number = _COUNTS[column[at]], column[at + 1]
        if count > 0 and number < 0x80:
            rows += count
            total += count * (number >> shift)
            at += 2
        else:
            more, amount, at = _count_and_sum_record(column, at, shift)
            rows += more
            total += amount
    if at != len(column):
        raise Malformed("a column is cut short")
    return rows, total


def _count_and_sum_record(column: bytes, at: int, shift: int) -> tuple[int, int, int]:
    count, at = read_sleb128(column, at)
    if count == 0:
        nulls, at = read_leb128(column, at)
        return nulls, 0, at
    if count > 0:
        number, at = read_leb128(column, at)
        return count, count * (number >> shift), at
    literal = column[at : at - count]
    if literal.isascii() and len(literal) == -count:  # one byte each
        return -count, sum(literal.translate(_SHIFTED[shift])), at - count
    total = 0
    for _ in range(-count):
        number, at = read_leb128(column, at)
        total += number >> shift
    return -count, total, at


def _skip_values(column: bytes, at: int, values: int, kind: int) -> int:
    """Find the end of some numbers or strings without reading them."""
    if kind != _STRING and column[at : at + values].isascii():  # one byte each
        at += values
    elif kind == _STRING:
        for _ in range(values):
            size, at = read_leb128(column, at)
            at += size
    else:
        for _ in range(values):
            _, at = read_sleb128(column, at)
    if at > len(column):
        raise Malformed("a column is cut short")
    return at
