"""A long list that is drawn as far as one scrolls: the page gets forty rows, then forty more."""

from collections.abc import Callable, Sequence
from typing import Any

import flet as ft

from app.ui.layout import LOAD_MORE_PX


def paged_list(
    rows: Sequence[ft.Control],
    *,
    row_height_px: int | None,
    has_more: bool,
    more: Callable[[], None],
    scrolling: Callable[[], None] | None = None,
    on_reorder: Any = None,
) -> ft.Control:
    """Draw the rows.

    Args:
        rows: with keys.
        row_height_px: of every row; None where they differ.
        has_more: whether there may be rows after these.
        more: asks for them.
        scrolling: told while somebody scrolls.
        on_reorder: handles that a row was dragged to another place; None where none can be.
    """

    def scrolled(event: Any) -> None:
        if scrolling is not None:
            scrolling()
        if has_more and event.pixels > event.max_scroll_extent - LOAD_MORE_PX:
            more()

    def asked(_: Any) -> None:
        more()

    end = [ft.TextButton("Show more", on_click=asked, key="more")] if has_more else []
    about: dict[str, Any] = {
        "controls": [*rows, *end],
        "item_extent": row_height_px,
        "expand": True,
        "scroll_interval": 50,
        "on_scroll": scrolled,
    }
    if on_reorder is None:
        return ft.ListView(**about)
    return ft.ReorderableListView(**about, show_default_drag_handles=False, on_reorder=on_reorder)


def whole_list(
    rows: Sequence[ft.Control] | None,
    empty: ft.Control,
    *,
    row_height_px: int,
    scrolling: Callable[[], None] | None = None,
) -> ft.Control:
    """Draw a list that is read whole.

    Args:
        rows: with keys; None while they are not known yet.
        empty: what is said where there are none.
        row_height_px: of every row.
        scrolling: told while somebody scrolls.
    """
    if rows is None:
        return ft.Container(expand=True)
    if not rows:
        return empty
    return paged_list(
        rows,
        row_height_px=row_height_px,
        has_more=False,
        more=lambda: None,
        scrolling=scrolling,
    )
