"""Shortcuts: which key does what, and that a key typed into a field is never one."""

import asyncio

import flet as ft
import pytest

from app.ui.hearing import Hearing
from app.ui.shortcuts import SHORTCUTS, Key, act_of, sign_of
from store.commands.patches import NewTask
from store.replica import Replica
from tests.support.flet_harness import Tab

CTRL_Z = Key("Z", ctrl=True)


@pytest.mark.parametrize(
    ("pressed", "act"),
    [
        (Key("N"), "add"),
        (Key("n"), "add"),
        (Key("/"), "search"),
        (Key("?"), "shortcuts"),
        (Key("/", shift=True), "shortcuts"),
        (Key("T"), "view:today"),
        (Key("3"), "screen:3"),
        (CTRL_Z, "undo"),
        (Key("Z", ctrl=True, shift=True), "redo"),
        (Key("Y", ctrl=True), "redo"),
        (Key("Escape"), "close"),
        (Key("0"), None),
        (Key("N", shift=True), None),
        (Key("N", ctrl=True), None),
        (Key("N", alt=True), None),
        (Key("Arrow Up", alt=True), "move:-1"),
        (Key("Arrow Down", alt=True), "move:1"),
        (Key("Arrow Up"), None),
        (Key("Arrow Up", alt=True, shift=True), None),
        (Key("Arrow Down", alt=True, ctrl=True), None),
        (Key("F5"), None),
    ],
)
def test_what_a_key_does(pressed: Key, act: str | None) -> None:
    assert act_of(pressed, typing=False, dialog=False) == act


@pytest.mark.parametrize(
    "key",
    [*"abcdefghijklmnopqrstuvwxyz0123456789/?", "Enter", "Tab", "Arrow Up", "Arrow Down"],
)
@pytest.mark.parametrize("alt", [False, True])
@pytest.mark.parametrize("ctrl", [False, True])
@pytest.mark.parametrize("shift", [False, True])
def test_a_key_typed_into_a_field_or_a_dialog_is_never_a_shortcut(
    key: str, ctrl: bool, shift: bool, alt: bool
) -> None:
    pressed = Key(key, ctrl=ctrl, shift=shift, alt=alt)

    assert act_of(pressed, typing=True, dialog=False) is None
    assert act_of(pressed, typing=False, dialog=True) is None


def test_the_sheet_names_every_act() -> None:
    names = [*"abcdefghijklmnopqrstuvwxyz/?", "Arrow Up", "Arrow Down"]
    keys = [
        Key(each, ctrl=ctrl, alt=alt)
        for each in names
        for ctrl in (False, True)
        for alt in (False, True)
    ]
    acts = {act_of(each, typing=False, dialog=False) for each in keys} - {None}

    assert acts <= {each.act for each in SHORTCUTS}


async def test_one_key_adds_a_task_from_any_screen(tab: Tab, replica: Replica) -> None:
    await tab.go("Conflicts")
    await tab.key("N")
    await tab.until(lambda: tab.find(ft.AlertDialog))

    field = await tab.type("New task", "Buy rope #climb")
    await tab.fire(field, "submit")

    await tab.until(lambda: [row.title for row in replica.tasks()] == ["Buy rope"])
    await tab.until(lambda: not tab.find_all(ft.TextField, label="New task"))


async def test_a_letter_typed_into_a_field_stays_a_letter(tab: Tab) -> None:
    await tab.type("New task", "N")  # the field has the keyboard now
    await tab.key("N")
    await tab.key("?", shift=True)

    assert tab.find_all(ft.AlertDialog) == []


async def test_a_field_that_went_away_while_one_typed_gives_the_keys_back(tab: Tab) -> None:
    await tab.go("Search")
    await tab.type("Search tasks and notes", "rope")
    await tab.go("Conflicts")
    await tab.text("All agree")

    await tab.key("?")

    await tab.text("Keyboard shortcuts")


