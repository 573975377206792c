"""Changes to test with: honest ones that Automerge made, and hostile ones made by hand.

Uses Automerge's binding directly, since what is tested must agree with it.
"""

import zlib
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any, Final

from automerge.core import ROOT, Document, ExpandMark, ObjType, ScalarType, Transaction, extract

from store.documents.chunk import DEFLATED, MAGIC, change_hash, frame, unframe, write_body
from store.documents.codec import write_bytes, write_leb128
from store.documents.encoders import BooleanEncoder, DeltaEncoder, RunEncoder
from store.documents.inspect import inspect_change
from store.documents.schema import (
    genesis_actor,
    genesis_change,
    genesis_hash,
    genesis_ops,
    object_ids,
)
from store.domain.ids import DocId, new_doc_id
from store.domain.stamp import Stamp

ALICE: Final = b"alice of 16 byte"
MALLORY: Final = b"mallory 16 bytes"
ALICE_AT_NOON: Final = Stamp("Alice", "laptop", 1_763_898_123_456)
NOTE: Final[DocId] = new_doc_id("note", b"a note 16 bytes.")
TASK: Final[DocId] = new_doc_id("task", b"a task 16 bytes.")


def scalar(value: str | int | bool | None) -> tuple[ScalarType, Any]:
    """Type a value as the writers of this program do."""
    if value is None:
        return ScalarType.Null, None
    if isinstance(value, bool):
        return ScalarType.Boolean, value
    return (ScalarType.Int, value) if isinstance(value, int) else (ScalarType.Str, value)


def opened(doc: DocId, actor: bytes = ALICE) -> Document:
    """Open a document that has only its genesis, to write as `actor`."""
    document = Document.load(genesis_change(doc))
    document.set_actor(actor)
    return document


def edited_at_random(choose: Random, *, edits: int) -> Document:
    """Make a note that three people edit in every way, apart and together.

    Args:
        choose: decides what they do.
        edits: how many changes are tried.
    """
    replicas = [opened(NOTE, bytes((n,)) * 16) for n in range(1, 4)]
    objects = objects_of(replicas[0], ["body", "tags"])
    for _ in range(edits):
        document = choose.choice(replicas)
        if choose.random() < 0.3:
            document.merge(choose.choice([d for d in replicas if d is not document]))
        with document.transaction() as transaction:
            for _ in range(choose.randint(1, 12)):
                _write_at_random(transaction, choose, objects)
    for other in replicas[1:]:
        replicas[0].merge(other)
    return replicas[0]


def _write_at_random(transaction: Transaction, choose: Random, objects: dict[str, bytes]) -> None:
    key = choose.choice("abcé")
    obj = choose.choice([ROOT, objects["tags"]])
    body = objects["body"]
    length = transaction.length(body)
    match choose.randint(0, 5):
        case 0:
            kind, value = scalar(choose.choice([None, True, False, 7, -(2**40), "x" * 30, ""]))
            transaction.put(obj, key, kind, value)
        case 1 if transaction.get(obj, key) is not None:
            transaction.delete(obj, key)
        case 2:
            made = transaction.put_object(obj, key, ObjType.List)
            transaction.insert(made, 0, *scalar("first"))
        case 3 if length:
            transaction.delete(body, choose.randrange(length))
        case 4 if length > 2:
            transaction.mark(body, 0, 2, "bold", ScalarType.Boolean, True, ExpandMark.After)
        case _:
            for offset, character in enumerate(choose.choice(["hej", "é😀", "a\nb"])):
                transaction.insert(body, length + offset, *scalar(character))


def objects_of(document: Document, names: Sequence[str]) -> dict[str, bytes]:
    """Find objects at the root by name, as the binding names them."""
    found = {}
    for name in names:
        value = document.get(ROOT, name)
        assert value is not None
        found[name] = bytes(value[1])
    return found


def last_change(document: Document) -> Any:
    """Give the newest change as the binding has it."""
    return document.get_changes([])[-1]


def raw_of(document: Document) -> bytes:
    """Give the bytes of the newest change."""
    return bytes(last_change(document).bytes)


def written(write: Callable[[Transaction], object], doc: DocId = NOTE) -> bytes:
    """Make the one change that Automerge makes of an edit on top of genesis."""
    document = opened(doc)
    with document.transaction() as transaction:
        write(transaction)
    return raw_of(document)


def titled(title: str, doc: DocId = NOTE) -> bytes:
    """Make the change that gives a document its title."""
    return written(lambda t: t.put(ROOT, "title", ScalarType.Str, title), doc)


def typed(text: str, doc: DocId = NOTE) -> bytes:
    """Make the change that types a text into the body."""
    document = opened(doc)
    body = objects_of(document, ["body"])["body"]
    with document.transaction() as transaction:
        for index, character in enumerate(text):
            transaction.insert(body, index, ScalarType.Str, character)
    return raw_of(document)


