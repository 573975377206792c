"""Author and time go into a change's header, and Automerge takes it as its own."""

from random import Random

import pytest
from automerge.core import Document, extract
from hypothesis import given
from hypothesis import strategies as st

from store.documents.codec import Malformed
from store.documents.header import stamped
from store.documents.inspect import inspect_change
from store.documents.schema import genesis_change
from store.domain.stamp import Stamp
from tests.documents.changes import (
    ALICE_AT_NOON,
    NOTE,
    body_of,
    edited_at_random,
    opened,
    said_by,
    snapshot,
    titled,
    typed,
)

names = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
stamps = st.builds(Stamp, names, names, st.integers(0, 253_402_300_799_999))


@given(stamps, st.integers(0, 2**32))
def test_automerge_loads_a_stamped_change_as_the_inspector_reads_it(
    stamp: Stamp, seed: int
) -> None:
    document = edited_at_random(Random(seed), edits=4)
    *earlier, last = document.get_changes([])
    raw = stamped(bytes(last.bytes), stamp)

    loaded = Document.load(b"".join(bytes(c.bytes) for c in earlier) + raw)

    (theirs,) = [c for c in loaded.get_changes([]) if bytes(c.actor_id) == bytes(last.actor_id)][
        -1:
    ]
    ours = inspect_change(raw)
    assert ours.hash == bytes(theirs.hash)
    assert ours.message == theirs.message == stamp.message()
    assert (ours.actor, ours.seq) == (bytes(theirs.actor_id), theirs.seq)
    assert (ours.start_op, ours.ops) == (theirs.start_op, len(theirs))
    assert ours.deps == tuple(bytes(dep) for dep in last.deps)
    assert ours.stamp == stamp
    assert extract(loaded) == extract(document)


def test_the_stamp_is_inside_the_hash() -> None:
    raw = titled("rope")
    alice = inspect_change(stamped(raw, ALICE_AT_NOON))
    bob = inspect_change(stamped(raw, Stamp("Bob", "laptop", ALICE_AT_NOON.at_ms)))
    assert len({inspect_change(raw).hash, alice.hash, bob.hash}) == 3


def test_stamping_again_replaces_the_stamp() -> None:
    raw = titled("rope")
    assert stamped(stamped(raw, Stamp("Bob", "phone", 1)), ALICE_AT_NOON) == stamped(
        raw, ALICE_AT_NOON
    )


def test_long_content_is_deflated_where_that_is_smaller() -> None:
    raw = stamped(typed("again and again " * 40), ALICE_AT_NOON)
    document = Document.load(genesis_change(NOTE) + raw)
    assert len(raw) < len(body_of(raw)) // 2
    assert said_by(document)["body"] == "again and again " * 40


def test_a_stamped_change_goes_on_being_edited() -> None:
    document = Document.load(genesis_change(NOTE) + stamped(titled("rope"), ALICE_AT_NOON))
    document.merge(opened(NOTE))
    assert said_by(document)["title"] == "rope"


def test_what_is_not_a_change_can_not_be_stamped() -> None:
    for raw in (b"", b"junk" * 10, snapshot()):
        with pytest.raises(Malformed):
            stamped(raw, ALICE_AT_NOON)
