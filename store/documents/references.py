"""Read which operations a change refers to: objects, elements of texts, and values it replaces.

A change may only refer to what its author had seen. Automerge does not check that: a character
inserted behind one that is not among the change's ancestors lands in different places on different
devices, depending on what arrived first, while their heads say that they agree.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, count, repeat, zip_longest
from typing import Final

from store.documents.chunk import read_header, unframe
from store.documents.codec import Malformed, decode_deltas, decode_runs, read_leb128
from store.documents.columns import (
    COLUMNS_MAX,
    KEY_ACTOR,
    KEY_COUNTER,
    OBJECT_ACTOR,
    OBJECT_COUNTER,
    REPLACED,
    REPLACED_ACTOR,
    REPLACED_COUNTER,
    read_columns,
)
from store.documents.operations import OpId
from store.domain.limits import CHANGE_RAW_BYTES_MAX, DEPS_MAX, OPS_PER_CHANGE_MAX

_OWN: Final = 0  # index of the change's own actor
_Named = tuple[int | None, int | None]  # an operation as columns name it: index of actor, counter


def referred_ops(raw: bytes) -> set[OpId]:
    """List the operations that must exist before a change: of others, and of its actor's earlier.

    Raises:
        Malformed: not a sound change, an actor that it does not name, half a name, or an operation
            that refers to itself or a later one.
    """
    body, _ = unframe(raw, body_bytes_max=CHANGE_RAW_BYTES_MAX)
    header = read_header(body, deps_max=DEPS_MAX)
    others, columns = read_columns(body, header.others_at, columns_max=COLUMNS_MAX)
    actors = [header.actor, *others]
    found: set[OpId] = set()
    for rows, named in _references(columns):
        found.update(_before(header.start_op, actors, rows, named))
    return found


def _references(columns: dict[int, bytes]) -> Iterator[tuple[Iterable[int], Iterable[_Named]]]:
    """Give the references by kind, each with the rows (operations) that they belong to."""

    def numbers(number: int) -> list[int | None]:
        column = columns.get(number, b"")
        return decode_runs(column, read_leb128, rows_max=OPS_PER_CHANGE_MAX)

    def counted(number: int) -> list[int | None]:
        return decode_deltas(columns.get(number, b""), rows_max=OPS_PER_CHANGE_MAX)

    yield count(), zip_longest(numbers(OBJECT_ACTOR), numbers(OBJECT_COUNTER))
    yield count(), zip_longest(numbers(KEY_ACTOR), counted(KEY_COUNTER))
    rows = chain.from_iterable(
        repeat(row, replaced or 0) for row, replaced in enumerate(numbers(REPLACED))
    )
    yield rows, zip_longest(numbers(REPLACED_ACTOR), counted(REPLACED_COUNTER))


def _before(
    start_op: int, actors: Sequence[bytes], rows: Iterable[int], named: Iterable[_Named]
) -> Iterator[OpId]:
    """Give what is referred to outside the change; check what is inside."""
    last: _Named = (None, None)
    for row, name in zip(rows, named, strict=False):
        if name == last:  # what an earlier row may refer to, a later one may too
            continue
        last = name
        actor, counter = name
        if actor is None and not counter:  # the root, the head of a text, or a key of a map
            continue
        if actor is None or counter is None or actor >= len(actors):
            raise Malformed("an operation refers to something that has no name")
        if actor != _OWN or counter < start_op:
            yield counter, actors[actor]
        elif counter >= start_op + row:
            raise Malformed("an operation refers to a later one")
