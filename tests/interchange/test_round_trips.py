"""Our own JSON and calendar exports: met again at home, and whole in another home."""

import json
from pathlib import Path

import pytest

from store.commands.patches import NewTask, Patch
from store.domain.ids import DocId
from store.interchange import ExportRefused, ImportFormat, ImportRefused, export, import_files
from store.replica import Replica
from store.rows import TaskRow


def fill(replica: Replica) -> list[DocId]:
    """Make a task with all fields and a part of it, a blocked one, two notes, one in the trash."""
    whole = replica.add_task(
        NewTask(
            title='Rope; "60 m", dry',
            due="2026-12-01T08:30:00Z",
            priority="high",
            list="Hut",
            assignee="Kit",
            tags=("b", "a c", "x,y"),
            repeat="FREQ=WEEKLY;BYDAY=TU",
            body="Two lines\nof text; with, \\n signs 🏔\n",
        )
    )
    part = replica.add_task(NewTask(title="Cut it", due="2026-12-02", parent=whole))
    replica.transition(part, "block")
    note = replica.add_note("Radio", body="---\nlayout: post\n---\n\nCall at 9", tags=["x"])
    gone = replica.add_note("Gone")
    replica.trash(gone)
    return [whole, part, note, gone]


def said(row: TaskRow) -> list[object]:
    names = ("title", "state", "due", "priority", "list", "assignee", "tags", "repeat", "body")
    return [getattr(row, name) for name in names]


def tasks(replica: Replica) -> list[TaskRow]:
    return [replica.task(DocId(row.id)) for row in replica.tasks(view="all")]


FORMATS: list[tuple[ImportFormat, str]] = [("json", "cairn.json"), ("ics", "cairn.ics")]


@pytest.mark.parametrize(("format", "name"), FORMATS)
def test_an_export_meets_its_items_again(
    alice: Replica, tmp_path: Path, format: ImportFormat, name: str
) -> None:
    fill(alice)
    written = export(alice, tmp_path, format=format, space=None)  # type: ignore[arg-type]
    before = alice.digest()

    report = import_files(alice, tmp_path / name, format=format, space=None)

    assert (report.created, report.updated, report.unchanged) == (0, 0, written)
    assert report.dropped == ()
    assert alice.digest() == before


@pytest.mark.parametrize(("format", "name"), FORMATS)
def test_an_export_comes_into_another_home_as_it_was(
    alice: Replica, bob: Replica, tmp_path: Path, format: ImportFormat, name: str
) -> None:
    fill(alice)
    export(alice, tmp_path, format=format, space=None)  # type: ignore[arg-type]

    report = import_files(bob, tmp_path / name, format=format, space=None)

    assert report.dropped == ()
    theirs, ours = tasks(alice), tasks(bob)
    assert [said(row) for row in ours] == [said(row) for row in theirs]
    assert (ours[0].parent, ours[1].parent) == (None, ours[0].id)
    again = import_files(bob, tmp_path / name, format=format, space=None)
    assert (again.created, again.updated, again.unchanged) == (0, 0, report.created)


def test_json_brings_notes_and_the_trash_too(alice: Replica, bob: Replica, tmp_path: Path) -> None:
    fill(alice)
    export(alice, tmp_path / "all.json", format="json", space=None)

    report = import_files(bob, tmp_path / "all.json", format="json", space=None)

    assert report.created == 4
    (note,) = bob.notes()
    assert bob.note(DocId(note.id)).body == "---\nlayout: post\n---\n\nCall at 9"
    assert note.tags == ("x",)
    assert [row.title for row in bob.notes(view="trash")] == ["Gone"]


@pytest.mark.parametrize(("format", "name"), FORMATS)
def test_an_item_that_is_here_is_never_overwritten_by_its_export(
    alice: Replica, tmp_path: Path, format: ImportFormat, name: str
) -> None:
    whole, *_ = fill(alice)
    export(alice, tmp_path, format=format, space=None)  # type: ignore[arg-type]
    alice.edit(whole, Patch(fields={"title": "Mine"}))

    report = import_files(alice, tmp_path / name, format=format, space=None)

    assert (report.created, report.updated, report.skipped) == (0, 0, 1)
    assert "says something else here" in report.dropped[0].what
    assert alice.task(whole).title == "Mine"


def test_reasons_and_open_conflicts_do_not_come_along_and_are_reported(
    alice: Replica, bob: Replica, tmp_path: Path
) -> None:
    doc = alice.add_task(NewTask(title="Rope"))
    alice.transition(doc, "block", reason="no shop is open")
    export(alice, tmp_path / "all.json", format="json", space=None)
    text = json.loads((tmp_path / "all.json").read_text(encoding="utf-8"))
    text["conflicts"] = [{"id": "c", "settled": None}]
    (tmp_path / "all.json").write_text(json.dumps(text), encoding="utf-8")

    report = import_files(bob, tmp_path / "all.json", format="json", space=None)

    assert [each.what for each in report.dropped] == [
        "1 open conflicts: only what was shown is imported",
        "why it was block: no shop is open",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"format": "other"}',
        '{"format": "cairn-json", "version": 2}',
        "[" * 100_000,
    ],
)
def test_json_that_is_no_export_is_refused(alice: Replica, tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text, encoding="utf-8")

    with pytest.raises(ImportRefused):
        import_files(alice, tmp_path / "a.json", format="json", space=None)


def test_a_row_that_is_no_item_is_skipped_and_the_others_come_in(
    alice: Replica, tmp_path: Path
) -> None:
    rows = [
        {"id": "x", "kind": "task", "title": "No id"},
        {"id": "t1" + "a" * 26, "kind": "note", "title": "Not its kind"},
        {"id": "t1" + "b" * 25 + "a", "kind": "task", "title": "No state", "state": 7},
        {"id": "n1" + "a" * 26, "kind": "note", "title": ""},
        {"id": "t1" + "a" * 26, "kind": "task", "title": "Fine", "state": "open", "due": "soon"},
        "no row",
    ]
    said = {"format": "cairn-json", "version": 1, "items": rows, "conflicts": []}
    (tmp_path / "a.json").write_text(json.dumps(said), encoding="utf-8")

    report = import_files(alice, tmp_path / "a.json", format="json", space=None)

    assert (report.created, report.skipped) == (1, 4)
    assert len(report.dropped) == 5
    assert [row.title for row in alice.tasks()] == ["Fine"]


def test_a_calendar_of_somebody_else_is_never_overwritten(alice: Replica, tmp_path: Path) -> None:
    file = tmp_path / "mine.ics"
    file.write_text("BEGIN:VCALENDAR\nPRODID:-//Other//EN\nEND:VCALENDAR\n", encoding="utf-8")
    alice.add_task(NewTask(title="Rope"))

    with pytest.raises(ExportRefused):
        export(alice, file, format="ics", space=None)
    assert export(alice, tmp_path / "new", format="ics", space=None) == 1
    assert export(alice, tmp_path / "new", format="ics", space=None) == 1


def test_a_task_that_came_from_a_calendar_keeps_its_uid(alice: Replica, tmp_path: Path) -> None:
    calendar = Path(__file__).parents[1] / "data" / "lists" / "tasks.ics"
    import_files(alice, calendar, format="ics", space=None)

    export(alice, tmp_path / "out.ics", format="ics", space=None)

    text = (tmp_path / "out.ics").read_text(encoding="utf-8")
    assert "UID:part@example.org" in text
    assert "RELATED-TO:whole@example.org" in text
