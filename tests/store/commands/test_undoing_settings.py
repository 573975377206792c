"""Undo of what a person set up on a device: each value goes back to the one before, by itself."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.change_set import ChangeSet
from store.commands import items
from store.commands.finals import FINALS
from store.commands.patches import NewTask
from store.domain.errors import NothingToUndo, Refused
from store.domain.ids import DocId, SpaceId
from store.domain.measures.thresholds import Thresholds
from store.replica import Replica
from store.replica.core import NOT_RECORDED
from tests.support.people import entropy_of
from tests.support.spaces import share_space

LOOKS = "app_appearance"
HUT = SpaceId("s00000000000000000000000hut")


@pytest.fixture
def alice(tmp_path: Path) -> Iterator[Replica]:
    """A home of her own."""
    with Replica.open(tmp_path / "alice", entropy=entropy_of(1)) as replica:
        replica.set_identity("Alice", "laptop")
        replica.made_act()
        yield replica


def test_a_name_goes_back(alice: Replica) -> None:
    alice.set_identity("Alicia", "phone")

    undone = alice.undo()

    assert undone.label == "name"
    assert (alice.identity.person, alice.identity.device) == ("Alice", "laptop")
    alice.redo()
    assert (alice.identity.person, alice.identity.device) == ("Alicia", "phone")


def test_saying_what_is_so_already_is_no_act(alice: Replica) -> None:
    alice.set_identity("Alice")
    alice.set_thresholds({})
    alice.reset_thresholds()
    alice.use_space(alice.space().name)
    alice.change_fields(LOOKS, {"mode": None}, label="appearance")

    assert alice.made_act() is None


def test_a_field_that_was_never_set_is_unset_again_and_others_stay(alice: Replica) -> None:
    alice.change_fields(LOOKS, {"mode": "dark"}, label="appearance")
    mode = alice.made_act()
    alice.change_fields(LOOKS, {"seed": "Lake"}, label="appearance")
    assert mode is not None

    alice.undo(mode[0])

    assert alice.fields(LOOKS) == {"seed": "Lake"}
    alice.undo()
    assert alice.fields(LOOKS) == {}


def test_what_was_set_to_something_else_since_is_not_undone(alice: Replica) -> None:
    alice.change_fields(LOOKS, {"mode": "dark"}, label="appearance")
    first = alice.made_act()
    alice.change_fields(LOOKS, {"mode": "light"}, label="appearance")
    assert first is not None

    with pytest.raises(Refused, match="something else since"):
        alice.undo(first[0])

    assert alice.fields(LOOKS) == {"mode": "light"}


def test_what_an_older_version_kept_and_nobody_can_read_is_passed_over(alice: Replica) -> None:
    alice.remember(LOOKS, "dark!")

    alice.change_fields(LOOKS, {"mode": "dark"}, label="appearance")

    assert alice.fields(LOOKS) == {"mode": "dark"}


def test_thresholds_go_back_one_by_one_and_all_at_once(alice: Replica) -> None:
    usual = Thresholds()
    alice.set_thresholds({"lag_s": 7})
    alice.set_thresholds({"conflict_rate": 0.5})
    chosen = alice.thresholds()
    alice.reset_thresholds()
    assert alice.thresholds() == usual

    alice.undo()
    assert alice.thresholds() == chosen
    alice.undo()
    assert alice.thresholds() == usual.changed({"lag_s": 7})
    alice.undo()
    assert alice.thresholds() == usual


def test_new_items_go_to_the_space_before(alice: Replica) -> None:
    share_space(alice, HUT, "Hut")
    alice.use_space("Personal")

    alice.undo()

    assert alice.space().name == "Hut"
    alice.redo()
    assert alice.space().name == "Personal"


def test_views_are_told_of_what_an_undo_changes(alice: Replica) -> None:
    alice.set_identity("Alicia")
    alice.change_setting("app.shares_nearby", "1", label="nearby")
    heard: list[ChangeSet] = []
    alice.watch(heard.append)

    alice.undo()
    alice.undo()

    assert [set(each.topics) for each in heard] == [{"settings"}, {"identity"}]


def test_what_can_never_be_undone_says_so_once_and_is_no_longer_in_the_way(alice: Replica) -> None:
    rope = alice.add_task(NewTask("Rope"))
    gone = alice.add_task(NewTask("Tent"))
    alice.trash(gone)
    alice.made_act()
    alice.purge_trash()
    assert alice.made_act() is None  # nothing offers a way back

    with pytest.raises(Refused, match="Emptying the trash"):
        alice.undo()
    for _ in range(2):  # of what is in it no more: the putting away, the making
        with pytest.raises(Refused, match="emptied since"):
            alice.undo()

    assert alice.undo().docs == (rope,)


def test_emptying_an_empty_trash_is_no_act(alice: Replica) -> None:
    alice.purge_trash()

    alice.undo()  # the name, from the fixture
    with pytest.raises(NothingToUndo):
        alice.undo()


@pytest.mark.parametrize("label", FINALS)
def test_each_sentence_says_what_can_not_be_undone(alice: Replica, label: str) -> None:
    alice.note_final(label)

    with pytest.raises(Refused) as refused:
        alice.undo()

    assert refused.value.detail == FINALS[label]


def forgotten(home: Replica, task: DocId) -> None:
    """Put a task away by an act of which nobody thought that it must be recorded."""
    with home.act() as act:
        items.trash(act, task)


def test_no_act_that_was_not_recorded_gets_past_the_tests(alice: Replica) -> None:
    """The rule stands where all acts pass, so that a new one can't be forgotten."""
    task = alice.add_task(NewTask("Rope"))
    digest = alice.digest()

    with pytest.raises(RuntimeWarning, match=NOT_RECORDED):
        forgotten(alice, task)

    assert alice.digest() == digest
    assert not alice.task(task).trashed


def test_neither_does_one_in_a_process_that_a_test_starts() -> None:
    warn = f"import warnings; warnings.warn({NOT_RECORDED!r}, RuntimeWarning)"

    done = subprocess.run(
        [sys.executable, "-c", warn], capture_output=True, text=True, check=False, timeout=60
    )

    assert done.returncode == 1
    assert done.stderr.endswith(f"RuntimeWarning: {NOT_RECORDED}\n")


def test_what_a_person_did_is_kept_where_one_was_forgotten_and_undo_says_so(
    alice: Replica,
) -> None:
    """It says so once, and does not take back what came before it instead."""
    task = alice.add_task(NewTask("Rope"))
    alice.set_identity("Alicia")

    with pytest.warns(RuntimeWarning, match=NOT_RECORDED) as warned:
        forgotten(alice, task)

    assert warned[0].filename == __file__
    assert alice.task(task).trashed
    with pytest.raises(Refused, match="fault of Cairn"):
        alice.undo()
    assert alice.undo().label == "name"
    assert alice.task(task).trashed
