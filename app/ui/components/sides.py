"""The sides of a conflict beside what they started from: what each says, and who wrote it.

Where a side is text, its words are marked: what it put in stands out, what it took out is struck.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import flet as ft

from app.ui.components.controls import OnEvent, quiet
from app.ui.components.word_marks import word_marks
from app.ui.direction import is_from_right
from app.ui.words import side_author, side_words
from store.domain.word_diff import marked
from store.rows import ConflictRow

_MARKED_FIELDS = ("title", "list", "assignee", "body")
_BUTTON_CHARS = 40


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
        *_base_card(row, now),
        *(
            _side_card(row, number, now, take[number] if take is not None else None)
            for number in range(len(row.sides))
        ),
    ]
    return beside(cards, wide=wide)


def beside(cards: Sequence[ft.Control], *, wide: bool) -> ft.Control:
    """Lay out cards next to each other where there is room."""
    if not wide:
        return ft.Column(
            list(cards), spacing=10, horizontal_alignment=ft.CrossAxisAlignment.STRETCH
        )
    return ft.Row(
        [ft.Container(card, expand=True) for card in cards],
        spacing=12,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )


def card(
    name: str,
    rest: Sequence[ft.Control],
    *,
    signs: Sequence[ft.Control] = (),
    stands_out: bool = False,
) -> ft.Control:
    """Draw a card: its name with signs beside it, and the rest below."""
    return ft.Container(
        border=ft.Border.all(
            2 if stands_out else 1,
            ft.Colors.PRIMARY if stands_out else ft.Colors.OUTLINE_VARIANT,
        ),
        border_radius=12,
        padding=16,
        content=ft.Column(
            [
                ft.Row([ft.Text(name, weight=ft.FontWeight.W_600), *signs], spacing=10, wrap=True),
                *rest,
            ],
            spacing=8,
            horizontal_alignment=ft.CrossAxisAlignment.START,
        ),
    )


def said(value: Any, row: ConflictRow, now: datetime) -> ft.Control:
    """Draw what a side, or an answer, says: with its words marked where it is text."""
    if is_text(row) and isinstance(value, str) and isinstance(row.base, str) and value:
        return word_marks(marked(row.base, value))
    # A selectable Text is a text box without a name to a screen reader.
    return ft.SelectionArea(_words(side_words(value, row, now)))


def _words(text: str) -> ft.Text:
    return ft.Text(text, rtl=is_from_right(text), theme_style=ft.TextThemeStyle.BODY_LARGE)


def is_text(row: ConflictRow) -> bool:
    """Tell whether a conflict is about text, which can be compared by words."""
    return row.kind == "passage" or (row.kind == "field" and row.field in _MARKED_FIELDS)


def _base_card(row: ConflictRow, now: datetime) -> list[ft.Control]:
    if row.base is None or row.kind == "trash":
        return []
    return [
        card(
            "Before",
            [
                quiet("what both started from"),
                ft.SelectionArea(_words(side_words(row.base, row, now))),
            ],
        )
    ]


def _side_card(row: ConflictRow, number: int, now: datetime, take: OnEvent | None) -> ft.Control:
    side = row.sides[number]
    shown = [sign("shown now")] if side.shown and take is not None else []
    words = side_words(side.value, row, now)
    button = [_take_button(number, words, take)] if take is not None else []
    return card(
        f"Side {number + 1}",
        [quiet(side_author(side, now)), said(side.value, row, now), *button],
        signs=shown,
        stands_out=side.shown,
    )


def sign(words: str) -> ft.Control:
    """Draw a word or two in a frame of colour."""
    return ft.Container(
        bgcolor=ft.Colors.PRIMARY_CONTAINER,
        border_radius=8,
        padding=ft.Padding.symmetric(horizontal=8, vertical=2),
        content=ft.Text(
            words,
            theme_style=ft.TextThemeStyle.LABEL_MEDIUM,
            color=ft.Colors.ON_PRIMARY_CONTAINER,
        ),
    )


def _take_button(number: int, words: str, take: OnEvent) -> ft.Control:
    start = words if len(words) <= _BUTTON_CHARS else words[:_BUTTON_CHARS] + "…"
    return ft.FilledTonalButton(
        ft.Text(f"Take side {number + 1}", semantics_label=f"Take side {number + 1}: {start}"),
        # Three cards beside each other leave it little room, and it is the only button of each.
        style=ft.ButtonStyle(padding=ft.Padding.symmetric(horizontal=14)),
        on_click=take,
    )
