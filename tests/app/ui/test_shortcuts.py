"""Shortcuts: which key does what, and that a key typed into a field is never one."""

import asyncio

import flet as ft
import pytest

from app.ui.shortcuts import SHORTCUTS, Key, act_of
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
        (Key("F5"), None),
    ],
)
def test_what_a_key_does(pressed: Key, act: str | None) -> None:
    assert act_of(pressed, typing=False, dialog=False) == act


@pytest.mark.parametrize("key", [*"abcdefghijklmnopqrstuvwxyz0123456789/?", "Enter", "Tab"])
@pytest.mark.parametrize("ctrl", [False, True])
@pytest.mark.parametrize("shift", [False, True])
def test_a_key_typed_into_a_field_or_a_dialog_is_never_a_shortcut(
    key: str, ctrl: bool, shift: bool
) -> None:
    pressed = Key(key, ctrl=ctrl, shift=shift)

    assert act_of(pressed, typing=True, dialog=False) is None
    assert act_of(pressed, typing=False, dialog=True) is None


def test_the_sheet_names_every_act() -> None:
    keys = [
        Key(each, ctrl=ctrl) for each in "abcdefghijklmnopqrstuvwxyz/?" for ctrl in (False, True)
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


async def test_a_question_above_the_screens_keeps_the_keys(tab: Tab, replica: Replica) -> None:
    replica.trash(replica.add_task(NewTask("Buy rope")))
    await tab.press("Trash")
    asking = asyncio.create_task(tab.press("Empty the trash"))
    await tab.text("Empty the trash?")

    await tab.key("N")
    assert len(tab.find_all(ft.AlertDialog)) == 1
    await tab.press("Cancel")
    await asking
    await tab.key("N")
    await tab.until(lambda: tab.find(ft.TextField, label="New task"))
