"""The conflicts that a home must list, worked out beside the product.

A product that picks a winner in silence does so on all devices alike, so comparing them shows
nothing. Field conflicts are found by a walk over Automerge's own history (`tests.documents.walk`);
conflicts of lifecycles from which change wrote which event and what it follows.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from automerge.core import Document

from store.documents.binding import object_id
from store.documents.schema import object_ids
from store.domain.ids import DocId
from store.replica import Replica
from store.rows import ConflictRow
from tests.property.agreement import listed_field_conflicts, walked_field_conflicts

_AIMS = {
    "start": "started",
    "block": "blocked",
    "done": "done",
    "cancel": "cancelled",
    "reopen": "open",
}


def misjudged(
    name: str, replica: Replica, docs: Sequence[DocId], rows: Sequence[ConflictRow]
) -> Iterator[str]:
    """Say which conflicts of some documents are not listed as they are.

    Args:
        name: whose home it is.
        replica: the home.
        docs: the documents that people see.
        rows: the open conflicts that it lists.
    """
    listed = listed_field_conflicts(rows)
    quarrels = {row.doc_id: {side.value for side in row.sides} for row in rows if _is_of_state(row)}
    for doc in docs:
        saved = replica.export_document(doc)
        walked = walked_field_conflicts(doc, saved)
        ours = {key: values for key, values in listed.items() if key[0] == doc}
        if ours != walked:
            yield f"{name} lists {ours} of {doc}, Automerge has {walked}"
        aims = lifecycle_aims(doc, Document.load(saved))
        if aims is not None and quarrels.get(doc, set()) != aims:
            yield f"{name} lists {quarrels.get(doc)} of {doc}'s state, its events aim at {aims}"


def lifecycle_aims(doc: DocId, document: Document) -> set[str] | None:
    """Give the states that a task's last events aim at where they are several, else none.

    None for what is no task, and where somebody took a settlement back: what its events count for
    is the product's own rule.
    """
    objects = object_ids(doc)
    if "events" not in objects or _is_reopened(document, object_id(objects["settlements"])):
        return None
    events = object_id(objects["events"])
    follows: dict[bytes, set[bytes]] = {}
    wrote: dict[bytes, str] = {}
    for change in document.get_changes([]):
        deps = [bytes(dep) for dep in change.deps]
        one = bytes(change.hash)
        follows[one] = set(deps).union(*(follows[dep] for dep in deps))
        before = set(document.keys(events, deps)) if deps else set()
        new = set(document.keys(events, [one])) - before if deps else set()
        for key in new:
            wrote[one] = _aim(document.get(events, key, [one]))
    last = [one for one in wrote if not any(one in follows[later] for later in wrote)]
    aims = {wrote[one] for one in last}
    return aims if len(aims) > 1 else set()


def _aim(found: object) -> str:
    said = _said(found)
    return str(said["to"] if said["type"] == "set" else _AIMS[said["type"]])


def _is_reopened(document: Document, settlements: bytes) -> bool:
    found = (document.get(settlements, key) for key in document.keys(settlements))
    return any(_said(one)["type"] == "reopen" for one in found)


def _said(found: object) -> Any:
    """Read what an entry of one of a document's maps says: a text of JSON."""
    assert isinstance(found, tuple)
    value = found[0]
    return json.loads(value[1] if isinstance(value, tuple) else value)


def _is_of_state(row: ConflictRow) -> bool:
    return row.kind == "lifecycle"