async def test_ctrl_z_takes_back_and_ctrl_shift_z_puts_back(tab: Tab, replica: Replica) -> None:
    doc = replica.add_task(NewTask("Buy rope"))
    replica.transition(doc, "done")

    await tab.key("Z", ctrl=True)
    await tab.text("Undone: finishing a task.")
    assert replica.task(doc).state == "open"
    await tab.key("Z", ctrl=True, shift=True)
    await tab.text("Done again: finishing a task.")
    assert replica.task(doc).state == "done"


async def test_what_was_undone_is_one_tap_from_being_done_again(tab: Tab, replica: Replica) -> None:
    doc = replica.add_task(NewTask("Buy rope"))
    replica.transition(doc, "done")
    await tab.key("Z", ctrl=True)

    await tab.press_action("Redo")

    await tab.until(lambda: replica.task(doc).state == "done")


async def test_the_keys_1_to_9_lead_to_the_screens(tab: Tab) -> None:
    await tab.key("4")
    await tab.text("All agree")
    await tab.key("9")  # there are fewer
    await tab.key("T")
    await tab.text("Nothing is due today")


async def test_escape_closes_what_is_open(tab: Tab, replica: Replica) -> None:
    replica.add_task(NewTask("Buy rope"))
    await tab.open_row("Buy rope")
    await tab.text("What happened")

    await tab.key("Escape")

    await tab.gone("What happened")


async def opened_by(tab: Tab, key: str) -> ft.AlertDialog:
    """Press a key that opens a dialog, and give the dialog."""
    await tab.key(key)
    dialog: ft.AlertDialog = await tab.until(lambda: tab.find(ft.AlertDialog))
    return dialog


async def test_a_key_pressed_while_a_dialog_still_goes_is_for_what_is_below(tab: Tab) -> None:
    sheet = await opened_by(tab, "?")

    await tab.key("Escape")
    waiting = asyncio.create_task(tab.key("N"))
    await asyncio.sleep(0)
    assert tab.find_all(ft.TextField, label="New task", autofocus=True) == []
    await tab.fire(sheet, "dismiss", open=False)  # told once the page has drawn it going
    await waiting

    await tab.until(lambda: tab.find(ft.TextField, label="New task", autofocus=True))


async def test_two_keys_pressed_meanwhile_are_taken_in_their_order(tab: Tab) -> None:
    sheet = await opened_by(tab, "?")

    await tab.key("Escape")
    waiting = [asyncio.create_task(tab.key(each)) for each in "SN"]
    await asyncio.sleep(0)
    await tab.fire(sheet, "dismiss", open=False)
    await asyncio.gather(*waiting)

    await tab.until(lambda: tab.find(ft.AlertDialog))
    assert "Sync" in tab.texts()
    assert tab.find_all(ft.TextField, label="New task", autofocus=True) == []


async def test_the_next_task_can_be_added_as_soon_as_the_first_is_sent(tab: Tab) -> None:
    dialog = await opened_by(tab, "N")
    field = tab.find(ft.TextField, label="New task", autofocus=True)
    await tab.fire(field, "focus")
    await tab.fire(field, "change", "Buy rope", value="Buy rope")
    await tab.fire(field, "submit")

    waiting = asyncio.create_task(tab.key("N"))
    await asyncio.sleep(0)
    await tab.fire(dialog, "dismiss")
    await waiting

    # What the first one says of its going closes the second one not.
    await tab.until(lambda: tab.find(ft.TextField, label="New task", autofocus=True))


async def test_a_dialog_that_does_not_go_is_not_waited_for_without_end() -> None:
    hearing = Hearing(goes_within_s=0.001)

    hearing.goes()
    await hearing.settled()

    assert not hearing.is_going


async def test_what_is_typed_before_search_has_its_field_is_no_shortcut(tab: Tab) -> None:
    await tab.key("/")
    await tab.key("N")
    await tab.key("?", shift=True)
    await tab.text("Type a word")
    assert tab.find_all(ft.AlertDialog) == []

    await tab.fire(tab.find(ft.TextField, label="Search tasks and notes"), "focus")
    await tab.fire(tab.find(ft.TextField, label="Search tasks and notes"), "blur")
    await tab.key("?", shift=True)
    await tab.text("Keyboard shortcuts")


