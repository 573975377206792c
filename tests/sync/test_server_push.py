"""What a server takes in, what it refuses, and that one bad row never takes others along."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from store.documents.inspect import inspect_change
from store.documents.schema import genesis_actor, genesis_change, genesis_hash
from store.documents.trial import TrialDoc, TrialUnavailable
from store.domain.ids import DocId
from sync.errors import Busy
from sync.protocol import messages as m
from sync.server import limits
from tests.support.asking import Member, create_space, join
from tests.support.memory_server import MemoryServer, memory_server
from tests.support.pushes import Made, change, flipped, reused_counter, some_doc


async def test_a_pushed_change_is_in_the_log_when_the_answer_comes(
    alice: Member, server: MemoryServer
) -> None:
    rope = change()

    answer = await alice.push(rope)

    with server.db.read() as conn:
        stored = conn.execute("SELECT hash, bytes, origin FROM log").fetchall()
    assert (answer.accepted, answer.seq) == (1, 1)
    assert stored == [(rope.hash, rope.raw, alice.replica)]


async def test_a_known_change_takes_no_new_sequence(alice: Member, bob: Member) -> None:
    rope = change()
    await alice.push(rope)

    for member in (alice, bob):
        again = await member.push(rope, rope)
        assert (again.accepted, again.duplicate, again.seq) == (0, 2, 1)


async def test_the_genesis_is_known_and_never_stored(alice: Member) -> None:
    doc = some_doc()
    genesis = m.Row("change", doc, genesis_hash(doc), genesis_change(doc))

    answer = await alice.push(genesis, change(doc))

    assert (answer.accepted, answer.duplicate) == (1, 1)


async def test_changes_keep_the_senders_order(alice: Member, bob: Member) -> None:
    first, other = change(), change()
    second = change(after=first, key="due")

    await alice.push(first, other, second)

    assert [row.hash for row in (await bob.pull()).rows] == [first.hash, other.hash, second.hash]


async def test_a_change_whose_deps_are_not_here_is_missing_them(alice: Member) -> None:
    first = change()
    second = change(after=first, key="due")
    third = change(after=second, key="list")

    answer = await alice.push(second, third, change())

    assert answer.accepted == 1
    assert answer.missing == [
        m.MissingDeps(second.hash, second.doc, [first.hash]),
        m.MissingDeps(third.hash, third.doc, [second.hash]),
    ]
    whole = await alice.push(first, second, third)
    assert (whole.accepted, whole.missing) == (3, [])


def bad_rows() -> dict[str, tuple[m.Row, str]]:
    """Rows that are refused, by what is wrong with them, and the type of the refusal."""
    good = change()
    other = change()
    doc = some_doc()
    no_genesis = change(doc, deps=[])
    impostor = change(doc, actor=genesis_actor(doc), seq=2)
    return {
        "a flipped bit": (flipped(good.row), "checksum"),
        "a cut": (m.Row("change", good.doc, good.hash, good.raw[:-1]), "malformed"),
        "nothing": (m.Row("change", good.doc, good.hash, b""), "malformed"),
        "no change at all": (m.Row("change", good.doc, good.hash, b"hello"), "malformed"),
        "too much": (m.Row("change", good.doc, good.hash, os.urandom((1 << 20) + 1)), "too-large"),
        "another hash": (m.Row("change", good.doc, other.hash, good.raw), "wrong-hash"),
        "no document": (m.Row("change", "rope", good.hash, good.raw), "bad-document"),
        "a future kind": (
            m.Row("change", "x1" + good.doc[2:], good.hash, good.raw),
            "bad-document",
        ),
        "a future type": (m.Row("ledger", good.doc, good.hash, good.raw), "unknown-row-type"),
        "no genesis": (no_genesis.row, "bad-genesis"),
        "another genesis": (impostor.row, "bad-genesis"),
    }


@pytest.mark.parametrize("what", bad_rows())
async def test_a_bad_row_is_refused_with_its_reason_and_the_rest_of_the_push_lives(
    alice: Member, what: str
) -> None:
    bad, reason = bad_rows()[what]
    before, behind = change(), change()

    answer = await alice.push(before, bad, behind)

    assert answer.accepted == 2
    (refused,) = answer.refused
    assert (refused.hash, refused.doc, refused.type) == (bad.hash, bad.doc, reason)
    assert refused.detail.endswith(".")
    assert "\n" not in refused.detail


async def test_what_was_refused_is_kept_with_its_senders_name(
    alice: Member, bob: Member, server: MemoryServer
) -> None:
    bad = flipped(change().row)

    for _ in range(3):
        await bob.push(bad)

    with server.db.read() as conn:
        kept = conn.execute("SELECT doc, hash, reason, sender, bytes FROM quarantine").fetchall()
    assert kept == [(bad.doc, bad.hash, "checksum", bob.replica, bad.raw)]


async def test_quarantine_does_not_grow_without_end(bob: Member, server: MemoryServer) -> None:
    for _ in range(3):
        await bob.push(*[flipped(change().row) for _ in range(100)])
    await bob.push(flipped(change(title="x" * 200_000).row))

    with server.db.read() as conn:
        rows, longest = conn.execute(
            "SELECT count(*), max(length(bytes)) FROM quarantine"
        ).fetchone()
    assert rows == limits.QUARANTINE_ROWS_PER_SENDER_MAX
    assert longest <= limits.QUARANTINE_BYTES_MAX


async def test_what_builds_on_a_refused_change_falls_with_it_and_other_documents_do_not(
    alice: Member,
) -> None:
    first = change()
    second = change(after=first, key="due")
    third = change(after=second, key="list")
    beside = change(first.doc, key="priority")

    answer = await alice.push(flipped(first.row), second, third, beside, change())

    assert answer.accepted == 2
    assert [(one.hash, one.type) for one in answer.refused] == [
        (first.hash, "checksum"),
        (second.hash, "depends-on-refused"),
        (third.hash, "depends-on-refused"),
    ]
    assert answer.missing == []


async def test_a_second_change_under_the_same_number_is_equivocation(
    alice: Member, bob: Member, server: MemoryServer
) -> None:
    doc, actor = some_doc(), os.urandom(16)
    said = change(doc, title="yes", actor=actor)
    said_too = change(doc, title="no", actor=actor)
    await alice.push(said)

    answer = await bob.push(said_too, change(after=said_too, key="due"))

    assert [one.type for one in answer.refused] == ["equivocation", "depends-on-refused"]
    with server.db.read() as conn:
        kept = conn.execute("SELECT hash, reason, sender FROM quarantine").fetchall()
    assert kept == [(said_too.hash, "equivocation", bob.replica)]


async def test_equivocation_within_one_push_keeps_the_first(alice: Member) -> None:
    doc, actor = some_doc(), os.urandom(16)
    said, said_too = change(doc, title="yes", actor=actor), change(doc, title="no", actor=actor)

    answer = await alice.push(said, said_too)

    assert answer.accepted == 1
    assert [(one.hash, one.type) for one in answer.refused] == [(said_too.hash, "equivocation")]


async def test_a_document_belongs_to_one_space(alice: Member) -> None:
    second = await create_space(alice.transport, None, token=alice.token)
    rope = change()
    await alice.push(rope)

    answer = await second.push(rope, change(after=rope, key="due"), change())

    assert answer.accepted == 1
    assert [one.type for one in answer.refused] == ["other-space", "other-space"]


async def test_every_row_of_a_push_is_answered_once(alice: Member) -> None:
    bad = [row for row, _ in bad_rows().values()]
    known = change()
    await alice.push(known)
    waiting = change(after=change(), key="due")
    rows: list[Made | m.Row] = [known, waiting, *bad, change()]

    answer = await alice.push(*rows)

    answered = answer.accepted + answer.duplicate + len(answer.refused) + len(answer.missing)
    assert answered == len(rows)


async def test_an_empty_push_is_fine(alice: Member) -> None:
    answer = await alice.push()

    assert (answer.accepted, answer.duplicate, answer.seq) == (0, 0, 0)


# -- the examining child ---------------------------------------------------------------------------


async def test_a_change_that_does_not_load_is_refused_and_what_builds_on_it_falls(
    alice: Member, bob: Member
) -> None:
    doc = some_doc()
    # It is sound outside, and its operations start at a number that the document has already used.
    broken = Made(doc, *reused_counter(doc), next_op=60)
    good = change(doc, key="due")

    answer = await alice.push(broken, change(after=broken, key="list"), good, change())

    assert answer.accepted == 2
    assert [one.type for one in answer.refused] == ["not-loadable", "depends-on-refused"]
    assert good.hash in [row.hash for row in (await bob.pull()).rows]


class Overloaded:
    """An examiner that has no time for some documents, nor for what is asked along with them."""

    def __init__(self, seconds: list[float]) -> None:
        self._seconds = seconds
        self.busy_with: set[str] = set()
        self.too_large: set[str] = set()
        self.asked: list[list[str]] = []
        self.takes_s = 0.0

    def check_batch(
        self, docs: Sequence[TrialDoc], base_of: Callable[[DocId], Sequence[bytes]]
    ) -> dict[bytes, str | None]:
        self._seconds[0] += self.takes_s
        self.asked.append([each.doc for each in docs])
        if not self.busy_with.isdisjoint(self.asked[-1]):
            raise TrialUnavailable("out of time", [each.doc for each in docs])
        if not self.too_large.isdisjoint(self.asked[-1]):
            named = [each.doc for each in docs] if len(docs) == 1 else []
            raise TrialUnavailable("crashed", [each.doc for each in docs], outgrown=named)
        return {inspect_change(raw).hash: None for each in docs for raw in each.new}


@pytest.fixture
def seconds() -> list[float]:
    return [0.0]


@pytest.fixture
def examiner(seconds: list[float]) -> Overloaded:
    return Overloaded(seconds)


@pytest.fixture
def overloaded(
    tmp_path: Path, seconds: list[float], examiner: Overloaded
) -> Iterator[MemoryServer]:
    with memory_server(
        tmp_path / "busy",
        clock_s=lambda: seconds[0],
        examiner=examiner,
    ) as server:
        yield server


@pytest.fixture
async def ann(overloaded: MemoryServer) -> Member:
    """An owner of a space there."""
    return await create_space(overloaded.transport(), overloaded.setup_code)


async def test_a_change_nobody_could_examine_is_no_verdict_and_the_others_are_taken_in(
    ann: Member, examiner: Overloaded, seconds: list[float]
) -> None:
    heavy, light = change(), change()
    examiner.busy_with.add(heavy.doc)

    with pytest.raises(Busy) as refused:
        await ann.push(heavy, light)

    assert refused.value.type == "trial-unavailable"
    assert refused.value.retry_after_s == limits.STRIKE_WAIT_S
    assert (await ann.hello()).server.seq == 1
    examiner.busy_with.clear()
    seconds[0] += limits.STRIKE_WAIT_S
    again = await ann.push(heavy, light)
    assert (again.accepted, again.duplicate) == (1, 1)


async def test_a_sender_of_such_changes_waits_longer_each_time_and_others_do_not(
    ann: Member, examiner: Overloaded, seconds: list[float]
) -> None:
    heavy = change()
    examiner.busy_with.add(heavy.doc)
    waits = []
    for _ in range(10):
        with pytest.raises(Busy) as refused:
            await ann.push(heavy)
        assert refused.value.retry_after_s is not None
        waits.append(refused.value.retry_after_s)
        asked = len(examiner.asked)
        with pytest.raises(Busy):  # too early: the child isn't asked
            await ann.push(change())
        assert len(examiner.asked) == asked
        seconds[0] += refused.value.retry_after_s

    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]


async def test_one_push_costs_the_child_its_whole_time_only_so_often(
    ann: Member, examiner: Overloaded
) -> None:
    heavy = [change() for _ in range(20)]
    examiner.busy_with.update(one.doc for one in heavy)

    with pytest.raises(Busy):
        await ann.push(*heavy)

    assert [len(docs) for docs in examiner.asked] == [20, 1, 1, 1]


async def test_documents_that_were_asked_about_along_with_a_bad_one_get_their_verdict(
    ann: Member, examiner: Overloaded
) -> None:
    made = [change() for _ in range(20)]
    examiner.busy_with.add(made[7].doc)

    with pytest.raises(Busy):
        await ann.push(*made)

    assert (await ann.hello()).server.seq == 19


# -- documents that are too large for the child ---------------------------------------------------


async def test_a_document_too_large_to_examine_is_refused_by_itself(
    overloaded: MemoryServer, ann: Member, examiner: Overloaded
) -> None:
    large = change()
    light, more = change(), change(after=large, key="due")
    examiner.too_large.add(large.doc)

    answer = await ann.push(large, light, more)

    assert answer.accepted == 1
    assert [(one.hash, one.type) for one in answer.refused] == [
        (large.hash, "too-many-edits"),
        (more.hash, "too-many-edits"),
    ]
    assert "too large for this server to examine (2 edits)" in answer.refused[0].detail
    with overloaded.db.read() as conn:  # its bytes are not at fault
        assert conn.execute("SELECT count(*) FROM quarantine").fetchone() == (0,)


async def test_it_is_refused_too_where_the_hour_ends_while_others_of_its_push_are_examined(
    ann: Member, examiner: Overloaded, seconds: list[float]
) -> None:
    large = change()
    examiner.too_large.add(large.doc)
    await ann.push(large)

    seconds[0] += limits.OUTGROWN_KEPT_S - 1
    examiner.takes_s = 2.0
    answer = await ann.push(large, change())

    assert answer.accepted == 1
    assert [one.type for one in answer.refused] == ["too-many-edits"]


async def test_it_is_not_examined_again_before_an_hour(
    ann: Member, examiner: Overloaded, seconds: list[float]
) -> None:
    large = change()
    examiner.too_large.add(large.doc)
    await ann.push(large)
    examiner.too_large.clear()
    asked = len(examiner.asked)

    seconds[0] += limits.OUTGROWN_KEPT_S - 1
    assert [one.type for one in (await ann.push(large)).refused] == ["too-many-edits"]
    assert len(examiner.asked) == asked
    seconds[0] += 1
    assert (await ann.push(large)).accepted == 1


async def test_what_others_write_in_that_document_is_examined(
    ann: Member, examiner: Overloaded
) -> None:
    bob = await join(ann, "Bob")
    large = change()
    examiner.too_large.add(large.doc)
    await ann.push(large)
    examiner.too_large.clear()  # so it was for what she would add

    assert (await bob.push(change(large.doc))).accepted == 1


async def test_who_sent_it_waits_as_one_whose_changes_took_all_the_time(
    ann: Member, examiner: Overloaded, seconds: list[float]
) -> None:
    """Else a device could keep the child busy with one such document after the other."""
    large = change()
    examiner.too_large.add(large.doc)
    await ann.push(large)

    with pytest.raises(Busy) as refused:
        await ann.push(change())

    assert refused.value.retry_after_s == limits.STRIKE_WAIT_S
    seconds[0] += limits.STRIKE_WAIT_S
    assert (await ann.push(large, change())).accepted == 1


async def test_more_of_them_than_may_be_tried_at_once_are_all_refused_in_the_end(
    ann: Member, examiner: Overloaded, seconds: list[float]
) -> None:
    large = [change() for _ in range(8)]
    examiner.too_large.update(one.doc for one in large)
    for _ in range(2):  # three are tried alone each time, after one try of all
        with pytest.raises(Busy) as refused:
            await ann.push(*large)
        assert refused.value.retry_after_s is not None
        seconds[0] += refused.value.retry_after_s

    answer = await ann.push(*large)

    assert {one.type for one in answer.refused} == {"too-many-edits"}
    assert len(answer.refused) == 8
