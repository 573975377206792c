"""The sheet that names the shortcuts."""

from typing import Final

import flet as ft

from app.ui.shortcuts import SHORTCUTS

_KEYS_WIDTH_PX: Final = 130


@ft.component
def ShortcutSheet() -> ft.Control:  # noqa: N802
    """Draw it."""
    return ft.Column(
        [
            ft.Row(
                [
                    ft.Container(
                        ft.Text(each.keys, weight=ft.FontWeight.W_600), width=_KEYS_WIDTH_PX
                    ),
                    ft.Text(each.words, expand=True),
                ]
            )
            for each in SHORTCUTS
        ],
        spacing=8,
        tight=True,
    )
