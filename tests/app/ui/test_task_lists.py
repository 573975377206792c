"""Lists of tasks: views, subtasks, sorting, filters, chips of quick add, several at once."""

import flet as ft
import pytest

from app.local_time import local_now
from store.commands.patches import NewTask, Patch
from store.domain.ids import DocId
from store.replica import Replica
from tests.support.flet_harness import Tab, _names, text_of


def titles(tab: Tab) -> list[str]:
    """What is listed, from top to bottom."""
    tiles = tab.find_all(ft.ListTile)
    boxed = [tile for tile in tiles if isinstance(tile.leading, ft.Checkbox)]
    return [text_of(tile.title) for tile in boxed if isinstance(tile.title, ft.Text)]


async def lists(tab: Tab, *expected: str) -> None:
    try:
        await tab.until(lambda: titles(tab) == list(expected))
    except TimeoutError:
        raise AssertionError(f"listed are {titles(tab)}") from None


async def test_a_list_is_reached_from_the_column_and_what_is_added_there_belongs_to_it(
    tab: Tab, replica: Replica
) -> None:
    replica.add_task(NewTask("Buy rope", list="Hut"))
    replica.add_task(NewTask("Elsewhere"))
    await tab.open_row("Hut")
    await lists(tab, "Buy rope")

    await tab.type("New task", "Sweep the stove")
    await tab.text("+Hut")
    await tab.press("Add")

    await lists(tab, "Buy rope", "Sweep the stove")
    assert {row.title for row in replica.tasks(list_name="Hut")} == {"Buy rope", "Sweep the stove"}


async def test_chips_show_what_was_understood_and_each_can_be_made_text_again(
    tab: Tab, replica: Replica
) -> None:
    await tab.type("New task", "Buy rope tomorrow 9am #climb !high @Kit +Hut")
    for words in ("tomorrow", "09:00", "#climb", "!high", "@Kit", "+Hut"):
        await tab.text(words)

    await tab.press("Make “#climb” text again")
    await tab.until(lambda: "#climb" not in tab.texts())
    await tab.press("Make “9am” text again")
    await tab.until(lambda: "09:00" not in tab.texts())
    await tab.press("Add")

    await tab.until(lambda: replica.tasks())
    (row,) = replica.tasks()
    assert (row.title, row.tags, row.list) == ("Buy rope 9am #climb", (), "Hut")
    assert row.due is not None
    assert "T" not in row.due


async def test_a_day_that_the_view_adds_can_be_taken_off(tab: Tab, replica: Replica) -> None:
    await tab.open_row("Today")
    await tab.text("Nothing is due today")
    await tab.type("New task", "Buy rope")

    await tab.press("Not today")
    await tab.until(lambda: "today" not in tab.texts())
    await tab.press("Add")

    await tab.until(lambda: replica.tasks())
    assert replica.tasks()[0].due is None


async def test_subtasks_stand_below_their_task_and_fold_away(tab: Tab, replica: Replica) -> None:
    menu = replica.add_task(NewTask("Menu"))
    replica.transition(replica.add_task(NewTask("Lunch", parent=menu)), "done")
    replica.add_task(NewTask("Dinner", parent=menu))
    await lists(tab, "Menu", "Lunch", "Dinner")

    name = "Hide the subtasks of Menu: 1 of 2 done"
    (button,) = [each for each in tab.find_all(ft.TextButton) if name in _names(each)]
    await tab.fire(button, "click")
    await lists(tab, "Menu")


async def test_today_parts_what_is_overdue(tab: Tab, replica: Replica) -> None:
    replica.add_task(NewTask("Now", due=local_now().date().isoformat()))
    replica.add_task(NewTask("Late", due="2020-01-01"))
    await tab.open_row("Today")

    await lists(tab, "Late", "Now")
    texts = tab.texts()
    assert texts.index("Overdue") < texts.index("Late") < texts.index("Now")


async def test_done_tasks_fold_away(tab: Tab, replica: Replica) -> None:
    replica.transition(replica.add_task(NewTask("Over")), "done")
    replica.add_task(NewTask("Open"))
    await lists(tab, "Open")

    await tab.press("Show what is done (1)")
    await lists(tab, "Open", "Over")


