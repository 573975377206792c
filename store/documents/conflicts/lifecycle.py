"""Lifecycle conflicts: events of a task that nobody had seen together, and that aim apart (D4)."""

from collections.abc import Iterable
from dataclasses import dataclass

from store.documents.binding import Doc, object_id
from store.documents.conflicts.naming import name_of, op_text
from store.documents.history import History
from store.documents.schema import object_ids
from store.documents.settlements import Settlements, parsed
from store.documents.state import Conflict, Side
from store.domain.ids import DocId, EventId
from store.domain.lifecycle import Folded, LifecycleEvent, fold, is_understood, target


@dataclass(frozen=True, slots=True)
class WrittenEvent:
    """An event with the change that wrote it and the settlement that it belongs to, if any."""

    event: LifecycleEvent
    change: bytes
    record: str | None


def read_events(
    doc: Doc, doc_id: DocId, history: History, settlements: Settlements, within: str = "events"
) -> tuple[WrittenEvent, ...]:
    """The events of one of the document's event maps, in op-id order.

    Args:
        doc: the document.
        doc_id: its id.
        history: its changes.
        settlements: whose writes are really whose.
        within: `events` (lifecycle) or `trash`.
    """
    objects = object_ids(doc_id)
    if within not in objects:
        return ()
    found: list[WrittenEvent] = []
    for key, (value, op) in doc.entries(object_id(objects[within])).items():
        said, writer = parsed(value), history.writer_of(op)
        if said is None or writer is None or not isinstance(said.get("type"), str):
            continue
        event = LifecycleEvent(
            id=EventId(key),
            type=said["type"],
            reason=_text(said.get("reason")),
            to=_text(said.get("to")),
            op=op,
            stamp=settlements.author_of(writer.hash, writer.stamp),
        )
        found.append(WrittenEvent(event, writer.hash, _text(said.get("record"))))
    return tuple(sorted(found, key=lambda w: w.event.op))


def void_events(events: Iterable[WrittenEvent], settlements: Settlements) -> frozenset[EventId]:
    """Events that belong to a settlement which was taken back."""
    return frozenset(w.event.id for w in events if w.record in settlements.void)


def folded(events: tuple[WrittenEvent, ...], settlements: Settlements) -> Folded:
    """The task's state and what became of each event."""
    return fold((w.event for w in events), void=void_events(events, settlements))


def maximal_events(
    events: tuple[WrittenEvent, ...], history: History, settlements: Settlements
) -> tuple[WrittenEvent, ...]:
    """The events that no other counting event follows, in op-id order."""
    void = void_events(events, settlements)
    counting = [w for w in events if w.event.id not in void]
    last: dict[bytes, WrittenEvent] = {w.change: w for w in counting}
    kept = history.maximal(tuple(last)) if last else ()
    return tuple(sorted((last[c] for c in kept), key=lambda w: w.event.op))


def lifecycle_conflict(
    doc_id: DocId,
    history: History,
    settlements: Settlements,
    events: tuple[WrittenEvent, ...],
    state: str,
) -> Conflict | None:
    """The conflict of a task's lifecycle, if its last events aim at more than one state."""
    understood = tuple(w for w in events if is_understood(w.event))
    maximal = maximal_events(understood, history, settlements)
    by_target = {target(w.event): w for w in maximal}
    if len(by_target) < 2:
        return None
    sides = tuple(
        Side(
            aim,
            w.event.stamp.person,
            w.event.stamp.device,
            w.event.stamp.at_ms or None,
            aim == state,
            op_text(w.event.op),
        )
        for aim, w in sorted(by_target.items(), key=lambda found: found[1].event.op)
    )
    seen_by_all = _seen_by_all(history, [w.change for w in by_target.values()])
    base = folded(tuple(w for w in events if w.change in seen_by_all), settlements).state
    return Conflict(
        name_of(doc_id, "lifecycle", ""), doc_id, "lifecycle", "state", base, sides, None, None
    )


def _seen_by_all(history: History, changes: list[bytes]) -> frozenset[bytes]:
    return frozenset(
        c.hash for c in history.changes if all(history.precedes(c.hash, v) for v in changes)
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
