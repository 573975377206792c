"""A conflict that was settled and opened again can be settled again, whatever was listed before."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from store.commands.patches import NewTask, Patch
from store.domain.ids import ConflictId, DocId
from store.replica import Replica
from tests.support.people import Camp, sides


@pytest.fixture
def camp(tmp_path: Path) -> Iterator[Camp]:
    """Ann, Bea and Cid, who share a space."""
    camp = Camp(tmp_path, "ann", "bea", "cid")
    yield camp
    camp.close()


def title_conflict(camp: Camp) -> tuple[DocId, ConflictId]:
    task = camp["ann"].add_task(NewTask("Book the bus"))
    camp.meet()
    camp["ann"].edit(task, Patch(fields={"title": "Book the early bus"}))
    camp["bea"].edit(task, Patch(fields={"title": "Book the late bus"}))
    camp.meet()
    (row,) = camp["bea"].conflicts()
    return task, ConflictId(row.id)


def lifecycle_conflict(camp: Camp) -> tuple[DocId, ConflictId]:
    task = camp["ann"].add_task(NewTask("Fetch the stove"))
    camp.meet()
    camp["ann"].transition(task, "done")
    camp["bea"].transition(task, "cancel")
    camp.meet()
    (row,) = camp["bea"].conflicts()
    return task, ConflictId(row.id)


def trash_conflict(camp: Camp) -> tuple[DocId, ConflictId]:
    note = camp["ann"].add_note("Songs", body="Old ones.\n")
    camp.meet()
    camp["ann"].trash(note)
    camp["bea"].edit(note, Patch(body="Old ones, and two new ones.\n"))
    camp.meet()
    (row,) = camp["bea"].conflicts()
    return note, ConflictId(row.id)


def passage_conflict(camp: Camp) -> tuple[DocId, ConflictId]:
    note = camp["ann"].add_note("Plan", body="We leave at six.\n")
    camp.meet()
    camp["ann"].edit(note, Patch(body="We leave at five.\n"))
    camp["bea"].edit(note, Patch(body="We leave at seven.\n"))
    camp.meet()
    (row,) = camp["bea"].conflicts()
    return note, ConflictId(row.id)


Begin = Callable[[Camp], tuple[DocId, ConflictId]]
CONFLICTS: list[Begin] = [title_conflict, lifecycle_conflict, trash_conflict, passage_conflict]


def is_open(replica: Replica) -> bool:
    return bool(replica.conflicts(remember=False))


@pytest.mark.parametrize("begin", CONFLICTS)
def test_it_is_settled_again_without_a_new_look_at_the_list(camp: Camp, begin: Begin) -> None:
    _, conflict = begin(camp)
    bea = camp["bea"]
    before = sides(bea.conflicts()[0])
    bea.resolve(conflict, take=0)
    bea.unresolve(conflict)

    bea.resolve(conflict, take=1)

    assert not is_open(bea)
    (told,) = bea.conflicts(settled=True)
    assert told.settled is not None
    assert (told.settled.value, told.settled.by) == (before[1][0], "Bea")
    camp.meet()
    assert not is_open(camp["ann"])


@pytest.mark.parametrize("begin", CONFLICTS)
def test_undoing_the_opening_settles_it_as_it_was(camp: Camp, begin: Begin) -> None:
    _, conflict = begin(camp)
    bea = camp["bea"]
    bea.resolve(conflict, take=0)
    (settled,) = bea.conflicts(settled=True)
    bea.unresolve(conflict)

    bea.undo()

    assert not is_open(bea)
    (told,) = bea.conflicts(settled=True)
    assert told.settled is not None
    assert settled.settled is not None
    assert told.settled.value == settled.settled.value


def test_a_side_that_came_since_the_list_was_shown_stays_a_conflict(camp: Camp) -> None:
    task = camp["ann"].add_task(NewTask("Book the bus"))
    camp.meet()
    for name, title in (("ann", "Early bus"), ("bea", "Late bus"), ("cid", "Take the train")):
        camp[name].edit(task, Patch(fields={"title": title}))
    camp.meet("ann", "bea")
    (row,) = camp["bea"].conflicts()
    camp.give("cid", "bea")

    camp["bea"].resolve(ConflictId(row.id), take=0)

    (still,) = camp["bea"].conflicts(remember=False)
    assert sorted(str(value) for value, _ in sides(still)) == ["Early bus", "Take the train"]


def test_the_history_tells_settling_from_opening_again(camp: Camp) -> None:
    task, conflict = title_conflict(camp)
    camp["bea"].resolve(conflict, take=0)
    camp["bea"].unresolve(conflict)

    told = [row.summary for row in camp["bea"].history(task)]

    assert told[0] == "opened a conflict again"
    assert "settled a conflict, title" in told