async def test_what_is_typed_before_search_has_its_field_ends_up_in_it(tab: Tab) -> None:
    for key in "/TEX":
        await tab.key(key)
    await tab.key("Backspace")
    await tab.key("Shift Left", shift=True)
    await tab.text("Type a word")

    field = tab.find(ft.TextField, label="Search tasks and notes")
    await tab.fire(field, "focus")
    await tab.until(lambda: tab.find(ft.TextField, label="Search tasks and notes", value="te"))
    # Typed before the page had that: it is lost there, and comes with what is pushed next.
    await tab.fire(field, "change", "n", value="n")

    await tab.until(lambda: tab.find(ft.TextField, label="Search tasks and notes", value="ten"))
    await tab.fire(field, "change", "tent", value="tent")
    await tab.until(lambda: tab.find(ft.TextField, label="Search tasks and notes", value="tent"))


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

    await tab.fire(tab.find(ft.TextField, label="Search tasks and notes"), "focus")

    assert tab.find(ft.TextField, label="Search tasks and notes").value == ""


async def test_a_field_that_goes_takes_nothing_from_the_one_that_comes(tab: Tab) -> None:
    await tab.press("Filter")
    field = await tab.until(lambda: tab.find(ft.TextField, label="Filter"))
    await tab.fire(field, "focus")
    await tab.fire(field, "blur")

    for key in "/TEN":
        await tab.key(key)
    await tab.text("Type a word")
    await tab.fire(tab.find(ft.TextField, label="Search tasks and notes"), "focus")

    await tab.until(lambda: tab.find(ft.TextField, label="Search tasks and notes", value="ten"))


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
    await tab.until(lambda: tab.find(ft.TextField, label="Search tasks and notes")._i in tab.asked)
    field = tab.find(ft.TextField, label="Search tasks and notes")
    await tab.fire(field, "focus")
    await tab.fire(field, "blur")
    tab.asked.clear()

    await tab.key("/")  # on the screen itself

    await tab.until(lambda: field._i in tab.asked)


@pytest.mark.parametrize(
    ("pressed", "sign"),
    [
        (Key("A"), "a"),
        (Key("A", shift=True), "A"),
        (Key(" "), " "),
        (Key("4"), "4"),
        (Key("4", shift=True), None),  # which sign that is, the layout knows
        (Key("Backspace"), ""),
        (Key("Enter"), None),
        (Key("A", ctrl=True), None),
        (Key("Ü"), "ü"),
    ],
)
def test_what_a_key_writes(pressed: Key, sign: str | None) -> None:
    assert sign_of(pressed) == sign


async def test_escape_closes_a_dialog_that_the_page_only_begins_to_draw(tab: Tab) -> None:
    await opened_by(tab, "?")

    await tab.key("Escape")  # which the page does not take for the dialog yet

    await tab.gone("Keyboard shortcuts")


async def test_escape_goes_away_from_a_question(tab: Tab, replica: Replica) -> None:
    replica.trash(replica.add_task(NewTask("Buy rope")))
    await tab.press("Trash")
    asking = asyncio.create_task(tab.press("Empty the trash"))
    await tab.text("Empty the trash?")

    await tab.key("Escape")

    await asking
    await tab.gone("Empty the trash?")


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


async def test_a_question_above_the_screens_keeps_the_keys(tab: Tab, replica: Replica) -> None:
    replica.trash(replica.add_task(NewTask("Buy rope")))
    await tab.press("Trash")
    asking = asyncio.create_task(tab.press("Empty the trash"))
    await tab.text("Empty the trash?")

    await tab.key("N")
    assert len(tab.find_all(ft.AlertDialog)) == 1
    question = tab.find(ft.AlertDialog)
    await tab.press("Cancel")
    await asking
    await tab.fire(question, "dismiss")
    await tab.key("N")
    await tab.until(lambda: tab.find(ft.TextField, label="New task"))
