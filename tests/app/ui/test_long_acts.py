"""What takes longer than a moment says so: taking back an import of thousands takes seconds."""

import asyncio

import flet as ft
import pytest

from store.commands.patches import NewTask
from store.replica import Replica
from tests.support.flet_harness import Tab


async def test_an_undo_that_takes_long_says_so_and_then_what_it_did(
    tab: Tab, replica: Replica
) -> None:
    replica.add_task(NewTask("Buy rope"))
    await tab.until(lambda: tab.row("Buy rope"))
    with replica.db.write():  # as long as another process writes
        undoing = asyncio.create_task(tab.key("Z", ctrl=True))
        await tab.text("This takes some seconds…")
        assert len(replica.tasks()) == 1

    await undoing
    await tab.text("Undone: a new task.")
    assert replica.tasks() == []


async def test_an_act_that_is_quick_says_only_what_it_did(
    tab: Tab, replica: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.ui.session.LONG_S", 3_600.0)  # quick is what is over before that
    replica.add_task(NewTask("Buy rope"))
    await tab.until(lambda: tab.row("Buy rope"))
    await tab.key("Z", ctrl=True)
    await tab.text("Undone: a new task.")
    assert "This takes some seconds…" not in tab.texts()


async def test_undo_takes_back_what_was_pressed_last_also_while_that_is_on_its_way(
    tab: Tab, replica: Replica
) -> None:
    doc = replica.add_task(NewTask("Buy rope"))
    await tab.until(lambda: tab.row("Buy rope"))
    box = tab.find(ft.Checkbox, semantics_label="Done: Buy rope")
    with replica.db.write():  # as long as another process writes
        ticking = asyncio.create_task(tab.fire(box, "change", True, value=True))
        await asyncio.sleep(0)
        undoing = asyncio.create_task(tab.key("Z", ctrl=True))
        await asyncio.sleep(0)
        assert replica.task(doc).state == "open"

    await asyncio.gather(ticking, undoing)
    await tab.text("Undone: finishing a task.")
    assert replica.task(doc).state == "open"
