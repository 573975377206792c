"""Importing Markdown into a replica: once, again, apart, and out of our own export."""

import shutil
from pathlib import Path

import pytest

from store.commands.patches import NewTask, Patch
from store.domain.errors import NothingToUndo
from store.domain.ids import DocId, SpaceId
from store.interchange import (
    ImportRefused,
    ImportReport,
    export,
    import_files,
)
from store.replica import Replica
from store.rows import NoteRow
from tests.interchange.reading import VAULT, folder_of, send
from tests.support.spaces import share_space


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.created, report.updated, report.unchanged, report.skipped


def notes_by_title(replica: Replica) -> dict[str, NoteRow]:
    return {row.title: replica.note(DocId(row.id)) for row in replica.notes()}


def only_note(replica: Replica) -> NoteRow:
    (row,) = replica.notes()
    return replica.note(DocId(row.id))


def test_the_vault_comes_in_whole(alice: Replica) -> None:
    report = import_files(alice, VAULT, format="markdown", space=None)

    notes = notes_by_title(alice)
    assert counts(report) == (11, 0, 0, 0)
    assert len(report.dropped) == 3
    assert len(notes) == 11
    assert notes["Packing: what to take"].tags == ("climb", "lists", "trip", "winter trip")
    assert notes["Packing: what to take"].created_at_ms == 1_767_979_800_000
    assert [hit.title for hit in alice.search("saddle")] == ["From the hut to the ridge"]


def test_importing_again_changes_nothing(alice: Replica) -> None:
    first = import_files(alice, VAULT, format="markdown", space=None, checkboxes_as_tasks=True)
    before = alice.digest()

    second = import_files(alice, VAULT, format="markdown", space=None, checkboxes_as_tasks=True)

    assert counts(first) == (20, 0, 0, 0)
    assert counts(second) == (0, 0, 20, 0)
    assert second.dropped == first.dropped
    assert alice.digest() == before


def test_a_dry_run_says_the_same_and_writes_nothing(alice: Replica, vault: Path) -> None:
    folder_of(vault, {"a.md": "one", "b.md": "two"})
    before = alice.digest()
    assert counts(import_files(alice, vault, format="markdown", space=None, dry_run=True)) == (
        2,
        0,
        0,
        0,
    )
    assert alice.digest() == before
    assert counts(import_files(alice, vault, format="markdown", space=None)) == (2, 0, 0, 0)
    before = alice.digest()
    folder_of(vault, {"b.md": "two!", "c.md": b"\x00"})

    report = import_files(alice, vault, format="markdown", space=None, dry_run=True)

    assert counts(report) == (0, 1, 1, 1)
    assert alice.digest() == before
    assert report == import_files(alice, vault, format="markdown", space=None)


def test_a_file_that_changed_changes_its_note(alice: Replica, vault: Path) -> None:
    folder_of(vault, {"a.md": "---\ntitle: A\ntags: [x, y]\n---\none\ntwo\n"})
    import_files(alice, vault, format="markdown", space=None)
    before = only_note(alice)
    folder_of(vault, {"a.md": "---\ntitle: B\ntags: [y, z]\n---\none\ntwo\nthree\n"})

    report = import_files(alice, vault, format="markdown", space=None)

    after = only_note(alice)
    assert counts(report) == (0, 1, 0, 0)
    assert (after.id, after.title, after.body, after.tags) == (
        before.id,
        "B",
        "one\ntwo\nthree\n",
        ("y", "z"),
    )
    assert len(alice.history(DocId(after.id))) > 1


@pytest.mark.parametrize(
    ("first", "second", "tags", "pinned"),
    [
        ("tags: [x]", "tags: [y]", ("y",), False),
        ("pinned: true", "tags: [x]", ("x",), False),
        ("tags: [x]", "tags: [x]\npinned: true", ("x",), True),
    ],
)
def test_a_change_of_front_matter_alone_is_taken_over_and_can_be_undone(
    alice: Replica, vault: Path, first: str, second: str, tags: tuple[str, ...], pinned: bool
) -> None:
    folder_of(vault, {"a.md": f"---\n{first}\n---\none\n"})
    import_files(alice, vault, format="markdown", space=None)
    before = only_note(alice)
    folder_of(vault, {"a.md": f"---\n{second}\n---\none\n"})

    report = import_files(alice, vault, format="markdown", space=None)

    after = only_note(alice)
    assert counts(report) == (0, 1, 0, 0)
    assert (after.tags, after.pinned) == (tags, pinned)
    alice.undo()
    undone = only_note(alice)
    assert (undone.tags, undone.pinned) == (before.tags, before.pinned)


