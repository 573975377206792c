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
