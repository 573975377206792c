"""Fields that are about to have the keyboard: what is typed for them meanwhile ends up in them."""

import asyncio

import flet as ft

from app.ui.hearing import Hearing
from store.replica import Replica
from tests.support.flet_harness import Tab

SEARCH = "Search tasks and notes"


async def test_what_is_typed_before_search_has_its_field_is_no_shortcut(tab: Tab) -> None:
    await tab.key("/")
    await tab.key("N")
    await tab.key("?", shift=True)
    await tab.text("Type a word")
    assert tab.find_all(ft.AlertDialog) == []

    await tab.fire(tab.find(ft.TextField, label=SEARCH), "focus")
    await tab.fire(tab.find(ft.TextField, label=SEARCH), "blur")
    await tab.key("?", shift=True)
    await tab.text("Keyboard shortcuts")


async def test_what_is_typed_before_search_has_its_field_ends_up_in_it(tab: Tab) -> None:
    for key in "/TEX":
        await tab.key(key)
    await tab.key("Backspace")
    await tab.key("Shift Left", shift=True)
    await tab.text("Type a word")

    field = tab.find(ft.TextField, label=SEARCH)
    await tab.fire(field, "focus")
    await tab.until(lambda: tab.find(ft.TextField, label=SEARCH, value="te"))
    # Typed before the page had that: it is lost there, and comes with what is pushed next.
    await tab.fire(field, "change", "n", value="n")

    await tab.until(lambda: tab.find(ft.TextField, label=SEARCH, value="ten"))
    await tab.fire(field, "change", "tent", value="tent")
    await tab.until(lambda: tab.find(ft.TextField, label=SEARCH, value="tent"))


async def test_what_is_typed_before_quick_add_has_its_field_ends_up_in_it(
    tab: Tab, replica: Replica
) -> None:
    await tab.key("N")
    for key, shift in (("R", True), ("O", False), ("P", False), ("E", False)):
        await tab.key(key, shift=shift)
    field = await tab.until(lambda: tab.find(ft.TextField, label="New task", autofocus=True))

    await tab.fire(field, "focus")
    await tab.until(lambda: tab.find(ft.TextField, label="New task", value="Rope"))
    await tab.fire(tab.find(ft.TextField, label="New task", value="Rope"), "submit")

    await tab.until(lambda: [row.title for row in replica.tasks()] == ["Rope"])


async def test_one_task_is_typed_after_the_other(tab: Tab, replica: Replica) -> None:
    field = await tab.type("New task", "Buy rope")
    adding = asyncio.create_task(tab.fire(field, "submit"))
    await tab.fire(field, "blur")  # as Enter does
    await tab.until(lambda: field._i in tab.asked)
    assert [row.title for row in replica.tasks()] == ["Buy rope"]

    for key in "TIN":  # no shortcuts
        await tab.key(key)
    await tab.fire(tab.find(ft.TextField, label="New task"), "focus")
    await adding
    field = await tab.until(lambda: tab.find(ft.TextField, label="New task", value="tin"))
    await tab.fire(field, "submit")

    await tab.until(lambda: [row.title for row in replica.tasks()] == ["Buy rope", "tin"])


async def test_taking_a_chip_away_leaves_the_keyboard_in_the_field(
    tab: Tab, replica: Replica
) -> None:
    field = await tab.type("New task", "Rope tomorrow")
    button = await tab.until(lambda: tab.button("Make “tomorrow” text again"))
    await tab.fire(field, "blur")
    taking = asyncio.create_task(tab.fire(button, "click"))
    await tab.until(lambda: field._i in tab.asked)
    await tab.key("S")
    await tab.fire(field, "focus")
    await taking

    await tab.until(lambda: tab.find(ft.TextField, label="New task", value="Rope tomorrows"))


async def test_what_was_typed_for_a_field_that_never_came_is_in_no_other(tab: Tab) -> None:
    await tab.key("N")
    await tab.key("R")
    await tab.key("Escape")
    await tab.gone("A day, a time")
    await tab.key("/")
    await tab.text("Type a word")

    await tab.fire(tab.find(ft.TextField, label=SEARCH), "focus")

    assert tab.find(ft.TextField, label=SEARCH).value == ""


async def test_a_field_that_goes_takes_nothing_from_the_one_that_comes(tab: Tab) -> None:
    await tab.press("Filter")
    field = await tab.until(lambda: tab.find(ft.TextField, label="Filter"))
    await tab.fire(field, "focus")
    await tab.fire(field, "blur")

    for key in "/TEN":
        await tab.key(key)
    await tab.text("Type a word")
    await tab.fire(tab.find(ft.TextField, label=SEARCH), "focus")

    await tab.until(lambda: tab.find(ft.TextField, label=SEARCH, value="ten"))


async def test_what_is_typed_into_a_field_that_kept_the_keyboard_is_in_it_once(
    tab: Tab, replica: Replica
) -> None:
    """On a phone Enter does not take it away, and the page tells the keys of fields too."""
    field = await tab.type("New task", "Buy rope")
    await tab.fire(field, "submit")
    assert [row.title for row in replica.tasks()] == ["Buy rope"]

    field = await tab.type("New task", "t")
    await tab.key("T")
    await tab.fire(field, "blur")
    await tab.fire(field, "focus")
    await tab.fire(field, "submit")

    await tab.until(lambda: [row.title for row in replica.tasks()] == ["Buy rope", "t"])


async def test_a_field_that_comes_is_given_the_keyboard_wherever_that_was(tab: Tab) -> None:
    await tab.key("/")
    await tab.until(lambda: tab.find(ft.TextField, label=SEARCH)._i in tab.asked)
    field = tab.find(ft.TextField, label=SEARCH)
    await tab.fire(field, "focus")
    await tab.fire(field, "blur")
    tab.asked.clear()

    await tab.key("/")  # on the screen itself

    await tab.until(lambda: field._i in tab.asked)


async def test_a_field_that_went_before_it_came_gives_the_keys_back(tab: Tab) -> None:
    await tab.key("/")
    await tab.text("Type a word")
    await tab.go("Conflicts")
    await tab.text("All agree")

    await tab.key("?", shift=True)

    await tab.text("Keyboard shortcuts")


async def test_a_field_that_never_comes_gives_the_keys_back() -> None:
    hearing = Hearing(comes_within_s=0)

    hearing.field_comes()

    assert not hearing.is_typing
