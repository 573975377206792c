"""Of which sort a conflict is, in words of this program: never in what somebody wrote."""

from typing import get_args

import pytest

from store.domain.fields import SCALAR_FIELDS
from store.domain.ids import Kind
from store.domain.measures.names import is_label
from store.measures.conflicts import conflict_label
from sync.server.device_metrics import sort_of


@pytest.mark.parametrize(
    ("doc_kind", "kind", "field", "label"),
    [
        ("task", "field", "title", "task.field.title"),
        ("note", "field", "tags/my-doctor", "note.field.tags"),
        ("task", "field", "my_secret_plan", "task.field.other"),  # written by another program
        ("task", "lifecycle", "state", "task.lifecycle"),
        ("note", "passage", "body", "note.passage"),
        ("note", "trash", "trashed", "note.trash"),
    ],
)
def test_the_sort_of_a_conflict(doc_kind: Kind, kind: str, field: str, label: str) -> None:
    assert conflict_label(doc_kind, kind, field) == label


@pytest.mark.parametrize("doc_kind", get_args(Kind))
def test_every_field_has_a_label_of_its_own_that_a_server_understands(doc_kind: Kind) -> None:
    labels = [conflict_label(doc_kind, "field", name) for name in SCALAR_FIELDS[doc_kind]]

    assert len(set(labels)) == len(labels)
    assert all(map(is_label, labels))
    assert set(map(sort_of, labels)) == {f"{doc_kind}.field"}
