"""Write the first content of a document straight to change bytes, without Automerge.

An import makes thousands of documents and a big paste a hundred thousand characters; the binding
takes 5 us for each character, and a fork and a transaction for each document. The first content is
one run of insertions that replaces nothing, so it can be written down: same bytes, same hash.

More content than one change may hold becomes several, one following the other.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from store.documents.operations import Operations, OpId, Scalar
from store.domain.limits import CHANGE_BYTES_MAX, OPS_PER_CHANGE_MAX
from store.domain.stamp import Stamp

# A value that needs more room than this gets its change to itself; limits on fields keep far below.
_VALUE_BYTES_MAX: Final = CHANGE_BYTES_MAX // 2

_Write = tuple[OpId | None, str, Scalar]


def initial_changes(
    *,
    deps: tuple[bytes, ...],
    start_op: int,
    actor: bytes,
    objects: Mapping[str, OpId],
    fields: Mapping[str, Scalar],
    map_entries: Mapping[str, Mapping[str, Scalar]],
    text: str,
    stamp: Stamp,
) -> list[bytes]:
    """Encode what a new document says first.

    Args:
        deps: what the first change follows: genesis, usually.
        start_op: counter of its first operation: one more than genesis has.
        actor: 16 bytes, never used before in this document.
        objects: genesis' objects by name; `body` takes the text.
        fields: scalars at the root, none of which has a value yet.
        map_entries: entries of objects by their names (`tags`, `order`, `events` ...).
        text: of the body, without lone surrogates.
        stamp: who made it and when; goes into the header of each change.

    Returns:
        Changes in order, each following the one before; none if there is no content.

    Raises:
        ValueError: a single value is larger than a change may be, or holds lone surrogates.
    """
    puts: list[_Write] = [(None, key, value) for key, value in fields.items()]
    for name, entries in map_entries.items():
        puts += [(objects[name], key, value) for key, value in entries.items()]
    body = objects["body"]
    changes: list[bytes] = []
    after: OpId | None = None
    for part, characters in _parts(puts, text):
        written = [obj for obj, _, _ in part] + [body] * bool(characters)
        operations = Operations(actor, start_op, [obj[1] for obj in written if obj is not None])
        for obj, key, value in part:
            operations.put(obj, key, value)
        operations.insert_text(body, characters, after=after)
        raw, digest = operations.frame(deps=deps, seq=len(changes) + 1, stamp=stamp)
        if len(raw) > CHANGE_BYTES_MAX:
            raise ValueError(f"a value is larger than a change may be ({CHANGE_BYTES_MAX} bytes)")
        changes.append(raw)
        deps = (digest,)
        start_op = operations.next_op
        after = (start_op - 1, actor) if characters else None
    return changes


def _parts(puts: Sequence[_Write], text: str) -> Iterator[tuple[list[_Write], str]]:
    """Cut the content into what one change may hold: puts first, then the text."""
    *full, last = list(_batches(puts)) or [[]]
    for batch in full:
        yield batch, ""
    room = OPS_PER_CHANGE_MAX - len(last)
    if last or text:
        yield last, text[:room]
    for at in range(room, len(text), OPS_PER_CHANGE_MAX):
        yield [], text[at : at + OPS_PER_CHANGE_MAX]


def _batches(puts: Sequence[_Write]) -> Iterator[list[_Write]]:
    batch: list[_Write] = []
    size = 0
    for put in puts:
        value = put[2]
        added = len(value.encode()) if isinstance(value, str) else 0
        if batch and (len(batch) == OPS_PER_CHANGE_MAX or size + added > _VALUE_BYTES_MAX):
            yield batch
            batch, size = [], 0
        batch.append(put)
        size += added
    if batch:
        yield batch