async def test_a_filter_narrows_the_list_and_says_what_it_cannot_read(
    tab: Tab, replica: Replica
) -> None:
    replica.add_task(NewTask("Buy rope", tags=("climb",)))
    replica.add_task(NewTask("Buy bread"))
    await tab.press("Filter")

    await tab.type("Filter", "tag:climb")
    await lists(tab, "Buy rope")
    await tab.type("Filter", "bread")
    await lists(tab, "Buy bread")
    await tab.type("Filter", "is:nice")
    await tab.text("one of open, started")
    await lists(tab, "Buy rope", "Buy bread")


async def test_a_list_is_sorted_as_one_chooses(tab: Tab, replica: Replica) -> None:
    replica.add_task(NewTask("B"))
    replica.add_task(NewTask("A"))
    await lists(tab, "B", "A")

    item = tab.find(ft.PopupMenuItem, content="Title")
    await tab.fire(item, "click")

    await lists(tab, "A", "B")


@pytest.fixture
async def three(replica: Replica) -> list[DocId]:
    return [replica.add_task(NewTask(title)) for title in ("Rope", "Stove", "Map")]


async def test_several_tasks_are_done_at_once_and_taken_back_as_one(
    tab: Tab, replica: Replica, three: list[DocId]
) -> None:
    await lists(tab, "Rope", "Stove", "Map")
    await tab.press("Choose tasks")
    await tab.until(lambda: tab.find(ft.Checkbox, semantics_label="Choose: Rope"))
    await tab.open_row("Rope")
    await tab.open_row("Map")
    await tab.text("2")

    await tab.press("Done")
    await lists(tab, "Stove")
    await tab.press("Undo")
    await lists(tab, "Rope", "Stove", "Map")


async def test_a_row_is_dragged_to_another_place(
    tab: Tab, replica: Replica, three: list[DocId]
) -> None:
    await lists(tab, "Rope", "Stove", "Map")
    listed = tab.find(ft.ReorderableListView)

    await tab.fire(listed, "reorder", {"old_index": 2, "new_index": 0})

    await lists(tab, "Map", "Rope", "Stove")
    assert [row.title for row in replica.tasks()] == ["Map", "Rope", "Stove"]


async def test_a_row_is_dropped_on_another_list_and_on_the_trash(
    tab: Tab, replica: Replica
) -> None:
    replica.add_task(NewTask("Sweep the stove", list="Hut"))
    doc = replica.add_task(NewTask("Buy rope"))

    async def drop(place: str) -> None:
        dragged = await tab.until(lambda: tab.find(ft.Draggable, data=doc))
        targets = [
            each
            for each in tab.find_all(ft.DragTarget)
            if place in [text_of(text) for text in tab.inside(each, ft.Text)]
        ]
        at = {"x": 1.0, "y": 1.0}
        await tab.fire(targets[0], "accept", {"src_id": dragged._i, "l": at, "g": at})

    await tab.text("Hut")
    await drop("Hut")
    await tab.text("Put into Hut.")
    assert replica.task(doc).list == "Hut"
    await tab.press_action("Undo")
    await tab.until(lambda: replica.task(doc).list is None)

    await tab.until(lambda: tab.row("Buy rope"))
    await drop("Trash")
    await tab.until(lambda: replica.task(doc).trashed)


@pytest.mark.parametrize(
    ("part", "chip"),
    [
        ("tomorrow", "tomorrow"),
        ("9am", "09:00"),
        ("#climb", "#climb"),
        ("!high", "!high"),
        ("@Kit", "@Kit"),
        ("+Hut", "+Hut"),
        ("every week", "every week"),
    ],
)
async def test_every_kind_of_chip_can_be_taken_off_and_stays_text(
    tab: Tab, replica: Replica, part: str, chip: str
) -> None:
    await tab.type("New task", "Buy rope tomorrow 9am every week #climb !high @Kit +Hut")
    await tab.text(chip)

    await tab.press(f"Make “{part}” text again")
    await tab.until(lambda: chip not in tab.texts())
    await tab.press("Add")

    await tab.until(lambda: replica.tasks())
    assert replica.tasks()[0].title == f"Buy rope {part}"


async def test_what_was_found_stands_out(tab: Tab, replica: Replica) -> None:
    replica.add_note("Plan", body="We take the long rope along.")
    await tab.go("Search")

    await tab.type("Search tasks and notes", "rop")

    await tab.until(lambda: tab.row("Plan"))
    spans = [span for text in tab.find_all(ft.Text) for span in text.spans or ()]
    bold = [each.text for each in spans if each.style and each.style.weight == ft.FontWeight.BOLD]
    assert bold == ["rope"]