def test_an_import_of_many_transactions_is_one_act(alice: Replica, vault: Path) -> None:
    for text in ("first", "second"):
        folder_of(vault, {f"{number}.md": f"{text} {number}\n" for number in range(205)})
        import_files(alice, vault, format="markdown", space=None)

    assert len(alice.undo().docs) == 205
    assert {str(note.body)[:5] for note in notes_by_title(alice).values()} == {"first"}
    assert len(alice.undo().docs) == 205
    assert alice.notes() == []

    assert len(alice.redo().docs) == 205
    assert len(alice.redo().docs) == 205
    assert {str(note.body)[:6] for note in notes_by_title(alice).values()} == {"second"}
    with pytest.raises(NothingToUndo):
        alice.redo()


def test_what_people_wrote_since_stays(alice: Replica, vault: Path) -> None:
    folder_of(vault, {"a.md": "one\n\ntwo\n"})
    import_files(alice, vault, format="markdown", space=None)
    doc = DocId(only_note(alice).id)
    alice.edit(doc, Patch(fields={"title": "Mine"}, body="one, mine\n\ntwo\n"))

    assert counts(import_files(alice, vault, format="markdown", space=None)) == (0, 0, 1, 0)
    assert (only_note(alice).title, only_note(alice).body) == ("Mine", "one, mine\n\ntwo\n")

    folder_of(vault, {"a.md": "one\n\ntwo, theirs\n"})
    assert counts(import_files(alice, vault, format="markdown", space=None)) == (0, 1, 0, 0)
    assert (only_note(alice).title, only_note(alice).body) == (
        "Mine",
        "one, mine\n\ntwo, theirs\n",
    )


def test_two_devices_that_import_apart_make_the_same_documents(
    alice: Replica, bob: Replica
) -> None:
    space = share_a_space(alice, bob)

    import_files(alice, VAULT, format="markdown", space=space, checkboxes_as_tasks=True)
    import_files(bob, VAULT, format="markdown", space=space, checkboxes_as_tasks=True)

    assert alice.digest(space) == bob.digest(space)
    assert alice.digest(space).docs == 20


def test_a_note_is_the_same_document_whatever_the_notes_are_that_it_links_to(
    alice: Replica, bob: Replica, tmp_path: Path
) -> None:
    space = share_a_space(alice, bob)
    linking = "[there](b.md), [[b]] and [nowhere](c.md)\n"
    hers = folder_of(tmp_path / "hers", {"a.md": linking, "b.md": "her own text"})
    his = folder_of(tmp_path / "his", {"a.md": linking, "b.md": "another text", "c.md": "one more"})

    import_files(alice, hers, format="markdown", space=space)
    import_files(bob, his, format="markdown", space=space)

    same = [
        next(DocId(row.id) for row in replica.notes() if row.title == "a")
        for replica in (alice, bob)
    ]
    assert same[0] == same[1]
    assert alice.history(same[0]) == bob.history(same[1])


def test_devices_that_saw_different_versions_of_a_file_still_agree(
    alice: Replica, bob: Replica, vault: Path
) -> None:
    space = share_a_space(alice, bob)
    for text, readers in (("one", (alice, bob)), ("two", (bob,)), ("three", (alice, bob))):
        folder_of(vault, {"a.md": text})
        for replica in readers:
            import_files(replica, vault, format="markdown", space=space)
    doc = DocId(only_note(alice).id)

    send(doc, alice, bob)
    send(doc, bob, alice)

    assert alice.digest(space) == bob.digest(space)


def share_a_space(*replicas: Replica) -> SpaceId:
    space = SpaceId("s" + "a" * 26)
    for replica in replicas:
        share_space(replica, space, "Hut")
    return space


def test_checkboxes_become_tasks_with_their_state(alice: Replica, vault: Path) -> None:
    folder_of(vault, {"trip/a.md": "# Trip\n\n- [ ] Rope\n- [x] Map\n"})
    import_files(alice, vault, format="markdown", space=None, checkboxes_as_tasks=True)

    tasks = {row.title: alice.task(DocId(row.id)) for row in alice.tasks()}

    assert {title: (row.state, row.list) for title, row in tasks.items()} == {
        "Rope": ("open", "trip"),
        "Map": ("done", "trip"),
    }
    assert only_note(alice).body == "# Trip\n\n- [ ] Rope\n- [x] Map\n"


def test_a_box_that_was_ticked_in_the_file_is_done(alice: Replica, vault: Path) -> None:
    folder_of(vault, {"a.md": "# Trip\n\n- [ ] Rope\n- [ ] Map\n"})
    import_files(alice, vault, format="markdown", space=None, checkboxes_as_tasks=True)
    folder_of(vault, {"a.md": "# Trip\n\n- [ ] Map\n- [x] Rope\n"})

    report = import_files(alice, vault, format="markdown", space=None, checkboxes_as_tasks=True)

    assert counts(report) == (0, 2, 1, 0)
    assert {row.title: row.state for row in alice.tasks()} == {"Map": "open", "Rope": "done"}


