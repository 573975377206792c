"""Lists and notebooks of other programs: what becomes of them, once and again."""

import shutil
import tarfile
from pathlib import Path
from typing import Final

import pytest

from store.commands.patches import Patch
from store.domain.ids import DocId
from store.interchange import (
    ImportFormat,
    ImportRefused,
    ImportReport,
    format_of,
    import_files,
)
from store.replica import Replica
from store.rows import NoteRow, TaskRow

DATA: Final = Path(__file__).parents[1] / "data"
TODO_TXT: Final = DATA / "lists" / "todo.txt"
TODOIST: Final = DATA / "lists" / "Winter trip.csv"
ICS: Final = DATA / "lists" / "tasks.ics"
JOPLIN: Final = DATA / "joplin"
EVERY: Final[list[tuple[Path, ImportFormat, int]]] = [
    (TODO_TXT, "todotxt", 7),
    (TODOIST, "todoist", 6),
    (ICS, "ics", 3),
    (JOPLIN, "joplin", 3),
]


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.created, report.updated, report.unchanged, report.skipped


def tasks(replica: Replica) -> list[TaskRow]:
    """Give all tasks with their texts, in the order in which they stand."""
    return [replica.task(DocId(row.id)) for row in replica.tasks(view="all")]


def by_title(replica: Replica) -> dict[str, TaskRow]:
    return {row.title: row for row in tasks(replica)}


def notes(replica: Replica) -> dict[str, NoteRow]:
    return {row.title: replica.note(DocId(row.id)) for row in replica.notes()}


def lost(report: ImportReport) -> dict[str, str]:
    return {each.item.partition(" (")[0]: each.what for each in report.dropped}


@pytest.mark.parametrize(("path", "format", "items"), EVERY)
def test_importing_again_changes_nothing_and_reports_the_same(
    alice: Replica, path: Path, format: ImportFormat, items: int
) -> None:
    dry = import_files(alice, path, format=format, space=None, dry_run=True)
    assert alice.digest().docs == 0
    first = import_files(alice, path, format=format, space=None)
    before = alice.digest()

    second = import_files(alice, path, format=format, space=None)

    assert dry == first
    assert (first.created, first.updated, first.unchanged) == (items, 0, 0)
    assert (second.created, second.updated, second.unchanged) == (0, 0, items)
    assert second.dropped == first.dropped
    assert alice.digest() == before


@pytest.mark.parametrize(("path", "format", "items"), EVERY)
def test_what_is_no_such_file_is_refused_in_one_sentence(
    alice: Replica, tmp_path: Path, path: Path, format: ImportFormat, items: int
) -> None:
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "binary").write_bytes(bytes(range(256)) * 40)
    (tmp_path / "cut").write_bytes(TODOIST.read_bytes()[:40])

    for name in ("empty", "binary", "nothing", ".") + (() if format == "todotxt" else ("cut",)):
        with pytest.raises(ImportRefused) as refusal:
            import_files(alice, tmp_path / name, format=format, space=None)
        assert "\n" not in str(refusal.value)
        assert len(str(refusal.value)) < 300 + len(str(tmp_path))
    assert alice.digest().docs == 0


def test_the_ending_of_a_name_tells_what_a_file_is() -> None:
    assert [format_of(path) for path, _, _ in EVERY] == ["todotxt", "todoist", "ics", "markdown"]
    assert [format_of(Path(name)) for name in ("a.jex", "a.JSON", "a.md")] == [
        "joplin",
        "json",
        "markdown",
    ]


def test_a_line_of_todo_txt_becomes_a_task_with_all_that_it_says(alice: Replica) -> None:
    report = import_files(alice, TODO_TXT, format="todotxt", space=None)

    assert report.dropped == ()
    assert [
        (row.title, row.state, row.priority, row.list, row.tags, row.due, row.repeat, row.body)
        for row in tasks(alice)
    ] == [
        ("Call the hut", "open", "high", "Trip", ("phone",), "2026-12-01", None, ""),
        ("Buy gas", "done", "medium", "Trip", (), None, None, "Finished on 2026-11-24\n"),
        ("Ask @ada about the +Trip plan", "open", None, "Trip", ("ada",), None, None, ""),
        (
            "(D) Sharpen crampons url:https://example.org/x",
            "open",
            None,
            None,
            (),
            "2026-12-05",
            "FREQ=WEEKLY;INTERVAL=2",
            "",
        ),
        ("Water the plants", "open", None, None, (), None, None, ""),
        ("Water the plants", "open", None, None, (), None, None, ""),
        ("finished without dates", "done", None, None, (), None, None, ""),
    ]


