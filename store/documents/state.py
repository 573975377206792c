"""What a document says, as plain data: the reader writes it, projections and screens read it.

A `DocState` is a function of the document's changes alone: two replicas with the same heads derive
equal ones. Nothing in here knows Automerge, SQLite or sync.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from store.domain.ids import ConflictId, DocId


@dataclass(frozen=True, slots=True)
class Side:
    """One of the values that stand against each other.

    Attributes:
        value: JSON scalar of a field, text of a passage, the state that an event aims at ...
        author, device, at_ms: who wrote it, as the change's header claims.
        shown: whether lists show this side until someone settles.
        op: `counter@actorhex` of the write, or the hex hash of its change.
    """

    value: Any
    author: str
    device: str
    at_ms: int | None
    shown: bool
    op: str


@dataclass(frozen=True, slots=True)
class Settled:
    """Who settled a conflict, when (Unix ms, by their clock), and what they took."""

    by: str
    device: str
    at_ms: int | None
    value: Any


@dataclass(frozen=True, slots=True)
class Conflict:
    """Concurrent writes that a person should see.

    Attributes:
        id: the same on every device, and again after settling and taking back (DECISIONS D7).
        kind: field, lifecycle, trash, passage or refused.
        field: name of the field, for the kind field.
        base: the value at the sides' common ancestors; None if there is no single one.
        sides: in the order of their operations, which is the same everywhere.
        settled: None while it is open.
        record: id of the settlement's record in the document, once settled.
    """

    id: ConflictId
    doc: DocId
    kind: str
    field: str | None
    base: Any
    sides: tuple[Side, ...]
    settled: Settled | None
    record: str | None


@dataclass(frozen=True, slots=True)
class EventRow:
    """A lifecycle event and whether the fold applied it.

    Attributes:
        why: the reason if it was not applied.
    """

    id: str
    type: str
    at_ms: int | None
    author: str
    device: str
    reason: str | None
    applied: bool
    why: str | None


@dataclass(frozen=True, slots=True)
class DocState:
    """All that a task or note says.

    Attributes:
        fields: scalars by key, None where cleared; a key that was never put is absent.
        tags: sorted.
        order: order key of a task; None for notes and tasks that were never placed.
        state: open, started, blocked, done or cancelled for tasks; None for notes.
        purged: emptied from the trash: no list shows it any more.
        conflicts, settled: open and settled ones, by id.
    """

    doc: DocId
    kind: str
    fields: Mapping[str, Any]
    tags: tuple[str, ...]
    order: str | None
    body: str
    state: str | None
    trashed: bool
    purged: bool
    events: tuple[EventRow, ...]
    created_at_ms: int | None
    updated_at_ms: int | None
    conflicts: tuple[Conflict, ...]
    settled: tuple[Conflict, ...]
