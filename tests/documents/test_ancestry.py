"""What a change must be to follow those that it says it follows."""

from random import Random

import pytest
from automerge.core import ROOT, Document, ObjType, ScalarType
from hypothesis import given
from hypothesis import strategies as st

from store.documents.ancestry import COUNTER_LEAP_MAX, Ancestry
from store.documents.codec import write_bytes, write_leb128, write_sleb128
from store.documents.inspect import InspectedChange, inspect_change
from store.documents.references import Unfit
from store.documents.schema import genesis_change, genesis_hash, object_ids
from tests.documents.changes import (
    ALICE,
    BODY,
    FROM_GENESIS,
    GENESIS,
    NOTE,
    OTHERS,
    booleans,
    deltas,
    first_op,
    forged,
    insertion,
    opened,
    puts_of_one_key,
    raw_of,
    runs,
    titled,
    typed,
    written,
)
from tests.documents.mutations import ancestors_of, honest_changes

TAGS = object_ids(NOTE)["tags"][0]
FROM_ALICE = write_leb128(1 + OTHERS.index(ALICE))


def fits(raw: bytes, *before: bytes) -> None:
    """Check a change after others that are known to fit."""
    Ancestry(NOTE, map(inspect_change, before)).check(inspect_change(raw))


def why_unfit(raw: bytes, *before: bytes) -> str:
    with pytest.raises(Unfit) as refusal:
        fits(raw, *before)
    return str(refusal.value)


def put_of(meta: int, value: bytes = b"", action: int = 1) -> bytes:
    """Forge a put of any value at a key of the root."""
    columns = {
        **puts_of_one_key(1),
        0x42: runs((write_leb128(action), 1)),
        0x56: runs((write_leb128(len(value) << 4 | meta), 1)),
    }
    return forged({**columns, 0x57: value} if value else columns)


def key_in(obj: int) -> bytes:
    """Forge a put at a key of an object of genesis."""
    columns = {**puts_of_one_key(1), 0x01: runs((b"\x01", 1)), 0x02: runs((write_leb128(obj), 1))}
    return forged(columns, others=[GENESIS])


# -- honest changes ---------------------------------------------------------------------------


@given(st.integers(0, 2**32))
def test_what_automerge_makes_fits_in_any_history(seed: int) -> None:
    ancestry = Ancestry(NOTE)
    for change in honest_changes(Random(seed)):
        ancestry.check(change)
        ancestry.add(change)


@given(st.integers(0, 2**32))
def test_ancestors_are_those_that_are_found_step_by_step(seed: int) -> None:
    changes = honest_changes(Random(seed))
    ancestry = Ancestry(NOTE, changes)
    for change in changes:
        expected = {genesis_hash(NOTE), *(c.hash for c in ancestors_of(change, changes))}
        assert ancestry.ancestors(change) == expected
        assert change.hash in ancestry
    assert list(ancestry) == [genesis_hash(NOTE), *(c.hash for c in changes)]


def test_an_edit_of_an_older_version_counts_on_from_all_that_its_writer_holds() -> None:
    fits(forged(puts_of_one_key(1), start_op=first_op() + COUNTER_LEAP_MAX))


def test_a_change_may_be_behind_characters_that_it_has_seen() -> None:
    alice = typed("abc")
    seen = [inspect_change(alice).hash]
    fits(insertion(actor=FROM_ALICE, element=first_op() + 1, deps=seen), alice)


def test_objects_of_other_programs_may_be_written_to_once_they_are_made() -> None:
    document = opened(NOTE)
    with document.transaction() as transaction:
        made = transaction.put_object(ROOT, "steps", ObjType.List)
    first = raw_of(document)
    with document.transaction() as transaction:
        transaction.insert(made, 0, ScalarType.Str, "pack")
        inner = transaction.insert_object(made, 1, ObjType.Map)
        transaction.put(inner, "done", ScalarType.Boolean, True)
    fits(first)
    fits(raw_of(document), first)


def test_values_of_other_programs_that_can_be_read_are_taken() -> None:
    fits(put_of(5, b"\x00" * 8))  # a float
    fits(put_of(7, b"\xff\x00"))  # bytes
    fits(put_of(9, write_sleb128(1_763_898_123_456)))  # a date


# -- what contradicts itself ------------------------------------------------------------------


def test_another_beginning_of_a_document_is_refused() -> None:
    assert "begins" in why_unfit(forged(puts_of_one_key(1), deps=[], start_op=1))


def test_nobody_goes_on_as_the_actor_of_genesis() -> None:
    assert "begins" in why_unfit(forged(puts_of_one_key(1), actor=GENESIS, seq=2))


def test_a_number_that_leaves_one_out_is_refused() -> None:
    assert "before it" in why_unfit(forged(puts_of_one_key(1), seq=2))


def test_a_change_must_follow_its_authors_last_one() -> None:
    first = forged(puts_of_one_key(1))
    beside = forged(puts_of_one_key(1), seq=2, start_op=first_op() + 1)
    assert "before it" in why_unfit(beside, first)
    after = forged(
        puts_of_one_key(1), seq=2, start_op=first_op() + 1, deps=[inspect_change(first).hash]
    )
    fits(after, first)


def test_an_author_can_not_use_a_number_again_after_it() -> None:
    first = forged(puts_of_one_key(1))
    again = forged(
        puts_of_one_key(1), seq=1, start_op=first_op() + 1, deps=[inspect_change(first).hash]
    )
    assert "number" in why_unfit(again, first)


