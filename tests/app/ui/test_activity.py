"""Activity: what changed, by whom, since one was last here; what one did can be undone there."""

from pathlib import Path

import flet as ft
import pytest

from app.ui.first_run import finish_first_run
from app.ui.seen import look, unseen
from app.ui.words import activity_words
from store.commands.patches import NewTask, Patch
from store.database.meta import write_meta
from store.domain.ids import DocId
from store.queries import Activity
from store.replica import Replica
from tests.support.flet_harness import Tab
from tests.support.people import Camp


@pytest.fixture
def camp(tmp_path: Path) -> Camp:
    return Camp(tmp_path, "bea", "ana")


def bea_writes(camp: Camp, title: str) -> DocId:
    doc = camp["bea"].add_task(NewTask(title))
    camp.give("bea", "ana")
    return doc


async def test_what_came_while_one_was_away_stands_first_and_only_once(camp: Camp) -> None:
    finish_first_run(camp["ana"])
    bea_writes(camp, "Book the bus")
    assert unseen(camp["ana"]) == 1
    tab = await Tab.open(camp["ana"])

    await tab.go("Activity")
    await tab.text("While you were away: 1 item")
    await tab.text("Bea added “Book the bus”")
    assert unseen(camp["ana"]) == 0

    await tab.go("Notes")
    await tab.text("No notes yet")
    await tab.go("Activity")
    await tab.text("Bea added “Book the bus”")
    assert not any("While you were away" in text for text in tab.texts())
    await tab.close()


async def test_a_number_says_that_something_is_new(camp: Camp) -> None:
    finish_first_run(camp["ana"])
    tab = await Tab.open(camp["ana"])
    bea_writes(camp, "Book the bus")

    await tab.until(lambda: tab.find(ft.Icon, icon=ft.Icons.HISTORY, badge="1"))
    await tab.go("Activity")
    await tab.until(lambda: not tab.find_all(ft.Icon, icon=ft.Icons.HISTORY, badge="1"))
    await tab.close()


def test_the_first_look_of_all_finds_nothing_new(camp: Camp) -> None:
    bea_writes(camp, "Book the bus")

    assert unseen(camp["ana"]) == 0
    seen = look(camp["ana"])
    assert not any(each.is_new for each in camp["ana"].activity(rows_max=9, seen=seen).entries)


@pytest.mark.parametrize("kept", ["rubbish", "[]", '{"s": "x"}'])
def test_what_another_version_kept_counts_as_not_seen(camp: Camp, kept: str) -> None:
    bea_writes(camp, "Book the bus")
    with camp["ana"].db.write() as conn:
        write_meta(conn, "app_seen", kept)

    assert unseen(camp["ana"]) == 1


async def test_what_one_did_is_undone_from_its_line(tab: Tab, replica: Replica) -> None:
    doc = replica.add_task(NewTask("Rope"))
    replica.edit(doc, Patch(fields={"title": "Long rope"}))
    replica.add_task(NewTask("Tent"))
    await tab.go("Activity")

    await tab.press("Undo an edit: Long rope")

    await tab.text("Undone: an edit.")
    assert replica.task(doc).title == "Rope"
    await tab.press_action("Redo")
    await tab.until(lambda: replica.task(doc).title == "Long rope")


async def test_an_undo_that_came_too_late_says_why(tab: Tab, replica: Replica) -> None:
    doc = replica.add_task(NewTask("Rope"))
    replica.edit(doc, Patch(fields={"title": "Long rope"}))
    await tab.go("Activity")
    await tab.until(lambda: tab.button("Undo an edit: Long rope"))
    with Replica.open(replica.home) as beside:
        number = beside.activity(rows_max=1, seen={}).entries[0].act
        assert number is not None
        beside.undo(number.number)

    await tab.press("Undo an edit: Long rope")

    await tab.text("That was undone already.")


async def test_an_entry_opens_its_item(tab: Tab, replica: Replica) -> None:
    replica.add_task(NewTask("Rope"))
    await tab.go("Activity")

    await tab.open_row("You added “Rope”")

    await tab.text("What happened")


async def test_a_long_past_is_read_a_hundred_changes_at_a_time(tab: Tab, replica: Replica) -> None:
    for number in range(110):
        replica.add_task(NewTask(f"Task {number}"))
    await tab.go("Activity")
    await tab.text("“Task 109”")
    assert not any("“Task 9”" in text for text in tab.texts())

    await tab.press("Show more")

    await tab.text("“Task 9”")


@pytest.mark.parametrize(
    ("what", "events", "words"),
    [
        (("created", "title"), (), "added"),
        (("due",), (), "changed the due date of"),
        (("due", "tags", "title"), (), "changed the due date, the tags and the title of"),
        (("events",), ("done",), "finished"),
        (("body", "events"), ("start",), "started and changed the text of"),
        (("trash",), (), "put away or brought back"),
        (
            ("settlements",),
            (),
            "settled or reopened a conflict of",
        ),
        ((), (), "changed"),
        (("colour",), (), "changed colour of"),
    ],
)
def test_what_was_done_is_said_in_words(
    what: tuple[str, ...], events: tuple[str, ...], words: str
) -> None:
    entry = Activity(
        doc=DocId("t"),
        kind="task",
        title="Rope",
        space="Trip",
        person="Bea",
        device="phone",
        at_ms=1,
        received_at_ms=1,
        changes=1,
        what=what,
        events=events,
        is_own=False,
        is_new=True,
        is_gone=False,
        act=None,
    )

    assert activity_words(entry) == words
