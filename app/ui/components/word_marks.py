"""Two texts in one, word by word: what is new stands out, what is gone is struck through."""

from collections.abc import Iterable, Iterator
from typing import Final

import flet as ft

from app.ui.direction import is_from_right
from store.domain.word_diff import Kind, Piece

# A sign for who sees no colour: what is added is bold, what is removed is struck through.
_STYLES: Final[dict[Kind, ft.TextStyle]] = {
    "same": ft.TextStyle(),
    "added": ft.TextStyle(
        weight=ft.FontWeight.W_600,
        color=ft.Colors.ON_TERTIARY_CONTAINER,
        bgcolor=ft.Colors.TERTIARY_CONTAINER,
    ),
    "removed": ft.TextStyle(
        decoration=ft.TextDecoration.LINE_THROUGH,
        color=ft.Colors.ON_ERROR_CONTAINER,
        bgcolor=ft.Colors.ERROR_CONTAINER,
    ),
}
_HAIR_SPACE: Final = "\u200a"  # or two words read as one
_READ_AS: Final[dict[Kind, str]] = {"same": "{}", "added": "added: {};", "removed": "removed: {};"}


def word_marks(
    pieces: Iterable[Piece], style: ft.TextThemeStyle = ft.TextThemeStyle.BODY_LARGE
) -> ft.Text:
    """Draw pieces of a text; a screen reader hears which are added and removed."""
    told = tuple(pieces)
    return ft.Text(
        spans=list(_spans(told)),
        rtl=is_from_right("".join(piece.text for piece in told)),
        theme_style=style,
        semantics_label=" ".join(
            _READ_AS[piece.kind].format(piece.text.strip()) for piece in told if piece.text.strip()
        ),
    )


def _spans(pieces: Iterable[Piece]) -> Iterator[ft.TextSpan]:
    before: Kind = "same"
    for piece in pieces:
        if before == "removed" and piece.kind == "added":
            yield ft.TextSpan(_HAIR_SPACE)
        before = piece.kind
        # A line break alone would mark nothing that can be seen.
        text = piece.text
        if piece.kind != "same":
            text = text.replace("\n", "¶\n")
        yield ft.TextSpan(text, _STYLES[piece.kind])
