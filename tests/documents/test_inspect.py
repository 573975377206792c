"""What the inspector reads of a change, and what it keeps away from Automerge."""

import time
from contextlib import suppress
from random import Random

import pytest
from automerge.core import ROOT, ScalarType
from hypothesis import given
from hypothesis import strategies as st

from store.documents.codec import write_leb128, write_sleb128
from store.documents.header import stamped
from store.documents.inspect import (
    ACTOR_BYTES_MAX,
    COUNTER_MAX,
    WRITES_PER_PLACE_MAX,
    ChangeRefused,
    RefusalType,
    inspect_change,
)
from store.documents.schema import genesis_change, genesis_hash, genesis_ops
from store.domain.limits import (
    CHANGE_BYTES_MAX,
    CHANGE_RAW_BYTES_MAX,
    DEPS_MAX,
    OPS_PER_CHANGE_MAX,
)
from store.domain.stamp import Stamp
from tests.documents.changes import (
    ALICE_AT_NOON,
    MALLORY,
    NOTE,
    body_of,
    booleans,
    deflate_bomb,
    edited_at_random,
    forged,
    last_change,
    opened,
    puts_of_one_key,
    reframed,
    runs,
    snapshot,
    titled,
    typed,
)


def refused(raw: bytes) -> RefusalType:
    """Inspect, and give the type of the refusal; its sentence must be one for people."""
    with pytest.raises(ChangeRefused) as refusal:
        inspect_change(raw)
    assert refusal.value.detail.endswith(".")
    assert refusal.value.detail[0].isupper()
    return refusal.value.reason_type


# -- what honest changes say ------------------------------------------------------------------


@given(st.integers(0, 2**32))
def test_the_inspector_reads_what_automerge_reads(seed: int) -> None:
    document = edited_at_random(Random(seed), edits=12)
    for theirs in document.get_changes([]):
        for raw in (bytes(theirs.bytes), bytes(theirs.raw_bytes)):
            ours = inspect_change(raw)
            assert ours.raw == raw
            assert ours.hash == bytes(theirs.hash)
            assert ours.deps == tuple(bytes(dep) for dep in theirs.deps)
            assert ours.actor == bytes(theirs.actor_id)
            assert (ours.seq, ours.start_op) == (theirs.seq, theirs.start_op)
            assert (ours.ops, ours.max_op) == (len(theirs), theirs.max_op)
            assert ours.message == theirs.message


def test_a_deflated_change_reads_as_its_plain_self() -> None:
    document = opened(NOTE)
    with document.transaction() as transaction:
        transaction.put(ROOT, "title", ScalarType.Str, "climb " * 100)
    change = last_change(document)
    deflated, plain = inspect_change(bytes(change.bytes)), inspect_change(bytes(change.raw_bytes))
    assert len(deflated.raw) < len(plain.raw)
    assert deflated.hash == plain.hash


def test_author_and_time_are_read_from_the_header() -> None:
    change = inspect_change(stamped(titled("rope"), ALICE_AT_NOON))
    assert change.stamp == ALICE_AT_NOON
    assert change.time_s == ALICE_AT_NOON.at_ms // 1000


@pytest.mark.parametrize(
    "message",
    ["", "fix typo", "{", '{"v":1}', '{"v":2,"person":"Eve","device":"x","at_ms":1}', "[" * 5_000],
)
def test_a_change_with_a_foreign_message_is_taken_and_has_no_author(message: str) -> None:
    change = inspect_change(forged(puts_of_one_key(1), message=message))
    assert change.stamp == Stamp("", "", 0)
    assert change.message == (message or None)


def test_a_pasted_page_of_an_alphabet_without_ascii_passes() -> None:
    text = "Привет, 世界 😀\n" * 300
    assert inspect_change(typed(text)).ops == len(text)


def test_a_change_that_only_joins_heads_has_no_operations() -> None:
    change = inspect_change(forged({}))
    assert change.ops == 0
    assert change.max_op == change.start_op - 1


def test_deleting_a_long_text_at_once_is_no_writing_to_one_place() -> None:
    document = opened(NOTE)
    body = bytes(document.get(ROOT, "body")[1])  # type: ignore[index]
    with document.transaction() as transaction:
        for index in range(WRITES_PER_PLACE_MAX * 3):
            transaction.insert(body, index, ScalarType.Str, "x")
    with document.transaction() as transaction:
        for _ in range(WRITES_PER_PLACE_MAX * 3):
            transaction.delete(body, 0)
    assert inspect_change(bytes(last_change(document).bytes)).ops == WRITES_PER_PLACE_MAX * 3


# -- what strangers may send ------------------------------------------------------------------


@pytest.mark.parametrize("raw", [b"", b"\x85", b"hello world, this is no change", b"\x00" * 100])
def test_bytes_that_are_no_chunk_are_refused(raw: bytes) -> None:
    assert refused(raw) == "malformed"


def test_a_snapshot_is_not_a_change() -> None:
    assert refused(snapshot()) == "not-a-change"


def test_a_change_cut_short_anywhere_is_refused() -> None:
    raw = stamped(titled("rope"), ALICE_AT_NOON)
    for end in range(len(raw)):
        assert refused(raw[:end]) == "malformed"


def test_a_change_whose_body_is_cut_short_is_refused_though_the_checksum_fits() -> None:
    body = body_of(stamped(titled("rope"), ALICE_AT_NOON))
    for end in range(len(body)):
        assert refused(reframed(body[:end])) == "malformed"


