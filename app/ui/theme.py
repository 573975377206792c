"""How the app looks: Material 3 from one colour, light and dark as the system is."""

from typing import Final

import flet as ft

SEED: Final = "#2f6b5e"  # lichen on stone


def dress(page: ft.Page) -> None:
    """Give a page the app's looks."""
    page.title = "Cairn"
    page.padding = 0
    page.spacing = 0
    page.theme = ft.Theme(color_scheme_seed=SEED)
    page.dark_theme = ft.Theme(color_scheme_seed=SEED)
    page.theme_mode = ft.ThemeMode.SYSTEM
