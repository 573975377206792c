"""Import and export from the command line: numbers, what was lost, and the status that says so."""

import json
from pathlib import Path

import pytest

from tests.app.cli.conftest import Cairn, keys


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    """A folder of two Markdown files."""
    made = tmp_path / "vault"
    made.mkdir()
    (made / "Knots.md").write_text("# Knots\n\nFigure eight.\n", encoding="utf-8")
    (made / "Camp.md").write_text("# Camp\n\n- [ ] dry the tent\n", encoding="utf-8")
    return made


def test_an_import_counts_what_came_in_and_a_second_one_what_stayed(
    cairn: Cairn, vault: Path
) -> None:
    first = cairn("import", str(vault), "--json")
    assert first.status == 0
    assert list(first.value) == keys("created updated unchanged skipped dropped")
    assert first.value["created"] == 2

    second = cairn("import", str(vault), "--json").value
    assert (second["created"], second["unchanged"]) == (0, 2)
    assert {note["title"] for note in cairn("notes", "--json").value} == {"Knots", "Camp"}


def test_a_dry_run_says_what_would_happen_and_changes_nothing(cairn: Cairn, vault: Path) -> None:
    assert cairn("import", str(vault), "--dry-run", "--json").value["created"] == 2
    assert cairn("notes", "--json").value == []
    assert cairn("import", str(vault), "--dry-run").out.startswith("Would import: 2 new")


def test_checkboxes_become_tasks_where_that_is_asked_for(cairn: Cairn, vault: Path) -> None:
    cairn("import", str(vault), "--tasks")
    assert [task["title"] for task in cairn("tasks", "--json").value] == ["dry the tent"]


def test_an_import_that_could_not_keep_everything_says_what_and_needs_a_person(
    cairn: Cairn, vault: Path
) -> None:
    (vault / "broken.md").write_bytes(b"caf\xe9")

    answer = cairn("import", str(vault), "--json")

    assert answer.status == 4
    (dropped,) = answer.value["dropped"]
    assert set(dropped) == {"item", "what"}
    assert dropped["item"] == "broken.md"
    assert answer.value["created"] == 2
    assert "broken.md" in cairn("import", str(vault)).out


def test_what_a_file_is_is_known_by_its_ending(cairn: Cairn, tmp_path: Path) -> None:
    (tmp_path / "todo.txt").write_text("(A) Buy rope +Trip\n", encoding="utf-8")
    assert cairn("import", str(tmp_path / "todo.txt"), "--json").value["created"] == 1
    (task,) = cairn("tasks", "--json").value
    assert (task["title"], task["list"], task["priority"]) == ("Buy rope", "Trip", "high")

    cairn("export", str(tmp_path / "all.json"), "--format", "json")
    cairn("export", str(tmp_path / "all.ics"), "--format", "ics")
    for name in ("all.json", "all.ics"):
        assert cairn("import", str(tmp_path / name), "--json").value["unchanged"] == 1


def test_an_export_writes_every_item_and_says_how_many(cairn: Cairn, tmp_path: Path) -> None:
    task = cairn("add", "Buy rope", "--json").value
    note = cairn("note", "Radio", "--json").value

    for name in ("markdown", "json", "automerge"):
        folder = tmp_path / name
        assert cairn("export", str(folder), "--format", name, "--json").value == {"written": 2}
        assert any(folder.iterdir())

    index = json.loads((tmp_path / "automerge" / "index.json").read_text(encoding="utf-8"))
    assert {(each["id"], each["kind"]) for each in index} == {
        (task["id"], "task"),
        (note["id"], "note"),
    }
    assert all((tmp_path / "automerge" / each["file"]).is_file() for each in index)


def test_an_export_of_one_space_leaves_the_others_out(cairn: Cairn, tmp_path: Path) -> None:
    cairn("add", "Buy rope")
    written = cairn(
        "export", str(tmp_path / "x"), "--format", "json", "--space", "Personal", "--json"
    )
    assert written.value == {"written": 1}
