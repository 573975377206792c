"""The page of a task: subtasks, due dates by a calendar, what may happen next, versions."""

import asyncio
import re
from datetime import UTC, date, datetime, timedelta, timezone

import flet as ft
import pytest

from app.ui.views.due_field import on_day, picked_day
from store.commands.patches import NewTask, Patch
from store.domain.ids import DocId
from store.replica import Replica
from tests.app.ui.task_page import opened
from tests.support.flet_harness import Tab, text_of

VIENNA = timezone(timedelta(hours=1))
NOW = datetime(2026, 11, 25, 14, 0, tzinfo=VIENNA)


async def test_a_subtask_is_added_ticked_and_opened(tab: Tab, replica: Replica) -> None:
    doc = await opened(tab, replica)

    await tab.type("New subtask", "Ask Kit tomorrow #gear")
    await tab.fire(tab.find(ft.TextField, label="New subtask"), "submit")

    await tab.text("Subtasks · 0 of 1 done")
    (line,) = replica.subtasks(doc)
    assert (line.task.title, line.task.tags, line.task.parent) == ("Ask Kit", ("gear",), doc)
    boxes = await tab.until(lambda: tab.find_all(ft.Checkbox, semantics_label="Done: Ask Kit"))
    await tab.fire(boxes[-1], "change", True, value=True)
    await tab.text("Subtasks · 1 of 1 done")
    assert replica.task(DocId(line.task.id)).state == "done"
    await tab.press("Ask Kit")
    await tab.until(lambda: tab.find(ft.TextField, label="Title", value="Ask Kit"))
    await tab.press("Part of Buy rope")
    await tab.until(lambda: tab.find(ft.TextField, label="Title", value="Buy rope"))


async def test_a_day_is_chosen_from_a_menu_and_taken_away(tab: Tab, replica: Replica) -> None:
    doc = await opened(tab, replica)
    tomorrow = (datetime.now().astimezone().date() + timedelta(days=1)).isoformat()

    await tab.press("Tomorrow")

    await tab.until(lambda: replica.task(doc).due == tomorrow)
    await tab.until(lambda: tab.find(ft.TextField, label="Due", value=tomorrow))
    await tab.press("No date")
    await tab.until(lambda: replica.task(doc).due is None)


async def test_a_rule_is_shown_and_typed_in_words(tab: Tab, replica: Replica) -> None:
    doc = await opened(tab, replica)

    await tab.type("Repeat", "every mon, wed and fri")
    await tab.fire(tab.find(ft.TextField, label="Repeat"), "submit")

    await tab.until(lambda: replica.task(doc).repeat == "FREQ=WEEKLY;BYDAY=MO,WE,FR")
    said = "every Monday, Wednesday and Friday"
    await tab.until(lambda: tab.find(ft.TextField, label="Repeat", value=said))
    await tab.text(said)  # in its row, as it has no date
    replica.edit(doc, Patch(fields={"due": "2030-01-07"}))
    await tab.text(f"2030-01-07, {said}")


async def test_a_day_is_picked_from_a_calendar(tab: Tab, replica: Replica) -> None:
    doc = await opened(tab, replica)
    await tab.press("Pick a day…")
    calendar = await tab.until(lambda: tab.find(ft.DatePicker))

    await tab.fire(calendar, "change", None, value=datetime(2030, 1, 5))  # noqa: DTZ001

    await tab.until(lambda: replica.task(doc).due == "2030-01-05")


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        (None, "2030-07-05"),
        ("2026-12-24", "2030-07-05"),
        ("2026-12-24T08:30:00Z", "2030-07-05T08:30:00Z"),  # 09:30 here
    ],
)
def test_another_day_keeps_the_time_of_day(due: str | None, expected: str) -> None:
    assert on_day(due, date(2030, 7, 5), NOW) == expected


def test_midnight_here_is_the_day_here() -> None:
    assert picked_day(datetime(2030, 1, 4, 23, 0, tzinfo=UTC), NOW) == date(2030, 1, 5)
    assert picked_day(datetime(2030, 1, 5), NOW) == date(2030, 1, 5)  # noqa: DTZ001


async def test_blocking_asks_what_for(tab: Tab, replica: Replica) -> None:
    doc = await opened(tab, replica)

    pressing = asyncio.ensure_future(tab.press("Block"))
    await tab.type("Reason", "the shop is closed")
    dialog = tab.find_all(ft.AlertDialog)[-1]
    await tab.fire(dialog.actions[-1], "click")
    await pressing

    assert (replica.task(doc).state, replica.task(doc).events[-1].reason) == (
        "blocked",
        "the shop is closed",
    )


async def test_a_version_is_looked_at_word_by_word_and_gone_back_to(
    tab: Tab, replica: Replica
) -> None:
    doc = await opened(tab, replica)
    replica.edit(doc, Patch(fields={"title": "Buy a long rope"}))
    replica.edit(doc, Patch(fields={"due": "2030-01-05"}))
    await tab.press("Versions")
    await tab.text("created (")

    await tab.press(await tab.until(lambda: _oldest(tab)))

    await tab.until(
        lambda: "Buy a long rope" in [text_of(each) for each in tab.find_all(ft.Text) if each.spans]
    )
    await tab.press("Go back to this version")
    await tab.until(lambda: replica.task(doc).title == "Buy rope")
    assert replica.task(doc).due is None
    await tab.press_action("Undo")
    await tab.until(lambda: replica.task(doc).title == "Buy a long rope")


