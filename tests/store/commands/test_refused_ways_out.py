"""Retry, take back, save as new: what becomes of an item whose changes a server refused (D20)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.commands.patches import NewTask, Patch
from store.domain.errors import InvalidValue, NotFound, Refused
from store.replica import Replica
from tests.property.test_convergence import refused_at
from tests.support.people import entropy_of


@pytest.fixture
def alice(tmp_path: Path) -> Iterator[Replica]:
    """A home of her own."""
    with Replica.open(tmp_path / "alice", entropy=entropy_of(1)) as replica:
        yield replica


def test_undo_of_a_text_that_was_taken_back_is_refused_with_the_reason(alice: Replica) -> None:
    note = alice.add_note("Log", body="One.\n")
    alice.edit(note, Patch(body="One.\nTwo.\n"))
    refused_at(alice, note, 1)
    alice.take_back(note)

    with pytest.raises(Refused, match="taken back"):
        alice.undo()


def test_what_is_typed_but_no_change_yet_survives_taking_back(alice: Replica) -> None:
    note = alice.add_note("Log", body="One.\n")
    alice.edit(note, Patch(fields={"title": "Refused"}))
    text, base = alice.text(note)
    alice.save_draft(note, text + "Typed.\n", base)
    refused_at(alice, note, 1)

    alice.take_back(note)
    alice.flush_drafts()

    assert (alice.note(note).title, alice.note(note).body) == ("Log", "One.\nTyped.\n")


def test_saving_as_new_keeps_the_state_and_what_is_typed(alice: Replica) -> None:
    task = alice.add_task(NewTask("Rope", body="Old.\n"))
    alice.transition(task, "done")
    text, base = alice.text(task)
    alice.save_draft(task, text + "Typed.\n", base)
    refused_at(alice, task, 0)

    copy = alice.salvage(task)

    assert (alice.task(copy).state, alice.task(copy).body) == ("done", "Old.\nTyped.\n")
    with pytest.raises(NotFound):
        alice.task(task)


def test_a_draft_does_not_bring_back_an_item_of_which_everything_was_taken_back(
    alice: Replica,
) -> None:
    note = alice.add_note("Log", body="One.\n")
    refused_at(alice, note, 0)
    alice.take_back(note)

    assert alice.flush_drafts() == []
    assert alice.notes() == []


def test_a_note_has_no_place_among_tasks(alice: Replica) -> None:
    task, note = alice.add_task(NewTask("Rope")), alice.add_note("Log")
    before = alice.history(note)

    with pytest.raises(InvalidValue, match="A note has no place"):
        alice.edit(note, Patch(before=task))

    assert alice.history(note) == before


def test_a_box_that_was_loaded_from_what_was_taken_back_is_saved_on_what_is_there(
    alice: Replica,
) -> None:
    note = alice.add_note("Log", body="One.\n")
    alice.edit(note, Patch(body="One.\nTwo.\n"))
    text, base = alice.text(note)
    refused_at(alice, note, 1)
    alice.take_back(note)

    alice.edit(note, Patch(body=text + "Three.\n", body_base=base))

    assert alice.note(note).body == "One.\nTwo.\nThree.\n"
