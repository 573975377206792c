"""A note as years leave it: many sittings by a few people, some of them at the same time.

It is typed by Automerge itself without a copy of the document for each edit, which would take
hours; then each change gets its author and time as the product writes them, and with that a new
name, which those that follow it learn.
"""

from random import Random
from typing import Final

from automerge.core import ROOT, Document, ScalarType, Transaction

from store.documents.binding import object_id
from store.documents.chunk import frame, read_header, unframe, write_time_and_message
from store.documents.codec import write_leb128
from store.documents.schema import genesis_change, object_ids
from store.domain.ids import DocId, new_doc_id
from store.domain.limits import CHANGE_RAW_BYTES_MAX, DEPS_MAX
from store.domain.stamp import Stamp

PEOPLE: Final = ("Ann", "Bea", "Kit")
APART: Final = 0.1  # of the sittings have another one beside them
FIELD: Final = 0.2  # of the edits write a field, and this many delete a few characters
DELETION: Final = 0.15
MOVE: Final = 0.02  # of the edits are somewhere else in the text than the one before
CHARS_MAX: Final = 3  # of one edit: a word takes two
AT_MS: Final = 1_700_000_000_000
BETWEEN_MS: Final = 2_000


class _Writing:
    """A note while it is written."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.doc_id = new_doc_id("note", rng.randbytes(16))
        self.document = Document.load(genesis_change(self.doc_id))
        self.began = self.document.get_heads()
        self.people: dict[bytes, str] = {}
        self._body = object_id(object_ids(self.doc_id)["body"])

    def sit(self, document: Document, edits: int, person: str) -> None:
        """Let somebody write so many changes."""
        actor = self.rng.randbytes(16)
        document.set_actor(actor)
        self.people[actor] = person
        length = document.length(self._body)
        at = self.rng.randrange(length + 1)
        for _ in range(edits):
            if self.rng.random() < MOVE:
                at = self.rng.randrange(length + 1)
            with document.transaction() as transaction:
                at, length = self._edit(transaction, at, length)

    def _edit(self, transaction: Transaction, at: int, length: int) -> tuple[int, int]:
        what, count = self.rng.random(), self.rng.randint(1, CHARS_MAX)
        if what < FIELD:
            transaction.put(ROOT, "title", ScalarType.Str, f"Log {self.rng.random()}")
        elif what < FIELD + DELETION and length > CHARS_MAX:
            at = min(at, length - count)
            for _ in range(count):
                transaction.delete(self._body, at)
            length -= count
        else:
            for character in self.rng.choices("abcdefghij klmnop\n", k=count):
                transaction.insert(self._body, at, ScalarType.Str, character)
                at += 1
            length += count
        return at, length

    def stamped(self) -> list[bytes]:
        """The changes, each with its author and time."""
        names: dict[bytes, bytes] = {}
        raws: list[bytes] = []
        for number, change in enumerate(self.document.get_changes(self.began)):
            body, old = unframe(bytes(change.raw_bytes), body_bytes_max=CHANGE_RAW_BYTES_MAX)
            header = read_header(body, deps_max=DEPS_MAX)
            person = self.people[header.actor]
            stamp = Stamp(person, f"{person}s laptop", AT_MS + number * BETWEEN_MS)
            count = write_leb128(len(header.deps))
            deps = b"".join(sorted(names.get(dep, dep) for dep in header.deps))
            said = write_time_and_message(stamp.at_ms // 1000, stamp.message())
            middle = body[len(count) + len(deps) : header.time_at]
            raw, names[old] = frame(count + deps + middle + said + body[header.others_at :])
            raws.append(raw)
        return raws


def long_note(changes: int, *, sittings: int, seed: int = 1) -> tuple[DocId, list[bytes]]:
    """Make a note with so many changes, of so many sittings; causes come before their effects."""
    writing = _Writing(Random(seed))
    edits = changes // sittings
    done = sat = 0
    while done < changes:
        person, other = PEOPLE[sat % len(PEOPLE)], PEOPLE[(sat + 1) % len(PEOPLE)]
        if done + 2 * edits <= changes and writing.rng.random() < APART:
            beside = writing.document.fork()
            writing.sit(beside, edits, person)
            writing.sit(writing.document, edits, other)
            writing.document.merge(beside)
            done, sat = done + 2 * edits, sat + 2
        else:
            writing.sit(writing.document, min(edits, changes - done), person)
            done, sat = done + edits, sat + 1
    return writing.doc_id, writing.stamped()
