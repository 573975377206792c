"""Settling a conflict for everyone, and opening it again (DECISIONS D8).

Settling writes on top of the heads that the person saw: a side that arrived since stays a conflict.
It leaves a record in the document, which travels, names who settled, and can be taken back.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from store.commands.checks import ensure_writable
from store.commands.inverse import Inverse
from store.commands.unit_of_work import UnitOfWork
from store.documents.binding import Writer, object_id
from store.documents.conflicts.fields import live_values, place_of
from store.documents.conflicts.passages import passage_edit
from store.documents.open_doc import OpenDoc
from store.documents.schema import object_ids
from store.documents.settlements import Record, compact, read_settlements
from store.documents.state import Conflict, Side
from store.documents.text_diff import splices
from store.domain.errors import InvalidValue, NotFound, Refused
from store.domain.fields import validated, validated_body
from store.domain.ids import ConflictId, DocId, kind_of
from store.domain.lifecycle import STATES
from store.projections import listed

UNSET: Final = object()
"""Says that no value was given, where None is a value."""

_TRASH_VALUES: Final = ("keep", "trash")


@dataclass(frozen=True, slots=True)
class Listed:
    """A conflict as the person saw it: the heads of its document then, and its sides."""

    heads: tuple[bytes, ...]
    conflict: Conflict


def settle_record(conflict: Conflict, value: Any) -> dict[str, Any]:
    """What a settlement says, ready for the document."""
    return {
        "type": "settle",
        "conflict": conflict.id,
        "kind": conflict.kind,
        "field": conflict.field,
        "base": conflict.base,
        "sides": [_side(s) for s in conflict.sides],
        "value": value,
    }


def resolve(
    act: UnitOfWork, conflict_id: ConflictId, *, take: int | None, value: Any
) -> list[Inverse]:
    """Settle an open conflict.

    Args:
        act: the act.
        conflict_id: which.
        take: number of the side to take, from 0; or
        value: what it shall be instead (`UNSET` with `take`).

    Raises:
        NotFound: no such open conflict. Refused: it was settled already. InvalidValue: no such
        side, or a value that the field can't hold.
    """
    doc_id = doc_of(act, conflict_id)
    ensure_writable(act.conn, act.space_of(doc_id))
    listed = _as_listed(act, doc_id, conflict_id)
    chosen = _chosen(listed.conflict, take, value)
    doc = act.open(doc_id)
    record, record_id = settle_record(listed.conflict, chosen), act.new_event_id()
    writes = _WRITES[listed.conflict.kind](
        _Choice(doc, listed, chosen, record_id, act.new_event_id())
    )

    def write(writer: Writer) -> None:
        for step in writes:
            step(writer)
        writer.put(object_id(object_ids(doc_id)["settlements"]), record_id, compact(record))

    act.edit(doc_id, write, at=listed.heads)
    return [Inverse.of_settlement(doc_id, conflict_id)]


def unresolve(act: UnitOfWork, conflict_id: ConflictId) -> list[Inverse]:
    """Open a settled conflict again, for everyone.

    Raises:
        NotFound: no such conflict. Refused: it is open, or what was settled was changed since.
    """
    doc_id = doc_of(act, conflict_id)
    ensure_writable(act.conn, act.space_of(doc_id))
    doc = act.open(doc_id)
    state = doc.state()
    if any(c.id == conflict_id for c in state.conflicts):
        raise Refused("This conflict is open already.")
    standing = read_settlements(doc.doc, doc_id, doc.history).standing(conflict_id)
    told = next((c for c in state.settled if c.id == conflict_id), None)
    if not standing or told is None:
        raise Refused("Nobody settled this conflict, so there is nothing to take back.")
    writes = _reopen_field(act, doc, told, standing[-1]) if told.kind == "field" else {}
    if told.kind == "passage":
        _reopen_passage(act, doc, standing[-1])
    _write_reopening(act, doc_id, told, standing, writes)
    if not any(c.id == conflict_id for c in act.state(doc_id).conflicts):
        raise Refused("It was changed since it was settled; edit it instead of opening it again.")
    value = told.settled.value if told.settled else None
    return [Inverse.of_reopening(doc_id, conflict_id, value)]


def doc_of(act: UnitOfWork, conflict_id: ConflictId) -> DocId:
    """The document that a conflict is about; raises NotFound."""
    row = act.conn.execute("SELECT doc FROM conflict WHERE id = ?", (conflict_id,)).fetchone()
    if row is None:
        raise NotFound(f"There is no conflict {conflict_id}; `cairn conflicts` lists them.")
    return DocId(row[0])


def _as_listed(act: UnitOfWork, doc_id: DocId, conflict_id: ConflictId) -> Listed:
    """The conflict with the sides and heads that the person was shown last, else as it is now.

    Where the same sides stand there as were shown, all of the document counts as seen: opening a
    conflict again writes its sides anew, and settling an older version would leave those open.
    """
    state = act.state(doc_id)
    now = next((c for c in state.conflicts if c.id == conflict_id), None)
    if now is None:
        raise Refused("This conflict is settled already; `cairn unresolve` opens it again.")
    doc = act.open(doc_id)
    seen = listed(act.conn, conflict_id)
    if seen is None or not all(doc.doc.knows(h) for h in seen.heads):
        return Listed(doc.heads, now)
    if _said(seen.sides) == _said(now.sides):
        return Listed(doc.heads, _in_order_of(seen.sides, now))
    return Listed(seen.heads, replace(now, sides=seen.sides))


def _said(sides: Iterable[Side]) -> Counter[str]:
    """What sides say and whose they are, however they were written."""
    return Counter(map(_content, sides))


def _content(side: Side) -> str:
    return compact({"value": side.value, "by": [side.author, side.device, side.at_ms]})


def _in_order_of(shown: Sequence[Side], now: Conflict) -> Conflict:
    """The sides of a conflict as they are now, numbered as they were shown."""
    order = [_content(side) for side in shown]
    return replace(now, sides=tuple(sorted(now.sides, key=lambda s: order.index(_content(s)))))


def _chosen(conflict: Conflict, take: int | None, value: Any) -> Any:
    if (take is None) == (value is UNSET):
        raise InvalidValue("Say either which side to take or what it shall be instead.")
    if take is not None:
        if not 0 <= take < len(conflict.sides):
            last = len(conflict.sides) - 1
            raise InvalidValue(f"There is no side {take}; they are numbered from 0 to {last}.")
        return conflict.sides[take].value
    return _checked(conflict, value)


def _checked(conflict: Conflict, value: Any) -> Any:
    if conflict.kind == "passage":
        return validated_body(value)
    if conflict.kind == "lifecycle" and value not in STATES:
        raise InvalidValue(f"A state is one of {', '.join(STATES)}.", field="state")
    if conflict.kind == "trash" and value not in _TRASH_VALUES:
        raise InvalidValue("Say keep or trash.", field="trashed")
    if conflict.kind == "field":
        field = str(conflict.field)
        if field.startswith("tags/"):
            return True if value in (True, "true") else None
        return validated(kind_of(conflict.doc), field, value)
    return value


# -- what each kind writes ----------------------------------------------------------------------

Write = Callable[[Writer], None]


@dataclass(frozen=True, slots=True)
class _Choice:
    """What was chosen, with what it takes to write it."""

    doc: OpenDoc
    listed: Listed
    value: Any
    record: str
    event: str

    def put_event(self, within: str, said: Mapping[str, Any]) -> list[Write]:
        """Append an event that belongs to the settlement, and is void when it is taken back."""
        events = object_id(object_ids(self.doc.id)[within])
        whole = compact({**said, "record": self.record})
        return [lambda writer: writer.put(events, self.event, whole)]


def _field_writes(choice: _Choice) -> list[Write]:
    obj, key = place_of(choice.doc.id, str(choice.listed.conflict.field))
    return [lambda writer: writer.put(obj, key, choice.value)]


def _lifecycle_writes(choice: _Choice) -> list[Write]:
    return choice.put_event("events", {"type": "set", "to": choice.value})


def _trash_writes(choice: _Choice) -> list[Write]:
    return choice.put_event("trash", {"type": "trash" if choice.value == "trash" else "restore"})


def _passage_writes(choice: _Choice) -> list[Write]:
    doc, listed = choice.doc, choice.listed
    body = object_id(object_ids(doc.id)["body"])
    edits = passage_edit(doc.doc, doc.id, doc.history, listed.conflict, listed.heads, choice.value)

    def write(writer: Writer) -> None:
        for s in edits:
            writer.splice(body, s.index, s.removed, s.inserted)

    return [write]


_WRITES: Final[Mapping[str, Callable[[_Choice], list[Write]]]] = {
    "field": _field_writes,
    "lifecycle": _lifecycle_writes,
    "trash": _trash_writes,
    "passage": _passage_writes,
}


# -- opening again ------------------------------------------------------------------------------


def _reopen_field(
    act: UnitOfWork, doc: OpenDoc, told: Conflict, record: Record
) -> dict[str, dict[str, Any]]:
    """Write each side anew on a fork of its own; says which change stands for whom."""
    obj, key = place_of(doc.id, str(told.field))
    live = live_values(doc.doc, doc.id, doc.history, doc.touches, str(told.field))
    writers = [w.hash for op in live if (w := doc.history.writer_of(op))]
    if writers != [record.change]:
        raise Refused("It was changed since it was settled; edit it instead of opening it again.")
    heads = doc.heads
    writes: dict[str, dict[str, Any]] = {}
    for side in told.sides:

        def write(writer: Writer, value: Any = side.value) -> None:
            # A plain put of an equal value would record nothing.
            writer.delete(obj, key)
            writer.put(obj, key, value)

        change = act.edit(doc.id, write, at=heads)
        if change is not None:
            writes[change.hash.hex()] = {
                "person": side.author,
                "device": side.device,
                "at_ms": side.at_ms or 0,
            }
    return writes


def _reopen_passage(act: UnitOfWork, doc: OpenDoc, record: Record) -> None:
    """Take the settled text out again, leaving what was written since."""
    body = object_id(object_ids(doc.id)["body"])
    settled = doc.history.changes[doc.history.position[record.change]]
    before = doc.doc.text(body, settled.deps)
    edits = splices(doc.doc.text(body, (record.change,)), before)
    if edits:

        def write(writer: Writer) -> None:
            for s in edits:
                writer.splice(body, s.index, s.removed, s.inserted)

        act.edit(doc.id, write, at=(record.change,))


def _write_reopening(
    act: UnitOfWork,
    doc_id: DocId,
    told: Conflict,
    standing: Sequence[Record],
    writes: Mapping[str, Any],
) -> None:
    settlements = object_id(object_ids(doc_id)["settlements"])

    def write(writer: Writer) -> None:
        for record in standing:
            said = {
                "type": "reopen",
                "of": record.id,
                "conflict": told.id,
                "base": told.base,
                "writes": dict(writes),
            }
            writer.put(settlements, act.new_event_id(), compact(said))

    act.edit(doc_id, write)


def _side(side: Side) -> dict[str, Any]:
    return {
        "value": side.value,
        "author": side.author,
        "device": side.device,
        "at_ms": side.at_ms,
        "op": side.op,
    }
