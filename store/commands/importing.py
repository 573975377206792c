"""Importing the same thing twice, here or on two devices apart, makes it once (DECISIONS D12).

An item's id is a hash of its space, its source and its content; its changes are written by an actor
and at a time that derive from the same. A file that changed since is written onto the item that it
made, as an ordinary change; a file that did not change leaves what people wrote since alone.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Final

from store.commands import items
from store.commands.checks import ensure_writable
from store.commands.content import Content
from store.commands.inverse import Inverse
from store.commands.unit_of_work import ACTOR_BYTES, UnitOfWork
from store.documents.binding import ROOT_OBJECT, Writer, object_id
from store.documents.schema import genesis_hash, object_ids
from store.documents.settlements import compact
from store.domain.fields import SCALAR_FIELDS, Scalar, validated, validated_body, validated_tags
from store.domain.ids import DocId, EventId, SpaceId, kind_of, new_doc_id, new_event_id
from store.domain.order_key import between
from store.domain.stamp import Stamp
from store.imports import ImportItem, ImportResult

IMPORTER: Final = "import"
"""Who wrote an imported item: no person, no device, so that all devices write it alike."""


def import_doc_id(space: SpaceId, item: ImportItem) -> DocId:
    """The id that an item gets, wherever it is imported."""
    return new_doc_id(item.kind, _derived("doc", space, item))


def import_items(
    act: UnitOfWork, space: SpaceId, batch: Iterable[ImportItem], result: ImportResult
) -> list[Inverse]:
    """Bring in a batch; adds to `result` and says how to take it back."""
    ensure_writable(act.conn, space)
    undo: list[Inverse] = []
    for item in batch:
        found = _made_from(act, space, item)
        if found is None:
            doc_id = import_doc_id(space, item)
            _create(act, space, doc_id, item)
            undo.append(Inverse.of_trash(doc_id, "trash"))
            result.created.append(doc_id)
            continue
        steps = _update(act, space, found, item)
        undo += steps
        (result.updated if steps else result.unchanged).append(found)
    return undo


def _create(act: UnitOfWork, space: SpaceId, doc_id: DocId, item: ImportItem) -> None:
    fields = {k: validated(item.kind, k, v) for k, v in item.fields.items() if v is not None}
    fields["title"] = validated(item.kind, "title", item.title)
    fields["source"] = item.source
    entries: dict[str, Mapping[str, Scalar]] = {
        "tags": dict.fromkeys(validated_tags(item.tags), True)
    }
    if item.kind == "task":
        entries["order"] = {_derived_id("order", space, item): between(None, None)}
        if item.state not in (None, "open"):
            entries["events"] = {_derived_id("event", space, item): _set_state(item)}
    content = Content(fields, entries, validated_body(item.body))
    actor = _actor(space, item, genesis_hash(doc_id))
    stamp = Stamp(IMPORTER, "", item.at_ms or 0)
    act.write_initial(space, doc_id, actor, content, stamp)


def _update(act: UnitOfWork, space: SpaceId, doc_id: DocId, item: ImportItem) -> list[Inverse]:
    """Write what changed in the source since it was last read, beside what people wrote since.

    The change follows the imports that are here and nothing else, so that it is the same on every
    device that has read the same, and merges with people's edits like anybody's. Its actor derives
    from what it follows, too: two devices that read this content after different ones write two
    changes, and one actor must not have two first changes.
    """
    heads = _import_heads(act, doc_id, space, item)
    if heads is None:
        return []
    doc = act.open(doc_id)
    then = doc.state_at(heads)
    by = _actor(space, item, b"".join(heads)), Stamp(IMPORTER, "", item.at_ms or 0)
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
        event = new_event_id(_actor(space, item, b"event" + b"".join(heads)))
        changes[object_id(objects["events"]), event] = _set_state(item)

    def write(writer: Writer) -> None:
        for (obj, key), value in changes.items():
            writer.put(obj, key, value)

    written = act.edit(doc_id, write, at=heads, by=by) if changes else None
    after = (written.hash,) if written else heads
    undo: list[Inverse] = []
    if written is not None:
        undo += (Inverse.of_field(doc_id, k, written.hash, then.fields.get(k)) for k in differing)
        undo += (
            Inverse.of_tag(doc_id, key, written.hash, present=value is not True)
            for (obj, key), value in changes.items()
            if obj == in_tags
        )
        if event is not None:
            undo.append(Inverse.of_event(doc_id, event, str(then.state)))
    undo += items.write_text(act, doc_id, validated_body(item.body), after, by=by)
    return undo


def _import_heads(
    act: UnitOfWork, doc_id: DocId, space: SpaceId, item: ImportItem
) -> tuple[bytes, ...] | None:
    """The imports of a document that no other import follows; None if they read this very item.

    Asked of the log, so that importing again opens no document whose source did not change.
    """
    act.flush()
    rows = act.conn.execute(
        "SELECT hash, deps, actor FROM log WHERE doc = ? AND type = 'change'"
        " AND person = ? AND device = '' ORDER BY seq",
        (doc_id, IMPORTER),
    ).fetchall()
    followed = {deps[i : i + 32] for _, deps, _ in rows for i in range(0, len(deps), 32)}
    last = sorted((hash_, actor) for hash_, _, actor in rows if hash_ not in followed)
    if len(last) == 1:
        base = next(deps for _, deps, actor in rows if actor == last[0][1])
        if last[0][1] == _actor(space, item, base):
            return None
    return tuple(hash_ for hash_, _ in last) or None


def _made_from(act: UnitOfWork, space: SpaceId, item: ImportItem) -> DocId | None:
    """The item that this source made before, in the trash or beyond it too."""
    row = act.conn.execute(
        "SELECT doc FROM item WHERE space = ? AND source = ? AND kind = ? ORDER BY doc LIMIT 1",
        (space, item.source, item.kind),
    ).fetchone()
    return DocId(row[0]) if row else None


def _derived(what: str, space: SpaceId, item: ImportItem) -> bytes:
    said = f"cairn import\n{what}\n{space}\n{item.kind}\n{item.source}\n".encode()
    return hashlib.sha256(said + item.content_hash).digest()[:16]


def _actor(space: SpaceId, item: ImportItem, follows: bytes) -> bytes:
    return hashlib.sha256(_derived("actor", space, item) + follows).digest()[:ACTOR_BYTES]


def _set_state(item: ImportItem) -> str:
    return compact({"type": "set", "to": item.state or "open"})


def _derived_id(what: str, space: SpaceId, item: ImportItem) -> EventId:
    return new_event_id(_derived(what, space, item))
