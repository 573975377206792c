"""Well-formed command lines about what isn't there or can't be: one clear line, status 1."""

import io
import sys
from pathlib import Path

import pytest

from tests.app.cli.conftest import Answer, Cairn

# What is asked for, and words that the line about it must hold. FOLDER holds a text that is not
# UTF-8 and an empty folder; TASK and NOTE are ids of things that are there.
IMPOSSIBLE = [
    (["show", "t1zzzz"], "t1zzzz"),
    (["show", ""], "empty"),
    (["edit", "n1zzzz", "--title", "x"], "n1zzzz"),
    (["done", "zzz"], "zzz"),
    (["rm", "zzz"], "zzz"),
    (["restore", "TASK"], "trash"),
    (["history", "zzz"], "zzz"),
    (["revert", "TASK", "--at", "ffffffff"], "ffffffff"),
    (["show", "TASK", "--at", "not-hex"], "not-hex"),
    (["add", "Rope", "--parent", "zzz"], "zzz"),
    (["edit", "TASK", "--parent", "TASK"], "below itself"),
    (["edit", "TASK", "--parent", "NOTE"], "task"),
    (["edit", "TASK", "--before", "TASK"], "itself"),
    (["edit", "TASK", "--title", "  "], "title"),
    (["edit", "TASK", "--title", "x" * 2_001], "2,000"),
    (["edit", "TASK", "--tag", "t" * 101], "100"),
    (["edit", "NOTE", "--due", "friday"], "due"),
    (["edit", "TASK", "--pin"], "pinned"),
    (["add", "  "], "title"),
    (["note", ""], "title"),
    (["done", "NOTE"], "note"),
    (["whoami", "--name", ""], "name"),
    (["whoami", "--device", "d" * 201], "200"),
    (["add", "Rope", "--space", "Nowhere"], "Nowhere"),
    (["tasks", "--space", "Nowhere"], "Nowhere"),
    (["space", "use", "Nowhere"], "Nowhere"),
    (["move", "TASK", "--space", "Nowhere"], "Nowhere"),
    (["digest", "--space", "Nowhere"], "Nowhere"),
    (["resolve", "czzz", "--take", "0"], "czzz"),
    (["unresolve", "czzz"], "czzz"),
    (["retry", "zzz"], "zzz"),
    (["takeback", "zzz"], "zzz"),
    (["salvage", "zzz"], "zzz"),
    (["undo"], "undo"),
    (["redo"], "redo"),
    (["edit", "TASK", "--body", "FOLDER/missing.md"], "missing.md"),
    (["edit", "TASK", "--body", "FOLDER"], "folder"),
    (["edit", "TASK", "--body", "FOLDER/latin.txt"], "UTF-8"),
    (["note", "Radio", "--body", "FOLDER/missing.md"], "missing.md"),
    (["import", "FOLDER/missing"], "missing"),
    (["import", "FOLDER/latin.txt"], "latin.txt"),
    (["export", "FOLDER/latin.txt", "--format", "json"], "latin.txt"),
    (["bundle", "out", "FOLDER/none/all.bundle"], "a folder/none; check the path"),
    (["doctor", "--bundle", "FOLDER/none/all.txt"], "name a file in a folder of yours"),
    (["join", "https://example.org"], "cairn://join"),
    (["join", "cairn://join?space=x"], "copy it whole"),
    (["space", "create", "Hut", "--server", "ftp://x"], "https"),
    (["space", "create", "Hut", "--server", "http://example.org"], "https"),
    (["space", "publish", "Nowhere", "--server", "http://127.0.0.1:1"], "Nowhere"),
    (["invite"], "Personal"),
    (["devices"], "Personal"),
    (["revoke", "phone"], "Personal"),
    (["role", "phone", "viewer"], "Personal"),
]
# What can't be read at all: the command line is to be typed anew.
UNREADABLE = [
    (["edit", "TASK", "--due", "the day after never"], "--due"),
    (["edit", "TASK", "--due", "2026-02-30"], "--due"),
    (["edit", "TASK", "--repeat", "now and then"], "--repeat"),
    (["pair", "now"], "(now). See cairn pair --help."),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a text that is not UTF-8."""
    made = tmp_path / "a folder"
    made.mkdir()
    (made / "latin.txt").write_bytes(b"caf\xe9")
    return made


@pytest.fixture
def asked(cairn: Cairn, folder: Path) -> Cairn:
    """Run a command line after a task and a note were made, with their ids put in."""

    def put_in(*argv: str) -> Answer:
        ids = {
            "TASK": cairn("add", "Buy rope", "--json").value["id"],
            "NOTE": cairn("note", "Radio", "--json").value["id"],
        }
        if argv[0] in ("undo", "redo"):
            while cairn("undo").status == 0:
                pass
            while argv[0] == "redo" and cairn("redo").status == 0:
                pass
        words = (ids.get(word, word).replace("FOLDER", str(folder)) for word in argv)
        return cairn(*words)

    return put_in


@pytest.mark.parametrize(("argv", "part"), IMPOSSIBLE)
def test_the_impossible_is_refused_in_one_line(asked: Cairn, argv: list[str], part: str) -> None:
    answer = asked(*argv)

    assert answer.status == 1
    assert answer.out == ""
    assert answer.err.startswith("cairn: ")
    assert answer.err.count("\n") == 1
    assert part.lower() in answer.err.lower()
    assert "Cairn itself" not in answer.err
    assert len(answer.err) < 1_000


@pytest.mark.parametrize(("argv", "part"), IMPOSSIBLE)
def test_the_impossible_is_refused_in_one_line_of_json(
    asked: Cairn, argv: list[str], part: str
) -> None:
    answer = asked(*argv, "--json")

    assert answer.status == 1
    assert answer.error["type"] != "internal"
    assert part.lower() in answer.error["detail"].lower()
    assert all(answer.error.values())


@pytest.mark.parametrize(("argv", "part"), UNREADABLE)
def test_a_value_that_cannot_be_read_is_a_usage_error(
    asked: Cairn, argv: list[str], part: str
) -> None:
    answer = asked(*argv)

    assert answer.status == 2
    assert part in answer.err
    assert answer.err.count("\n") == 1


def test_an_id_that_fits_several_is_refused_and_they_are_named(cairn: Cairn) -> None:
    ids = [cairn("add", title, "--json").value["id"] for title in ("One", "Two")]

    error = cairn("show", "t1", "--json").error

    assert error["type"] == "ambiguous"
    assert all(each in error["detail"] for each in ids)


def test_a_refused_edit_changes_nothing_of_the_item(cairn: Cairn) -> None:
    added = cairn("add", "Buy rope", "--json").value
    before = cairn("show", added["id"], "--json").value

    assert cairn("edit", before["id"], "--title", "Sold", "--tag", "t" * 101).status == 1

    assert cairn("show", before["id"], "--json").value == before


def test_a_home_that_is_a_file_is_told_as_such(cairn: Cairn, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("not a home", encoding="utf-8")

    answer = cairn("tasks", "--home", str(file))

    assert answer.status == 1
    assert f"{file} is a file" in answer.err
    assert answer.err.count("\n") == 1


def test_a_damaged_home_is_told_as_such(cairn: Cairn, home: Path) -> None:
    home.mkdir()
    (home / "cairn.db").write_bytes(b"this is no database at all" * 100)

    error = cairn("tasks", "--json").error

    assert error["type"] == "home-corrupt"
    assert "cairn.db" in error["detail"]


@pytest.mark.parametrize("raw", [b"\xff\xfe text", b"x" * 8_000_001])
def test_a_text_from_standard_input_is_checked_too(
    cairn: Cairn, monkeypatch: pytest.MonkeyPatch, raw: bytes
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))

    answer = cairn("note", "Radio", "--body", "-")

    assert answer.status == 1
    assert "Standard input" in answer.err
    assert cairn("notes", "--json").value == []


def test_control_characters_of_an_argument_do_not_reach_the_error_line(cairn: Cairn) -> None:
    answer = cairn("show", "t1\x1b[31m\nsecond line")
    assert "\x1b" not in answer.err
    assert answer.err.count("\n") == 1


def test_an_error_line_has_an_end_however_long_the_input_is(cairn: Cairn) -> None:
    assert len(cairn("show", "t1" + "z" * 100_000).err) < 3_000
