"""The operations of one change, decoded row by row: where they write, what they do.

Only what tells whether a change fits the document is decoded; values stay as bytes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain, repeat, zip_longest
from typing import Any, Final, TypeVar

from store.documents.chunk import read_header, unframe
from store.documents.codec import (
    Malformed,
    decode_booleans,
    decode_deltas,
    decode_runs,
    read_bytes,
    read_leb128,
)
from store.documents.columns import (
    ACTION,
    COLUMNS_MAX,
    INSERT,
    KEY_ACTOR,
    KEY_COUNTER,
    KEY_STRING,
    OBJECT_ACTOR,
    OBJECT_COUNTER,
    REPLACED,
    REPLACED_ACTOR,
    REPLACED_COUNTER,
    VALUE_META,
    VALUE_RAW,
    read_columns,
)
from store.documents.operations import OpId
from store.domain.limits import CHANGE_RAW_BYTES_MAX, DEPS_MAX, OPS_PER_CHANGE_MAX

OpName = tuple[int | None, int | None]
"""An operation as the columns name it: index of its actor in `ChangeOps.actors`, and counter."""

NOTHING: Final[OpName] = (None, None)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ChangeOps:
    """Decoded operations; row `i` of each list belongs to the operation `start_op + i`.

    Attributes:
        actors: who is named: the change's own actor, then others.
        objects: what is written to; `NOTHING` is the root.
        keys: keys of maps.
        elements: elements of lists and texts; counter 0 of no actor is their beginning.
        inserts: whether an element is inserted there.
        actions: see `columns`.
        metas: kinds and lengths of the values.
        values: the values' bytes, one behind the other.
        replaced: (row, operation) for each value that is replaced.
    """

    start_op: int
    actors: list[bytes]
    objects: list[OpName]
    keys: list[bytes | None]
    elements: list[OpName]
    inserts: list[bool]
    actions: list[int | None]
    metas: list[int | None]
    values: bytes
    replaced: list[tuple[int, OpName]]

    def op_id(self, name: OpName) -> OpId:
        """Translate a name.

        Raises:
            Malformed: half a name, or an actor that the change does not name.
        """
        actor, counter = name
        if actor is None or counter is None or actor >= len(self.actors):
            raise Malformed("an operation refers to something that has no name")
        return counter, self.actors[actor]

    def action(self, counter: int) -> int | None:
        """Say what the operation with this counter does."""
        return self.actions[counter - self.start_op]

    def inserted_into(self, counter: int) -> OpId | None:
        """Say into which list or text the operation inserts; None if it doesn't."""
        row = counter - self.start_op
        return self.op_id(self.objects[row]) if self.inserts[row] else None


def read_ops(raw: bytes) -> ChangeOps:
    """Decode the operations of a change.

    Raises:
        Malformed: not a sound change.
    """
    body, _ = unframe(raw, body_bytes_max=CHANGE_RAW_BYTES_MAX)
    header = read_header(body, deps_max=DEPS_MAX)
    others, columns = read_columns(body, header.others_at, columns_max=COLUMNS_MAX)

    def numbers(number: int) -> list[int | None]:
        return _decoded(columns, number, read_leb128)

    def names(actors: int, counters: int) -> list[OpName]:
        if actors not in columns and counters not in columns:
            return []
        deltas = decode_deltas(columns.get(counters, b""), rows_max=OPS_PER_CHANGE_MAX)
        return list(zip_longest(numbers(actors), deltas))

    actions = numbers(ACTION)
    ops = len(actions)
    counts = numbers(REPLACED)
    rows = chain.from_iterable(repeat(row, many or 0) for row, many in enumerate(counts))
    inserts = decode_booleans(columns.get(INSERT, b""), rows_max=OPS_PER_CHANGE_MAX)
    objects = list(zip_longest(numbers(OBJECT_ACTOR), numbers(OBJECT_COUNTER)))
    return ChangeOps(
        start_op=header.start_op,
        actors=[header.actor, *others],
        objects=_filled(objects, ops, NOTHING),
        keys=_filled(_decoded(columns, KEY_STRING, read_bytes), ops, None),
        elements=_filled(names(KEY_ACTOR, KEY_COUNTER), ops, NOTHING),
        inserts=_filled(inserts, ops, False),
        actions=actions,
        metas=numbers(VALUE_META),
        values=columns.get(VALUE_RAW, b""),
        replaced=list(zip(rows, names(REPLACED_ACTOR, REPLACED_COUNTER), strict=False)),
    )


def _decoded(
    columns: dict[int, bytes], number: int, read: Callable[[bytes, int], tuple[T, int]]
) -> list[T | None]:
    if number not in columns:
        return []
    return decode_runs(columns[number], read, rows_max=OPS_PER_CHANGE_MAX)


def _filled(rows: list[Any], ops: int, with_: object) -> list[Any]:
    """A column may stop where nothing but nulls would follow."""
    return rows if len(rows) >= ops else rows + [with_] * (ops - len(rows))
