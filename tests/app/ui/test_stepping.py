"""Alt Up and Alt Down: the open task moves one place in a list that is sorted by hand."""

import asyncio

import flet as ft
import pytest

from app.ui.layout import PAGE_ROWS
from app.ui.stepping import NOT_BY_HAND
from store.commands.patches import NewTask
from store.domain.ids import DocId
from store.replica import Replica
from tests.support.flet_harness import Tab


@pytest.fixture
def three(replica: Replica) -> list[DocId]:
    return [replica.add_task(NewTask(title)) for title in ("Rope", "Stove", "Map")]


def in_order(replica: Replica) -> list[str]:
    return [row.title for row in replica.tasks()]


async def opened(tab: Tab, title: str) -> None:
    await tab.open_row(title)
    await tab.until(lambda: tab.row(title).selected)


async def up(tab: Tab) -> None:
    await tab.key("Arrow Up", alt=True)


async def down(tab: Tab) -> None:
    await tab.key("Arrow Down", alt=True)


async def drawn_as(tab: Tab, *titles: str) -> None:
    """Wait until the list is drawn in this order."""

    def rows() -> list[str]:
        tiles = tab.inside(tab.find(ft.ReorderableListView), ft.ListTile)
        return [tile.title.value for tile in tiles if isinstance(tile.title, ft.Text)]

    await tab.until(lambda: rows() == list(titles))


async def test_the_open_task_moves_and_stays_open_in_the_same_list(
    tab: Tab, replica: Replica, three: list[DocId]
) -> None:
    await opened(tab, "Map")
    listed = tab.find(ft.ReorderableListView)

    await up(tab)

    await drawn_as(tab, "Rope", "Map", "Stove")
    assert in_order(replica) == ["Rope", "Map", "Stove"]
    assert tab.row("Map").selected
    assert tab.find(ft.ReorderableListView)._i == listed._i  # another one begins at its top
    await down(tab)
    await drawn_as(tab, "Rope", "Stove", "Map")


async def test_keys_that_come_faster_than_the_list_is_drawn_all_count(
    tab: Tab, replica: Replica, three: list[DocId]
) -> None:
    replica.add_task(NewTask("Tent"))
    await opened(tab, "Tent")

    await asyncio.gather(up(tab), up(tab), up(tab))

    assert in_order(replica) == ["Tent", "Rope", "Stove", "Map"]
    await drawn_as(tab, "Tent", "Rope", "Stove", "Map")


async def test_at_the_end_of_the_list_it_stays_and_nothing_is_written(
    tab: Tab, replica: Replica, three: list[DocId]
) -> None:
    await opened(tab, "Rope")
    before = replica.task(three[0])

    await up(tab)

    assert replica.task(three[0]) == before
    assert tab.find_all(ft.SnackBar) == []


async def test_ctrl_z_takes_a_move_back(tab: Tab, replica: Replica, three: list[DocId]) -> None:
    await opened(tab, "Rope")
    await down(tab)
    assert in_order(replica) == ["Stove", "Rope", "Map"]

    await tab.key("Z", ctrl=True)

    await drawn_as(tab, "Rope", "Stove", "Map")


async def test_a_list_that_is_sorted_otherwise_says_where_tasks_can_be_moved(
    tab: Tab, replica: Replica, three: list[DocId]
) -> None:
    await opened(tab, "Map")
    await tab.fire(tab.find(ft.PopupMenuItem, content="Title"), "click")
    await tab.until(lambda: not tab.find_all(ft.ReorderableListView))

    await up(tab)

    await tab.text(NOT_BY_HAND)
    assert in_order(replica) == ["Rope", "Stove", "Map"]


@pytest.mark.parametrize("screen", ["Notes", "Search"])
async def test_where_no_list_of_tasks_is_drawn_nothing_moves(
    tab: Tab, replica: Replica, three: list[DocId], screen: str
) -> None:
    await opened(tab, "Map")
    await tab.go(screen)
    await tab.until(lambda: not tab.find_all(ft.ReorderableListView))

    await up(tab)

    assert in_order(replica) == ["Rope", "Stove", "Map"]


async def test_in_a_field_the_keys_stay_the_field_s(
    tab: Tab, replica: Replica, three: list[DocId]
) -> None:
    await opened(tab, "Map")
    await tab.type("Title", "Map of the pass")

    await up(tab)

    assert [row.id for row in replica.tasks()] == three


async def test_the_list_that_comes_after_another_is_the_one_in_which_it_moves(
    tab: Tab, replica: Replica, three: list[DocId]
) -> None:
    await opened(tab, "Map")
    await tab.press("All tasks")
    await tab.until(lambda: tab.row("Map").selected)

    await up(tab)

    assert in_order(replica) == ["Rope", "Map", "Stove"]


async def test_at_the_end_of_what_is_listed_so_far_more_is_listed(
    tab: Tab, replica: Replica
) -> None:
    for number in range(PAGE_ROWS + 1):
        replica.add_task(NewTask(f"Task {number:02}"))
    last = f"Task {PAGE_ROWS - 1:02}"
    await opened(tab, last)

    await down(tab)
    await tab.until(lambda: tab.row(f"Task {PAGE_ROWS:02}"))
    await down(tab)

    assert in_order(replica)[-1] == last
