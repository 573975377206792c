"""What an importer hands over and what it gets back: plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from store.domain.fields import Scalar
from store.domain.ids import DocId

IMPORT_ACT: Final = "import"  # label of an import among the acts; of all its transactions


@dataclass(frozen=True, slots=True)
class Place:
    """Where an item lies on this device.

    Attributes:
        file: the whole path of its file, links resolved.
        part: which item of the file it is; empty if it is the file itself.
    """

    file: str
    part: str = ""


@dataclass(frozen=True, slots=True)
class ImportItem:
    """One thing to bring in.

    Attributes:
        kind: task or note.
        source: where it comes from, the same on every device: a path inside the imported folder, or
            a name that no other program gives out twice.
        place: where exactly it lies on this device; None where `source` alone names one thing in
            the world.
        content_hash: SHA-256 over all that the item will hold.
        at_ms: when it was written, as its content says; None where it does not say.
        state: of a task.
        is_trashed: it is to lie in the trash.
        parent: source of the task that a new task is a part of, if that one came before it.
        is_in_order: a new task is to stand behind all others, and behind those that came before it.
    """

    kind: str
    source: str
    content_hash: bytes
    title: str
    body: str
    tags: tuple[str, ...] = ()
    fields: Mapping[str, Scalar] = field(default_factory=dict)
    at_ms: int | None = None
    state: str | None = None
    is_trashed: bool = False
    parent: str | None = None
    is_in_order: bool = False
    place: Place | None = field(default=None, compare=False)


@dataclass(slots=True)
class ImportResult:
    """What an import did, by item.

    Attributes:
        by_source: the item of each source that was read.
        last_order: order key of the last task that was put behind the others.
    """

    created: list[DocId] = field(default_factory=list)
    updated: list[DocId] = field(default_factory=list)
    unchanged: list[DocId] = field(default_factory=list)
    by_source: dict[str, DocId] = field(default_factory=dict)
    last_order: str | None = None
