"""`cairn bundle out` and `cairn bundle in`, as scripts use them."""

from pathlib import Path

import pytest

from tests.app.cli.conftest import Answer, Cairn


@pytest.fixture
def stick(tmp_path: Path) -> str:
    return str(tmp_path / "changes.bundle")


@pytest.fixture
def bob(cairn: Cairn, tmp_path: Path) -> Cairn:
    def typed(*argv: str) -> Answer:
        return cairn(*argv, "--home", str(tmp_path / "bob"))

    return typed


def test_changes_are_carried_there_and_back(cairn: Cairn, bob: Cairn, stick: str) -> None:
    task = cairn("add", "Buy rope", "--json").value["id"]
    out = cairn("bundle", "out", stick, "--json").value
    assert (out["changes"], out["space"], out["file"]) == (1, "Personal", stick)
    assert out["bytes"] == Path(stick).stat().st_size

    taken = bob("bundle", "in", stick, "--json")
    assert taken.status == 0
    assert (taken.value["changes"], taken.value["new_space"]) == (1, True)
    bob("done", task)
    assert bob("bundle", "out", stick, "--json").value["changes"] == 2
    back = cairn("bundle", "in", stick, "--json")

    assert (back.status, back.value["changes"], back.value["known"]) == (0, 1, 1)
    assert cairn("show", task, "--json").value["state"] == "done"
    assert cairn("digest", "--json").value == bob("digest", "--json").value
    assert cairn("bundle", "in", stick, "--json").value["changes"] == 0


def test_what_needs_a_person_leaves_with_status_4(cairn: Cairn, bob: Cairn, stick: str) -> None:
    task = cairn("add", "Buy rope", "--json").value["id"]
    cairn("bundle", "out", stick)
    bob("bundle", "in", stick)
    bob("edit", task, "--priority", "high")
    bob("bundle", "out", stick)
    cairn("edit", task, "--priority", "low")

    taken = cairn("bundle", "in", stick, "--json")

    assert (taken.status, taken.value["conflicts"]) == (4, 1)
    assert "1 conflict to settle" in cairn("bundle", "in", stick).out


def test_a_person_is_told_on_a_line_what_came(cairn: Cairn, bob: Cairn, stick: str) -> None:
    cairn("whoami", "--name", "Kit", "--device", "phone")
    cairn("add", "Buy rope")

    assert cairn("bundle", "out", stick).out == f"Wrote 1 change of Personal to {stick}.\n"
    assert bob("bundle", "in", stick).out.splitlines() == [
        "1 new change of Personal (Kit) from Kit on phone.",
        "Personal (Kit) is a space of this device now, and the current one.",
    ]


@pytest.mark.parametrize("content", [b"", b"rubbish", b"CAIRNB1\nrubbish", b"CAIRNB9\n", None])
def test_what_is_no_whole_bundle_is_refused_on_one_line(
    cairn: Cairn, stick: str, content: bytes | None
) -> None:
    cairn("add", "Buy rope")
    if content is None:
        cairn("bundle", "out", stick)
        content = Path(stick).read_bytes()[:-1]
    Path(stick).write_bytes(content)

    refused = cairn("bundle", "in", stick, "--json")

    assert refused.status == 1
    assert refused.error["type"] == "bundle"
    assert len(cairn("spaces", "--json").value) == 1


def test_a_file_that_is_not_there_or_cannot_be_written_is_named(
    cairn: Cairn, tmp_path: Path
) -> None:
    missing = str(tmp_path / "missing")
    assert missing in cairn("bundle", "in", missing, "--json").error["detail"]
    assert cairn("bundle", "in", str(tmp_path), "--json").status == 1
    nowhere = tmp_path / "no" / "folder"
    written = cairn("bundle", "out", str(nowhere), "--json")
    assert written.error["type"] == "file"
    assert written.error["detail"] == f"There is no folder {nowhere.parent}; check the path."
    note = tmp_path / "diary.txt"
    note.write_text("Dear diary, this is long enough to be read.")
    assert cairn("bundle", "out", str(note), "--json").error["type"] == "refused"
    assert note.read_text().startswith("Dear diary")


def test_a_bundle_names_its_space_itself(cairn: Cairn, stick: str) -> None:
    cairn("bundle", "out", stick)

    assert cairn("bundle", "in", stick, "--space", "Personal", "--json").status == 2
