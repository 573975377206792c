"""Names of conflicts and of operations, the same on every device (DECISIONS D7)."""

import hashlib

from store.documents.binding import OpId
from store.domain.ids import ConflictId, DocId, conflict_id


def name_of(doc: DocId, kind: str, subject: str) -> ConflictId:
    """Name a conflict by what it is about, never by who wrote: it survives settling and undoing.

    Args:
        doc: the document.
        kind: field, lifecycle, trash or passage.
        subject: the field, the paragraph's operation, or empty.
    """
    return conflict_id(hashlib.sha256(f"{doc}\n{kind}\n{subject}".encode()).digest())


def op_text(op: OpId) -> str:
    """An operation as JavaScript writes it: `counter@actor`."""
    counter, actor = op
    return f"{counter}@{actor.hex()}"


def parse_op(text: str) -> OpId:
    """Read `counter@actor`; raises ValueError."""
    counter, _, actor = text.partition("@")
    return int(counter), bytes.fromhex(actor)
