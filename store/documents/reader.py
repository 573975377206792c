"""Reads a document into plain data: fields, state, text and conflicts, now or at a version."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from store.documents.binding import ROOT_OBJECT, Doc, object_id
from store.documents.conflicts.fields import field_conflicts
from store.documents.conflicts.lifecycle import (
    folded,
    lifecycle_conflict,
    read_events,
)
from store.documents.conflicts.passages import passage_conflicts
from store.documents.conflicts.runs import Runs
from store.documents.conflicts.trash import AWAY, last_counting, trash_state
from store.documents.history import ChangeInfo, History
from store.documents.schema import object_ids
from store.documents.settlements import Record, Settlements, read_settlements
from store.documents.state import Conflict, DocState, EventRow, Settled, Side
from store.documents.touched import Touches
from store.domain.ids import ConflictId, DocId, kind_of
from store.domain.lifecycle import FoldedEvent
from store.domain.order_key import is_order_key


def read_state(doc: Doc, doc_id: DocId, history: History, touches: Touches, runs: Runs) -> DocState:
    """Read everything that the document says now, with its open and settled conflicts.

    Args:
        doc: the document.
        doc_id: its id.
        history: its changes.
        touches: what they touch.
        runs: its runs, as far as they are known; filled up here.
    """
    settlements = read_settlements(doc, doc_id, history)
    events = read_events(doc, doc_id, history, settlements)
    thrown = read_events(doc, doc_id, history, settlements, "trash")
    away = trash_state(doc_id, history, settlements, touches, thrown)
    fold = folded(events, settlements)
    found: list[Conflict] = []
    if not history.is_linear:
        found.extend(field_conflicts(doc, doc_id, history, settlements, touches))
        if kind_of(doc_id) == "task":
            lifecycle = lifecycle_conflict(doc_id, history, settlements, events, fold.state)
            found.extend([lifecycle] if lifecycle else [])
        found.extend([away.conflict] if away.conflict else [])
        found.extend(passage_conflicts(doc, doc_id, history, settlements, touches, runs))
    open_ids = {c.id for c in found}
    return DocState(
        doc=doc_id,
        kind=kind_of(doc_id),
        fields=_fields(doc, doc_id),
        tags=_tags(doc, doc_id),
        order=_order(doc, doc_id),
        body=doc.text(object_id(object_ids(doc_id)["body"])),
        state=fold.state if kind_of(doc_id) == "task" else None,
        trashed=away.trashed,
        purged=away.purged,
        events=tuple(_event_row(e) for e in fold.events),
        created_at_ms=_stamped_ms(history.first),
        updated_at_ms=_stamped_ms(history.last),
        conflicts=tuple(sorted(found, key=lambda c: c.id)),
        settled=tuple(
            sorted(_settled(doc_id, settlements, open_ids), key=lambda c: c.id),
        ),
    )


def read_version(doc: Doc, doc_id: DocId, history: History, at: Sequence[bytes]) -> DocState:
    """Read what the document said at a version, as its author saw it; without conflicts."""

    def seen(change: bytes) -> bool:
        return change in at or any(history.precedes(change, head) for head in at)

    settlements = read_settlements(doc, doc_id, history, seen)
    events = read_events(doc, doc_id, history, settlements)
    events = tuple(w for w in events if seen(w.change))
    fold = folded(events, settlements)
    thrown = read_events(doc, doc_id, history, settlements, "trash")
    last = last_counting((w for w in thrown if seen(w.change)), settlements)
    stamps = [c.stamp.at_ms for c in history.changes if c.hash in at]
    return DocState(
        doc=doc_id,
        kind=kind_of(doc_id),
        fields=_fields(doc, doc_id, at),
        tags=_tags(doc, doc_id, at),
        order=_order(doc, doc_id, at),
        body=doc.text(object_id(object_ids(doc_id)["body"]), at),
        state=fold.state if kind_of(doc_id) == "task" else None,
        trashed=last in AWAY,
        purged=last == "purge",
        events=tuple(_event_row(e) for e in fold.events),
        created_at_ms=_stamped_ms(history.first),
        updated_at_ms=max(stamps, default=0) or None,
        conflicts=(),
        settled=(),
    )


def _fields(doc: Doc, doc_id: DocId, at: Sequence[bytes] | None = None) -> dict[str, Any]:
    objects = object_ids(doc_id)
    held = doc.entries(ROOT_OBJECT, at)
    fields: dict[str, Any] = {}
    for key, (value, _) in held.items():
        if key in objects or key in ("id", "kind"):
            continue
        if value is None:
            found = doc.get(ROOT_OBJECT, key, at)  # a string that JavaScript wrote as a text object
            value = found[0] if found else None
        fields[key] = value
    return fields


def _tags(doc: Doc, doc_id: DocId, at: Sequence[bytes] | None = None) -> tuple[str, ...]:
    held = doc.entries(object_id(object_ids(doc_id)["tags"]), at)
    return tuple(sorted(tag for tag, (value, _) in held.items() if value is True))


def _order(doc: Doc, doc_id: DocId, at: Sequence[bytes] | None = None) -> str | None:
    """The task's order key: of all placings that are keys, the one with the highest op id."""
    objects = object_ids(doc_id)
    if "order" not in objects:
        return None
    placings = doc.entries(object_id(objects["order"]), at).values()
    keys = (found for found in placings if isinstance(found[0], str) and is_order_key(found[0]))
    latest = max(keys, key=lambda found: found[1], default=None)
    return latest[0] if latest else None


def _stamped_ms(change: ChangeInfo | None) -> int | None:
    return (change.stamp.at_ms or None) if change else None


def _event_row(folded_event: FoldedEvent) -> EventRow:
    event = folded_event.event
    return EventRow(
        event.id,
        event.type,
        event.stamp.at_ms or None,
        event.stamp.person,
        event.stamp.device,
        event.reason,
        folded_event.applied,
        folded_event.why,
    )


def _settled(
    doc_id: DocId, settlements: Settlements, open_ids: set[ConflictId]
) -> Iterator[Conflict]:
    """What was settled and is not open again, as its last standing record tells it."""
    for conflict in settlements.conflicts():
        if conflict not in open_ids:
            yield from _told(doc_id, settlements.standing(conflict)[-1])


def _told(doc_id: DocId, record: Record) -> Iterator[Conflict]:
    said = record.said
    kind, sides = said.get("kind"), said.get("sides")
    if not isinstance(kind, str) or not isinstance(sides, list):
        return
    field = said.get("field")
    by = record.stamp
    told = Conflict(
        ConflictId(record.conflict),
        doc_id,
        kind,
        field if isinstance(field, str) else None,
        said.get("base"),
        tuple(_side(s) for s in sides if isinstance(s, dict)),
        Settled(by.person, by.device, by.at_ms or None, said.get("value")),
        record.id,
    )
    value = said.get("value")
    yield replace(told, sides=tuple(replace(s, shown=s.value == value) for s in told.sides))


def _side(said: dict[str, Any]) -> Side:
    at_ms = said.get("at_ms")
    return Side(
        said.get("value"),
        str(said.get("author", "")),
        str(said.get("device", "")),
        at_ms if isinstance(at_ms, int) else None,
        False,
        str(said.get("op", "")),
    )
