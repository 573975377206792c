"""Builders of changes and rows to push: honest ones, made without Automerge, and tampered ones."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

from store.documents.operations import Operations
from store.documents.schema import genesis_hash, genesis_ops
from store.domain.ids import (
    DocId,
    ReplicaId,
    SpaceId,
    new_doc_id,
    new_replica_id,
    new_space_id,
)
from store.domain.stamp import Stamp
from sync.protocol.messages import Row

AT_MS = 1_763_898_123_000


@dataclass(frozen=True)
class Made:
    """A change that was made for a test."""

    doc: DocId
    hash: bytes
    raw: bytes
    next_op: int

    @property
    def row(self) -> Row:
        """The change as a row of a push."""
        return Row("change", self.doc, self.hash, self.raw)


def some_doc(kind: str = "task") -> DocId:
    """A document id that nobody else has."""
    return new_doc_id(kind, os.urandom(16))


def some_space() -> SpaceId:
    """A space id that nobody else has."""
    return new_space_id(os.urandom(16))


def some_replica() -> ReplicaId:
    """A replica id that nobody else has."""
    return new_replica_id(os.urandom(16))


def change(
    doc: DocId | None = None,
    *,
    after: Made | None = None,
    title: str = "Buy rope",
    key: str = "title",
    author: str = "Alice",
    actor: bytes | None = None,
    seq: int = 1,
    deps: Sequence[bytes] | None = None,
) -> Made:
    """Make a change that writes one field of a document, after another one or after its genesis.

    Args:
        doc: which document; a new one where it is left out.
        after: the change before; else the change follows genesis.
        title: what it writes.
        key: which field; one that has no value yet.
        author: whose name it carries.
        actor: 16 bytes; new ones where they are left out.
        seq: its number among the actor's changes.
        deps: what it says that it follows, where that should be something else.
    """
    doc = after.doc if after is not None else doc or some_doc()
    start_op = after.next_op if after is not None else genesis_ops(doc) + 1
    follows = [after.hash if after is not None else genesis_hash(doc)] if deps is None else deps
    operations = Operations(actor or os.urandom(16), start_op)
    operations.put(None, key, title)
    raw, digest = operations.frame(deps=follows, seq=seq, stamp=Stamp(author, "laptop", AT_MS))
    return Made(doc, digest, raw, operations.next_op)


def flipped(row: Row) -> Row:
    """The same row with one bit of its last byte flipped."""
    return Row(row.type, row.doc, row.hash, row.raw[:-1] + bytes([row.raw[-1] ^ 1]))


def reused_counter(doc: DocId) -> tuple[bytes, bytes]:
    """A change that writes into an object which nobody made."""
    from store.documents.operations import Operations
    from store.domain.stamp import Stamp

    operations = Operations(os.urandom(16), 20, [b"nobody of 16 byt"])
    operations.put((19, b"nobody of 16 byt"), "key", "value")
    raw, digest = operations.frame(
        deps=[genesis_hash(doc)],
        seq=1,
        stamp=Stamp("Mallory", "phone", 0),
    )
    return digest, raw
