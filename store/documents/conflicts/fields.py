"""Field conflicts: concurrent writes of one key, read exactly (field guide, section 1).

A live value is a write with no later write or delete of that key among its descendants. A put names
what it replaces, which is all that its author saw; so the live values are those that the last
changes which touch the key left behind them, each read *at that change*. Equal values on both sides
are no conflict (DECISIONS D3).
"""

from collections.abc import Iterator
from typing import Any, Final

from store.documents.binding import ROOT_OBJECT, Doc, OpId, object_id
from store.documents.conflicts.naming import name_of, op_text
from store.documents.history import History
from store.documents.schema import object_ids
from store.documents.settlements import Settlements
from store.documents.state import Conflict, Side
from store.documents.touched import ROOT_NAME, Place, Touches
from store.domain.ids import DocId

_FIXED: Final = ("id", "kind")
_TAG: Final = "tags/"


def live_values(
    doc: Doc, doc_id: DocId, history: History, touches: Touches, field: str
) -> dict[OpId, Any]:
    """Every live value of a field by the operation that wrote it; the highest is shown."""
    obj, key = place_of(doc_id, field)
    shown = doc.get(obj, key)
    if shown is None:
        return {}
    if history.is_linear:
        return {shown[1]: shown[0]}
    live: dict[OpId, Any] = {}
    for change in history.maximal(touches.writers(_touched_place(field))):
        now = doc.get(obj, key, (change,))
        if now is not None:  # else it deleted the key
            live[now[1]] = now[0]
    return live


def fields_of(doc: Doc, doc_id: DocId) -> Iterator[str]:
    """Every field that people write: keys of the root, and `tags/<tag>`."""
    objects = object_ids(doc_id)
    for key in doc.entries(ROOT_OBJECT):
        if key not in objects and key not in _FIXED:
            yield key
    for tag in doc.entries(object_id(objects["tags"])):
        yield _TAG + tag


def place_of(doc_id: DocId, field: str) -> tuple[bytes, str]:
    """Where a field of a conflict stands: (object, key)."""
    name, key = _touched_place(field)
    return object_id(object_ids(doc_id)[name]) if name else ROOT_OBJECT, key


def _touched_place(field: str) -> Place:
    return ("tags", field.removeprefix(_TAG)) if field.startswith(_TAG) else (ROOT_NAME, field)


def field_conflicts(
    doc: Doc, doc_id: DocId, history: History, settlements: Settlements, touches: Touches
) -> Iterator[Conflict]:
    """The fields that hold two or more distinct live values."""
    for field in fields_of(doc, doc_id):
        live = live_values(doc, doc_id, history, touches, field)
        if len(live) > 1:
            sides = _sides(live, history, settlements)
            if len(sides) > 1:
                base = _base(doc, history, settlements, place_of(doc_id, field), live)
                name = name_of(doc_id, "field", field)
                yield Conflict(name, doc_id, "field", field, base, sides, None, None)


def _sides(live: dict[OpId, Any], history: History, settlements: Settlements) -> tuple[Side, ...]:
    """One side a distinct value, in op-id order; the shown one is the last."""
    by_value: dict[tuple[str, str], tuple[OpId, Any]] = {}
    for op in sorted(live):
        by_value[type(live[op]).__name__, str(live[op])] = op, live[op]
    winner = max(live)
    sides: list[Side] = []
    for op, value in sorted(by_value.values(), key=lambda found: found[0]):
        writer = history.writer_of(op)
        assert writer is not None, "a live value was written by a change of this document"
        by = settlements.author_of(writer.hash, writer.stamp)
        sides.append(Side(value, by.person, by.device, by.at_ms or None, op == winner, op_text(op)))
    return tuple(sides)


def _base(
    doc: Doc,
    history: History,
    settlements: Settlements,
    place: tuple[bytes, str],
    live: dict[OpId, Any],
) -> Any:
    """The value that all sides started from; None where there is no single one."""
    writers = [w.hash for op in live if (w := history.writer_of(op))]
    reopened = settlements.base_of(writers)
    if reopened is not None:
        return reopened[0]
    obj, key = place
    values = {}
    for head in history.common_heads(writers):
        found = doc.get(obj, key, (head,))
        value = found[0] if found else None
        values[type(value).__name__, str(value)] = value
    return next(iter(values.values())) if len(values) == 1 else None
