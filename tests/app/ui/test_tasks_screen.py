"""The tasks: adding, ticking off, editing, what a task may become."""

import asyncio

import flet as ft

from store.commands.patches import NewTask
from store.domain.ids import DocId
from store.replica import Replica
from tests.support.flet_harness import Tab


async def test_a_line_becomes_a_task_with_what_it_says(tab: Tab, replica: Replica) -> None:
    await tab.type("New task", "Buy rope tomorrow #climb !high")
    await tab.press("Add")

    await tab.text("Added: Buy rope")
    (row,) = replica.tasks()
    assert (row.title, row.priority, row.tags) == ("Buy rope", "high", ("climb",))
    await tab.until(lambda: tab.find(ft.TextField, label="New task").value == "")


async def test_ticking_a_task_off_is_done_at_once_and_can_be_undone(
    tab: Tab, replica: Replica
) -> None:
    doc = replica.add_task(NewTask("Buy rope"))
    box = await tab.until(lambda: tab.find(ft.Checkbox, semantics_label="Done: Buy rope"))

    await tab.fire(box, "change", True, value=True)

    assert replica.task(doc).state == "done"
    await tab.until(lambda: not tab.find_all(ft.Checkbox, semantics_label="Done: Buy rope"))
    await tab.press("Undo")
    assert replica.task(doc).state == "open"
    await tab.until(lambda: tab.find(ft.Checkbox, semantics_label="Done: Buy rope"))


async def test_a_field_is_saved_when_one_leaves_it(tab: Tab, replica: Replica) -> None:
    doc = replica.add_task(NewTask("Buy rope"))
    await tab.open_row("Buy rope")

    await tab.enter("Title", "Buy a longer rope")
    await tab.enter("List", "Hut")
    await tab.enter("Tags", "climb, #food")

    row = replica.task(doc)
    assert (row.title, row.list, row.tags) == ("Buy a longer rope", "Hut", ("climb", "food"))


async def test_a_field_that_was_left_for_another_task_is_saved_too(
    tab: Tab, replica: Replica
) -> None:
    first = replica.add_task(NewTask("Buy rope"))
    replica.add_task(NewTask("Pack"))
    await tab.open_row("Buy rope")

    await tab.type("Title", "Buy a longer rope")
    await tab.open_row("Pack")

    await tab.until(lambda: replica.task(first).title == "Buy a longer rope")


async def test_a_date_that_is_none_is_told_and_the_stored_one_comes_back(
    tab: Tab, replica: Replica
) -> None:
    doc = replica.add_task(NewTask("Buy rope", due="2030-01-05"))
    await tab.open_row("Buy rope")

    await tab.enter("Due", "when the snow melts")

    await tab.text("when the snow melts")  # in the sentence that says why
    assert replica.task(doc).due == "2030-01-05"
    await tab.until(lambda: tab.find(ft.TextField, label="Due", value="2030-01-05"))


async def test_only_transitions_that_the_state_allows_are_offered(
    tab: Tab, replica: Replica
) -> None:
    replica.add_task(NewTask("Buy rope"))
    await tab.open_row("Buy rope")
    lifecycle = ("Start", "Block", "Done", "Cancel task", "Reopen")

    def offered() -> list[str]:
        buttons = tab.find_all(ft.OutlinedButton) + tab.find_all(ft.FilledTonalButton)
        names = [str(button.content) for button in buttons]
        return [name for name in lifecycle if name in names]

    await tab.until(lambda: offered() == ["Start", "Block", "Done", "Cancel task"])
    await tab.press("Cancel task")
    await tab.until(lambda: offered() == ["Reopen"])


async def test_what_happened_to_a_task_is_told(tab: Tab, replica: Replica) -> None:
    doc = replica.add_task(NewTask("Buy rope"))
    replica.transition(doc, "block", reason="the shop is closed")
    await tab.open_row("Buy rope")

    assert "blocked, by Ana on laptop" in await tab.text("the shop is closed")


async def test_trash_and_back(tab: Tab, replica: Replica) -> None:
    doc = replica.add_task(NewTask("Buy rope"))
    await tab.open_row("Buy rope")

    await tab.press("Put in the trash")
    assert replica.task(doc).trashed
    await tab.press("Take out of the trash")
    assert not replica.task(doc).trashed


async def test_a_task_of_another_process_appears_without_reload(tab: Tab, replica: Replica) -> None:
    with type(replica).open(replica.home) as beside:
        beside.add_task(NewTask("From the command line"))

    await tab.text("From the command line")


async def test_a_long_list_is_drawn_forty_rows_at_a_time(tab: Tab, replica: Replica) -> None:
    for number in range(50):
        replica.add_task(NewTask(f"Task {number}"))
    await tab.until(lambda: len(tab.find_all(ft.Checkbox)) == 40)

    await tab.press("Show more")

    await tab.until(lambda: len(tab.find_all(ft.Checkbox)) == 50)


async def test_an_error_of_a_handler_is_told_and_the_app_stays_up(
    tab: Tab, replica: Replica
) -> None:
    doc: DocId = replica.add_task(NewTask("Buy rope"))
    await tab.open_row("Buy rope")
    await tab.until(lambda: tab.find(ft.TextField, label="Title"))
    replica.transition(doc, "done")

    await tab.press("Start")  # drawn before the task was done

    await tab.text("reopen it first")
    await tab.press("Reopen")
    assert replica.task(doc).state == "open"


async def test_enter_and_its_button_at_once_add_one_task(tab: Tab, replica: Replica) -> None:
    field = await tab.type("New task", "Buy rope")

    await asyncio.gather(tab.fire(field, "submit"), tab.press("Add"))

    assert [row.title for row in replica.tasks()] == ["Buy rope"]