def test_operations_are_counted_on_from_those_before() -> None:
    assert "counted" in why_unfit(forged(puts_of_one_key(1), start_op=first_op() - 1))
    fits(forged(puts_of_one_key(1), start_op=first_op()))


def test_a_leap_that_would_use_up_the_counters_is_refused() -> None:
    leap = forged(puts_of_one_key(1), start_op=first_op() + COUNTER_LEAP_MAX + 1)
    assert "counted" in why_unfit(leap)


# -- what writes to something that is not there -----------------------------------------------


def test_a_character_behind_one_that_its_author_has_not_seen_is_refused() -> None:
    """Automerge takes it, and shows another text where the two changes arrived the other way."""
    alice = typed("abc")
    mallory = insertion(actor=FROM_ALICE, element=first_op() + 1)
    genesis = genesis_change(NOTE)
    body = opened(NOTE).get(ROOT, "body")
    assert body is not None
    one, other = (Document.load(genesis + a + b) for a, b in ((alice, mallory), (mallory, alice)))
    assert one.get_heads() == other.get_heads()
    assert one.text(body[1]) != other.text(body[1])

    assert "seen" in why_unfit(mallory, alice)


def test_a_character_behind_something_that_is_no_character_is_refused() -> None:
    title = titled("rope")
    seen = [inspect_change(title).hash]
    assert "kind" in why_unfit(insertion(actor=FROM_ALICE, element=first_op(), deps=seen), title)
    assert "kind" in why_unfit(insertion(actor=FROM_GENESIS, element=TAGS))


def test_an_element_of_a_map_is_refused() -> None:
    alice = typed("abc")
    seen = [inspect_change(alice).hash]
    wrong = insertion(actor=FROM_ALICE, element=first_op(), obj=TAGS, deps=seen)
    assert "kind" in why_unfit(wrong, alice)


def test_a_key_of_a_text_is_refused() -> None:
    fits(key_in(TAGS))
    assert "kind" in why_unfit(key_in(BODY))
    assert "kind" in why_unfit(key_in(1))  # the document's id, which is no object


def test_an_operation_on_an_object_that_nobody_made_is_refused() -> None:
    assert "seen" in why_unfit(key_in(40))


def test_an_element_of_the_root_is_refused() -> None:
    columns = {**puts_of_one_key(1), 0x13: deltas([0]), 0x34: booleans((True, 1))}
    del columns[0x15]
    assert "kind" in why_unfit(forged(columns))


def test_a_value_that_its_author_has_not_seen_can_not_be_replaced() -> None:
    alice = titled("rope")
    columns = {
        **puts_of_one_key(1),
        0x70: runs((b"\x01", 1)),
        0x71: runs((b"\x01", 1)),
        0x73: deltas([first_op()]),
    }
    mallory = forged(columns, others=[ALICE], start_op=first_op() + 50)
    assert "seen" in why_unfit(mallory, alice)


def test_an_operation_can_not_refer_to_a_later_one_or_to_itself() -> None:
    columns = {
        0x01: runs((b"\x01", 1)),
        0x02: runs((write_leb128(BODY), 1)),
        0x11: runs((b"\x00", 1)),
        0x13: deltas([first_op()]),
        0x34: booleans((True, 1)),
        0x42: runs((b"\x01", 1)),
        0x56: runs((b"\x16", 1)),
        0x57: b"Z",
        0x70: runs((b"\x00", 1)),
    }
    assert "seen" in why_unfit(forged(columns, others=[GENESIS]))


@pytest.mark.parametrize(
    "columns",
    [
        {0x01: runs((b"\x01", 1))},
        {0x02: runs((b"\x03", 1))},
        {0x01: runs((b"\x07", 1)), 0x02: runs((b"\x03", 1))},
        {0x11: runs((b"\x00", 1)), 0x15: b""},
    ],
    ids=["an actor alone", "a counter alone", "an actor without name", "half an element"],
)
def test_half_a_reference_is_refused(columns: dict[int, bytes]) -> None:
    assert why_unfit(forged({**puts_of_one_key(1), **columns}, others=[GENESIS]))


# -- what could never be read -----------------------------------------------------------------


@pytest.mark.parametrize("kind", [8, 10, 11, 12, 13, 14, 15])
def test_a_value_that_would_make_readers_panic_is_refused_even_while_it_is_unseen(
    kind: int,
) -> None:
    assert "value" in why_unfit(put_of(kind, b"\x05"))


@pytest.mark.parametrize("at_ms", [2**62, -(2**63), 253_402_300_800_000, -62_135_596_800_001])
def test_a_date_outside_the_calendar_is_refused(at_ms: int) -> None:
    assert "value" in why_unfit(put_of(9, write_sleb128(at_ms)))


def test_counting_up_what_is_no_counter_is_refused() -> None:
    assert "value" in why_unfit(put_of(4, b"\x05", action=5))


def test_a_change_of_unknown_deps_can_not_be_checked() -> None:
    with pytest.raises(KeyError):
        fits(forged(puts_of_one_key(1), deps=[b"?" * 32]))


def test_a_known_change_is_added_once() -> None:
    change: InspectedChange = inspect_change(written(lambda t: t.put(ROOT, "x", ScalarType.Int, 1)))
    ancestry = Ancestry(NOTE, [change, change])
    assert len(ancestry) == 2


def test_a_key_that_inserts_is_refused() -> None:
    columns = {**puts_of_one_key(1), 0x15: runs((write_bytes(b"k"), 1))}
    columns[0x34] = booleans((True, 1))
    assert "kind" in why_unfit(forged(columns))
