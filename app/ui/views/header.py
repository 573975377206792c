"""The top of every screen: what it is, undo, and how sync stands."""

import flet as ft

from app.ui.components.controls import heading, icon_button
from app.ui.components.sync_chip import sync_chip_button
from app.ui.session import Session
from app.ui.standing import use_chip


@ft.component
def Header(session: Session, title: str) -> ft.Control:  # noqa: N802
    """Draw it."""
    return ft.Container(
        padding=ft.Padding.only(left=20, right=12, top=10, bottom=6),
        content=ft.Row(
            [
                ft.Container(heading(title), expand=True),
                icon_button(ft.Icons.UNDO, "Undo", session.handler(session.undo)),
                SyncChip(session),
            ]
        ),
    )


@ft.component
def SyncChip(session: Session) -> ft.Control:  # noqa: N802
    """Draw the chip, true to the second."""
    chip = use_chip(session)

    async def open_sheet() -> None:
        session.model.place.dialog = "sync"

    if chip is None:
        return ft.Container()
    return sync_chip_button(chip, session.handler(open_sheet))
