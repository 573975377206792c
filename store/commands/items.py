"""Adding and changing tasks and notes: inside one act, each says how to undo it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from store.commands.checks import ensure_parent_fits, ensure_present, ensure_writable
from store.commands.content import Content
from store.commands.inverse import Inverse
from store.commands.patches import NewTask, Patch
from store.commands.placing import key_at_end, key_beside
from store.commands.settling import settle_record
from store.commands.unit_of_work import UnitOfWork
from store.documents.binding import ROOT_OBJECT, Scalar, Writer, object_id
from store.documents.schema import object_ids
from store.documents.settlements import compact
from store.documents.state import Conflict, DocState
from store.documents.text_diff import Splice, splices
from store.domain.errors import InvalidValue
from store.domain.fields import (
    validated,
    validated_body,
    validated_reason,
    validated_tag,
    validated_tags,
)
from store.domain.ids import DocId, SpaceId, kind_of
from store.domain.lifecycle import AIMS, decide
from store.domain.limits import OPS_PER_CHANGE_MAX, TAGS_MAX
from store.domain.stamp import Stamp

# Below the protocol's limit, because a change may carry a field or two beside its text.
_TEXT_OPS_MAX: Final = OPS_PER_CHANGE_MAX - 1_000


def add_task(act: UnitOfWork, space: SpaceId, new: NewTask) -> DocId:
    """Make a task at the end of its space's order."""
    ensure_writable(act.conn, space)
    given = {
        "title": new.title,
        "due": new.due,
        "priority": new.priority,
        "list": new.list,
        "assignee": new.assignee,
        "parent": new.parent,
        "repeat": new.repeat,
    }
    fields = {k: validated("task", k, v) for k, v in given.items() if v is not None}
    if new.parent is not None:
        ensure_parent_fits(act.conn, space, new.parent, None)
    entries: dict[str, Mapping[str, Scalar]] = {
        "order": {act.new_event_id(): key_at_end(act.conn, space)},
        "tags": _tag_entries(new.tags),
    }
    return act.create(space, "task", Content(fields, entries, validated_body(new.body)))


def add_note(act: UnitOfWork, space: SpaceId, title: str, body: str, tags: Sequence[str]) -> DocId:
    """Make a note."""
    ensure_writable(act.conn, space)
    fields = {"title": validated("note", "title", title)}
    return act.create(
        space, "note", Content(fields, {"tags": _tag_entries(tags)}, validated_body(body))
    )


def edit(act: UnitOfWork, doc_id: DocId, patch: Patch) -> list[Inverse]:
    """Change an item; an edit that says what is there already writes nothing.

    Returns:
        How to take it back, in the order in which it was done.
    """
    space = act.space_of(doc_id)
    ensure_writable(act.conn, space)
    ensure_present(act.conn, doc_id)
    state = act.state(doc_id)
    undo: list[Inverse] = []
    undo += write_fields(act, state, _checked_fields(act, space, doc_id, patch))
    undo += _edit_tags(act, state, patch)
    if patch.body is not None:
        undo += write_text(act, doc_id, validated_body(patch.body), patch.body_base)
    if patch.before is not None or patch.after is not None:
        key = key_beside(act.conn, space, doc_id, before=patch.before, after=patch.after)
        undo += place(act, state, key)
    return undo


def transition(
    act: UnitOfWork,
    doc_id: DocId,
    type: str,
    reason: str | None,
) -> list[Inverse]:
    """Write a lifecycle event; where the task's lifecycle is in conflict, that settles it.

    Raises:
        InvalidTransition: the task's state does not allow it.
    """
    if kind_of(doc_id) != "task":
        raise InvalidValue("A note has no state; only tasks are started, done or cancelled.")
    ensure_writable(act.conn, act.space_of(doc_id))
    ensure_present(act.conn, doc_id)
    state = act.state(doc_id)
    said = {"type": type, "reason": validated_reason(reason)}
    decide(str(state.state), type)
    closing = _of_kind(state, "lifecycle")
    event = write_event(act, doc_id, "events", said, aim=AIMS[type], closing=closing)
    if closing is not None:
        return [Inverse.of_settlement(doc_id, closing.id)]
    return [Inverse.of_event(doc_id, event, str(state.state), last_applied(state))]


