"""The top of every screen: what it is, undo, and how sync stands."""

import flet as ft

from app.ui.components.controls import heading, icon_button
from app.ui.components.sync_chip import sync_chip_button
from app.ui.session import Session
from app.ui.standing import use_chip


@ft.component
def Header(session: Session, title: str, *, has_back: bool = False) -> ft.Control:  # noqa: N802
    """Draw it.

    Args:
        session: the tab.
        title: of the screen.
        has_back: whether the page of an item hides the list that it was opened from.
    """

    async def back() -> None:
        session.model.place.close()

    name: ft.Control = ft.Container(heading(title), expand=True)
    if has_back:
        arrow = icon_button(ft.Icons.ARROW_BACK, "Back to the list", session.handler(back))
        name = ft.Row([arrow, name], expand=True, spacing=0)
    undo = icon_button(ft.Icons.UNDO, "Undo", session.handler(session.undo))
    chip = SyncChip(session)
    layout = session.model.layout
    rows: ft.Control = ft.Row([name, undo, chip])
    if layout.is_crowded:
        rows = ft.Column([ft.Row([name, undo]), chip], spacing=0)
    left = 4 if has_back else 20
    return ft.Container(
        padding=ft.Padding.only(left=left, right=12, top=10, bottom=6), content=rows
    )


@ft.component
def SyncChip(session: Session) -> ft.Control:  # noqa: N802
    """Draw the chip, true to the second."""
    chip = use_chip(session)

    async def open_sheet() -> None:
        session.model.place.dialog = "sync"

    async def retry_now() -> None:
        session.core.sync.retry_now()

    if chip is None:
        return ft.Container()
    button = sync_chip_button(chip, session.handler(open_sheet))
    if not chip.can_hurry:
        return button
    hurry = icon_button(ft.Icons.REFRESH, "Retry now", session.handler(retry_now))
    return ft.Row([hurry, button], spacing=0, tight=True)
