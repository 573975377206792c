"""The way to the screens, wide and narrow, and how a page is divided."""

from dataclasses import replace

import flet as ft
import pytest

from app.ui.appearance import keep_appearance, read_appearance
from app.ui.view_model import Layout
from app.ui.views.screens import DESTINATIONS
from store.replica import Replica
from tests.support.flet_harness import Tab

NAMES = [each.name for each in DESTINATIONS.values()]


async def test_a_wide_page_has_a_rail_with_every_screen(tab: Tab) -> None:
    rail = await tab.until(lambda: tab.find(ft.NavigationRail))

    assert [each.label for each in rail.destinations] == NAMES


async def test_a_phone_has_a_bar_and_the_rest_behind_more(replica: Replica) -> None:
    tab = await Tab.open(replica, width=390)
    bar = await tab.until(lambda: tab.find(ft.NavigationBar))
    assert len(bar.destinations) <= 5, "more don't fit under a thumb"

    await tab.go("Settings")  # by way of More

    await tab.text("Spaces")
    assert tab.find(ft.NavigationBar).selected_index == len(bar.destinations) - 1
    await tab.close()


async def test_on_a_phone_with_large_text_nothing_is_cut_off(replica: Replica) -> None:
    """What stood beside each other stands below each other, and the bar shows pictures only."""
    keep_appearance(replica, replace(read_appearance(replica), text_percent=200))
    tab = await Tab.open(replica, width=390)

    bar = await tab.until(lambda: tab.find(ft.NavigationBar))

    assert bar.label_behavior == ft.NavigationBarLabelBehavior.ALWAYS_HIDE
    assert [each.label for each in bar.destinations][-1] == "More", "still its name"
    await tab.close()


async def test_on_a_low_page_an_open_item_has_the_room_of_the_bar(replica: Replica) -> None:
    replica.add_note("Plan")
    tab = await Tab.open(replica, width=390)
    await tab.go("Notes")
    await tab.open_row("Plan")
    await tab.until(lambda: tab.find(ft.TextField, label="Text"))
    assert tab.find_all(ft.NavigationBar)

    await keyboard_shown(tab, 380)
    await tab.until(lambda: not tab.find_all(ft.NavigationBar))
    await tab.press("Back to the list")
    await tab.until(lambda: tab.find(ft.NavigationBar))
    await tab.open_row("Plan")
    await tab.until(lambda: not tab.find_all(ft.NavigationBar))
    await keyboard_shown(tab, 0)
    await tab.until(lambda: tab.find(ft.NavigationBar))
    await tab.close()


async def keyboard_shown(tab: Tab, height_px: int) -> None:
    """What a phone tells when its keyboard comes or goes."""
    sides = {"left": 0, "top": 0, "right": 0}
    none = {**sides, "bottom": 0}
    media = {
        "padding": none,
        "view_padding": none,
        "view_insets": {**sides, "bottom": height_px},
        "device_pixel_ratio": 1.0,
        "orientation": "portrait",
        "always_use_24_hour_format": False,
    }
    await tab.fire(tab.page, "media_change", media, media=media)


@pytest.mark.parametrize(
    ("height", "percent", "low"), [(844, 100, False), (464, 100, True), (844, 200, True)]
)
def test_what_is_low_depends_on_the_text_too(height: int, percent: int, low: bool) -> None:
    layout = Layout()
    layout.resized(390, height)

    layout.text_sized(percent)

    assert layout.is_low == low


@pytest.mark.parametrize(
    ("width", "percent", "wide", "roomy"),
    [
        (1_180, 100, True, True),
        (1_179, 100, True, False),
        (900, 100, True, False),
        (899, 100, False, False),
        (1_180, 200, False, False),
        (2_400, 200, True, True),
    ],
)
def test_large_text_needs_more_room(width: int, percent: int, wide: bool, roomy: bool) -> None:
    layout = Layout()
    layout.resized(width)

    layout.text_sized(percent)

    assert (layout.wide, layout.roomy) == (wide, roomy)
