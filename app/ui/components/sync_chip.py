"""The chip that says on every screen how sync stands; tapping it opens the whole truth."""

from typing import Final

import flet as ft

from app.ui.components.controls import OnEvent
from app.ui.words import Chip, Tone

_LOOKS: Final[dict[Tone, tuple[ft.IconData, str, str]]] = {
    "quiet": (
        ft.Icons.CLOUD_DONE_OUTLINED,
        ft.Colors.SURFACE_CONTAINER_HIGH,
        ft.Colors.ON_SURFACE_VARIANT,
    ),
    "busy": (ft.Icons.SYNC, ft.Colors.PRIMARY_CONTAINER, ft.Colors.ON_PRIMARY_CONTAINER),
    "waiting": (
        ft.Icons.CLOUD_OFF,
        ft.Colors.TERTIARY_CONTAINER,
        ft.Colors.ON_TERTIARY_CONTAINER,
    ),
    "alarm": (ft.Icons.ERROR_OUTLINE, ft.Colors.ERROR_CONTAINER, ft.Colors.ON_ERROR_CONTAINER),
}


def sync_chip_button(chip: Chip, on_click: OnEvent) -> ft.Control:
    """Draw the chip; its name is `Sync: ` and its words."""
    icon, background, ink = _LOOKS[chip.tone]
    if chip.words == "local only":
        icon = ft.Icons.COMPUTER
    name = f"Sync: {chip.words}"
    return ft.Container(
        bgcolor=background,
        border_radius=16,
        padding=ft.Padding.symmetric(horizontal=12, vertical=6),
        ink=True,
        on_click=on_click,
        content=ft.Row(
            [
                ft.Icon(icon, size=16, color=ink),
                ft.Text(
                    chip.words,
                    theme_style=ft.TextThemeStyle.BODY_SMALL,
                    color=ink,
                    max_lines=1,
                    semantics_label=name,
                ),
            ],
            tight=True,
            spacing=6,
        ),
    )
