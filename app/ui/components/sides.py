"""The sides of a conflict next to each other: what each says, who wrote it, and which is shown."""

from collections.abc import Sequence
from datetime import datetime

import flet as ft

from app.ui.components.controls import OnEvent, quiet
from app.ui.words import side_author, side_words
from store.rows import ConflictRow


def sides(
    row: ConflictRow, now: datetime, *, wide: bool, take: Sequence[OnEvent] | None
) -> ft.Control:
    """Draw them.

    Args:
        row: the conflict.
        now: for the times.
        wide: whether they fit beside each other.
        take: takes the side of the same place; None where nothing can be taken.
    """
    cards = [
        _card(row, number, now, take[number] if take is not None else None)
        for number in range(len(row.sides))
    ]
    if not wide:
        return ft.Column(cards, spacing=10)
    return ft.Row(
        [ft.Container(card, expand=True) for card in cards],
        spacing=12,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )


def _card(row: ConflictRow, number: int, now: datetime, take: OnEvent | None) -> ft.Control:
    side = row.sides[number]
    words = side_words(side.value, row, now)
    shown = [_shown_sign()] if side.shown and take is not None else []
    button = [_take_button(number, words, take)] if take is not None else []
    return ft.Container(
        border=ft.Border.all(
            2 if side.shown else 1, ft.Colors.PRIMARY if side.shown else ft.Colors.OUTLINE_VARIANT
        ),
        border_radius=12,
        padding=16,
        content=ft.Column(
            [
                ft.Row(
                    [ft.Text(f"Side {number + 1}", weight=ft.FontWeight.W_600), *shown], spacing=10
                ),
                quiet(side_author(side, now)),
                # A selectable Text is a text box without a name to a screen reader.
                ft.SelectionArea(ft.Text(words, theme_style=ft.TextThemeStyle.BODY_LARGE)),
                *button,
            ],
            spacing=8,
        ),
    )


def _shown_sign() -> ft.Control:
    return ft.Container(
        bgcolor=ft.Colors.PRIMARY_CONTAINER,
        border_radius=8,
        padding=ft.Padding.symmetric(horizontal=8, vertical=2),
        content=ft.Text(
            "shown now",
            theme_style=ft.TextThemeStyle.LABEL_MEDIUM,
            color=ft.Colors.ON_PRIMARY_CONTAINER,
        ),
    )


def _take_button(number: int, words: str, take: OnEvent) -> ft.Control:
    start = words if len(words) <= 40 else words[:40] + "…"
    return ft.FilledTonalButton(
        ft.Text(f"Take side {number + 1}", semantics_label=f"Take side {number + 1}: {start}"),
        icon=ft.Icons.CHECK,
        on_click=take,
    )
