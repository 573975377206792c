"""How the app looks: kept on this device, followed by every tab, and no text has its own size."""

import ast
from pathlib import Path

import flet as ft
import pytest

import app.ui
from app.ui.appearance import SEEDS, Appearance, keep_appearance, read_appearance
from app.ui.theme import TEXT_SIZES_PX
from store.database.meta import write_meta
from store.replica import Replica
from tests.support.flet_harness import Tab

DARK_AND_LARGE = Appearance("dark", "Lake", 200)


def test_a_home_looks_as_the_system_does_until_somebody_chooses(replica: Replica) -> None:
    assert read_appearance(replica) == Appearance("system", "Lichen", 100)

    keep_appearance(replica, DARK_AND_LARGE)

    assert read_appearance(replica) == DARK_AND_LARGE


@pytest.mark.parametrize(
    "kept",
    [
        "rubbish",
        "[1]",
        '{"mode": "neon"}',
        '{"font": "big"}',
        '{"seed": "Mud"}',
        '{"text_percent": 9}',
    ],
)
def test_what_another_version_kept_and_this_one_cannot_read_is_left_aside(
    replica: Replica, kept: str
) -> None:
    with replica.db.write() as conn:
        write_meta(conn, "app_appearance", kept)

    assert read_appearance(replica) == Appearance()


async def test_an_open_tab_follows_what_is_chosen(tab: Tab, replica: Replica) -> None:
    assert tab.page.theme_mode == ft.ThemeMode.SYSTEM
    keep_appearance(replica, DARK_AND_LARGE)

    await tab.until(lambda: tab.page.theme_mode == ft.ThemeMode.DARK)
    for theme in (tab.page.theme, tab.page.dark_theme):
        assert theme is not None
        assert theme.color_scheme_seed == SEEDS["Lake"]
        assert theme.text_theme is not None
        for name, size in TEXT_SIZES_PX.items():
            style = getattr(theme.text_theme, name)
            assert style.size == 2 * size
        assert theme.badge_theme is not None
        assert theme.badge_theme.offset == ft.Offset(8, -22)  # or its number hides the icon


async def test_a_new_tab_looks_as_was_chosen_before(replica: Replica) -> None:
    keep_appearance(replica, DARK_AND_LARGE)

    tab = await Tab.open(replica)

    assert tab.page.theme_mode == ft.ThemeMode.DARK
    await tab.until(lambda: tab.find(ft.NavigationBar))  # so large a text needs the whole width
    await tab.close()


def test_no_text_has_a_size_of_its_own() -> None:
    """Else it would not grow with what a person chose; sizes are the theme's."""
    found = []
    for path in Path(app.ui.__path__[0]).rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and _called(call) in ("Text", "TextSpan", "TextStyle"):
                sizes = [word for word in call.keywords if word.arg == "size"]
                found += [f"{path.name}:{call.lineno}" for word in sizes if _is_number(word.value)]
    assert found == []


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _is_number(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant)
