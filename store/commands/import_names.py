"""The names that an import gives to what it writes: derived, so that all devices give the same."""

import hashlib
from typing import Final

from store.commands.unit_of_work import ACTOR_BYTES
from store.domain.ids import DocId, EventId, SpaceId, new_doc_id, new_event_id
from store.imports import ImportItem

IMPORTER: Final = "import"
"""Who wrote an imported item: no person, no device, so that all devices write it alike."""


def import_doc_id(space: SpaceId, item: ImportItem) -> DocId:
    """The id that an item gets, wherever it is imported."""
    return new_doc_id(item.kind, _derived("doc", space, item))


def actor_of(space: SpaceId, item: ImportItem, follows: bytes) -> bytes:
    """The actor that writes this content after what it follows (hashes, one after the other)."""
    return hashlib.sha256(_derived("actor", space, item) + follows).digest()[:ACTOR_BYTES]


def derived_id(what: str, space: SpaceId, item: ImportItem) -> EventId:
    """The id of an entry that an item comes with, such as its place in the order."""
    return new_event_id(_derived(what, space, item))


def _derived(what: str, space: SpaceId, item: ImportItem) -> bytes:
    said = f"cairn import\n{what}\n{space}\n{item.kind}\n{item.source}\n".encode()
    return hashlib.sha256(said + item.content_hash).digest()[:16]