def said_by(document: Document) -> dict[str, Any]:
    """Read all that a document says, as plain values."""
    said = extract(document)
    assert isinstance(said, dict)
    return said


def said_after(doc: DocId, changes: Sequence[bytes]) -> dict[str, Any]:
    """Read all that a document says after genesis and these changes."""
    return said_by(Document.load(genesis_change(doc) + b"".join(changes)))


def snapshot(doc: DocId = NOTE) -> bytes:
    """Save a document as a file: a chunk of another type."""
    return bytes(opened(doc).save())


def nested_list(doc: DocId = NOTE) -> bytes:
    """Make a change with an object of another type, as another program may."""
    return written(lambda t: t.put_object(ROOT, "list", ObjType.List), doc)


# -- by hand ----------------------------------------------------------------------------------


def runs(*pairs: tuple[bytes | None, int]) -> bytes:
    """Encode a run-length column of (value, rows)."""
    encoder = RunEncoder()
    for value, rows in pairs:
        encoder.append(value, rows)
    return encoder.finish()


def booleans(*pairs: tuple[bool, int]) -> bytes:
    """Encode a boolean column of (value, rows)."""
    encoder = BooleanEncoder()
    for value, rows in pairs:
        encoder.append(value, rows)
    return encoder.finish()


def deltas(numbers: Sequence[int]) -> bytes:
    """Encode a delta column."""
    encoder = DeltaEncoder()
    for number in numbers:
        encoder.append(number)
    return encoder.finish()


def forged(
    columns: Mapping[int, bytes],
    *,
    doc: DocId = NOTE,
    deps: Sequence[bytes] | None = None,
    actor: bytes = MALLORY,
    seq: int = 1,
    start_op: int | None = None,
    message: str = "",
    others: Sequence[bytes] = (),
) -> bytes:
    """Frame columns as a change on top of genesis, with a correct checksum."""
    body = write_body(
        deps=[genesis_hash(doc)] if deps is None else deps,
        actor=actor,
        seq=seq,
        start_op=genesis_ops(doc) + 1 if start_op is None else start_op,
        time_s=0,
        message=message,
        other_actors=others,
        columns=columns,
    )
    return frame(body)[0]


def puts_of_one_key(count: int) -> dict[int, bytes]:
    """Write the columns of `count` puts of null at one key: a few bytes, whatever the count."""
    return {
        0x15: runs((write_bytes(b"k"), count)),
        0x34: booleans((False, count)),
        0x42: runs((b"\x01", count)),
        0x56: runs((b"\x00", count)),
        0x70: runs((b"\x00", count)),
    }


def unloadable(after: bytes | None = None) -> bytes:
    """Forge a change that only Automerge finds bad: it puts text that is no text."""
    columns = {**puts_of_one_key(1), 0x56: b"\x7f\x26", 0x57: b"\xff\xfe"}
    if after is None:
        return forged(columns)
    before = inspect_change(after)
    return forged(columns, deps=[before.hash], seq=2, start_op=before.max_op + 1)


def deflate_bomb(plain_bytes: int) -> bytes:
    """Frame zeroes, deflated: a thousandth of their size."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    zeroes = bytes(1 << 20)
    parts = [squeeze.compress(zeroes) for _ in range(plain_bytes >> 20)]
    content = b"".join([*parts, squeeze.flush()])
    return MAGIC + b"\x00" * 4 + bytes((DEFLATED,)) + write_bytes(content)


def body_of(raw: bytes) -> bytes:
    """Take the plain body out of a sound change."""
    return unframe(raw, body_bytes_max=1 << 30)[0]


def reframed(body: bytes) -> bytes:
    """Frame a tampered body with the checksum that fits it, as a forger would."""
    return MAGIC + change_hash(body)[:4] + b"\x01" + write_leb128(len(body)) + body


GENESIS: Final = genesis_actor(NOTE)
BODY: Final = object_ids(NOTE)["body"][0]
# The actors that Mallory names, and the index of one of them.
OTHERS: Final = sorted([GENESIS, ALICE])
FROM_GENESIS: Final = write_leb128(1 + OTHERS.index(GENESIS))


def first_op() -> int:
    """Counter of the first operation of whoever writes first after genesis."""
    return inspect_change(genesis_change(NOTE)).max_op + 1


def insertion(
    *, actor: bytes, element: int, obj: int = BODY, deps: list[bytes] | None = None
) -> bytes:
    """Forge the insertion of one character behind an element."""
    columns = {
        0x01: runs((FROM_GENESIS, 1)),
        0x02: runs((write_leb128(obj), 1)),
        0x11: runs((actor, 1)),
        0x13: deltas([element]),
        0x34: booleans((True, 1)),
        0x42: runs((b"\x01", 1)),
        0x56: runs((b"\x16", 1)),
        0x57: b"Z",
        0x70: runs((b"\x00", 1)),
    }
    return forged(columns, others=OTHERS, deps=deps, start_op=first_op() + 50)