def _oldest(tab: Tab) -> str:
    """The name of the last button that shows a version."""
    names = [
        str(each.semantics_label)
        for each in tab.find_all(ft.Text)
        if str(each.semantics_label).startswith("See the version")
    ]
    return names[-1]


async def test_what_is_typed_and_no_change_yet_is_a_version_before_one_goes_back(
    tab: Tab, replica: Replica
) -> None:
    doc = await opened(tab, replica)
    replica.edit(doc, Patch(fields={"title": "Buy a long rope"}))
    await tab.type("Text", "Sixty metres.")
    await tab.press("Versions")
    await tab.press(await tab.until(lambda: _oldest(tab)))

    await tab.press("Go back to this version")

    await tab.until(lambda: replica.task(doc).title == "Buy rope")
    assert replica.task(doc).body == ""
    assert any("text" in row.summary for row in replica.history(doc))


@pytest.mark.parametrize("kind", ["task", "note"])
async def test_an_open_item_that_is_deleted_for_good_says_so_and_nothing_else(
    tab: Tab, replica: Replica, kind: str
) -> None:
    item = replica.add_task(NewTask("Plan")) if kind == "task" else replica.add_note("Plan")
    await tab.go("Tasks" if kind == "task" else "Notes")
    await tab.open_row("Plan")
    await tab.until(lambda: tab.find(ft.TextField, label="Title", value="Plan"))

    replica.trash(item)
    replica.purge_trash()  # as another device

    await tab.text(f"This {kind} is gone: it was deleted for good.")
    assert tab.find_all(ft.SnackBar) == []


async def test_what_others_write_into_a_field_that_one_types_in_stays_beside_it(
    tab: Tab, replica: Replica
) -> None:
    doc = await opened(tab, replica)
    await tab.type("Title", "Buy 60 m of rope")

    with Replica.open(replica.home) as beside:
        beside.edit(doc, Patch(fields={"title": "Buy Kit's rope"}))

    said = "Meanwhile “Buy Kit's rope” was written here; both are kept, for you to settle."
    await tab.until(lambda: tab.find(ft.TextField, label="Title", helper=said))
    await tab.fire(tab.find(ft.TextField, label="Title"), "blur")
    await tab.until(lambda: replica.task(doc).conflicts)
    (row,) = replica.conflicts(remember=False)
    assert {side.value for side in row.sides} == {"Buy 60 m of rope", "Buy Kit's rope"}
    shown = replica.task(doc).title
    await tab.until(lambda: tab.find(ft.TextField, label="Title", value=shown, helper=None))
    await tab.press_action("Undo")
    assert (replica.task(doc).title, replica.task(doc).conflicts) == ("Buy Kit's rope", ())


async def test_who_goes_on_typing_after_enter_is_not_in_conflict_with_themselves(
    tab: Tab, replica: Replica
) -> None:
    doc = await opened(tab, replica)
    field = await tab.type("Title", "Buy 60 m of rope")
    await tab.fire(field, "submit")
    await tab.type("Title", "Buy 70 m of rope")
    await tab.fire(field, "submit")
    assert (replica.task(doc).title, replica.task(doc).conflicts) == ("Buy 70 m of rope", ())


async def test_what_is_typed_while_the_field_is_being_saved_goes_on_from_there(
    tab: Tab, replica: Replica
) -> None:
    doc = await opened(tab, replica)
    field = await tab.type("Title", "Buy 60 m of rope")
    with replica.db.write():  # as long as another process writes
        saving = asyncio.create_task(tab.fire(field, "submit"))
        await asyncio.sleep(0)
        await tab.type("Title", "Buy 60 m of red rope")
        assert replica.task(doc).title == "Buy rope"
    await saving
    await tab.until(lambda: tab.row("Buy 60 m of rope"))
    assert tab.find(ft.TextField, label="Title").helper is None, "it is nobody else's"

    await tab.fire(tab.find(ft.TextField, label="Title"), "blur")

    await tab.until(lambda: tab.row("Buy 60 m of red rope"))
    assert replica.task(doc).conflicts == ()


async def test_tags_that_others_put_on_meanwhile_stay(tab: Tab, replica: Replica) -> None:
    doc = await opened(tab, replica)
    await tab.type("Tags", "hut")

    with Replica.open(replica.home) as beside:
        beside.edit(doc, Patch(add_tags=("wet",)))

    said = re.compile("^Meanwhile “.*wet.*” was written here; what you add and take off is done")
    await tab.until(lambda: said.match(str(tab.find(ft.TextField, label="Tags").helper)))
    await tab.fire(tab.find(ft.TextField, label="Tags"), "blur")
    await tab.until(lambda: replica.task(doc).tags == ("hut", "wet"))
    await tab.until(lambda: tab.find(ft.TextField, label="Tags", value="hut, wet"))


async def test_a_subtask_that_is_sent_twice_at_once_is_added_once(
    tab: Tab, replica: Replica
) -> None:
    doc = await opened(tab, replica)
    field = await tab.type("New subtask", "Ask Kit")

    await asyncio.gather(tab.fire(field, "submit"), tab.fire(field, "submit"))

    assert [line.task.title for line in replica.subtasks(doc)] == ["Ask Kit"]