def test_two_changes_in_one_are_refused() -> None:
    assert refused(titled("rope") + titled("axe")) == "malformed"


def test_a_flipped_bit_is_refused() -> None:
    raw = titled("rope")
    for at in range(10, len(raw)):
        flipped = raw[:at] + bytes((raw[at] ^ 1,)) + raw[at + 1 :]
        assert refused(flipped) in ("checksum", "malformed")
    assert refused(raw[:4] + b"\x00" * 4 + raw[8:]) == "checksum"


def test_a_run_length_bomb_is_refused_in_less_than_a_moment() -> None:
    bomb = forged(puts_of_one_key(10**12))
    assert len(bomb) < 150
    started = time.process_time()
    assert refused(bomb) == "too-many-ops"
    assert time.process_time() - started < 0.1


def test_a_small_bomb_of_writes_to_one_key_is_refused_within_the_limit_of_operations() -> None:
    assert inspect_change(forged(puts_of_one_key(WRITES_PER_PLACE_MAX))).ops
    assert refused(forged(puts_of_one_key(WRITES_PER_PLACE_MAX + 1))) == "too-many-ops"
    assert refused(forged(puts_of_one_key(OPS_PER_CHANGE_MAX))) == "too-many-ops"


@pytest.mark.parametrize("number", [0x01, 0x02, 0x11, 0x13, 0x71, 0x73, 0x91, 0xA3])
def test_a_run_length_bomb_in_another_column_is_refused(number: int) -> None:
    bomb = forged({**puts_of_one_key(1), number: write_sleb128(10**9) + b"\x01"})
    assert refused(bomb) == "malformed"


def test_a_boolean_bomb_is_refused() -> None:
    assert refused(forged({**puts_of_one_key(1), 0x34: booleans((False, 10**9))})) == "malformed"


def test_an_operation_that_replaces_a_billion_values_is_refused() -> None:
    bomb = {**puts_of_one_key(1), 0x70: runs((write_leb128(10**9), 1))}
    assert refused(forged(bomb)) == "too-many-ops"


def test_a_deflate_bomb_is_refused_without_inflating_it() -> None:
    bomb = deflate_bomb(plain_bytes=512 << 20)
    assert len(bomb) < CHANGE_BYTES_MAX
    started = time.process_time()
    assert refused(bomb) == "too-large"
    assert time.process_time() - started < 0.5


def test_deflated_bytes_that_are_damaged_or_go_on_are_refused() -> None:
    deflated = deflate_bomb(plain_bytes=1 << 20)
    head, content = deflated[:9], deflated[9 + len(write_leb128(len(deflated))) :]
    for wrong in (content[:-1], content + b"?", b"\xff" * 30):
        assert refused(head + write_leb128(len(wrong)) + wrong) == "malformed"


def test_more_bytes_than_a_change_may_have_are_refused_unread() -> None:
    assert refused(bytes(CHANGE_BYTES_MAX + 1)) == "too-large"
    assert refused(deflate_bomb(plain_bytes=CHANGE_RAW_BYTES_MAX + (1 << 20))) == "too-large"


def test_more_deps_than_allowed_are_refused() -> None:
    deps = [n.to_bytes(32, "big") for n in range(DEPS_MAX + 1)]
    assert len(inspect_change(forged({}, deps=deps[1:])).deps) == DEPS_MAX
    assert refused(forged({}, deps=deps)) == "malformed"


def test_counters_that_would_leave_no_room_for_later_edits_are_refused() -> None:
    assert refused(forged(puts_of_one_key(1), start_op=COUNTER_MAX)) == "malformed"
    assert refused(forged(puts_of_one_key(1), start_op=0)) == "malformed"
    assert refused(forged(puts_of_one_key(1), seq=0)) == "malformed"
    assert refused(forged(puts_of_one_key(1), seq=COUNTER_MAX + 1)) == "malformed"


def test_an_actor_with_an_endless_name_is_refused() -> None:
    assert refused(forged({}, actor=b"a" * (ACTOR_BYTES_MAX + 1))) == "malformed"


def test_a_message_that_is_not_text_is_refused() -> None:
    body = body_of(forged({}, message="????"))
    assert refused(reframed(body.replace(b"????", b"\xff\xfe\xfd\xfc"))) == "malformed"


@given(st.binary(max_size=300))
def test_any_bytes_with_a_fitting_checksum_are_read_or_refused(body: bytes) -> None:
    with suppress(ChangeRefused):
        inspect_change(reframed(body))


@given(st.integers(0, 2**32))
def test_any_mutation_with_a_fitting_checksum_is_read_or_refused(seed: int) -> None:
    choose = Random(seed)
    document = edited_at_random(choose, edits=3)
    body = bytearray(body_of(bytes(last_change(document).bytes)))
    for _ in range(choose.randint(1, 6)):
        body[choose.randrange(len(body))] = choose.randrange(256)
    with suppress(ChangeRefused):
        assert inspect_change(reframed(bytes(body))).ops <= OPS_PER_CHANGE_MAX


def test_genesis_reads_as_a_change_of_its_own_without_deps() -> None:
    genesis = inspect_change(genesis_change(NOTE))
    assert genesis.hash == genesis_hash(NOTE)
    assert genesis.deps == ()
    assert genesis.ops == genesis_ops(NOTE)
    assert genesis.actor != MALLORY