def trash(act: UnitOfWork, doc_id: DocId) -> list[Inverse]:
    """Put an item into the trash; if somebody edited it beside another trash, that settles it."""
    ensure_writable(act.conn, act.space_of(doc_id))
    ensure_present(act.conn, doc_id)
    closing = _of_kind(act.state(doc_id), "trash")
    return _put_trash_event(act, doc_id, "trash", aim="trash", closing=closing)


def restore(act: UnitOfWork, doc_id: DocId) -> list[Inverse]:
    """Take an item out of the trash, or say that it stays where trash and edit are in conflict."""
    ensure_writable(act.conn, act.space_of(doc_id))
    state = act.state(doc_id)
    closing = _of_kind(state, "trash")
    if state.purged or not (state.trashed or closing):
        raise InvalidValue("It is not in the trash.")
    return _put_trash_event(act, doc_id, "restore", aim="keep", closing=closing)


def purge(act: UnitOfWork, doc_ids: Iterable[DocId]) -> None:
    """Take items out of the trash for good: no list shows them any more."""
    for doc_id in doc_ids:
        ensure_writable(act.conn, act.space_of(doc_id))
        write_event(act, doc_id, "trash", {"type": "purge"})


def _put_trash_event(
    act: UnitOfWork, doc_id: DocId, type: str, *, aim: str, closing: Conflict | None
) -> list[Inverse]:
    write_event(act, doc_id, "trash", {"type": type}, aim=aim, closing=closing)
    if closing is not None:
        return [Inverse.of_settlement(doc_id, closing.id)]
    return [Inverse.of_trash(doc_id, "restore" if type == "trash" else "trash")]


