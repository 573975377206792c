"""Edit against trash: one put the item away while another still worked on it (DECISIONS D6).

Taking an item out of the trash counts as working on it: where one does that and another puts it
away or empties the trash, neither wins in silence (ADR 14). The item stays visible and flagged
until somebody says which it shall be.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from store.documents.conflicts.lifecycle import WrittenEvent, maximal_events, void_events
from store.documents.conflicts.naming import name_of, op_text
from store.documents.history import ChangeInfo, History
from store.documents.settlements import Settlements
from store.documents.state import Conflict, Side
from store.documents.touched import Touches
from store.domain.ids import DocId

AWAY: Final = ("trash", "purge")


@dataclass(frozen=True, slots=True)
class TrashState:
    """Whether an item is in the trash, or beyond it, and the conflict that keeps it out."""

    trashed: bool
    purged: bool
    conflict: Conflict | None


def trash_state(
    doc_id: DocId,
    history: History,
    settlements: Settlements,
    touches: Touches,
    events: tuple[WrittenEvent, ...],
) -> TrashState:
    """Fold the trash events: the last one by op id counts, unless somebody wants it kept beside."""
    last = last_counting(events, settlements)
    if last is None:
        return TrashState(False, False, None)
    if not history.is_linear:
        conflict = _conflict(doc_id, history, settlements, touches, events)
        if conflict is not None:
            return TrashState(False, False, conflict)
    return TrashState(last in AWAY, last == "purge", None)


def last_counting(events: Iterable[WrittenEvent], settlements: Settlements) -> str | None:
    """The type of the last event that was not taken back; None if there is none."""
    last = last_standing(events, settlements)
    return last.event.type if last is not None else None


def last_standing(events: Iterable[WrittenEvent], settlements: Settlements) -> WrittenEvent | None:
    """The last event that was not taken back; None if there is none."""
    ordered = tuple(events)
    void = void_events(ordered, settlements)
    return next((w for w in reversed(ordered) if w.event.id not in void), None)


def _conflict(
    doc_id: DocId,
    history: History,
    settlements: Settlements,
    touches: Touches,
    events: tuple[WrittenEvent, ...],
) -> Conflict | None:
    name = name_of(doc_id, "trash", "")
    closing = [r.change for r in settlements.standing(name)]
    latest = maximal_events(events, history, settlements)
    away = [w for w in latest if w.event.type in AWAY]
    taken_out = [
        history.changes[history.position[w.change]] for w in latest if w.event.type not in AWAY
    ]
    open_away: dict[bytes, WrittenEvent] = {w.change: w for w in away if taken_out}
    open_edits: dict[bytes, ChangeInfo] = {c.hash: c for c in taken_out if away}
    for put_away in away:
        for edit in history.changes:
            if not history.concurrent(edit.hash, put_away.change):
                continue
            if _closed(history, closing, edit.hash, put_away.change):
                continue
            if touches.content(edit):
                open_away[put_away.change] = put_away
                open_edits[edit.hash] = edit
    if not open_edits:
        return None
    sides = [*_trash_sides(open_away.values()), *_edit_sides(open_edits.values(), settlements)]
    ordered = tuple(side for _, side in sorted(sides, key=lambda found: found[0]))
    return Conflict(name, doc_id, "trash", "trashed", "keep", ordered, None, None)


def _closed(history: History, closing: Iterable[bytes], one: bytes, other: bytes) -> bool:
    return any(history.precedes(one, c) and history.precedes(other, c) for c in closing)


def _trash_sides(events: Iterable[WrittenEvent]) -> list[tuple[tuple[int, bytes], Side]]:
    last = max(events, key=lambda w: w.event.op)
    by = last.event.stamp
    op = last.event.op
    return [(op, Side("trash", by.person, by.device, by.at_ms or None, False, op_text(op)))]


def _edit_sides(
    edits: Iterable[ChangeInfo], settlements: Settlements
) -> list[tuple[tuple[int, bytes], Side]]:
    """One side for each person and device that edited: their latest edit stands for all."""
    latest: dict[tuple[str, str], ChangeInfo] = {}
    for edit in sorted(edits, key=lambda c: c.op):
        by = settlements.author_of(edit.hash, edit.stamp)
        latest[by.person, by.device] = edit
    sides = []
    for edit in latest.values():
        by = settlements.author_of(edit.hash, edit.stamp)
        side = Side("keep", by.person, by.device, by.at_ms or None, True, op_text(edit.op))
        sides.append((edit.op, side))
    return sides