def test_a_line_that_was_finished_or_put_off_is_the_same_task(
    alice: Replica, tmp_path: Path
) -> None:
    file = Path(shutil.copy(TODO_TXT, tmp_path / "todo.txt"))
    import_files(alice, file, format="todotxt", space=None)
    text = file.read_text(encoding="utf-8")
    text = text.replace("due:2026-12-01", "due:2026-12-24").replace("Ask", "x 2026-11-25 Ask")
    file.write_text("A new line at the top\n" + text, encoding="utf-8")

    report = import_files(alice, file, format="todotxt", space=None)

    assert counts(report) == (1, 2, 5, 0)
    found = by_title(alice)
    assert found["Call the hut"].due == "2026-12-24"
    assert found["Ask @ada about the +Trip plan"].state == "done"


def test_a_todoist_project_keeps_its_order_its_parts_and_its_comments(alice: Replica) -> None:
    report = import_files(alice, TODOIST, format="todoist", space=None)

    rows, found = tasks(alice), by_title(alice)
    assert [row.title for row in rows] == [
        "Buy food",
        "Rice",
        "Oil",
        "Wax skis",
        "Check the weather",
        "Pack",
    ]
    assert {row.list for row in rows} == {"Winter trip"}
    food, rice, oil, skis = rows[:4]
    assert (food.priority, food.assignee, food.due) == ("high", "Ada", "2026-12-01")
    assert (food.tags, food.body) == (("Food", "shop"), "for three days")
    assert (rice.parent, oil.parent, skis.parent) == (food.id, rice.id, None)
    assert rice.body == "Ada: the brown one,\ntwo bags"
    assert (skis.due, skis.body) == ("2026-12-02T17:30:00Z", "Duration: 45 minute")
    weather = found["Check the weather"]
    assert (weather.repeat, weather.due) == ("FREQ=DAILY", "2026-11-30")
    assert found["Pack"].body == "Date: tomorrow"
    assert [each.what for each in report.dropped] == [
        "date 'tomorrow': kept as text, since it names no day of a year"
    ]


