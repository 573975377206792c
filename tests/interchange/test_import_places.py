"""Folders with equal paths in them, moved ones and copies: whose content an import may change."""

import shutil
from pathlib import Path

from store.commands.patches import Patch
from store.domain.ids import DocId, SpaceId
from store.interchange import ImportReport, export, import_files
from store.replica import Replica
from tests.interchange.reading import folder_of, send
from tests.support.spaces import share_space

LONG = "# Hut\n\nThe stove is in the corner.\nWood lies below it.\nWater comes from the roof.\n"


def counts(report: ImportReport) -> tuple[int, int, int]:
    return report.created, report.updated, report.unchanged


def bodies(replica: Replica) -> list[str]:
    return sorted(replica.note(DocId(row.id)).body or "" for row in replica.notes())


def imported(replica: Replica, path: Path, space: str | None = None) -> tuple[int, int, int]:
    return counts(import_files(replica, path, format="markdown", space=space))


def test_a_second_folder_with_a_file_of_the_same_name_makes_a_note_of_its_own(
    alice: Replica, tmp_path: Path
) -> None:
    one = folder_of(tmp_path / "one", {"README.md": "# One\n\nAbout ropes.\n"})
    two = folder_of(tmp_path / "two", {"README.md": "# Two\n\nAbout stoves.\n"})

    assert imported(alice, one) == (1, 0, 0)
    assert imported(alice, two) == (1, 0, 0)

    assert bodies(alice) == ["# One\n\nAbout ropes.\n", "# Two\n\nAbout stoves.\n"]
    assert imported(alice, one) == imported(alice, two) == (0, 0, 1)


def test_each_of_two_folders_changes_only_its_own_note(alice: Replica, tmp_path: Path) -> None:
    """Even where both come from one template, and are mostly the same."""
    one = folder_of(tmp_path / "one", {"README.md": LONG + "One.\n"})
    two = folder_of(tmp_path / "two", {"README.md": LONG + "Two.\n"})
    imported(alice, one)
    assert imported(alice, two) == (1, 0, 0)
    folder_of(two, {"README.md": "Another text altogether.\n"})

    assert imported(alice, two) == (0, 1, 0)

    assert bodies(alice) == [LONG + "One.\n", "Another text altogether.\n"]


def test_equal_files_of_two_folders_are_one_note_until_one_of_them_changes(
    alice: Replica, tmp_path: Path
) -> None:
    one = folder_of(tmp_path / "one", {"LICENSE.md": LONG})
    two = folder_of(tmp_path / "two", {"LICENSE.md": LONG})
    imported(alice, one)
    assert imported(alice, two) == (0, 0, 1)
    folder_of(two, {"LICENSE.md": LONG + "More.\n"})

    assert imported(alice, two) == (1, 0, 0)
    assert bodies(alice) == [LONG, LONG + "More.\n"]
    assert imported(alice, one) == imported(alice, two) == (0, 0, 1)

    folder_of(two, {"LICENSE.md": LONG + "Still more.\n"})
    assert imported(alice, two) == (0, 1, 0)
    assert bodies(alice) == [LONG, LONG + "Still more.\n"]


def test_a_folder_that_was_moved_is_known_again_changed_files_too(
    alice: Replica, tmp_path: Path
) -> None:
    was = folder_of(tmp_path / "was", {"a.md": LONG, "trip/b.md": "B", "c.md": "C" * 200})
    imported(alice, was)
    now = was.rename(tmp_path / "now")
    folder_of(now, {"a.md": LONG + "And a lamp.\n"})

    assert imported(alice, now) == (0, 1, 2)

    folder_of(now, {"trip/b.md": "another text\n"})
    assert imported(alice, now) == (0, 1, 2)
    assert len(alice.notes()) == 3


def test_an_older_copy_of_a_folder_does_not_bring_the_past_back(
    alice: Replica, tmp_path: Path
) -> None:
    vault = folder_of(tmp_path / "vault", {"a.md": LONG})
    imported(alice, vault)
    copy = Path(shutil.copytree(vault, tmp_path / "copy"))
    folder_of(vault, {"a.md": LONG + "New.\n"})
    imported(alice, vault)

    assert imported(alice, copy) == (0, 0, 1)

    assert bodies(alice) == [LONG + "New.\n"]


