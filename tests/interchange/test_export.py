"""Exporting: what stands in the files, and what is never overwritten."""

import json
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app import json_shapes
from store.commands.patches import NewTask, Patch
from store.documents.binding import Doc
from store.domain.ids import DocId, SpaceId
from store.interchange import ExportRefused, ExportStopped, export
from store.interchange.export import ExportFormat
from store.replica import Replica
from tests.interchange.reading import folder_of, send
from tests.support.spaces import share_space

FORMATS: tuple[ExportFormat, ...] = ("markdown", "json", "automerge")


def files_in(folder: Path) -> list[str]:
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )


def test_markdown_files_lie_by_kind_and_list_under_their_titles(
    alice: Replica, tmp_path: Path
) -> None:
    alice.add_note("Hut: rules?")
    alice.add_note("hut rules")
    alice.add_task(NewTask(title="Rope", list="Climb/2026"))
    alice.add_task(NewTask(title="CON"))
    alice.trash(alice.add_note("Gone"))

    written = export(alice, tmp_path / "out", format="markdown", space=None)

    names = files_in(tmp_path / "out")
    second = next(name for name in names if "(" in name)
    assert written == 4
    assert [name for name in names if name != second] == [
        "cairn-export.json",
        "notes/Hut rules.md",
        "tasks/Climb 2026/Rope.md",
        "tasks/Inbox/_CON.md",
    ]
    assert second.startswith("notes/hut rules (")


def test_a_markdown_file_says_all_that_its_item_says(alice: Replica, tmp_path: Path) -> None:
    parent = alice.add_task(NewTask(title="Trip"))
    doc = alice.add_task(
        NewTask(
            title='Rope: "60 m"',
            due="2026-12-01",
            priority="high",
            list="Hut",
            assignee="Kit",
            tags=("b", "a c"),
            parent=parent,
            repeat="FREQ=WEEKLY",
            body="Two lines\nof text",
        )
    )
    alice.transition(doc, "start")

    export(alice, tmp_path, format="markdown", space=None)

    text = (tmp_path / "tasks/Hut/Rope 60 m.md").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith(("created", "updated"))]
    assert lines == [
        "---",
        f'id: "{doc}"',
        'kind: "task"',
        'title: "Rope: \\"60 m\\""',
        'state: "started"',
        'due: "2026-12-01"',
        'priority: "high"',
        'list: "Hut"',
        'assignee: "Kit"',
        f'parent: "{parent}"',
        'repeat: "FREQ=WEEKLY"',
        'tags: ["a c", "b"]',
        "---",
        "",
        "Two lines",
        "of text",
    ]


def test_each_space_has_its_own_folder_where_there_are_several(
    alice: Replica, tmp_path: Path
) -> None:
    alice.add_note("Mine")
    share_space(alice, SpaceId("s" + "a" * 26), "Hut")
    alice.add_note("Ours")

    export(alice, tmp_path / "all", format="markdown", space=None)
    export(alice, tmp_path / "one", format="markdown", space="Hut")

    assert files_in(tmp_path / "all") == [
        "Hut/notes/Ours.md",
        "Personal/notes/Mine.md",
        "cairn-export.json",
    ]
    assert files_in(tmp_path / "one") == ["cairn-export.json", "notes/Ours.md"]


def test_exporting_again_brings_the_files_up_to_date(alice: Replica, tmp_path: Path) -> None:
    same, renamed, gone = (alice.add_note(title) for title in ("Same", "Before", "Gone"))
    export(alice, tmp_path, format="markdown", space=None)
    untouched = (tmp_path / "notes/Same.md").stat()
    alice.edit(renamed, Patch(fields={"title": "After"}))
    alice.trash(gone)
    alice.add_task(NewTask(title="New"))

    written = export(alice, tmp_path, format="markdown", space=None)

    assert written == 3
    assert files_in(tmp_path) == [
        "cairn-export.json",
        "notes/After.md",
        "notes/Same.md",
        "tasks/Inbox/New.md",
    ]
    assert (tmp_path / "notes/Same.md").stat() == untouched
    assert alice.note(same).title == "Same"