def write_event(
    act: UnitOfWork,
    doc_id: DocId,
    within: str,
    said: Mapping[str, Any],
    *,
    aim: str = "",
    closing: Conflict | None = None,
) -> str:
    """Append an event to one of the document's event maps, with the settlement that it makes.

    Args:
        act: the act.
        doc_id: the document.
        within: `events` or `trash`.
        said: what the event says.
        aim: what the settlement's value is: a state, `trash` or `keep`.
        closing: an open conflict that the event settles.

    Returns:
        The event's id.
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

    act.edit(doc_id, write)
    return event


def write_text(
    act: UnitOfWork,
    doc_id: DocId,
    text: str,
    base: tuple[bytes, ...] | None,
    by: tuple[bytes, Stamp] | None = None,
) -> list[Inverse]:
    """Save a text as the difference from the version that it was loaded from (DECISIONS D11).

    Where that version is gone (its changes were taken back, a backup was restored), what was typed
    counts, on what is there.
    """
    doc = act.open(doc_id)
    body = object_id(object_ids(doc_id)["body"])
    is_there = base is not None and all(map(doc.doc.knows, base))
    heads = base if base is not None and is_there else doc.heads
    undo: list[Inverse] = []
    for batch in _batches(splices(doc.doc.text(body, heads), text)):

        def write(writer: Writer, batch: Sequence[Splice] = batch) -> None:
            for s in batch:
                writer.splice(body, s.index, s.removed, s.inserted)

        change = act.edit(doc_id, write, at=heads, by=by)
        if change is not None:
            heads = (change.hash,)
            undo.append(Inverse.of_text(doc_id, change.hash, doc.text_version(change.deps)))
    return undo


def place(act: UnitOfWork, state: DocState, key: str) -> list[Inverse]:
    """Give a task a new order key."""
    order = object_id(object_ids(state.doc)["order"])
    act.edit(state.doc, lambda writer: writer.put(order, act.new_event_id(), key))
    return [Inverse.of_place(state.doc, key, state.order)] if state.order is not None else []


def write_fields(act: UnitOfWork, state: DocState, values: Mapping[str, Scalar]) -> list[Inverse]:
    """Write scalars that differ from what is there, or that are in conflict: that settles them."""
    in_conflict = {c.field: c for c in state.conflicts if c.kind == "field"}
    differing = {
        key: value
        for key, value in values.items()
        if state.fields.get(key) != value or key in in_conflict
    }
    if not differing:
        return []
    settlements = object_id(object_ids(state.doc)["settlements"])

    def write(writer: Writer) -> None:
        for key, value in differing.items():
            writer.put(ROOT_OBJECT, key, value)
            if key in in_conflict:
                record = compact(settle_record(in_conflict[key], value))
                writer.put(settlements, act.new_event_id(), record)

    before = {key: live_write(act, state.doc, ROOT_OBJECT, key) for key in differing}
    change = act.edit(state.doc, write)
    if change is None:
        return []
    return [
        Inverse.of_settlement(state.doc, in_conflict[key].id)
        if key in in_conflict
        else Inverse.of_field(state.doc, key, change.hash, state.fields.get(key), before[key])
        for key in differing
    ]


def _checked_fields(
    act: UnitOfWork, space: SpaceId, doc_id: DocId, patch: Patch
) -> dict[str, Scalar]:
    values = {k: validated(kind_of(doc_id), k, v) for k, v in patch.fields.items()}
    parent = values.get("parent")
    if isinstance(parent, str):
        ensure_parent_fits(act.conn, space, parent, doc_id)
    return values


def _edit_tags(act: UnitOfWork, state: DocState, patch: Patch) -> list[Inverse]:
    added = {validated_tag(t) for t in patch.add_tags} - set(state.tags)
    removed = {validated_tag(t) for t in patch.remove_tags} & set(state.tags)
    if len(set(state.tags) | added) - len(removed) > TAGS_MAX:
        raise InvalidValue(f"An item can have {TAGS_MAX} tags.", field="tags")
    return write_tags(act, state.doc, added, removed)


def write_tags(
    act: UnitOfWork, doc_id: DocId, added: Iterable[str], removed: Iterable[str]
) -> list[Inverse]:
    """Put tags on and take tags off; one change."""
    values: dict[str, bool | None] = {
        **dict.fromkeys(sorted(added), True),
        **dict.fromkeys(sorted(removed)),
    }
    tags = object_id(object_ids(doc_id)["tags"])

    def write(writer: Writer) -> None:
        for tag, value in values.items():
            writer.put(tags, tag, value)

    before = {tag: live_write(act, doc_id, tags, tag) for tag in values}
    change = act.edit(doc_id, write) if values else None
    if change is None:
        return []
    return [
        Inverse.of_tag(doc_id, tag, change.hash, present=value is not True, before=before[tag])
        for tag, value in values.items()
    ]


def last_applied(state: DocState) -> str:
    """The id of the event that a task's state comes from; empty if there is none."""
    return next((str(e.id) for e in reversed(state.events) if e.applied), "")


def live_write(act: UnitOfWork, doc_id: DocId, obj: bytes, key: str) -> str:
    """The change that wrote what a key shows, in hex; empty if nobody did."""
    doc = act.open(doc_id)
    found = doc.doc.get(obj, key)
    writer = doc.history.writer_of(found[1]) if found is not None else None
    return writer.hash.hex() if writer is not None else ""


def _tag_entries(tags: Iterable[str]) -> dict[str, Scalar]:
    return dict.fromkeys(validated_tags(tags), True)


def _of_kind(state: DocState, kind: str) -> Conflict | None:
    return next((c for c in state.conflicts if c.kind == kind), None)


def _batches(edits: Sequence[Splice]) -> list[list[Splice]]:
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
