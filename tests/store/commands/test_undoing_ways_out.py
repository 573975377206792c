"""Going back on the three ways out of a refusal: parked again as it was, and nothing sent (D20)."""

import pytest

from store import offered_again
from store.commands.patches import NewTask, Patch
from store.domain.errors import NotFound, NothingToUndo, Refused
from store.domain.ids import DocId
from store.replica import Replica
from store.rows import ParkedRow
from tests.support.refusing import refused_at


@pytest.fixture
def log_book(alice: Replica) -> DocId:
    """A note of which a second line was refused, and the title that was written after it."""
    note = alice.add_note("Log", body="One.\n")
    alice.edit(note, Patch(body="One.\nTwo.\n"))
    alice.edit(note, Patch(fields={"title": "Log book"}))
    refused_at(alice, note, 1)
    return note


def refused(replica: Replica) -> dict[DocId, ParkedRow]:
    """What is parked, by its item."""
    return {DocId(row.doc_id): row for row in replica.parked()}


def changes_sent_again(replica: Replica, doc: DocId) -> None:
    """Do as a round does just before it sends."""
    with replica.db.write() as conn:
        (space,) = conn.execute("SELECT space FROM doc WHERE id = ?", (doc,)).fetchone()
        offered_again.note_sent(conn, space, offered_again.unsent(conn, space))


def last_act(replica: Replica, label: str) -> int:
    """The number of the last act with a label."""
    with replica.db.read() as conn:
        row = conn.execute("SELECT max(id) FROM act WHERE label = ?", (label,)).fetchone()
    return int(row[0])


def test_what_was_taken_back_comes_back_parked_with_its_reason(
    alice: Replica, log_book: DocId
) -> None:
    before, was, history = refused(alice), alice.note(log_book), alice.history(log_book)
    heads = alice.digest().heads
    alice.take_back(log_book)
    assert (refused(alice), alice.note(log_book).title) == ({}, "Log")

    undone = alice.undo()

    assert (undone.label, undone.docs) == ("take-back", (log_book,))
    assert (refused(alice), alice.note(log_book)) == (before, was)
    assert (alice.history(log_book), alice.digest().heads) == (history, heads)
    assert alice.held_drafts() == []


def test_taking_back_is_done_again_and_undone_again(alice: Replica, log_book: DocId) -> None:
    before = refused(alice)
    alice.take_back(log_book)
    held = [row.text for row in alice.held_drafts()]
    alice.undo()

    alice.redo()

    assert (refused(alice), alice.note(log_book).body) == ({}, "One.\n")
    assert [row.text for row in alice.held_drafts()] == held
    alice.undo()
    assert (refused(alice), alice.note(log_book).body) == (before, "One.\nTwo.\n")


def test_what_was_written_since_stays_beside_what_comes_back(
    alice: Replica, log_book: DocId
) -> None:
    alice.take_back(log_book)
    alice.edit(log_book, Patch(add_tags=("camp",)))

    alice.undo(last_act(alice, "take-back"))

    note = alice.note(log_book)
    assert (note.title, note.body, note.tags) == ("Log book", "One.\nTwo.\n", ("camp",))
    assert refused(alice)[log_book].changes == 2  # not what was written since


def test_an_item_of_which_all_was_taken_back_comes_back(alice: Replica) -> None:
    task = alice.add_task(NewTask("Rope", body="Red.\n", tags=("climb",)))
    refused_at(alice, task, 0)
    was, before = alice.task(task), refused(alice)
    alice.take_back(task)
    with pytest.raises(NotFound):
        alice.task(task)

    alice.undo()

    assert (alice.task(task), refused(alice)) == (was, before)
    redone = alice.redo()
    assert (redone.docs, refused(alice)) == ((), {})


def test_a_held_text_that_one_typed_on_in_is_kept(alice: Replica, log_book: DocId) -> None:
    alice.take_back(log_book)
    text, base = alice.text(log_book)
    alice.save_draft(log_book, text + "Three.\n", base)

    alice.undo()

    assert alice.text(log_book)[0] == "One.\nTwo.\nThree.\n"
    assert log_book in refused(alice)


