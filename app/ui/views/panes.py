"""A screen: header, list and page of one item; these side by side where there is room for both."""

from typing import Any

import flet as ft

from app.ui.layout import LIST_WIDTH_PX
from app.ui.session import Session
from app.ui.use_query import Answer
from app.ui.view_model import Layout
from app.ui.views.header import Header


def screen(
    session: Session,
    layout: Layout,
    title: str,
    listed: ft.Control,
    page: ft.Control | None,
    *,
    views: ft.Control | None = None,
) -> ft.Control:
    """Lay out a screen.

    Args:
        session: the tab.
        layout: of its page; where list and page don't fit side by side, the way back to the list
            is in the header.
        title: of the screen.
        listed: the list.
        page: of the open item; None if none is open.
        views: what else can be listed, where there is room for it.
    """
    body = _panes(listed, page, wide=layout.wide)
    if views is not None:
        body = _beside(views, body)
    header = Header(session, title, has_back=page is not None and not layout.wide)
    return ft.Column([header, body], expand=True, spacing=0)


def gone(answer: Answer[Any], words: str) -> ft.Control:
    """Draw that what a page was about is there no more; nothing while that is not known yet."""
    if answer.given is None:
        return ft.Container()
    return ft.Container(padding=20, content=ft.Text(words))


def _panes(listed: ft.Control, page: ft.Control | None, *, wide: bool) -> ft.Control:
    if wide:
        shown = page if page is not None else _nothing_open()
        return _beside(ft.Container(listed, width=LIST_WIDTH_PX), shown)
    return ft.Container(listed if page is None else page, expand=True)


def _beside(narrow: ft.Control, rest: ft.Control) -> ft.Control:
    return ft.Row(
        [narrow, ft.VerticalDivider(width=1), ft.Container(rest, expand=True)],
        expand=True,
        spacing=0,
        vertical_alignment=ft.CrossAxisAlignment.STRETCH,
    )


def _nothing_open() -> ft.Control:
    return ft.Container(
        alignment=ft.Alignment.CENTER,
        content=ft.Text("Choose something from the list.", color=ft.Colors.ON_SURFACE_VARIANT),
    )