async def test_a_title_is_written_in_its_row(
    tab: Tab, replica: Replica, three: list[DocId]
) -> None:
    await tab.open_row("Rope")
    await tab.until(lambda: tab.find(ft.TextField, label="Title"))
    await tab.open_row("Rope")  # the open one: its title is to be written

    field = await tab.type("Title of Rope", "Long rope")
    await tab.fire(field, "submit")

    await tab.until(lambda: replica.task(three[0]).title == "Long rope")


async def test_a_title_written_in_its_row_stays_beside_what_others_wrote_meanwhile(
    tab: Tab, replica: Replica, three: list[DocId]
) -> None:
    await tab.open_row("Rope")
    await tab.until(lambda: tab.find(ft.TextField, label="Title"))
    await tab.open_row("Rope")
    await tab.type("Title of Rope", "Long rope")
    with Replica.open(replica.home) as beside:
        beside.edit(three[0], Patch(fields={"title": "Kit's rope"}))

    field = await tab.until(lambda: tab.find(ft.TextField, label="Title of Kit's rope"))
    await tab.fire(field, "submit")

    await tab.until(lambda: replica.task(three[0]).conflicts)
    (row,) = replica.conflicts(remember=False)
    assert {side.value for side in row.sides} == {"Long rope", "Kit's rope"}


async def test_on_a_phone_a_row_is_swiped_away(replica: Replica, three: list[DocId]) -> None:
    tab = await Tab.open(replica, width=390)
    await lists(tab, "Rope", "Stove", "Map")

    assert len(tab.find_all(ft.Dismissible)) == 3
    await tab.close()


async def test_on_a_phone_choosing_moves_no_row(replica: Replica, three: list[DocId]) -> None:
    tab = await Tab.open(replica, width=390)
    await lists(tab, "Rope", "Stove", "Map")
    listed = tab.find(ft.ReorderableListView)

    await tab.fire(tab.row("Stove"), "long_press")
    chosen = await tab.until(lambda: tab.find(ft.Text, semantics_label="1 chosen"))

    drawn = list(tab.controls())
    assert drawn.index(tab.find(ft.ListTile)) < drawn.index(chosen), "it comes below the rows"
    assert tab.find(ft.ReorderableListView)._i == listed._i, "another list begins at its top"
    assert tab.find_all(ft.ReorderableDragHandle) == []
    await tab.close()


async def test_search_takes_filters_and_says_what_it_cannot_read(
    tab: Tab, replica: Replica
) -> None:
    replica.add_task(NewTask("Buy rope", tags=("climb",)))
    replica.add_task(NewTask("Buy bread"))
    await tab.go("Search")
    await tab.type("Search tasks and notes", "buy tag:climb")

    await tab.text("Buy rope")
    assert "Buy bread" not in tab.texts()
    await tab.type("Search tasks and notes", "is:nice")
    await tab.text("one of open, started")


async def test_search_marks_what_it_found_in_titles_and_texts(tab: Tab, replica: Replica) -> None:
    replica.add_task(NewTask("Buy rope"))
    replica.add_note("Plan", body="What to buy: bread.")
    await tab.go("Search")
    await tab.type("Search tasks and notes", "bu")
    await tab.text("What to buy")

    marked = {
        span.text
        for text in tab.find_all(ft.Text)
        for span in text.spans or ()
        if span.style is not None and span.style.bgcolor is not None
    }
    assert marked == {"Buy", "buy"}
    assert tab.texts().count("Buy rope") == 1  # not once more below itself


async def test_on_a_phone_a_task_is_added_too(replica: Replica) -> None:
    tab = await Tab.open(replica, width=390)
    await tab.type("New task", "Buy rope")
    await tab.press("Add")

    await lists(tab, "Buy rope")
    await tab.close()


async def test_notes_in_the_trash_are_counted_and_where_they_are_is_said(
    tab: Tab, replica: Replica
) -> None:
    replica.trash(replica.add_note("Plan"))
    await tab.press("Trash")
    await tab.text("No task is in the trash")
    await tab.text("are under Notes")

    asking = await tab.press_asking("Empty the trash")
    await tab.text("1 item, tasks and notes, will be gone for good")
    await tab.key("Escape")
    await asking
