"""Several items changed as one act: all or none, and taken back as one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.commands.patches import NewTask, Patch
from store.domain.errors import InvalidTransition
from store.domain.ids import DocId
from store.replica import Replica


@pytest.fixture
def alice(tmp_path: Path) -> Iterator[Replica]:
    with Replica.open(tmp_path / "alice") as opened:
        yield opened


@pytest.fixture
def tasks(alice: Replica) -> list[DocId]:
    return [alice.add_task(NewTask(title)) for title in ("Rope", "Stove", "Map")]


def states(alice: Replica) -> list[str]:
    return [row.state for row in alice.tasks()]


def test_an_edit_of_several_is_taken_back_as_one(alice: Replica, tasks: list[DocId]) -> None:
    alice.edit_all(tasks, Patch(fields={"list": "Hut"}, add_tags=("gear",)))
    assert [(row.list, row.tags) for row in alice.tasks()] == [("Hut", ("gear",))] * 3

    alice.undo()

    assert [(row.list, row.tags) for row in alice.tasks()] == [(None, ())] * 3


def test_a_transition_of_several_is_taken_back_as_one(alice: Replica, tasks: list[DocId]) -> None:
    alice.transition_all(tasks, "done")
    assert states(alice) == ["done"] * 3

    alice.undo()

    assert states(alice) == ["open"] * 3


def test_where_one_does_not_allow_it_none_is_changed(alice: Replica, tasks: list[DocId]) -> None:
    alice.transition(tasks[2], "done")

    with pytest.raises(InvalidTransition):
        alice.transition_all(tasks, "start")

    assert states(alice) == ["open", "open", "done"]


def test_several_go_into_the_trash_and_come_back(alice: Replica, tasks: list[DocId]) -> None:
    alice.trash_all(tasks[:2])
    assert [row.title for row in alice.tasks()] == ["Map"]

    alice.restore_all(tasks[:2])
    alice.undo()
    alice.undo()

    assert len(alice.tasks()) == 3


def test_done_series_go_on_and_undo_takes_the_next_ones_back(alice: Replica) -> None:
    docs = [
        alice.add_task(NewTask(title, due="2026-11-23", repeat="FREQ=WEEKLY"))
        for title in ("Water", "Feed")
    ]

    alice.transition_all(docs, "done")
    assert [row.due for row in alice.tasks(state="open")] == ["2026-11-30"] * 2

    alice.undo()

    assert [row.due for row in alice.tasks(state="open")] == ["2026-11-23"] * 2
