"""The first run: three steps in a new home, never again, and examples that one tap removes."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import flet as ft
import pytest

from app.ui.first_run import EXAMPLE_LIST, examples, is_new
from app.ui.seen import unseen
from store.commands.patches import NewTask
from store.replica import Replica
from tests.support.flet_harness import Tab, open_replica


@pytest.fixture
def new_home(tmp_path: Path) -> Iterator[Replica]:
    with open_replica(tmp_path / "new") as opened:
        yield opened


@pytest.fixture
async def first(new_home: Replica) -> AsyncIterator[Tab]:
    """The app as it opens for the first time."""
    opened = await Tab.open(new_home)
    yield opened
    await opened.close()


async def test_three_steps_lead_to_an_empty_inbox(first: Tab, new_home: Replica) -> None:
    await first.text("Step 1 of 3")
    await first.type("Your name", "Ana Lima")
    await first.press("Next")
    await first.text("Step 2 of 3")
    await first.press("Start alone")
    await first.text("Step 3 of 3")
    await first.press("Start empty")

    await first.text("The inbox is empty")
    assert new_home.identity.person == "Ana Lima"
    assert new_home.tasks() == []
    assert not is_new(new_home)


@pytest.mark.parametrize(("width", "above"), [(1_200, 160), (390, 0)])
async def test_on_a_wide_page_it_stands_in_the_middle_and_on_a_phone_at_the_top(
    new_home: Replica, width: int, above: float
) -> None:
    tab = await Tab.open(new_home, width=width)
    await tab.text("Step 1 of 3")

    (page,) = tab.find_all(ft.ListView)

    room = page.controls[0]
    assert isinstance(room, ft.Container)
    assert room.height == above, "of 800, beside what the tallest step takes"
    await tab.close()


async def test_examples_are_one_list_in_personal_and_one_tap_removes_them(
    first: Tab, new_home: Replica
) -> None:
    await first.press("Next")
    await first.press("Start alone")
    await first.press("Show me examples")
    await first.text("Tick me off")
    assert {row.space for row in new_home.tasks()} == {"Personal"}
    assert {row.list for row in new_home.tasks()} == {EXAMPLE_LIST}

    await first.press("Remove the examples")
    await first.until(lambda: examples(new_home) == [])
    await first.press_action("Undo")
    await first.until(lambda: len(examples(new_home)) == 4)


@pytest.mark.parametrize("pressed", [[], ["Next"], ["Next", "Start alone"]])
async def test_each_step_can_be_skipped(first: Tab, new_home: Replica, pressed: list[str]) -> None:
    for name in pressed:
        await first.press(name)

    await first.press("Skip")

    await first.text("The inbox is empty")
    assert not is_new(new_home)


async def test_a_name_that_is_none_is_said_and_asked_again(first: Tab) -> None:
    await first.type("Your name", "   ")
    await first.press("Next")

    await first.until(lambda: first.find_all(ft.SnackBar))
    await first.text("Step 1 of 3")


async def test_what_is_no_invite_link_is_said_and_one_stays_where_one_was(first: Tab) -> None:
    await first.press("Next")
    await first.type("Invite link or code", "what is this")
    await first.press("Join")

    await first.until(lambda: first.find_all(ft.SnackBar))
    await first.text("Step 2 of 3")


async def test_an_app_that_was_closed_in_between_begins_again(new_home: Replica) -> None:
    tab = await Tab.open(new_home)
    await tab.press("Next")
    await tab.text("Step 2 of 3")
    await tab.close()

    again = await Tab.open(new_home)

    await again.text("Step 1 of 3")
    await again.close()


async def test_a_home_that_was_used_at_the_command_line_has_no_first_run(
    new_home: Replica,
) -> None:
    new_home.add_task(NewTask("Buy rope"))

    tab = await Tab.open(new_home)

    await tab.text("Buy rope")
    await tab.close()


async def test_shortcuts_wait_until_the_first_run_is_over(first: Tab) -> None:
    await first.text("Step 1 of 3")

    await first.key("N")

    assert first.find_all(ft.AlertDialog) == []


async def test_what_was_there_at_the_first_run_is_not_new(first: Tab, new_home: Replica) -> None:
    await first.press("Skip")
    await first.text("The inbox is empty")

    assert unseen(new_home) == 0
