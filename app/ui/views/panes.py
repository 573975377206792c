"""List and page of one item: side by side where there is room, else one after the other."""

import flet as ft

from app.ui.layout import LIST_WIDTH_PX


def panes(listed: ft.Control, page: ft.Control | None, *, wide: bool) -> ft.Control:
    """Lay out a screen.

    Args:
        listed: the list.
        page: of the open item; None if none is open.
        wide: whether both fit; else the way back to the list is in the screen's header.
    """
    if wide:
        beside = page if page is not None else _nothing_open()
        return ft.Row(
            [
                ft.Container(listed, width=LIST_WIDTH_PX),
                ft.VerticalDivider(width=1),
                ft.Container(beside, expand=True),
            ],
            expand=True,
            spacing=0,
            vertical_alignment=ft.CrossAxisAlignment.STRETCH,
        )
    return ft.Container(listed if page is None else page, expand=True)


def _nothing_open() -> ft.Control:
    return ft.Container(
        alignment=ft.Alignment.CENTER,
        content=ft.Text("Choose something from the list.", color=ft.Colors.ON_SURFACE_VARIANT),
    )
