"""The small signs on a row: where it stands with sync, and how many conflicts are open."""

from collections.abc import Sequence
from typing import Final

import flet as ft

from app.ui.refusals import Way
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
    "synced": ft.Colors.ON_SURFACE_VARIANT,
    "error": ft.Colors.ERROR,
    "local": ft.Colors.ON_SURFACE_VARIANT,
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


def refusal_mark(title: str, ways: Sequence[Way]) -> ft.Control:
    """Draw that changes of an item were refused, as what opens the ways out of it."""
    return ft.MergeSemantics(
        ft.PopupMenuButton(
            icon=_ICONS["error"],
            icon_color=_COLORS["error"],
            icon_size=18,
            tooltip=f"Refused: {title}",
            padding=0,
            items=[ft.PopupMenuItem(content=way.words, on_click=way.go) for way in ways],
        )
    )


def row_signs(
    mark: SyncMark, conflicts: int, *, title: str = "", ways: Sequence[Way] = ()
) -> ft.Control:
    """Draw the signs at the end of a row.

    Args:
        mark: where it stands with sync.
        conflicts: how many are open.
        title: of the item.
        ways: out of a refusal, where the row offers them.
    """
    badge = [conflict_badge(conflicts)] if conflicts else []
    sign = refusal_mark(title, ways) if mark == "error" and ways else sync_mark(mark)
    return ft.Row([*badge, sign], tight=True, spacing=10)
