"""The shapes of both kinds of document, and the genesis change that every device computes alike.

    task                                            note
    ├─ id        "t1…"   ┐ genesis                  ├─ id        "n1…"   ┐ genesis
    ├─ kind      "task"  ┘                          ├─ kind      "note"  ┘
    ├─ title     text                               ├─ title     text
    ├─ due       "2026-11-23" or "…T09:00:00Z"      ├─ pinned    true
    ├─ priority  "low", "medium", "high"            ├─ source    key of what was imported
    ├─ list, assignee, parent    text               ├─ moved_to  id of the copy elsewhere
    ├─ repeat    "FREQ=WEEKLY"                      ├─ body         Text
    ├─ source, moved_to          as in a note       ├─ tags         Map {tag: true}
    ├─ body         Text                            ├─ trash        Map {event id: JSON}
    ├─ tags         Map {tag: true}                 └─ settlements  Map {record id: JSON}
    ├─ order        Map {write id: order key}
    ├─ events       Map {event id: JSON}
    ├─ trash        Map {event id: JSON}
    └─ settlements  Map {record id: JSON}

Scalars are put later, and cleared with null instead of deleted (DECISIONS D3); a tag is taken off
with null. All objects are made by genesis: two devices that made the "same" object apart would hide
one of them with all it holds. Genesis holds nothing random, so it has the same hash everywhere;
nobody sends it, nobody stores it, and its hash counts as known (DECISIONS D2). The task's place
shown is the entry of `order` with the highest op id, so that concurrent moves are never a conflict.
"""

from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from types import MappingProxyType
from typing import Final

from store.documents.columns import MAKE_MAP, MAKE_TEXT
from store.documents.operations import Operations, OpId
from store.domain.ids import SCHEMA_VERSION, DocId
from store.errors import StoreError

_ACTOR_BYTES: Final = 16
_CACHED_DOCS: Final = 4096  # a few hundred bytes each

_KINDS: Final = {"t": "task", "n": "note"}
_FIRST_FIELDS: Final = ("id", "kind")
_OBJECTS: Final[Mapping[str, tuple[tuple[str, int], ...]]] = {
    "task": (
        ("body", MAKE_TEXT),
        ("tags", MAKE_MAP),
        ("order", MAKE_MAP),
        ("events", MAKE_MAP),
        ("trash", MAKE_MAP),
        ("settlements", MAKE_MAP),
    ),
    "note": (
        ("body", MAKE_TEXT),
        ("tags", MAKE_MAP),
        ("trash", MAKE_MAP),
        ("settlements", MAKE_MAP),
    ),
}


class UnknownSchema(StoreError):
    """A document of a kind or schema version that this program doesn't know.

    Attributes:
        doc: its id.
    """

    type = "unknown-schema"
    title = "Written by a newer Cairn"

    def __init__(self, doc: str) -> None:
        """Name the document."""
        super().__init__(f"{doc[:40]!r} is of a kind that this Cairn does not know; update Cairn.")
        self.doc = doc


def genesis_actor(doc: DocId) -> bytes:
    """Name the actor of the genesis change: 16 bytes; every other change of it is refused."""
    return sha256(b"cairn genesis " + doc.encode()).digest()[:_ACTOR_BYTES]


def genesis_change(doc: DocId) -> bytes:
    """Compute the first change of a document: its id, its kind, and its empty objects.

    Raises:
        UnknownSchema: the id is of another kind or schema version.
    """
    return _genesis(doc)[0]


def genesis_hash(doc: DocId) -> bytes:
    """Compute the hash of the genesis change; raises UnknownSchema."""
    return _genesis(doc)[1]


def genesis_ops(doc: DocId) -> int:
    """Count the operations of genesis: the first change after it starts at one more."""
    return len(_FIRST_FIELDS) + len(_OBJECTS[_kind(doc)])


@lru_cache(maxsize=_CACHED_DOCS)
def object_ids(doc: DocId) -> Mapping[str, OpId]:
    """Name the objects of genesis by the operations that make them; raises UnknownSchema."""
    actor = genesis_actor(doc)
    names = [name for name, _ in _OBJECTS[_kind(doc)]]
    first = len(_FIRST_FIELDS) + 1
    return MappingProxyType({name: (op, actor) for op, name in enumerate(names, first)})


def _kind(doc: DocId) -> str:
    kind = _KINDS.get(doc[:1])
    if kind is None or doc[1:2] != str(SCHEMA_VERSION):
        raise UnknownSchema(doc)
    return kind


@lru_cache(maxsize=_CACHED_DOCS)
def _genesis(doc: DocId) -> tuple[bytes, bytes]:
    kind = _kind(doc)
    operations = Operations(genesis_actor(doc), start_op=1)
    for key, value in zip(_FIRST_FIELDS, (doc, kind), strict=True):
        operations.put(None, key, value)
    for key, action in _OBJECTS[kind]:
        operations.make(key, action)
    return operations.frame(deps=(), seq=1, stamp=None)
