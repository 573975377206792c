"""Adding and changing tasks and notes: inside one act, each says how to undo it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from store.commands.checks import ensure_parent_fits, ensure_present, ensure_writable
from store.commands.content import Content
from store.commands.inverse import Inverse
from store.commands.patches import NewTask, Patch
from store.commands.placing import key_at_end, key_beside
from store.commands.steps import (
    batches,
    carry_out,
    event_step,
    field_step,
    place_step,
    tag_step,
    text_step,
)
from store.commands.unit_of_work import UnitOfWork
from store.commands.unseen_fields import base_of, write_beside
from store.documents.binding import Scalar, object_id
from store.documents.conflicts.lifecycle import read_events
from store.documents.conflicts.trash import last_standing
from store.documents.schema import object_ids
from store.documents.settlements import read_settlements
from store.documents.state import Conflict, DocState
from store.documents.text_diff import splices
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
from store.domain.limits import TAGS_MAX
from store.domain.stamp import Stamp


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
    fields = _checked_fields(act, space, doc_id, patch)
    typed = sorted(fields.keys() & patch.was.keys())
    bases = {key: base for key in typed if (base := base_of(act, state, key, patch.was[key]))}
    on_present = {key: value for key, value in fields.items() if key not in bases}
    undo += carry_out(act, doc_id, [field_step(act, state, on_present)])
    for key, base in bases.items():
        undo += write_beside(act, state, key, fields[key], base)
    undo += _edit_tags(act, state, patch)
    if patch.body is not None:
        undo += write_text(act, doc_id, validated_body(patch.body), patch.body_base)
    if patch.before is not None or patch.after is not None:
        key = key_beside(act.conn, space, doc_id, before=patch.before, after=patch.after)
        undo += carry_out(act, doc_id, [place_step(act, state, key)])
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
    before = last_trash_event(act, doc_id)
    event = write_event(act, doc_id, "trash", {"type": type}, aim=aim, closing=closing)
    if closing is not None:
        return [Inverse.of_settlement(doc_id, closing.id)]
    return [Inverse.of_trash(doc_id, "restore" if type == "trash" else "trash", event, before)]


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
    event, step = event_step(act, doc_id, within, said, aim=aim, closing=closing)
    carry_out(act, doc_id, [step], is_event=True)
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
    for batch in batches(splices(doc.doc.text(body, heads), text)):
        undo += carry_out(act, doc_id, [text_step(act, doc_id, batch)], at=heads, by=by)
        heads = (bytes.fromhex(undo[-1].change),) if undo else heads
    return undo


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
    return carry_out(act, state.doc, [tag_step(act, state.doc, added, removed)])


def last_trash_event(act: UnitOfWork, doc_id: DocId) -> str:
    """The id of the event that says whether an item is in the trash; empty if there is none."""
    doc = act.open(doc_id)
    settlements = read_settlements(doc.doc, doc_id, doc.history)
    events = read_events(doc.doc, doc_id, doc.history, settlements, "trash")
    last = last_standing(events, settlements)
    return last.event.id if last is not None else ""


def last_applied(state: DocState) -> str:
    """The id of the event that a task's state comes from; empty if there is none."""
    return next((str(e.id) for e in reversed(state.events) if e.applied), "")


def _tag_entries(tags: Iterable[str]) -> dict[str, Scalar]:
    return dict.fromkeys(validated_tags(tags), True)


def _of_kind(state: DocState, kind: str) -> Conflict | None:
    return next((c for c in state.conflicts if c.kind == kind), None)