def test_a_file_that_somebody_changed_is_not_overwritten(alice: Replica, tmp_path: Path) -> None:
    doc = alice.add_note("Note", body="one")
    export(alice, tmp_path, format="markdown", space=None)
    (tmp_path / "notes/Note.md").write_text("my own words")
    alice.edit(doc, Patch(body="two"))

    with pytest.raises(ExportRefused, match="was changed since the last export"):
        export(alice, tmp_path, format="markdown", space=None)

    assert (tmp_path / "notes/Note.md").read_text() == "my own words"


def test_a_file_in_the_way_is_not_overwritten(alice: Replica, tmp_path: Path) -> None:
    alice.add_note("Note")
    export(alice, tmp_path, format="markdown", space=None)
    alice.add_note("Other")
    (tmp_path / "notes/Other.md").write_text("my own words")

    with pytest.raises(ExportRefused, match="isn't from an export"):
        export(alice, tmp_path, format="markdown", space=None)

    assert (tmp_path / "notes/Other.md").read_text() == "my own words"


def test_an_index_never_reaches_out_of_its_folder(alice: Replica, tmp_path: Path) -> None:
    outside = tmp_path / "outside.md"
    outside.write_text("my own words")
    names = {"../outside.md": "", str(outside): ""}
    folder_of(tmp_path / "out", {"cairn-export.json": json.dumps({"files": names})})

    export(alice, tmp_path / "out", format="markdown", space=None)

    assert outside.read_text() == "my own words"


