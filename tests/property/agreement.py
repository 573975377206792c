"""What one replica tells about a space, in full, so that two of them can be compared.

Digests alone would hide what is left out of both; so rows are read as screens read them, and what
Automerge itself says of each document stands beside them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from automerge.core import Document

from store.documents.binding import ROOT_OBJECT, object_id
from store.documents.schema import object_ids
from store.domain.ids import DocId, SpaceId
from store.replica import Replica
from store.rows import ConflictRow, NoteRow, TaskRow, VersionRow
from tests.documents.walk import walked_live_values

_WITHIN_GENESIS = ("id", "kind")

FieldConflicts = dict[tuple[str, str], set[Any]]
"""Distinct values, typed, by document and field."""


@dataclass(frozen=True)
class Told:
    """Everything that must be the same on all replicas with the same changes."""

    items: dict[str, TaskRow | NoteRow]
    conflicts: list[ConflictRow]
    settled: list[ConflictRow]
    versions: dict[str, list[VersionRow]]
    heads: str
    view: str


def told_by(replica: Replica, space: SpaceId) -> Told:
    """Read all rows of a space, the trash included, without what may differ between replicas."""
    ids: list[DocId] = []
    for view in ("all", "trash"):
        ids += [DocId(row.id) for row in replica.tasks(view=view, space=space)]
        ids += [DocId(row.id) for row in replica.notes(view=view, space=space)]
    digest = replica.digest(space)
    return Told(
        {doc: replace(replica.item(doc), space="", sync="local") for doc in sorted(ids)},
        _by_id(replica.conflicts(space=space, remember=False)),
        _by_id(replica.conflicts(space=space, settled=True)),
        {doc: replica.history(doc) for doc in sorted(ids)},
        digest.heads,
        digest.view,
    )


def differences(told: Told, expected: Told) -> list[str]:
    """Say where two replicas differ, one line a row; nothing if they agree."""
    found: list[str] = []
    for name in ("items", "versions"):
        ours, theirs = getattr(told, name), getattr(expected, name)
        found += [
            f"{name} {doc}: {ours.get(doc)} / {theirs.get(doc)}"
            for doc in sorted({*ours, *theirs})
            if ours.get(doc) != theirs.get(doc)
        ]
    for name in ("conflicts", "settled"):
        ours, theirs = getattr(told, name), getattr(expected, name)
        found += [f"{name}: {row} / nothing" for row in ours if row not in theirs]
        found += [f"{name}: nothing / {row}" for row in theirs if row not in ours]
    for name in ("heads", "view"):
        if getattr(told, name) != getattr(expected, name):
            found.append(f"{name} differ")
    return found


def assert_conflicts_are_those_of_automerge(replica: Replica, told: Told) -> int:
    """Compare the field conflicts of a replica with a walk over each document's changes.

    Returns:
        How many there are.
    """
    listed = listed_field_conflicts(told.conflicts)
    walked: FieldConflicts = {}
    for doc in map(DocId, told.items):
        walked |= walked_field_conflicts(doc, replica.export_document(doc))
    assert listed == walked
    return len(listed)


def listed_field_conflicts(rows: Iterable[ConflictRow]) -> FieldConflicts:
    """Give the distinct values of each field conflict that a replica lists."""
    return {
        (row.doc_id, str(row.field)): {_typed(side.value) for side in row.sides}
        for row in rows
        if row.kind == "field"
    }


def walked_field_conflicts(doc: DocId, saved: bytes) -> FieldConflicts:
    """Find the field conflicts of a document by a walk over all of its changes.

    Args:
        doc: its id.
        saved: an Automerge file of it.
    """
    document = Document.load(saved)
    walked: FieldConflicts = {}
    for obj, prefix in ((ROOT_OBJECT, ""), (object_id(object_ids(doc)["tags"]), "tags/")):
        for key in document.keys(obj):
            if prefix or key not in (*_WITHIN_GENESIS, *object_ids(doc)):
                live = walked_live_values(document, obj, key)
                values = {_typed(value) for value in live.values()}
                if len(values) > 1:
                    walked[doc, prefix + key] = values
    return walked


def _by_id(rows: list[ConflictRow]) -> list[ConflictRow]:
    return sorted(rows, key=lambda row: row.id)


def _typed(value: Any) -> tuple[str, Any]:
    return type(value).__name__, value
