"""How the app looks: Material 3 from one colour, and the sizes of its text.

No part names a size of its own: each text has a style of this theme, so that all of it grows when a
person wants larger text. Sizes are logical pixels.
"""

from typing import Final

import flet as ft

from app.ui.appearance import SEEDS, Appearance

# As Material 3 has them, but for the two that are too small to read on a phone in the sun.
TEXT_SIZES_PX: Final = {
    "display_large": 57,
    "display_medium": 45,
    "display_small": 36,
    "headline_large": 32,
    "headline_medium": 28,
    "headline_small": 24,
    "title_large": 22,
    "title_medium": 16,
    "title_small": 14,
    "body_large": 16,
    "body_medium": 14,
    "body_small": 13,
    "label_large": 14,
    "label_medium": 12,
    "label_small": 12,
}
_MODES: Final = {
    "system": ft.ThemeMode.SYSTEM,
    "light": ft.ThemeMode.LIGHT,
    "dark": ft.ThemeMode.DARK,
}


def dress(page: ft.Page, appearance: Appearance) -> None:
    """Give a page the looks that a person chose."""
    page.title = "Cairn"
    page.padding = 0
    page.spacing = 0
    page.theme = _theme(appearance)
    page.dark_theme = _theme(appearance)
    page.theme_mode = _MODES[appearance.mode]


def _theme(appearance: Appearance) -> ft.Theme:
    sizes = {
        name: ft.TextStyle(size=size * appearance.text_percent / 100, color=ft.Colors.ON_SURFACE)
        for name, size in TEXT_SIZES_PX.items()
    }
    return ft.Theme(
        color_scheme_seed=SEEDS[appearance.seed],
        text_theme=ft.TextTheme(**sizes),
        badge_theme=ft.BadgeTheme(offset=_badge_offset(appearance.text_percent)),
    )


def _badge_offset(text_percent: int) -> ft.Offset:
    """Say where a number at an icon stands: it grows with the text, and the icon does not.

    It grows to the right and downwards from its corner, so it begins as much further up.
    """
    growth = text_percent / 100 - 1
    return ft.Offset(4 + 4 * growth, -4 - 18 * growth)  # 4, -4: as Material 3 has it
