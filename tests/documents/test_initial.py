"""The first content of a document, written without Automerge: what Automerge itself would write."""

import time
from collections.abc import Mapping
from itertools import pairwise

import pytest
from automerge.core import ROOT, Document, ScalarType
from hypothesis import example, given
from hypothesis import strategies as st

from store.documents.binding import object_id
from store.documents.header import stamped
from store.documents.initial import initial_changes
from store.documents.inspect import inspect_change
from store.documents.operations import Scalar
from store.documents.schema import genesis_change, genesis_hash, genesis_ops, object_ids
from store.domain.ids import DocId
from store.domain.limits import OPS_PER_CHANGE_MAX
from store.domain.stamp import Stamp
from tests.documents.changes import ALICE, ALICE_AT_NOON, NOTE, TASK, opened, said_after, scalar

characters = st.characters(exclude_categories=["Cs"])
# Mostly a few characters of different lengths in UTF-8, so that runs and stretches alternate.
texts = st.text(characters, max_size=40) | st.text("aab éé世😀", max_size=80)
keys = st.text(characters, min_size=1, max_size=8)
scalars = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(characters)
fields_of_a_document = st.dictionaries(keys, scalars, max_size=8)
Entries = Mapping[str, Mapping[str, Scalar]]
entries_of_a_document: st.SearchStrategy[Entries] = st.dictionaries(
    st.sampled_from(["tags", "order", "events"]), fields_of_a_document, max_size=3
)


def first_content(
    doc: DocId = TASK,
    *,
    fields: Mapping[str, Scalar] | None = None,
    entries: Entries | None = None,
    text: str = "",
    actor: bytes = ALICE,
    stamp: Stamp = ALICE_AT_NOON,
) -> list[bytes]:
    return initial_changes(
        deps=(genesis_hash(doc),),
        start_op=genesis_ops(doc) + 1,
        actor=actor,
        objects=object_ids(doc),
        fields=fields or {},
        map_entries=entries or {},
        text=text,
        stamp=stamp,
    )


def automerge_writes(
    fields: Mapping[str, Scalar], entries: Entries, text: str, actor: bytes
) -> bytes | None:
    document = opened(TASK, actor)
    objects = {name: object_id(op) for name, op in object_ids(TASK).items()}
    with document.transaction() as transaction:
        for key, value in fields.items():
            transaction.put(ROOT, key, *scalar(value))
        for name, entry in entries.items():
            for key, value in entry.items():
                transaction.put(objects[name], key, *scalar(value))
        for index, character in enumerate(text):
            transaction.insert(objects["body"], index, ScalarType.Str, character)
    made = [c for c in document.get_changes([]) if bytes(c.actor_id) == actor]
    return bytes(made[0].bytes) if made else None


# Actors below and above the genesis actor: the table of other actors is sorted.
@given(
    fields_of_a_document,
    entries_of_a_document,
    texts,
    st.sampled_from([b"\x00" * 16, b"\xff" * 16, ALICE]),
)
@example({"title": "x"}, {}, "", ALICE)
@example({}, {"tags": {"a": "x"}}, "yz", ALICE)
@example({}, {}, "aéaé", ALICE)
@example({"a": None, "b": None}, {"tags": {"c": True}}, "", ALICE)
def test_it_is_the_change_that_automerge_makes_of_the_same_writes(
    fields: dict[str, Scalar], entries: Entries, text: str, actor: bytes
) -> None:
    fields = {key: value for key, value in fields.items() if key not in object_ids(TASK)}
    fields.pop("id", None)
    fields.pop("kind", None)
    ours = first_content(fields=fields, entries=entries, text=text, actor=actor)
    theirs = automerge_writes(fields, entries, text, actor)
    assert [inspect_change(raw).hash for raw in ours] == (
        [inspect_change(stamped(theirs, ALICE_AT_NOON)).hash] if theirs else []
    )


@given(texts, st.integers(0, 2**32))
def test_a_text_reads_back_character_for_character(text: str, seed: int) -> None:
    shuffled = "".join(sorted(text * 3, key=lambda c: hash((c, seed))))
    assert said_after(NOTE, first_content(NOTE, text=shuffled))["body"] == shuffled


def test_fields_tags_and_events_read_back() -> None:
    fields = {"title": "Climb", "due": None, "pinned": True, "n": -3}
    entries: Entries = {"tags": {"rope": True, "old": None}, "events": {"e1": "{}"}}
    said = said_after(TASK, first_content(fields=fields, entries=entries, text="Höhe"))
    assert {key: said[key] for key in fields} == fields
    assert (said["tags"], said["events"]) == (entries["tags"], entries["events"])
    assert said["body"] == "Höhe"


def test_every_character_can_be_deleted_by_itself() -> None:
    document = Document.load(genesis_change(NOTE) + first_content(NOTE, text="a😀é")[0])
    body = object_id(object_ids(NOTE)["body"])
    with document.transaction() as transaction:
        transaction.delete(body, 1)
    assert document.text(body) == "aé"


def test_no_content_is_no_change() -> None:
    assert first_content() == []


def test_content_beyond_one_change_becomes_several_that_follow_each_other() -> None:
    text = "aé😀 " * (OPS_PER_CHANGE_MAX // 2)
    raws = first_content(NOTE, fields={"title": "Long"}, text=text)
    changes = [inspect_change(raw) for raw in raws]
    assert [c.ops for c in changes] == [OPS_PER_CHANGE_MAX, OPS_PER_CHANGE_MAX, 1]
    assert [c.seq for c in changes] == [1, 2, 3]
    assert changes[0].deps == (genesis_hash(NOTE),)
    for before, after in pairwise(changes):
        assert after.deps == (before.hash,)
        assert after.start_op == before.max_op + 1
    assert {c.stamp for c in changes} == {ALICE_AT_NOON}
    assert said_after(NOTE, raws)["body"] == text


def test_a_text_that_just_fits_is_one_change() -> None:
    assert len(first_content(NOTE, text="x" * OPS_PER_CHANGE_MAX)) == 1
    assert len(first_content(NOTE, fields={"title": "x"}, text="x" * OPS_PER_CHANGE_MAX)) == 2


def test_many_large_values_are_spread_over_changes() -> None:
    notes = {f"e{n}": chr(0x4E00 + n) * 100_000 for n in range(8)}
    raws = first_content(TASK, entries={"events": notes}, text="end")
    assert len(raws) > 1
    assert said_after(TASK, raws)["events"] == notes


def test_a_value_larger_than_a_change_may_be_is_not_written() -> None:
    noise = "".join(chr(0x4E00 + n * 7919 % 20_000) for n in range(1_000_000))
    with pytest.raises(ValueError, match="larger than a change"):
        first_content(fields={"title": noise})


def test_a_lone_surrogate_is_not_written() -> None:
    with pytest.raises(ValueError, match="surrogates"):
        first_content(text="\ud800")


def test_two_devices_that_import_the_same_make_the_same_change() -> None:
    once, again = (first_content(NOTE, fields={"title": "a"}, text="b" * 500) for _ in range(2))
    assert once == again


def test_a_text_of_300_000_characters_takes_well_below_100_milliseconds() -> None:
    text = "Der Weg über den Grat ist schön, 10 km 😀.\n" * 7_000
    started = time.process_time()
    changes = first_content(NOTE, text=text)
    assert time.process_time() - started < 0.1
    assert sum(inspect_change(raw).ops for raw in changes) == len(text)