@pytest.mark.parametrize("format", FORMATS)
def test_an_export_that_was_interrupted_can_be_made_again(
    alice: Replica, tmp_path: Path, format: ExportFormat
) -> None:
    for title in ("A", "B", "C"):
        alice.add_note(title)
    export(alice, tmp_path / "out", format=format, space=None)
    first = files_in(tmp_path / "out")
    alice.edit(DocId(alice.notes()[0].id), Patch(body="new"))

    def interrupt(done: int, _total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export(alice, tmp_path / "out", format=format, space=None, progress=interrupt)
    assert export(alice, tmp_path / "out", format=format, space=None) == 3

    assert files_in(tmp_path / "out") == first


@pytest.mark.parametrize("format", ["markdown", "automerge"])
def test_a_folder_that_holds_something_else_is_refused(
    alice: Replica, tmp_path: Path, format: ExportFormat
) -> None:
    folder_of(tmp_path, {"mine/index.json": "[1]", "file": ""})

    with pytest.raises(ExportRefused, match="isn't empty, and holds no earlier export"):
        export(alice, tmp_path / "mine", format=format, space=None)
    with pytest.raises(ExportRefused, match="is a file"):
        export(alice, tmp_path / "file", format=format, space=None)

    assert files_in(tmp_path / "mine") == ["index.json"]


def test_a_folder_under_version_control_is_as_good_as_empty(alice: Replica, tmp_path: Path) -> None:
    folder_of(tmp_path / "out", {".git/config": "", ".gitattributes": ""})

    assert export(alice, tmp_path / "out", format="markdown", space=None) == 0


@pytest.mark.parametrize("name", ["out", "out/all.JSON"])
def test_json_holds_every_item_as_the_command_line_shows_it(
    alice: Replica, tmp_path: Path, name: str
) -> None:
    task = alice.add_task(NewTask(title="Rope", tags=("x",), body="60 m"))
    alice.transition(task, "block", reason="no money")
    note, gone = alice.add_note("🏔", body="one\ntwo"), alice.add_note("Gone")
    alice.trash(gone)

    written = export(alice, tmp_path / name, format="json", space=None)

    path = tmp_path / name if name.endswith("JSON") else tmp_path / name / "cairn.json"
    said = json.loads(path.read_text(encoding="utf-8"))
    shown = {doc: json_shapes.item(alice.item(doc)) for doc in (task, note, gone)}
    assert written == 3
    assert {item["id"]: item for item in said["items"]} == shown
    assert [list(item) for item in said["items"]] == [list(shown[i["id"]]) for i in said["items"]]
    assert said["conflicts"] == []
    assert shown[gone]["trashed"] is True


def test_json_holds_conflicts_as_the_command_line_shows_them(
    alice: Replica, bob: Replica, tmp_path: Path
) -> None:
    doc = in_conflict(alice, bob)

    export(alice, tmp_path, format="json", space=None)

    said = json.loads((tmp_path / "cairn.json").read_text(encoding="utf-8"))
    assert said["conflicts"] == [json_shapes.conflict(row) for row in alice.conflicts()]
    assert [each["doc_id"] for each in said["conflicts"]] == [doc]


def in_conflict(alice: Replica, bob: Replica) -> DocId:
    """Let both write the title of one note apart."""
    space = SpaceId("s" + "a" * 26)
    for replica in (alice, bob):
        share_space(replica, space, "Hut")
    doc = alice.add_note("Title")

    send(doc, alice, bob)
    alice.edit(doc, Patch(fields={"title": "Hers"}))
    bob.edit(doc, Patch(fields={"title": "His"}))
    send(doc, bob, alice)
    return doc


def test_json_never_replaces_a_file_that_is_no_export(alice: Replica, tmp_path: Path) -> None:
    folder_of(tmp_path, {"mine.json": "{}", "folder/cairn.json": "[]", "dir.json/a": ""})

    for name in ("mine.json", "folder", "dir.json"):
        with pytest.raises(ExportRefused):
            export(alice, tmp_path / name, format="json", space=None)

    assert (tmp_path / "mine.json").read_text() == "{}"


def test_an_automerge_file_holds_the_document_with_its_history(
    alice: Replica, tmp_path: Path
) -> None:
    note, task = alice.add_note("Note", body="one"), alice.add_task(NewTask(title="Rope"))
    alice.edit(note, Patch(body="one and two"))
    alice.trash(task)

    written = export(alice, tmp_path, format="automerge", space=None)

    index = json.loads((tmp_path / "index.json").read_text())
    assert written == 2
    assert sorted(index, key=lambda entry: entry["kind"]) == [
        {"id": note, "kind": "note", "file": f"{note}.automerge"},
        {"id": task, "kind": "task", "file": f"{task}.automerge"},
    ]
    loaded = Doc.load([(tmp_path / f"{note}.automerge").read_bytes()])
    assert loaded.heads() == alice.text(note)[1]
    assert loaded.extract()["body"] == "one and two"


@pytest.mark.parametrize("format", FORMATS)
def test_progress_counts_items_up_to_the_last(
    alice: Replica, tmp_path: Path, format: ExportFormat
) -> None:
    for title in ("A", "B"):
        alice.add_note(title)
    seen: list[tuple[int, int]] = []

    export(alice, tmp_path, format=format, space=None, progress=lambda *now: seen.append(now))

    assert seen == [(1, 2), (2, 2)]


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond `size` bytes, as on a disk that is nearly full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("format", FORMATS)
def test_a_full_disk_stops_an_export_with_one_sentence_and_leaves_whole_files(
    alice: Replica, tmp_path: Path, format: ExportFormat
) -> None:
    alice.add_note("Short")
    export(alice, tmp_path / "out", format=format, space=None)
    before = {name: (tmp_path / "out" / name).read_bytes() for name in files_in(tmp_path / "out")}
    alice.add_note("Long", body="".join(chr(0x4E00 + n * 7919 % 20000) for n in range(20_000)))

    with room_for(16_384), pytest.raises(ExportStopped, match="No space left") as stop:
        export(alice, tmp_path / "out", format=format, space=None)

    assert "\n" not in str(stop.value)
    after = {name: (tmp_path / "out" / name).read_bytes() for name in files_in(tmp_path / "out")}
    before.pop("cairn-export.json", None)  # says which files may be half an export
    assert before.items() <= after.items()
    assert not [name for name in after if "unfinished" in name]


def test_a_place_that_may_not_be_written_stops_an_export_with_one_sentence(
    alice: Replica, tmp_path: Path
) -> None:
    alice.add_note("Note")
    folder_of(tmp_path, {"file": ""})

    with pytest.raises((ExportRefused, ExportStopped)) as refusal:
        export(alice, tmp_path / "file" / "out", format="markdown", space=None)

    assert "\n" not in str(refusal.value)
