"""A long list that is drawn as far as one scrolls: the page gets sixty rows, then sixty more."""

from collections.abc import Callable, Sequence
from typing import Any

import flet as ft

from app.ui.layout import LOAD_MORE_PX


def paged_list(
    rows: Sequence[ft.Control], *, row_height_px: int, has_more: bool, more: Callable[[], None]
) -> ft.Control:
    """Draw the rows.

    Args:
        rows: with keys.
        row_height_px: of every row.
        has_more: whether there may be rows after these.
        more: asks for them.
    """

    def scrolled(event: Any) -> None:
        if has_more and event.pixels > event.max_scroll_extent - LOAD_MORE_PX:
            more()

    def asked(_: Any) -> None:
        more()

    end = [ft.TextButton("Show more", on_click=asked, key="more")] if has_more else []
    return ft.ListView(
        controls=[*rows, *end],
        item_extent=row_height_px,
        expand=True,
        scroll_interval=50,
        on_scroll=scrolled,
    )
