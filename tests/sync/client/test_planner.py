"""What a round decides, as plain functions."""

from dataclasses import dataclass

import pytest

from store.domain.limits import PUSH_ROWS, PUSH_ROWS_MAX
from store.log import CHAIN_START, Position
from sync.client.planner import (
    PUSH_BYTES_MAX,
    BatchSize,
    Explained,
    Unlike,
    compare_listed,
    dependants,
    is_forked,
    must_compare,
)
from sync.protocol.messages import LogPosition

GENERATION = b"generation of us"
OURS, THEIRS, OTHERS = b"o" * 32, b"t" * 32, b"x" * 32


@dataclass(frozen=True)
class Link:
    """A row as far as the planner cares."""

    name: str
    after: str = ""

    @property
    def hash(self) -> bytes:
        return self.name.encode()

    @property
    def deps(self) -> tuple[bytes, ...]:
        return tuple(dep.encode() for dep in self.after)


def _position(seq: int, chain: bytes = b"c" * 32) -> Position:
    return Position(GENERATION, seq, chain, OURS)


def test_a_server_that_remembers_nothing_sees_no_fork() -> None:
    assert not is_forked(None, _position(5), None)


def test_a_log_that_grew_since_is_the_same_log() -> None:
    remembered = LogPosition(GENERATION, 5, b"c" * 32)

    assert not is_forked(remembered, _position(9), b"c" * 32)
    assert not is_forked(LogPosition(GENERATION, 0, CHAIN_START), _position(9), CHAIN_START)


@pytest.mark.parametrize(
    ("remembered", "there"),
    [
        (LogPosition(GENERATION, 5, b"c" * 32), b"d" * 32),  # another row at that place
        (LogPosition(GENERATION, 5, b"c" * 32), None),  # we end before it
        (LogPosition(b"another one", 5, b"c" * 32), b"c" * 32),  # begun anew
    ],
)
def test_a_log_that_does_not_continue_what_is_remembered_is_a_fork(
    remembered: LogPosition, there: bytes | None
) -> None:
    assert is_forked(remembered, _position(4), there)


def test_what_hangs_on_a_change_directly_or_not_is_found_in_order() -> None:
    rows = [Link("a"), Link("b", "a"), Link("x"), Link("c", "xb"), Link("d", "x"), Link("e", "c")]

    assert [row.name for row in dependants(rows, {b"a"})] == ["b", "c", "e"]
    assert [row.name for row in dependants(rows, {b"a", b"x"})] == ["b", "c", "d", "e"]
    assert dependants(rows, {b"e", b"unknown"}) == []


def test_equal_digests_need_no_comparison() -> None:
    assert not must_compare(
        ours=OURS,
        theirs=OURS,
        is_held_up=True,
        explained=Explained(),
        verified_at_ms=None,
        now_ms=1,
    )


@pytest.mark.parametrize(
    ("is_held_up", "compared", "verified_at_ms", "now_ms", "due"),
    [
        (False, THEIRS, 1_000, 1_001, True),  # nothing is held up
        (True, THEIRS, None, 1_001, True),  # never compared in this history
        (True, THEIRS, 1_000, 1_001, False),  # what is parked explains it, for an hour
        (True, THEIRS, 1_000, 3_601_000, True),
        (True, THEIRS, 9_000_000_000, 1_000, True),  # a clock that was set back
        (True, OTHERS, 1_000, 1_001, True),  # they differ by something else than then
        (True, None, 1_000, 1_001, True),  # nobody remembers by what
    ],
)
def test_a_difference_is_looked_into_unless_it_is_explained(
    is_held_up: bool, compared: bytes | None, verified_at_ms: int | None, now_ms: int, due: bool
) -> None:
    explained = Explained()
    if compared is not None:
        explained.note(OURS, compared)
    assert due is must_compare(
        ours=OURS,
        theirs=THEIRS,
        is_held_up=is_held_up,
        explained=explained,
        verified_at_ms=verified_at_ms,
        now_ms=now_ms,
    )


def test_a_batch_halves_to_one_row_and_grows_back_to_the_limit() -> None:
    size = BatchSize()
    size.shrink(40, 5_000)
    assert (size.rows, size.bytes) == (20, 2_500)
    for _ in range(20):
        size.shrink(1_000, 1_000_000)
    assert (size.rows, size.bytes) == (1, 1)

    for _ in range(200):
        size.grow()

    assert (size.rows, size.bytes) == (PUSH_ROWS, PUSH_BYTES_MAX)


def test_more_rows_go_at_once_of_one_document_unless_that_was_too_much() -> None:
    size = BatchSize()
    of_one, of_many = ["a"] * 5_000, ["a"] * 10 + ["b"] * 5_000

    assert (size.fitting(of_one), size.fitting(of_many)) == (PUSH_ROWS_MAX, PUSH_ROWS)
    assert size.rows_after(["a"] * PUSH_ROWS) == PUSH_ROWS_MAX
    assert size.rows_after(["a"] * 10 + ["b"] * PUSH_ROWS) == PUSH_ROWS
    while size.rows > 1:
        size.shrink(5_000, 5_000)
        assert size.fitting(of_one) == size.rows


def test_documents_that_differ_are_wanted_offered_or_both() -> None:
    a, b, c = b"a" * 32, b"b" * 32, b"c" * 32
    ours = {"same": (a,), "mine": (a,), "behind": (a,), "ahead": (a,), "apart": (a,)}
    theirs = {"same": (a,), "theirs": (b,), "behind": (b,), "ahead": (c,), "apart": (b,)}

    unlike = compare_listed(ours, theirs, known={a, c})

    assert unlike == Unlike(
        wanted={"apart": (a,), "behind": (a,), "theirs": ()},
        offered={"ahead": (c,), "apart": (b,), "behind": (b,), "mine": ()},
    )
