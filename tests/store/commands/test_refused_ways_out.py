"""Retry, take back, save as new: what becomes of an item whose changes a server refused (D20)."""

import pytest

from store.commands.patches import NewTask, Patch
from store.domain.errors import InvalidValue, NotFound, Refused
from store.domain.ids import DocId
from store.replica import Replica
from tests.support.refusing import refused_at


def test_undo_of_a_text_that_was_taken_back_is_refused_with_the_reason(alice: Replica) -> None:
    note = alice.add_note("Log", body="One.\n")
    alice.edit(note, Patch(body="One.\nTwo.\n"))
    edit = alice.made_act()
    refused_at(alice, note, 1)
    alice.take_back(note)

    assert edit is not None
    with pytest.raises(Refused, match="taken back"):
        alice.undo(edit[0])


def test_what_is_typed_but_no_change_yet_survives_taking_back(alice: Replica) -> None:
    note = alice.add_note("Log", body="One.\n")
    alice.edit(note, Patch(fields={"title": "Refused"}))
    text, base = alice.text(note)
    alice.save_draft(note, text + "Typed.\n", base)
    refused_at(alice, note, 1)

    alice.take_back(note)
    alice.put_held_in(note)

    assert (alice.note(note).title, alice.note(note).body) == ("Log", "One.\nTyped.\n")


@pytest.fixture
def held(alice: Replica) -> DocId:
    """A note of which a text was refused and taken back."""
    note = alice.add_note("Log", body="One.\n")
    alice.edit(note, Patch(body="One.\nTwo.\n"))
    refused_at(alice, note, 1)
    alice.take_back(note)
    return note


def test_a_text_that_was_taken_back_waits_for_a_person(alice: Replica, held: DocId) -> None:
    assert alice.flush_drafts() == []
    assert alice.note(held).body == "One.\n"
    assert [(row.doc_id, row.title, row.text) for row in alice.held_drafts()] == [
        (held, "Log", "One.\nTwo.\n")
    ]
    assert alice.text(held)[0] == "One.\nTwo.\n"  # the box shows it, for a person to look


def test_it_is_put_in_beside_what_was_written_since(alice: Replica, held: DocId) -> None:
    alice.edit(held, Patch(body="Zero.\nOne.\n"))

    assert alice.put_held_in(held) == held

    assert alice.note(held).body == "Zero.\nOne.\nTwo.\n"
    assert alice.held_drafts() == []
    alice.undo()
    assert alice.note(held).body == "Zero.\nOne.\n"


def test_typing_on_in_it_is_looking_at_it(alice: Replica, held: DocId) -> None:
    text, base = alice.text(held)
    alice.save_draft(held, text.replace("Two", "2"), base)

    assert alice.flush_drafts() == [held]
    assert (alice.note(held).body, alice.held_drafts()) == ("One.\n2.\n", [])


def test_it_is_thrown_away_when_a_person_says_so(alice: Replica, held: DocId) -> None:
    alice.drop_held(held)

    assert (alice.held_drafts(), alice.text(held)[0]) == ([], "One.\n")
    for act in (alice.drop_held, alice.put_held_in):
        with pytest.raises(NotFound, match="cairn drafts"):
            act(held)


def test_a_second_text_that_is_taken_back_stands_after_the_first(
    alice: Replica, held: DocId
) -> None:
    alice.edit(held, Patch(body="One.\nThree.\n"))
    refused_at(alice, held, 1)

    alice.take_back(held)

    assert alice.note(held).body == "One.\n"
    assert alice.text(held)[0] == "One.\nTwo.\n\n\nOne.\nThree.\n"


def test_of_an_item_that_was_taken_back_whole_it_becomes_a_note(alice: Replica) -> None:
    task = alice.add_task(NewTask("Rope", body="Thirty metres.\nRed.\n"))
    refused_at(alice, task, 0)
    alice.take_back(task)
    assert [row.title for row in alice.held_drafts()] == [None]

    note = alice.put_held_in(task)

    assert (alice.note(note).title, alice.note(note).body) == (
        "Thirty metres.",
        "Thirty metres.\nRed.\n",
    )
    assert (alice.held_drafts(), alice.tasks()) == ([], [])


def test_saving_as_new_keeps_an_earlier_text_that_is_held(alice: Replica, held: DocId) -> None:
    alice.edit(held, Patch(body="One.\nThree.\n"))
    refused_at(alice, held, 1)

    copy = alice.salvage(held)

    assert alice.note(copy).body == "One.\nThree.\n"
    assert [row.text for row in alice.held_drafts()] == ["One.\nTwo.\n"]


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


def test_a_text_that_was_put_in_is_held_again_when_that_is_undone(
    alice: Replica, held: DocId
) -> None:
    before = [(row.doc_id, row.text) for row in alice.held_drafts()]
    alice.put_held_in(held)

    alice.undo()
    assert [(row.doc_id, row.text) for row in alice.held_drafts()] == before
    assert alice.note(held).body == "One.\n"

    alice.redo()
    assert (alice.note(held).body, alice.held_drafts()) == ("One.\nTwo.\n", [])


def test_a_text_that_became_a_note_is_held_again_when_that_is_undone(alice: Replica) -> None:
    task = alice.add_task(NewTask("Rope", body="Thirty metres.\n"))
    refused_at(alice, task, 0)
    alice.take_back(task)
    note = alice.put_held_in(task)

    undone = alice.undo()

    assert (undone.docs, alice.note(note).trashed) == ((note,), True)
    assert [row.text for row in alice.held_drafts()] == ["Thirty metres.\n"]
    alice.redo()
    assert (alice.note(note).trashed, alice.held_drafts()) == (False, [])


def test_throwing_a_text_away_is_undone_and_done_again(alice: Replica, held: DocId) -> None:
    alice.drop_held(held)

    alice.undo()
    assert [row.text for row in alice.held_drafts()] == ["One.\nTwo.\n"]
    alice.redo()

    assert alice.held_drafts() == []
