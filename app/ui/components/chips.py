"""Chips: what was understood and can be taken away again, and choices beside each other."""

from collections.abc import Sequence
from typing import Any

import flet as ft

from app.ui.components.controls import OnEvent


def removable_chip(icon: ft.IconData, words: str, remove: str, on_remove: OnEvent) -> ft.Control:
    """Draw something that was understood.

    Args:
        icon: its kind.
        words: what it says.
        remove: name of the button that takes it away.
        on_remove: takes it away.
    """
    return ft.Container(
        bgcolor=ft.Colors.SECONDARY_CONTAINER,
        border_radius=8,
        padding=ft.Padding.only(left=8),
        content=ft.Row(
            [
                ft.Icon(icon, size=16, color=ft.Colors.ON_SECONDARY_CONTAINER),
                ft.Text(
                    words,
                    theme_style=ft.TextThemeStyle.BODY_SMALL,
                    color=ft.Colors.ON_SECONDARY_CONTAINER,
                    max_lines=1,
                ),
                ft.MergeSemantics(
                    ft.IconButton(
                        ft.Icons.CLOSE,
                        icon_size=14,
                        icon_color=ft.Colors.ON_SECONDARY_CONTAINER,
                        tooltip=remove,
                        width=32,
                        height=32,
                        padding=0,
                        on_click=on_remove,
                    )
                ),
            ],
            tight=True,
            spacing=6,
        ),
    )


def choices(
    options: Sequence[tuple[str, str, str]], chosen: str, on_choose: OnEvent, *, name: str
) -> ft.Control:
    """Draw choices beside each other, in more lines where one is too short for them.

    The event's control has the choice as its `data`.

    Args:
        options: key, words, and a number or nothing.
        chosen: key of the present one.
        on_choose: told which is pressed.
        name: of the whole line, for screen readers.
    """
    return ft.Semantics(
        container=True,
        label=name,
        content=ft.Row(
            [
                _choice(key, words, number, key == chosen, on_choose)
                for key, words, number in options
            ],
            wrap=True,
            spacing=4,
            run_spacing=2,
        ),
    )


def _choice(key: str, words: str, number: str, is_chosen: bool, on_choose: OnEvent) -> ft.Control:
    ink = ft.Colors.ON_SECONDARY_CONTAINER if is_chosen else ft.Colors.ON_SURFACE_VARIANT
    parts: list[Any] = [ft.TextSpan(words)]
    if number:
        parts.append(ft.TextSpan(f"  {number}", ft.TextStyle(weight=ft.FontWeight.W_400)))
    return ft.Semantics(
        selected=is_chosen,
        content=ft.TextButton(
            ft.Text(
                spans=parts,
                theme_style=ft.TextThemeStyle.BODY_SMALL,
                color=ink,
                weight=ft.FontWeight.W_600,
            ),
            data=key,
            style=ft.ButtonStyle(
                bgcolor=ft.Colors.SECONDARY_CONTAINER if is_chosen else ft.Colors.TRANSPARENT,
                padding=ft.Padding.symmetric(horizontal=12, vertical=8),
                shape=ft.RoundedRectangleBorder(radius=16),
            ),
            on_click=on_choose,
        ),
    )
