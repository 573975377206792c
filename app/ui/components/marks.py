"""The small signs on a row: where it stands with sync, and how many conflicts are open."""

from typing import Final

import flet as ft

from app.ui.words import MARK_WORDS, counted
from store.rows import SyncMark

_ICONS: Final = {
    "pending": ft.Icons.CLOUD_UPLOAD_OUTLINED,
    "synced": ft.Icons.CLOUD_DONE_OUTLINED,
    "error": ft.Icons.CLOUD_OFF,
    "local": ft.Icons.COMPUTER,
}
_COLORS: Final = {
    "pending": ft.Colors.TERTIARY,
    "synced": ft.Colors.OUTLINE,
    "error": ft.Colors.ERROR,
    "local": ft.Colors.OUTLINE,
}


def sync_mark(mark: SyncMark) -> ft.Control:
    """Draw the mark of an item."""
    return ft.Icon(_ICONS[mark], size=18, color=_COLORS[mark], semantics_label=MARK_WORDS[mark])


def conflict_badge(number: int) -> ft.Control:
    """Draw how many conflicts an item has."""
    return ft.Semantics(
        label=counted(number, "conflict"),
        exclude_semantics=True,
        content=ft.Container(
            bgcolor=ft.Colors.ERROR_CONTAINER,
            border_radius=10,
            padding=ft.Padding.symmetric(horizontal=7, vertical=2),
            content=ft.Row(
                [
                    ft.Icon(ft.Icons.CALL_SPLIT, size=14, color=ft.Colors.ON_ERROR_CONTAINER),
                    ft.Text(
                        str(number),
                        theme_style=ft.TextThemeStyle.LABEL_MEDIUM,
                        color=ft.Colors.ON_ERROR_CONTAINER,
                    ),
                ],
                tight=True,
                spacing=3,
            ),
        ),
    )


def row_signs(mark: SyncMark, conflicts: int) -> ft.Control:
    """Draw the signs at the end of a row."""
    badge = [conflict_badge(conflicts)] if conflicts else []
    return ft.Row([*badge, sync_mark(mark)], tight=True, spacing=10)