def test_links_between_imported_notes_are_shown_as_links_to_items(alice: Replica) -> None:
    import_files(alice, VAULT, format="markdown", space=None, checkboxes_as_tasks=True)
    notes = notes_by_title(alice)
    readme, route = notes["Hut weekend"], notes["From the hut to the ridge"]

    shown = alice.with_item_links(DocId(readme.id), readme.body or "")

    packing = notes["Packing: what to take"].id
    assert f"[packing list](cairn:{packing})" in shown
    assert f"[the other one](cairn:{notes['Route'].id})" in shown
    assert f"[summit](cairn:{notes['View N & S'].id}#view)" in shown
    assert f"[route]: cairn:{route.id} " in shown
    assert "[lost page](trip/lost.md)" in shown
    assert "`[in code](trip/never.md)`" in shown
    task = alice.task(DocId(alice.tasks()[0].id))
    assert (
        alice.with_item_links(DocId(task.id), task.body or "")
        == f"From [Packing: what to take](cairn:{packing})"
    )


def test_progress_counts_files_up_to_the_last(alice: Replica) -> None:
    seen: list[tuple[int, int]] = []

    import_files(
        alice, VAULT, format="markdown", space=None, progress=lambda *now: seen.append(now)
    )

    assert seen == [(done, 11) for done in range(1, 12)]


def test_an_import_goes_to_the_space_that_is_named(alice: Replica, vault: Path) -> None:
    share_a_space(alice)
    folder_of(vault, {"a.md": "one"})

    import_files(alice, vault, format="markdown", space="Personal")

    assert [row.space for row in alice.notes()] == ["Personal"]


def test_a_path_without_notes_is_refused_and_nothing_is_written(
    alice: Replica, vault: Path
) -> None:
    before = alice.digest()

    for path in (vault, vault / "nothing"):
        with pytest.raises(ImportRefused):
            import_files(alice, path, format="markdown", space=None)

    assert alice.digest() == before


def test_our_own_export_meets_its_items_again(alice: Replica, tmp_path: Path) -> None:
    import_files(alice, VAULT, format="markdown", space=None, checkboxes_as_tasks=True)
    alice.add_note("Hut: rules\u2028 & 'more'", body="\n---\n\n \nText", tags=["a b"])
    alice.add_task(NewTask(title="Rope", due="2026-12-01", list="Hut", tags=("x",), body="60 m\n"))
    before = alice.digest()
    written = export(alice, tmp_path / "out", format="markdown", space=None)

    report = import_files(alice, tmp_path / "out", format="markdown", space=None)

    assert counts(report) == (0, 0, written, 0)
    assert report.dropped == ()
    assert alice.digest() == before


def test_an_item_that_is_here_is_never_overwritten_by_its_export(
    alice: Replica, tmp_path: Path
) -> None:
    edited, trashed = alice.add_note("Edited", body="one"), alice.add_note("Trashed")
    export(alice, tmp_path / "out", format="markdown", space=None)
    alice.edit(edited, Patch(body="two"))
    alice.trash(trashed)

    report = import_files(alice, tmp_path / "out", format="markdown", space=None)

    assert counts(report) == (0, 0, 0, 2)
    assert ["says something else here" in each.what for each in report.dropped] == [True, False]
    assert ["is in the trash here" in each.what for each in report.dropped] == [False, True]
    assert only_note(alice).body == "two"


def test_a_copy_of_an_exported_file_is_a_new_note(alice: Replica, tmp_path: Path) -> None:
    alice.add_note("Template", body="text")
    export(alice, tmp_path / "out", format="markdown", space=None)
    notes = tmp_path / "out" / "notes"
    shutil.copy(notes / "Template.md", notes / "Template copy.md")

    report = import_files(alice, tmp_path / "out", format="markdown", space=None)

    assert counts(report) == (1, 0, 1, 0)
    assert [row.title for row in alice.notes()] == ["Template", "Template"]


def test_an_export_comes_into_another_home_as_it_was(
    alice: Replica, bob: Replica, tmp_path: Path
) -> None:
    import_files(alice, VAULT, format="markdown", space=None)
    alice.add_note("Pinned", body="text\n\n", tags=["a b", "c"])
    doc = alice.add_task(NewTask(title="Rope", due="2026-12-01", list="Hut: 1", priority="high"))
    alice.transition(doc, "done")
    export(alice, tmp_path / "out", format="markdown", space=None)

    report = import_files(bob, tmp_path / "out", format="markdown", space=None)

    assert counts(report) == (13, 0, 0, 0)
    assert report.dropped == ()
    said = [
        {(row.title, row.body, row.tags) for row in notes_by_title(replica).values()}
        for replica in (alice, bob)
    ]
    assert said[0] == said[1]
    (task,) = bob.tasks(view="all")
    assert (task.title, task.state, task.due, task.list, task.priority) == (
        "Rope",
        "done",
        "2026-12-01",
        "Hut: 1",
        "high",
    )
