"""The switch that shares a home with devices nearby, and joining by a code, in the app."""

import asyncio
from pathlib import Path

import flet as ft
import pytest

from app.ui.first_run import finish_first_run
from app.ui.nearby import Nearby
from store.commands.patches import NewTask
from store.replica import Replica
from sync.protocol.codes import read_code
from tests.support.flet_harness import Tab, open_replica

SWITCH = "Share with devices nearby"


@pytest.fixture
async def settings(tab: Tab) -> Tab:
    await tab.core.nearby.stop()  # which listens on every interface
    tab.core.nearby = here(tab.core.replica)
    await tab.core.nearby.start()
    await tab.go("Settings")
    await tab.text("Join a device nearby")
    return tab


def here(replica: Replica) -> Nearby:
    """Sharing on this computer only."""
    return Nearby(replica, listen="127.0.0.1:0", announce=False)


def shown_code(tab: Tab) -> str:
    """The code on the screen, empty if there is none."""
    texts = [str(text.value) for text in tab.find_all(ft.Text)]
    return next((text for text in texts if "-" in text and read_code(text)), "")


async def turn(tab: Tab) -> None:
    """Tap the switch."""
    (switch,) = tab.find_all(ft.Switch, label=SWITCH)
    await tab.fire(switch, "change", not switch.value)


async def test_a_home_is_shared_by_a_switch_and_joined_in_another_app_by_the_code(
    settings: Tab, replica: Replica, tmp_path: Path
) -> None:
    replica.add_task(NewTask("Buy rope"))
    await turn(settings)
    await settings.text("This device is at https://")
    await settings.press("Show a code for Personal")
    await settings.until(lambda: shown_code(settings))
    url = settings.core.nearby.address()

    with open_replica(tmp_path / "other") as theirs:
        finish_first_run(theirs)
        other = await Tab.open(theirs)
        await other.go("Settings")
        await other.text("Join a device nearby")
        await other.type("Code", shown_code(settings))
        await other.type("Its address", url)
        await other.press("Join by code")

        await other.until(lambda: theirs.space().id == replica.space().id)
        assert theirs.space().role == "editor"
        await other.close()
    await turn(settings)
    await settings.until(lambda: settings.core.nearby.address() == "")


async def test_the_switch_is_kept_for_the_next_start(settings: Tab, replica: Replica) -> None:
    await turn(settings)
    await settings.until(lambda: settings.core.nearby.address())
    await settings.core.nearby.stop()

    again = here(replica)
    await again.start()

    assert again.state().is_on
    assert again.address()
    await asyncio.to_thread(lambda: again.turn(on=False))
    await again.follow()
    assert not again.state().is_on


async def test_the_switch_is_undone_and_put_back_wherever_it_was_turned(
    settings: Tab, replica: Replica
) -> None:
    nearby = settings.core.nearby
    await turn(settings)
    await settings.until(nearby.address)

    await settings.key("Z", ctrl=True)
    await settings.text("Undone: sharing with devices nearby")
    await settings.until(lambda: not nearby.address())
    await settings.until(lambda: not settings.find(ft.Switch, label=SWITCH).value)

    await asyncio.to_thread(replica.redo)  # as another tab, or the command line
    await settings.until(nearby.address)


async def test_a_switch_that_is_turned_as_the_app_closes_shares_nothing_any_more(
    replica: Replica,
) -> None:
    nearby = here(replica)
    await nearby.start()

    nearby.turn(on=True)  # which is heard in the next turn of the loop
    await nearby.stop()
    await asyncio.sleep(0)
    await nearby.follow()

    assert nearby.state().is_on, "the switch itself stays"
    assert not nearby.address()


async def test_what_is_no_code_is_said(settings: Tab) -> None:
    await settings.type("Code", "what is this")
    await settings.type("Its address", "https://10.0.0.1:1#sha256=" + "ab" * 32)

    await settings.press("Join by code")

    await settings.until(lambda: settings.find_all(ft.SnackBar))
