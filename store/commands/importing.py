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
from store.documents.schema import object_ids
from store.documents.settlements import compact
from store.documents.state import DocState
from store.domain.fields import Scalar, validated, validated_body, validated_tags
from store.domain.ids import DocId, EventId, SpaceId, new_doc_id, new_event_id
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
            event = compact({"type": "set", "to": item.state})
            entries["events"] = {_derived_id("event", space, item): event}
    content = Content(fields, entries, validated_body(item.body))
    actor = _derived("actor", space, item)[:ACTOR_BYTES]
    stamp = Stamp(IMPORTER, "", item.at_ms or 0)
    act.write_initial(space, doc_id, actor, content, stamp)


def _update(act: UnitOfWork, space: SpaceId, doc_id: DocId, item: ImportItem) -> list[Inverse]:
    """Write what changed in the source since it was last read, beside what people wrote since.

    The change follows the last import and nothing else, so that it is the same on every device, and
    merges with people's edits like anybody's.
    """
    last = _last_import(act, doc_id)
    actor = _derived("actor", space, item)[:ACTOR_BYTES]
    if last is None or last[1] == actor:
        return []
    heads = (last[0],)
    then = act.open(doc_id).state_at(heads)
    stamp = Stamp(IMPORTER, "", item.at_ms or 0)
    given = {**item.fields, "title": item.title}
    values = {k: validated(item.kind, k, v) for k, v in given.items()}
    tags = set(validated_tags(item.tags))
    changes: dict[tuple[bytes, str], Scalar] = {
        (ROOT_OBJECT, k): v for k, v in values.items() if then.fields.get(k) != v
    }
    in_tags = object_id(object_ids(doc_id)["tags"])
    changes.update({(in_tags, t): True for t in sorted(tags - set(then.tags))})
    changes.update({(in_tags, t): None for t in sorted(set(then.tags) - tags)})

    def write(writer: Writer) -> None:
        for (obj, key), value in changes.items():
            writer.put(obj, key, value)

    written = act.edit(doc_id, write, at=heads, by=(actor, stamp)) if changes else None
    heads = (written.hash,) if written else heads
    undo = [] if written is None else _steps_back(doc_id, written.hash, values, then)
    return undo + items.write_text(act, doc_id, validated_body(item.body), heads, by=(actor, stamp))


def _last_import(act: UnitOfWork, doc_id: DocId) -> tuple[bytes, bytes] | None:
    """The latest change that an import wrote: (hash, actor), from the log alone."""
    row = act.conn.execute(
        "SELECT hash, actor FROM log WHERE doc = ? AND type = 'change' AND person = ?"
        " ORDER BY start_op + ops DESC, actor DESC LIMIT 1",
        (doc_id, IMPORTER),
    ).fetchone()
    return (row[0], row[1]) if row else None


def _steps_back(
    doc_id: DocId, change: bytes, values: Mapping[str, Scalar], then: DocState
) -> list[Inverse]:
    return [
        Inverse.of_field(doc_id, key, change, then.fields.get(key))
        for key, value in values.items()
        if then.fields.get(key) != value
    ]


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


def _derived_id(what: str, space: SpaceId, item: ImportItem) -> EventId:
    return new_event_id(_derived(what, space, item))
