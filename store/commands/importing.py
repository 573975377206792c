"""Importing the same thing twice, here or on two devices apart, makes it once (DECISIONS D12).

An item's id is a hash of its space, its source and its content; its changes are written by an actor
and at a time that derive from the same. A file that changed since is written onto the item that it
made, as an ordinary change; a file that did not change leaves what people wrote since alone. Which
item a file made is for `import_matching` to say.
"""

from collections.abc import Iterable, Mapping

from store.commands import import_matching as matching
from store.commands import items
from store.commands.checks import ensure_writable
from store.commands.content import Content
from store.commands.import_names import IMPORTER, actor_of, derived_id, import_doc_id
from store.commands.inverse import Inverse
from store.commands.placing import key_at_end
from store.commands.steps import live_write
from store.commands.unit_of_work import UnitOfWork
from store.documents.binding import ROOT_OBJECT, Writer, object_id
from store.documents.schema import genesis_hash, object_ids
from store.documents.settlements import compact
from store.domain.fields import SCALAR_FIELDS, Scalar, validated, validated_body, validated_tags
from store.domain.ids import DocId, EventId, SpaceId, kind_of, new_event_id
from store.domain.order_key import between
from store.domain.stamp import Stamp
from store.imports import ImportItem, ImportResult


def import_items(
    act: UnitOfWork, space: SpaceId, batch: Iterable[ImportItem], result: ImportResult
) -> list[Inverse]:
    """Bring in a batch; adds to `result` and says how to take it back."""
    ensure_writable(act.conn, space)
    undo: list[Inverse] = []
    for item in batch:
        match = matching.match(act, space, item)
        if match is None:
            doc_id = import_doc_id(space, item)
            _create(act, space, doc_id, item)
            _put_in_place(act, space, doc_id, item, result)
            undo.append(Inverse.of_trash(doc_id, "trash"))
            result.created.append(doc_id)
        elif match.is_read:
            doc_id = match.doc
            result.unchanged.append(doc_id)
        else:
            doc_id = match.doc
            steps = _update(act, space, match, item)
            undo += steps
            (result.updated if steps else result.unchanged).append(doc_id)
        result.by_source[item.source] = doc_id
        matching.remember(act, space, item, doc_id)
    return undo


def _create(act: UnitOfWork, space: SpaceId, doc_id: DocId, item: ImportItem) -> None:
    fields = {k: validated(item.kind, k, v) for k, v in item.fields.items() if v is not None}
    fields["title"] = validated(item.kind, "title", item.title)
    fields["source"] = item.source
    entries: dict[str, Mapping[str, Scalar]] = {
        "tags": dict.fromkeys(validated_tags(item.tags), True)
    }
    if item.kind == "task":
        entries["order"] = {derived_id("order", space, item): between(None, None)}
        if item.state not in (None, "open"):
            entries["events"] = {derived_id("event", space, item): _set_state(item)}
    if item.is_trashed:
        entries["trash"] = {derived_id("trash", space, item): compact({"type": "trash"})}
    content = Content(fields, entries, validated_body(item.body))
    actor = actor_of(space, item, genesis_hash(doc_id))
    stamp = Stamp(IMPORTER, "", item.at_ms or 0)
    act.write_initial(space, doc_id, actor, content, stamp)


def _put_in_place(
    act: UnitOfWork, space: SpaceId, doc_id: DocId, item: ImportItem, result: ImportResult
) -> None:
    """Put a new task behind the others, and below its parent.

    By a change of its own, of the person who imports: where a task stands and what its parent's id
    is depends on what is here already, and a first content must not (DECISIONS D12).
    """
    parent = None if item.parent is None else result.by_source.get(item.parent)
    if not item.is_in_order and parent is None:
        return
    order, key = object_id(object_ids(doc_id)["order"]), None
    if item.is_in_order:
        last = result.last_order
        key = key_at_end(act.conn, space) if last is None else between(last, None)
        result.last_order = key

    def write(writer: Writer) -> None:
        if key is not None:
            writer.put(order, act.new_event_id(), key)
        if parent is not None:
            writer.put(ROOT_OBJECT, "parent", parent)

    act.edit(doc_id, write)


def _update(
    act: UnitOfWork, space: SpaceId, match: matching.Match, item: ImportItem
) -> list[Inverse]:
    """Write what changed in the source since it was last read, beside what people wrote since.

    The change follows the imports that are here and nothing else, so that it is the same on every
    device that has read the same, and merges with people's edits like anybody's. Its actor derives
    from what it follows, too: two devices that read this content after different ones write two
    changes, and one actor must not have two first changes.
    """
    doc_id, heads = match.doc, match.heads
    doc = act.open(doc_id)
    then = doc.state_at(heads)
    by = actor_of(space, item, b"".join(heads)), Stamp(IMPORTER, "", item.at_ms or 0)
    gone = (k for k in SCALAR_FIELDS[kind_of(doc_id)] if then.fields.get(k) is not None)
    given = {**dict.fromkeys(gone), **item.fields, "title": item.title}
    values = {k: validated(item.kind, k, v) for k, v in given.items()}
    differing = {k: v for k, v in values.items() if then.fields.get(k) != v}
    tags, objects = set(validated_tags(item.tags)), object_ids(doc_id)
    changes: dict[tuple[bytes, str], Scalar] = {(ROOT_OBJECT, k): v for k, v in differing.items()}
    in_tags = object_id(objects["tags"])
    changes.update({(in_tags, t): True for t in sorted(tags - set(then.tags))})
    changes.update({(in_tags, t): None for t in sorted(set(then.tags) - tags)})
    event: EventId | None = None
    if item.kind == "task" and then.state != (item.state or "open"):
        event = new_event_id(actor_of(space, item, b"event" + b"".join(heads)))
        changes[object_id(objects["events"]), event] = _set_state(item)

    def write(writer: Writer) -> None:
        for (obj, key), value in changes.items():
            writer.put(obj, key, value)

    before = {place: live_write(act, doc_id, *place) for place in changes}
    written = act.edit(doc_id, write, at=heads, by=by) if changes else None
    after = (written.hash,) if written else heads
    undo: list[Inverse] = []
    if written is not None:
        undo += (
            Inverse.of_field(doc_id, k, written.hash, then.fields.get(k), before[ROOT_OBJECT, k])
            for k in differing
        )
        undo += (
            Inverse.of_tag(
                doc_id, key, written.hash, present=value is not True, before=before[obj, key]
            )
            for (obj, key), value in changes.items()
            if obj == in_tags
        )
        if event is not None:
            undo.append(Inverse.of_event(doc_id, event, str(then.state), items.last_applied(then)))
    undo += items.write_text(act, doc_id, validated_body(item.body), after, by=by)
    return undo


def _set_state(item: ImportItem) -> str:
    return compact({"type": "set", "to": item.state or "open"})
