"""A tab that nobody sees asks for nothing, and says what is once somebody sees it again."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import flet as ft
import pytest

from app.ui import standing
from app.ui.first_run import finish_first_run
from store.commands.patches import NewTask
from store.replica import Replica
from store.rows import Status
from tests.support.flet_harness import Tab


class Counted(Replica):
    """A home that counts how often it is asked how sync stands."""

    asked = 0

    def status(self, space: str | None = None) -> Status:
        """Count it, and answer."""
        self.asked += 1
        return super().status(space)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Counted]:
    with Counted.open(tmp_path / "home") as opened:
        assert isinstance(opened, Counted)
        opened.set_identity("Ana", "laptop")
        finish_first_run(opened)
        yield opened


async def test_a_closed_tab_asks_nothing_until_it_is_seen_again(
    home: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "_LOOK_EVERY_S", 0.01)
    tab = await Tab.open(home)
    await tab.text("The inbox is empty")
    before = home.asked
    await tab.until(lambda: home.asked > before + 3)  # it counts down by the second

    await tab.disconnect()
    home.add_task(NewTask("Buy rope"))  # as another tab does
    await reads(home, 20)  # what was under way ends meanwhile
    asked = home.asked
    await reads(home, 100)
    assert home.asked == asked

    await tab.reconnect()
    await tab.text("Buy rope")
    await tab.until(lambda: home.asked > asked + 3)
    await tab.close()


async def reads(home: Counted, number: int) -> None:
    """Let the home answer something else so many times."""
    for _ in range(number):
        await asyncio.to_thread(home.tasks)


async def test_a_tab_that_is_closed_for_good_leaves_nothing_running(home: Counted) -> None:
    before = asyncio.all_tasks()
    home.add_note("Plan", body="At six.")
    tab = await Tab.open(home)
    await tab.go("Sync health")
    await tab.text("All is well")
    await tab.go("Notes")
    await tab.open_row("Plan")
    await tab.until(lambda: tab.find(ft.TextField, label="Text", value="At six."))

    await tab.expire()
    await tab.core.stop()

    await tab.until(lambda: asyncio.all_tasks() == before)


@pytest.mark.parametrize("how", ["the tab is closed", "the app is closed"])
async def test_a_title_that_was_typed_and_not_left_is_saved_when(home: Counted, how: str) -> None:
    doc = home.add_task(NewTask("Buy rope"))
    tab = await Tab.open(home)
    await tab.open_row("Buy rope")
    await tab.type("Title", "Buy 60 m of rope")

    if how == "the tab is closed":
        await tab.disconnect()
    else:
        await tab.core.stop()

    assert home.task(doc).title == "Buy 60 m of rope"
    await tab.close()