def test_an_earlier_text_that_is_held_is_held_as_before(alice: Replica, log_book: DocId) -> None:
    alice.take_back(log_book)
    alice.edit(log_book, Patch(body="One.\nFour.\n"))
    refused_at(alice, log_book, 1)
    alice.take_back(log_book)
    assert alice.text(log_book)[0] == "One.\nTwo.\n\n\nOne.\nFour.\n"

    alice.undo()

    assert [row.text for row in alice.held_drafts()] == ["One.\nTwo.\n"]
    assert alice.note(log_book).body == "One.\nFour.\n"


def test_what_was_typed_before_taking_back_is_an_act_of_its_own(
    alice: Replica, log_book: DocId
) -> None:
    text, base = alice.text(log_book)
    alice.save_draft(log_book, text + "Typed.\n", base)
    alice.take_back(log_book)

    alice.undo()
    assert alice.note(log_book).body == "One.\nTwo.\nTyped.\n"
    alice.undo()

    assert alice.note(log_book).body == "One.\nTwo.\n"


def test_taking_back_can_be_undone_only_in_the_order_in_which_things_follow_each_other(
    alice: Replica,
) -> None:
    note = alice.add_note("Log")
    alice.edit(note, Patch(fields={"title": "A"}))
    alice.edit(note, Patch(fields={"title": "B"}))
    refused_at(alice, note, 2)
    alice.take_back(note)
    first = last_act(alice, "take-back")
    refused_at(alice, note, 1)
    alice.take_back(note)
    digest = alice.digest()

    with pytest.raises(Refused, match="undo that first"):
        alice.undo(first)

    assert alice.digest() == digest
    alice.undo()
    alice.undo()
    assert alice.note(note).title == "B"


def test_saving_as_new_goes_back_the_new_item_to_the_trash(alice: Replica, log_book: DocId) -> None:
    before, was = refused(alice), alice.note(log_book)
    copy = alice.salvage(log_book)

    undone = alice.undo()

    assert undone.label == "salvage"
    assert (alice.note(log_book), refused(alice)) == (was, before)
    assert alice.note(copy).trashed
    alice.redo()
    assert (alice.note(copy).trashed, alice.note(copy).body) == (False, "One.\nTwo.\n")
    assert (alice.note(log_book).body, refused(alice)) == ("One.\n", {})


def test_a_retry_is_parked_again_while_it_was_not_sent(alice: Replica, log_book: DocId) -> None:
    before = refused(alice)
    alice.retry_parked(log_book)
    assert (refused(alice), alice.note(log_book).sync) != (before, "error")

    undone = alice.undo()

    assert (undone.label, refused(alice)) == ("retry-refused", before)
    assert alice.note(log_book).sync == "error"
    alice.redo()
    assert refused(alice) == {}
    alice.undo()
    assert refused(alice) == before


def test_a_retry_that_was_sent_is_not_undone_and_the_next_undo_takes_what_came_before(
    alice: Replica, log_book: DocId
) -> None:
    alice.retry_parked(log_book)
    changes_sent_again(alice, log_book)

    with pytest.raises(Refused, match="sent from this device since"):
        alice.undo()

    assert refused(alice) == {}
    assert alice.undo().label == "edit"
    assert alice.note(log_book).title == "Log"


def test_a_retry_that_was_refused_anew_is_not_undone(alice: Replica, log_book: DocId) -> None:
    alice.retry_parked(log_book)
    refused_at(alice, log_book, 1)
    before = refused(alice)

    with pytest.raises(Refused, match="sent from this device since"):
        alice.undo()

    assert refused(alice) == before


def test_what_was_edited_before_is_undone_after_the_taking_back_is(
    alice: Replica, log_book: DocId
) -> None:
    alice.take_back(log_book)
    for _ in range(3):  # the taking back, the title, the text
        alice.undo()
    assert (alice.note(log_book).title, alice.note(log_book).body) == ("Log", "One.\n")
    alice.undo()
    with pytest.raises(NothingToUndo):
        alice.undo()
