"""Several conflicts settled at once, each by a side that was chosen for it: all or none."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from store.commands.patches import NewTask, Patch
from store.domain.errors import InvalidValue, NotFound
from store.domain.ids import ConflictId, DocId
from store.rows import ConflictRow, Difference
from tests.support.people import Camp


@pytest.fixture
def camp(tmp_path: Path) -> Iterator[Camp]:
    camp = Camp(tmp_path, "ann", "bea")
    yield camp
    camp.close()


def quarrel(camp: Camp) -> DocId:
    """Ann and Bea write title, due date and state of one task apart."""
    task = camp["ann"].add_task(NewTask("Book the bus"))
    camp.meet()
    camp["ann"].edit(task, Patch(fields={"title": "Book the early bus", "due": "2030-01-05"}))
    camp["ann"].transition(task, "done")
    camp["bea"].edit(task, Patch(fields={"title": "Book the late bus", "due": "2030-01-06"}))
    camp["bea"].transition(task, "cancel")
    camp.meet()
    return task


def taken(rows: list[ConflictRow], values: Mapping[str, object]) -> list[tuple[ConflictId, int]]:
    return [
        (ConflictId(row.id), [side.value for side in row.sides].index(values[str(row.field)]))
        for row in rows
    ]


def test_each_is_settled_by_its_own_side_and_one_undo_opens_all_again(camp: Camp) -> None:
    task, bea = quarrel(camp), camp["bea"]
    rows = bea.conflicts()
    chosen = {"title": "Book the early bus", "due": "2030-01-06", "state": "done"}

    assert bea.resolve_all(taken(rows, chosen)) == [task]

    row = bea.task(task)
    assert (row.title, row.due, row.state) == ("Book the early bus", "2030-01-06", "done")
    assert bea.conflicts() == []
    camp.meet()
    assert camp["ann"].task(task).state == "done"
    assert {each.kind for each in camp["ann"].conflicts(settled=True)} == {"field", "lifecycle"}

    bea.undo()

    assert len(bea.conflicts()) == 3


def test_none_is_settled_if_one_can_not_be(camp: Camp) -> None:
    quarrel(camp)
    bea = camp["bea"]
    rows = bea.conflicts()

    with pytest.raises(InvalidValue):
        bea.resolve_all([(ConflictId(rows[0].id), 0), (ConflictId(rows[1].id), 7)])

    assert len(bea.conflicts()) == 3


def test_a_settled_lifecycle_tells_who_settled_it_to_what_and_when(camp: Camp) -> None:
    quarrel(camp)
    bea = camp["bea"]
    (row,) = [each for each in bea.conflicts() if each.kind == "lifecycle"]

    bea.resolve(ConflictId(row.id), value="started")

    (told,) = bea.conflicts(settled=True)
    assert told.kind == "lifecycle"
    assert told.settled is not None
    assert (told.settled.value, told.settled.at_ms is not None) == ("started", True)
    assert {side.value for side in told.sides} == {"done", "cancelled"}


def test_an_ordinary_event_that_settles_a_lifecycle_is_told_as_well(camp: Camp) -> None:
    task, bea = quarrel(camp), camp["bea"]
    bea.conflicts()

    bea.transition(task, "reopen")

    settled = [each for each in bea.conflicts(settled=True) if each.kind == "lifecycle"]
    assert [each.settled.value for each in settled if each.settled] == ["open"]


def test_the_answer_to_a_passage_begins_with_the_merged_text(camp: Camp) -> None:
    note = camp["ann"].add_note("Plan", body="Water.\nWe leave at six.\nRope.\n")
    camp.meet()
    camp["ann"].edit(note, Patch(body="Water.\nWe leave at six, early.\nRope.\n"))
    camp["bea"].edit(note, Patch(body="Water.\nSo we leave at six.\nRope.\n"))
    camp.meet()
    bea = camp["bea"]
    (row,) = bea.conflicts()

    merged = bea.passage(ConflictId(row.id))

    assert merged == "So we leave at six, early."
    bea.resolve(ConflictId(row.id), value=merged)
    assert bea.note(note).body == "Water.\nSo we leave at six, early.\nRope.\n"
    with pytest.raises(NotFound):
        bea.passage(ConflictId(row.id))


def test_what_was_edited_beside_the_trash_is_told(camp: Camp) -> None:
    ann, bea = camp["ann"], camp["bea"]
    note = ann.add_note("Songs", body="Old ones.\n")
    camp.meet()
    ann.edit(note, Patch(fields={"title": "All songs"}))  # seen by who puts it away
    ann.trash(note)
    bea.edit(note, Patch(body="Old ones, and new.\n"))
    camp.meet()
    (row,) = bea.conflicts()

    found = bea.edits_beside_trash(ConflictId(row.id))

    assert found == (Difference("body", "Old ones.\n", "Old ones, and new.\n"),)