@pytest.mark.parametrize(
    ("date", "due", "repeat", "told"),
    [
        ("26 Dec 2026", "2026-12-26", None, None),
        ("Dec 26 2026 9:00", "2026-12-26T08:00:00Z", None, None),
        ("Jul 6, 2031 9am", "2031-07-06T07:00:00Z", None, None),
        ("2026-12-26 09:00", "2026-12-26T08:00:00Z", None, None),
        ("2026-12-26 26:00", None, None, "kept as text, since it names no day of a year"),
        ("every day", None, "FREQ=DAILY", "since it names no day to begin with"),
        ("every 15th", None, "FREQ=MONTHLY;BYMONTHDAY=15", "since it names no day to begin with"),
        ("every! 2 weeks", None, "FREQ=WEEKLY;INTERVAL=2", "counted from the due date"),
        ("every weekday at 9am", None, "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "kept as text"),
        ("every day starting 2026-11-30", "2026-11-30", "FREQ=DAILY", None),
        ("Dec 26", None, None, "kept as text, since it names no day of a year"),
        ("jeden Montag", None, None, "kept as text"),
    ],
)
def test_a_date_of_todoist_is_kept_as_far_as_it_means_the_same_on_every_day(
    alice: Replica, tmp_path: Path, date: str, due: str | None, repeat: str | None, told: str | None
) -> None:
    """A rule without a day to begin with was no rule at all, a year after 2020 was no year."""
    file = tmp_path / "Home.csv"
    file.write_text(
        f'TYPE,CONTENT,DATE,DATE_LANG,TIMEZONE\ntask,Water,"{date}",en,Europe/Berlin\n',
        encoding="utf-8",
    )

    report = import_files(alice, file, format="todoist", space=None)

    (row,) = tasks(alice)
    assert (row.due, row.repeat) == (due, repeat)
    assert (told is None) == (report.dropped == ())
    assert all(told in each.what for each in report.dropped if told)
    assert row.body == (f"Date: {date}" if told and "kept as text" in told else "")


def test_the_tasks_of_a_calendar_come_with_their_parts_and_events_are_reported(
    alice: Replica,
) -> None:
    report = import_files(alice, ICS, format="ics", space=None)

    found = by_title(alice)
    hut, wood, fee = (
        found[title] for title in ("Open the hut, then heat it", "Chop wood", "Pay the fee")
    )
    assert (hut.state, hut.priority, hut.list, hut.tags) == (
        "started",
        "high",
        "Hut",
        ("hut", "key", "winter"),
    )
    assert (hut.due, hut.repeat) == ("2026-12-01T08:00:00Z", "FREQ=WEEKLY;BYDAY=TU")
    assert hut.body == "Key is below the stone.\nAsk Ada.\n\nLocation: Above the valley"
    assert hut.created_at_ms == 1_795_075_200_000
    assert (wood.state, wood.priority, wood.parent) == ("done", "low", hut.id)
    assert (fee.due, fee.state) == ("2026-12-10", "open")
    assert lost(report) == {
        "tasks.ics": "1 events: only tasks are imported",
        "Open the hut, then heat it": "1 alarms",
    }


def test_a_calendar_finds_its_tasks_by_their_uid_wherever_it_lies(
    alice: Replica, tmp_path: Path
) -> None:
    import_files(alice, ICS, format="ics", space=None)
    other = tmp_path / "other.ics"
    text = ICS.read_text(encoding="utf-8").replace("20261210", "20261224")
    other.write_text(text, encoding="utf-8")

    assert counts(import_files(alice, other, format="ics", space=None))[:3] == (0, 1, 2)
    assert by_title(alice)["Pay the fee"].due == "2026-12-24"


def test_joplins_notes_and_to_dos_come_with_notebooks_tags_and_links(alice: Replica) -> None:
    report = import_files(alice, JOPLIN, format="joplin", space=None)

    found = notes(alice)
    packing, route = found["Packing"], found["Route"]
    assert (packing.tags, route.tags) == (("Trip", "Winter", "snow"), ("Trip",))
    assert packing.created_at_ms == 1_768_069_800_000
    assert (packing.body or "").endswith("\n\nSource: https://example.org/pack\n")
    shown = alice.with_item_links(DocId(packing.id), packing.body or "")
    assert f"[the route](cairn:{route.id})" in shown
    (task,) = tasks(alice)
    assert (task.title, task.body, task.list, task.state) == ("Buy rope", "60 m", "Winter", "done")
    assert task.due == "2026-12-01T09:00:00Z"
    assert report.skipped == 2
    assert lost(report) == {
        "joplin": "1 attachments (map.png)",
        "Packing": "links to attachments, kept as text: map.png",
        "": "it is encrypted; export it from Joplin once it is decrypted",
        "Old": "it is in the trash of Joplin",
    }


def test_a_jex_archive_is_the_same_as_its_folder(alice: Replica, tmp_path: Path) -> None:
    archive = tmp_path / "all.jex"
    with tarfile.open(archive, "w") as tar:
        for file in sorted(JOPLIN.iterdir()):
            tar.add(file, arcname=file.name)
    import_files(alice, JOPLIN, format="joplin", space=None)
    before = alice.digest()

    report = import_files(alice, archive, format="joplin", space=None)

    assert counts(report)[:3] == (0, 0, 3)
    assert alice.digest() == before


def test_what_people_changed_here_stays_where_the_list_did_not_change(
    alice: Replica, tmp_path: Path
) -> None:
    file = Path(shutil.copy(ICS, tmp_path / "tasks.ics"))
    import_files(alice, file, format="ics", space=None)
    fee = by_title(alice)["Pay the fee"]
    alice.edit(DocId(fee.id), Patch(fields={"title": "Pay the hut's fee"}))
    text = file.read_text(encoding="utf-8").replace("20261210", "20261224")
    file.write_text(text, encoding="utf-8")

    import_files(alice, file, format="ics", space=None)

    assert by_title(alice)["Pay the hut's fee"].due == "2026-12-24"
