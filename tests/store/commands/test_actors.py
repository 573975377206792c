"""Edits that follow each other share an actor; two who could use one number never do (ADR 33)."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from store import log
from store.commands.patches import Patch
from store.documents.inspect import inspect_change
from store.domain.ids import DocId, SpaceId
from store.log import LogRow
from store.replica import Replica
from tests.documents.changes import forged, puts_of_one_key
from tests.support.refusing import refused_at


@pytest.fixture
def alice(tmp_path: Path) -> Iterator[Replica]:
    """A home of her own."""
    with Replica.open(tmp_path / "alice") as replica:
        yield replica


@pytest.fixture
def note(alice: Replica) -> DocId:
    """A note that she has made."""
    return alice.add_note("Log", body="One.\n")


def retitle(replica: Replica, note: DocId, *titles: str) -> None:
    for title in titles:
        replica.edit(note, Patch(fields={"title": title}))


def edits(replica: Replica, note: DocId) -> list[LogRow]:
    """The edits of a note, without what it was made with."""
    with replica.db.read() as conn:
        return log.doc_rows(conn, note)[1:]


def numbers(rows: list[LogRow]) -> list[int]:
    return [row.actor_seq for row in rows]


def test_edits_that_follow_each_other_share_an_actor(alice: Replica, note: DocId) -> None:
    retitle(alice, note, "Log of the hut", "Log of the old hut", "Log")

    assert numbers(edits(alice, note)) == [1, 2, 3]
    assert len({row.actor for row in edits(alice, note)}) == 1


def test_a_note_that_is_typed_into_shares_one_for_all_its_saves(
    alice: Replica, note: DocId
) -> None:
    for line in ("Two.\n", "Three.\n", "Four.\n"):
        text, base = alice.text(note)
        alice.save_draft(note, text + line, base)
        alice.flush_drafts()

    assert alice.note(note).body == "One.\nTwo.\nThree.\nFour.\n"
    assert numbers(edits(alice, note)) == [1, 2, 3]


def test_each_document_has_another(alice: Replica, note: DocId) -> None:
    other = alice.add_note("Songs")
    retitle(alice, note, "Log of the hut")
    retitle(alice, other, "Old songs")

    assert edits(alice, note)[0].actor != edits(alice, other)[0].actor


def test_it_is_not_known_any_more_after_a_restart(tmp_path: Path) -> None:
    with Replica.open(tmp_path / "home") as before:
        note = before.add_note("Log")
        retitle(before, note, "Log of the hut")
    with Replica.open(tmp_path / "home") as after:
        retitle(after, note, "Log")

        assert numbers(edits(after, note)) == [1, 1]


def test_two_programs_with_one_home_have_an_actor_each(
    tmp_path: Path, alice: Replica, note: DocId
) -> None:
    with Replica.open(tmp_path / "alice") as other:
        for number in range(3):
            retitle(alice, note, f"Log {number}")
            retitle(other, note, f"Diary {number}")

        rows = edits(alice, note)
        assert numbers(rows) == [1, 1, 2, 2, 3, 3]
        assert len({row.actor for row in rows}) == 2


def test_a_home_that_was_copied_has_none(tmp_path: Path, alice: Replica, note: DocId) -> None:
    retitle(alice, note, "Log of the hut")
    (tmp_path / "copy").mkdir()
    alice.db.copy_to(tmp_path / "copy" / "cairn.db")
    with Replica.open(tmp_path / "copy") as copy:
        retitle(copy, note, "Copied")
        retitle(alice, note, "Log")

        assert numbers(edits(copy, note)) == [1, 1]
        assert numbers(edits(alice, note)) == [1, 2]


def test_after_an_act_that_failed_another_one_writes(alice: Replica, note: DocId) -> None:
    """Whether anything of it is anywhere need not be asked."""
    retitle(alice, note, "Log of the hut")

    def edit_and_fail() -> None:
        with alice.act() as act:
            act.edit(note, lambda writer: writer.put(b"\x00", "title", "Lost"))
            raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError):
        edit_and_fail()
    retitle(alice, note, "Log")

    first, second = edits(alice, note)
    assert (first.actor_seq, second.actor_seq) == (1, 1)
    assert first.actor != second.actor


def test_an_edit_of_what_somebody_saw_before_has_an_actor_of_its_own(
    alice: Replica, note: DocId
) -> None:
    """It has not seen what its actor wrote since: the number would be used twice."""
    text, base = alice.text(note)
    retitle(alice, note, "Log of the hut")
    alice.save_draft(note, text + "Two.\n", base)
    alice.flush_drafts()
    retitle(alice, note, "Log")

    first, typed, last = edits(alice, note)
    assert (first.actor_seq, typed.actor_seq, last.actor_seq) == (1, 1, 2)
    assert first.actor == last.actor != typed.actor


def test_after_taking_back_what_was_refused_another_one_writes(alice: Replica, note: DocId) -> None:
    retitle(alice, note, "Log of the hut", "Refused")
    refused_at(alice, note, 2)
    refused = edits(alice, note)[0].actor
    alice.take_back(note)
    retitle(alice, note, "Log")

    assert edits(alice, note)[-1].actor_seq == 1
    assert edits(alice, note)[-1].actor != refused


def test_what_another_program_took_back_and_wrote_instead_is_what_this_one_goes_on_from(
    tmp_path: Path, alice: Replica, note: DocId
) -> None:
    """By then the item has as many changes as this program knows of."""
    retitle(alice, note, "Refused")
    refused_at(alice, note, 1)
    with Replica.open(tmp_path / "alice") as other:
        other.take_back(note)
        retitle(other, note, "Log of the hut")

    assert alice.text(note) == ("One.\n", (edits(alice, note)[-1].hash,))
    alice.edit(note, Patch(fields={"pinned": True}))
    assert (alice.note(note).title, alice.note(note).pinned) == ("Log of the hut", True)


def test_a_number_that_somebody_else_has_used_is_not_used(alice: Replica, note: DocId) -> None:
    """Who has read our changes can forge the next one."""
    retitle(alice, note, "Log of the hut")
    ours = inspect_change(edits(alice, note)[0].bytes or b"")
    raw = forged(
        puts_of_one_key(1),
        deps=[ours.hash],
        seq=2,
        start_op=ours.max_op + 1,
        actor=ours.actor,
    )
    taken = alice.apply_remote(
        SpaceId(alice.space().id), [(note, inspect_change(raw))], origin="mallory"
    )
    assert taken.accepted == 1
    retitle(alice, note, "Log")

    assert numbers(edits(alice, note)) == [1, 2, 1]


def test_a_copy_of_the_process_does_not_use_it(
    alice: Replica, note: DocId, monkeypatch: pytest.MonkeyPatch
) -> None:
    retitle(alice, note, "Log of the hut")
    monkeypatch.setattr(os, "getpid", lambda: -1)
    retitle(alice, note, "Log")

    assert numbers(edits(alice, note)) == [1, 1]


def test_a_home_that_learns_that_it_is_a_copy_begins_anew(alice: Replica, note: DocId) -> None:
    """Its whole machine may have been copied, or put back, with this program running."""
    retitle(alice, note, "Log of the hut")
    alice.set_replica_id(alice.identity.replica_id)
    retitle(alice, note, "Log")

    assert numbers(edits(alice, note)) == [1, 1]
