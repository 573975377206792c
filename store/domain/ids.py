"""Ids and their parsing. An id is text that says what it names, made from 16 bytes passed in.

    DocId      t1 or n1 + 26 characters   kind letter, schema version, 16 bytes
    SpaceId    s + 26                     ReplicaId  r + 26
    ConflictId c + 26 (from a hash)       EventId    e + 26 (also order writes and settlements)

The 26 characters are lowercase base32 (RFC 4648) without padding. Their last one carries two unused
bits that must be zero, so that no two texts name the same 16 bytes.
"""

import base64
import re
from typing import Final, Literal, NewType

from store.domain.errors import InvalidValue

DocId = NewType("DocId", str)
SpaceId = NewType("SpaceId", str)
ReplicaId = NewType("ReplicaId", str)
ConflictId = NewType("ConflictId", str)
EventId = NewType("EventId", str)

Kind = Literal["task", "note"]

ENTROPY_BYTES: Final = 16
SCHEMA_VERSION: Final = 1
_LETTERS: Final[dict[str, str]] = {"task": "t", "note": "n"}
_KINDS: Final[dict[str, Kind]] = {"t": "task", "n": "note"}

_BASE32: Final = "[a-z2-7]{25}[aeimquy4]"
_DOC_ID: Final = re.compile(rf"[tn]{SCHEMA_VERSION}{_BASE32}")
_PLAIN_ID: Final = {letter: re.compile(letter + _BASE32) for letter in "srce"}


def new_doc_id(kind: str, entropy: bytes) -> DocId:
    """Make the id of a new document.

    Args:
        kind: `task` or `note`.
        entropy: 16 bytes, random or derived from what is imported.

    Raises:
        InvalidValue: another kind, or not 16 bytes.
    """
    if kind not in _LETTERS:
        raise InvalidValue(f"{kind!r} is not a kind of document; use task or note.", field="kind")
    return DocId(f"{_LETTERS[kind]}{SCHEMA_VERSION}{_encoded(entropy)}")


def new_space_id(entropy: bytes) -> SpaceId:
    """Make the id of a new space from 16 bytes."""
    return SpaceId("s" + _encoded(entropy))


def new_replica_id(entropy: bytes) -> ReplicaId:
    """Make the id of a new replica from 16 bytes."""
    return ReplicaId("r" + _encoded(entropy))


def new_event_id(entropy: bytes) -> EventId:
    """Make the id of an entry in a document's append-only maps from 16 bytes."""
    return EventId("e" + _encoded(entropy))


def conflict_id(digest: bytes) -> ConflictId:
    """Name a conflict by the first 16 bytes of a hash of what it is about (DECISIONS D7)."""
    return ConflictId("c" + _encoded(digest[:ENTROPY_BYTES]))


def parse_doc_id(text: str) -> DocId:
    """Check a whole document id.

    Raises:
        InvalidValue: it is shortened, of another kind or schema version, or not canonical.
    """
    if _DOC_ID.fullmatch(text) is None:
        raise InvalidValue(f"{_shown(text)} is not the id of a task or note; copy it whole.")
    return DocId(text)


def parse_space_id(text: str) -> SpaceId:
    """Check a whole space id; raises InvalidValue."""
    return SpaceId(_parsed_plain("s", "space", text))


def parse_replica_id(text: str) -> ReplicaId:
    """Check a whole replica id; raises InvalidValue."""
    return ReplicaId(_parsed_plain("r", "replica", text))


def parse_conflict_id(text: str) -> ConflictId:
    """Check a whole conflict id; raises InvalidValue."""
    return ConflictId(_parsed_plain("c", "conflict", text))


def kind_of(doc_id: DocId) -> Kind:
    """Say what a document is: `task` or `note`."""
    return _KINDS[doc_id[0]]


def _encoded(entropy: bytes) -> str:
    if len(entropy) != ENTROPY_BYTES:
        raise InvalidValue(f"An id needs {ENTROPY_BYTES} bytes, not {len(entropy)}.")
    return base64.b32encode(entropy).decode("ascii").rstrip("=").lower()


def _parsed_plain(letter: str, what: str, text: str) -> str:
    if _PLAIN_ID[letter].fullmatch(text) is None:
        raise InvalidValue(f"{_shown(text)} is not the id of a {what}; copy it whole.")
    return text


def _shown(text: str) -> str:
    """Quote what was given, escaped and short enough for one line."""
    return ascii(text if len(text) <= 40 else text[:40] + "...")
