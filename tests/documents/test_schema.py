"""Genesis: computed alike everywhere, byte for byte what Automerge would have made."""

import pytest
from automerge.core import ROOT, Document, ObjType, ScalarType, extract
from hypothesis import given
from hypothesis import strategies as st

from store.documents.binding import object_id, op_id
from store.documents.schema import (
    UnknownSchema,
    genesis_actor,
    genesis_change,
    genesis_hash,
    genesis_ops,
    object_ids,
)
from store.domain.ids import DocId, Kind, kind_of, new_doc_id
from tests.documents.changes import NOTE, TASK

OBJECTS: dict[Kind, tuple[str, ...]] = {
    "task": ("body", "tags", "order", "events", "trash", "settlements"),
    "note": ("body", "tags", "trash", "settlements"),
}
doc_ids = st.builds(
    new_doc_id, st.sampled_from(["task", "note"]), st.binary(min_size=16, max_size=16)
)


def made_by_automerge(doc: DocId) -> Document:
    document = Document(genesis_actor(doc))
    with document.transaction() as transaction:
        transaction.put(ROOT, "id", ScalarType.Str, doc)
        transaction.put(ROOT, "kind", ScalarType.Str, kind_of(doc))
        for name in OBJECTS[kind_of(doc)]:
            kind = ObjType.Text if name == "body" else ObjType.Map
            transaction.put_object(ROOT, name, kind)
    return document


@given(doc_ids)
def test_genesis_is_what_automerge_makes_of_the_same_operations(doc: DocId) -> None:
    (theirs,) = made_by_automerge(doc).get_changes([])
    assert genesis_change(doc) == bytes(theirs.bytes)
    assert genesis_hash(doc) == bytes(theirs.hash)
    assert genesis_ops(doc) == theirs.max_op


@given(doc_ids)
def test_the_objects_are_those_that_automerge_finds_by_their_names(doc: DocId) -> None:
    document = Document.load(genesis_change(doc))
    assert tuple(object_ids(doc)) == OBJECTS[kind_of(doc)]
    for name, op in object_ids(doc).items():
        found = document.get(ROOT, name)
        assert found is not None
        assert op_id(bytes(found[1])) == op
        kind = ObjType.Text if name == "body" else ObjType.Map
        assert document.object_type(object_id(op)) == kind


def test_a_new_document_says_its_id_and_kind_and_nothing_else() -> None:
    task = extract(Document.load(genesis_change(TASK)))
    assert task == {
        "id": TASK,
        "kind": "task",
        "body": "",
        "tags": {},
        "order": {},
        "events": {},
        "trash": {},
        "settlements": {},
    }


def test_two_devices_that_make_the_same_document_apart_make_one_document() -> None:
    alice, bob = Document.load(genesis_change(NOTE)), Document.load(genesis_change(NOTE))
    body = object_id(object_ids(NOTE)["body"])
    for document, word in ((alice, "rope"), (bob, "axe")):
        with document.transaction() as transaction:
            for index, character in enumerate(word):
                transaction.insert(body, index, ScalarType.Str, character)
    alice.merge(bob)
    assert sorted(alice.text(body)) == sorted("ropeaxe")


def test_genesis_never_changes_or_all_documents_would_be_strangers_to_themselves() -> None:
    assert genesis_hash(TASK).hex() == (
        "616d01b45cca9b8a6358f2f52e4a3e72e3380e5d271444c5a0c3f18739b021bf"
    )
    assert genesis_hash(NOTE).hex() == (
        "d2dbbfd9497e891bf10e7c445a037f085e4307f193f4b01f4e5bc05c422022a1"
    )


@pytest.mark.parametrize("doc", ["x1" + NOTE[2:], "n2" + NOTE[2:], "", "n"])
def test_a_kind_or_version_that_is_not_known_asks_for_an_update(doc: str) -> None:
    for ask in (genesis_change, genesis_hash, genesis_ops, object_ids):
        with pytest.raises(UnknownSchema, match="update Cairn"):
            ask(DocId(doc))
