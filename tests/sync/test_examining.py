"""How a server examines changes: what does not load, and what takes too much time or room."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from store.documents.inspect import inspect_change
from store.documents.trial import TrialDoc, TrialUnavailable
from store.domain.ids import DocId
from sync.errors import Busy
from sync.server import limits
from tests.support.asking import Member, create_space, join
from tests.support.memory_server import MemoryServer, memory_server
from tests.support.pushes import Made, change, reused_counter, some_doc


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
