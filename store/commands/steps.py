"""Parts of one change: what each writes, and how it is taken back once the change has a name.

An act that changes several things of an item at once puts the steps together and carries them out
as a single change, so that others see it whole or not at all.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from store.commands.checks import ensure_room
from store.commands.inverse import Inverse
from store.commands.placing import key_at_end
from store.commands.settling import settle_record
from store.commands.unit_of_work import UnitOfWork
from store.documents.binding import ROOT_OBJECT, Scalar, Writer, object_id
from store.documents.inspect import InspectedChange
from store.documents.schema import object_ids
from store.documents.settlements import compact
from store.documents.state import Conflict, DocState
from store.documents.text_diff import Splice
from store.domain.ids import DocId
from store.domain.limits import OPS_PER_CHANGE_MAX
from store.domain.stamp import Stamp

# Below the protocol's limit, because a change may carry a field or two beside its text.
_TEXT_OPS_MAX: Final = OPS_PER_CHANGE_MAX - 1_000


@dataclass(frozen=True, slots=True)
class Step:
    """A part of a change.

    Attributes:
        write: writes it.
        inverses: gives how to take it back, in the change that holds it.
    """

    write: Callable[[Writer], None]
    inverses: Callable[[InspectedChange], list[Inverse]]


def carry_out(
    act: UnitOfWork,
    doc_id: DocId,
    steps: Iterable[Step | None],
    *,
    at: Sequence[bytes] | None = None,
    by: tuple[bytes, Stamp] | None = None,
    is_event: bool = False,
) -> list[Inverse]:
    """Write steps as one change.

    Args:
        act: the act.
        doc_id: the document.
        steps: its parts; None is one in which nothing differs.
        at: the heads that the writer saw; None is the present.
        by: actor and stamp, where they are not this device's own.
        is_event: it says what becomes of the item, which must be possible for one that was edited
            too often as well.

    Returns:
        How to take it back, in the order in which it was done; empty where nothing came of it.

    Raises:
        TooManyEdits: others could not take the document any more.
    """
    wanted = [step for step in steps if step is not None]
    if not wanted:
        return []
    if not is_event:
        ensure_room(act.open(doc_id))

    def write(writer: Writer) -> None:
        for step in wanted:
            step.write(writer)

    change = act.edit(doc_id, write, at=at, by=by)
    if change is None:
        return []
    return [inverse for step in wanted for inverse in step.inverses(change)]


def field_step(act: UnitOfWork, state: DocState, values: Mapping[str, Scalar]) -> Step | None:
    """Write scalars that differ from what is there, or that are in conflict: that settles them."""
    in_conflict = {c.field: c for c in state.conflicts if c.kind == "field"}
    differing = {
        key: value
        for key, value in values.items()
        if state.fields.get(key) != value or key in in_conflict
    }
    if not differing:
        return None
    settlements = object_id(object_ids(state.doc)["settlements"])
    before = {key: live_write(act, state.doc, ROOT_OBJECT, key) for key in differing}

    def write(writer: Writer) -> None:
        for key, value in differing.items():
            writer.put(ROOT_OBJECT, key, value)
            if key in in_conflict:
                record = compact(settle_record(in_conflict[key], value))
                writer.put(settlements, act.new_event_id(), record)

    def inverses(change: InspectedChange) -> list[Inverse]:
        return [
            Inverse.of_settlement(state.doc, in_conflict[key].id)
            if key in in_conflict
            else Inverse.of_field(state.doc, key, change.hash, state.fields.get(key), before[key])
            for key in differing
        ]

    return Step(write, inverses)


def tag_step(
    act: UnitOfWork, doc_id: DocId, added: Iterable[str], removed: Iterable[str]
) -> Step | None:
    """Put tags on and take tags off."""
    values: dict[str, bool | None] = {
        **dict.fromkeys(sorted(added), True),
        **dict.fromkeys(sorted(removed)),
    }
    if not values:
        return None
    tags = object_id(object_ids(doc_id)["tags"])
    before = {tag: live_write(act, doc_id, tags, tag) for tag in values}

    def write(writer: Writer) -> None:
        for tag, value in values.items():
            writer.put(tags, tag, value)

    def inverses(change: InspectedChange) -> list[Inverse]:
        return [
            Inverse.of_tag(doc_id, tag, change.hash, present=value is not True, before=before[tag])
            for tag, value in values.items()
        ]

    return Step(write, inverses)


def text_step(act: UnitOfWork, doc_id: DocId, batch: Sequence[Splice]) -> Step | None:
    """Edit the body by splices that fit into one change (see `batches`)."""
    if not batch:
        return None
    doc = act.open(doc_id)
    body = object_id(object_ids(doc_id)["body"])

    def write(writer: Writer) -> None:
        for s in batch:
            writer.splice(body, s.index, s.removed, s.inserted)

    def inverses(change: InspectedChange) -> list[Inverse]:
        return [Inverse.of_text(doc_id, change.hash, doc.text_version(change.deps))]

    return Step(write, inverses)


def place_step(act: UnitOfWork, state: DocState, key: str) -> Step:
    """Give a task a new order key; one that had none goes back to the end, where it was listed."""
    order = object_id(object_ids(state.doc)["order"])
    before = state.order or key_at_end(act.conn, act.space_of(state.doc))

    def write(writer: Writer) -> None:
        writer.put(order, act.new_event_id(), key)

    def inverses(_: InspectedChange) -> list[Inverse]:
        return [Inverse.of_place(state.doc, key, before)]

    return Step(write, inverses)


def event_step(
    act: UnitOfWork,
    doc_id: DocId,
    within: str,
    said: Mapping[str, Any],
    *,
    aim: str = "",
    closing: Conflict | None = None,
) -> tuple[str, Step]:
    """Append an event, with the settlement that it makes; gives its id and the step.

    How it is taken back is the caller's to say: that differs between states and the trash.
    """
    event = act.new_event_id()
    objects = object_ids(doc_id)
    record = act.new_event_id() if closing else None
    whole = {**said, "record": record} if record else dict(said)
    whole = {k: v for k, v in whole.items() if v is not None}

    def write(writer: Writer) -> None:
        writer.put(object_id(objects[within]), event, compact(whole))
        if closing is not None and record is not None:
            settlement = compact(settle_record(closing, aim))
            writer.put(object_id(objects["settlements"]), record, settlement)

    return event, Step(write, lambda _: [])


def live_write(act: UnitOfWork, doc_id: DocId, obj: bytes, key: str) -> str:
    """The change that wrote what a key shows, in hex; empty if nobody did."""
    doc = act.open(doc_id)
    found = doc.doc.get(obj, key)
    writer = doc.history.writer_of(found[1]) if found is not None else None
    return writer.hash.hex() if writer is not None else ""


def batches(edits: Sequence[Splice]) -> list[list[Splice]]:
    """Cut splices into changes below the operation limit, from the end of the text to its start."""
    batches: list[list[Splice]] = []
    ops = _TEXT_OPS_MAX
    for whole in edits:
        for s in _pieces(whole):
            size = s.removed + len(s.inserted)
            if ops + size > _TEXT_OPS_MAX:
                batches.append([])
                ops = 0
            batches[-1].append(s)
            ops += size
    return batches


def _pieces(s: Splice) -> list[Splice]:
    """Cut one splice: first what it removes, then what it inserts, back to front."""
    if s.removed + len(s.inserted) <= _TEXT_OPS_MAX:
        return [s]
    removing = [
        Splice(s.index, min(_TEXT_OPS_MAX, s.removed - done), "")
        for done in range(0, s.removed, _TEXT_OPS_MAX)
    ]
    starts = range(0, len(s.inserted), _TEXT_OPS_MAX)
    inserting = [Splice(s.index + i, 0, s.inserted[i : i + _TEXT_OPS_MAX]) for i in starts]
    return removing + inserting
