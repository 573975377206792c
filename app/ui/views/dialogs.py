"""What opens above the screens: quick add, how sync stands, the shortcuts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import flet as ft

from app.ui.listing import Which
from app.ui.opened_link import DIALOG as JOIN
from app.ui.session import Session
from app.ui.settings.hosting import JoinForm
from app.ui.view_model import Layout, Place
from app.ui.views.quick_add import QuickAdd
from app.ui.views.shortcut_sheet import ShortcutSheet
from app.ui.views.sync_sheet import SyncSheet

_WIDTH_PX: Final = 560


@dataclass(frozen=True, slots=True)
class _Dialog:
    """A title, and what draws the content."""

    title: str
    draw: Callable[[Session], Any]


def _quick_add(session: Session) -> Any:
    return QuickAdd(session, Which("inbox"), autofocus=True, done=session.close_dialog)


def _join(session: Session) -> Any:
    return JoinForm(session, session.model.invitation, done=session.close_dialog)


_DIALOGS: Final[dict[str, _Dialog]] = {
    "add": _Dialog("New task", _quick_add),
    JOIN: _Dialog("An invitation", _join),
    "sync": _Dialog("Sync", SyncSheet),
    "shortcuts": _Dialog("Keyboard shortcuts", lambda _: ShortcutSheet()),
}


@ft.component
def Dialogs(session: Session, place: Place, layout: Layout) -> ft.Control:  # noqa: N802
    """Show the dialog that is open; draws nothing of its own."""
    name = place.dialog
    opened = _DIALOGS.get(name)

    async def close() -> None:
        session.close_dialog()

    async def went() -> None:
        session.dialog_went(name)

    ft.use_dialog(
        ft.AlertDialog(
            title=ft.Text(opened.title),
            content=ft.Container(opened.draw(session), width=_WIDTH_PX),
            actions=[ft.TextButton("Close", on_click=session.handler(close))],
            inset_padding=40 if layout.wide else 12,
            on_dismiss=session.handler(went),
            scrollable=True,
        )
        if opened is not None
        else None
    )
    return ft.Container(width=0, height=0)