def test_a_file_that_went_back_to_what_it_was_takes_its_note_back(
    alice: Replica, tmp_path: Path
) -> None:
    vault = tmp_path / "vault"
    for text in ("one\n", "two\n", "one\n"):
        imported(alice, folder_of(vault, {"a.md": text}))

    assert bodies(alice) == ["one\n"]


def test_a_part_of_a_folder_that_is_imported_alone_meets_the_same_notes(
    alice: Replica, tmp_path: Path
) -> None:
    vault = folder_of(tmp_path / "vault", {"a.md": "A", "trip/b.md": "B", "trip/hut/c.md": "C"})
    imported(alice, vault)
    before = alice.digest()

    assert imported(alice, vault / "trip" / "hut") == (0, 0, 1)
    assert imported(alice, vault / "trip" / "b.md") == (0, 0, 1)
    assert alice.digest() == before

    folder_of(vault, {"trip/b.md": "B!", "trip/d.md": "D"})
    assert imported(alice, vault / "trip") == (1, 1, 1)
    assert imported(alice, vault) == (0, 0, 4)


def test_a_folder_above_one_that_was_imported_meets_its_notes(
    alice: Replica, tmp_path: Path
) -> None:
    vault = folder_of(tmp_path / "vault", {"a.md": "A", "trip/b.md": "B"})
    imported(alice, vault / "trip")

    assert imported(alice, vault) == (1, 1, 0)  # the note of b gets the tag of its folder

    assert {row.title: row.tags for row in alice.notes()} == {"a": (), "b": ("trip",)}
    assert imported(alice, vault) == (0, 0, 2)


def test_another_devices_copy_of_a_folder_changes_the_notes_that_came_by_sync(
    alice: Replica, bob: Replica, tmp_path: Path
) -> None:
    space = shared_by(alice, bob)
    hers = folder_of(tmp_path / "hers", {"a.md": LONG, "b.md": "B"})
    other = folder_of(tmp_path / "other", {"c.md": "# C\n\nOf another folder.\n"})
    imported(alice, hers, space)
    imported(alice, other, space)
    for row in alice.notes():
        send(DocId(row.id), alice, bob)
    his = folder_of(
        tmp_path / "his", {"a.md": LONG + "His.\n", "b.md": "B", "c.md": "# Mine\n\nBob's own.\n"}
    )

    assert imported(bob, his, space) == (1, 1, 1)

    assert bodies(bob) == [
        "# C\n\nOf another folder.\n",
        LONG + "His.\n",
        "# Mine\n\nBob's own.\n",
        "B",
    ]


def test_what_people_wrote_stays_beside_what_changed_in_the_file(
    alice: Replica, tmp_path: Path
) -> None:
    vault = folder_of(tmp_path / "vault", {"a.md": LONG})
    imported(alice, vault)
    (row,) = alice.notes()
    alice.edit(DocId(row.id), Patch(body=LONG + "\nMine.\n"))
    folder_of(vault, {"a.md": LONG.replace("corner", "middle")})

    assert imported(alice, vault) == (0, 1, 0)

    assert bodies(alice) == [LONG.replace("corner", "middle") + "\nMine.\n"]


def test_front_matter_of_others_survives_an_export_and_the_import_elsewhere(
    alice: Replica, bob: Replica, tmp_path: Path
) -> None:
    note = "---\nlayout: post\n# order\nweight: 12.50\ntags: [x]\n---\n\nText\n"
    imported(alice, folder_of(tmp_path / "vault", {"a.md": note}))
    export(alice, tmp_path / "out", format="markdown", space=None)
    written = (tmp_path / "out/notes/a.md").read_text(encoding="utf-8")

    assert imported(alice, tmp_path / "out") == (0, 0, 1)
    assert imported(bob, tmp_path / "out") == (1, 0, 0)

    assert written.endswith("layout: post\n# order\nweight: 12.50\n---\n\nText\n\n")
    assert (
        bodies(bob) == bodies(alice) == ["---\nlayout: post\n# order\nweight: 12.50\n---\n\nText\n"]
    )


def shared_by(*replicas: Replica) -> SpaceId:
    space = SpaceId("s" + "a" * 26)
    for replica in replicas:
        share_space(replica, space, "Hut")
    return space
