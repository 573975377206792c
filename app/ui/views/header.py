"""The top of every screen: what it is, undo, and how sync stands."""

import asyncio
import contextlib
from typing import Final

import flet as ft

from app.ui.components.controls import heading, icon_button
from app.ui.components.sync_chip import sync_chip_button
from app.ui.session import Session
from app.ui.words import Chip, sync_chip
from store.replica import Replica

_LOOK_EVERY_S: Final = 1.0  # a countdown counts; commits are heard at once
_UNKNOWN: Final[Chip | None] = None


@ft.component
def Header(session: Session, title: str) -> ft.Control:  # noqa: N802
    """Draw it."""
    return ft.Container(
        padding=ft.Padding.only(left=20, right=12, top=10, bottom=6),
        content=ft.Row(
            [
                heading(title),
                ft.Container(expand=True),
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


def use_chip(session: Session) -> Chip | None:
    """Follow how sync stands; a hook. None until it is known."""
    chip, set_chip = ft.use_state(_UNKNOWN)

    def look(replica: Replica) -> Chip:
        sync = session.core.sync
        return sync_chip(replica.status(), sync.state().phase, sync.retry_in_s())

    async def follow() -> None:
        with session.changes.heard("sync", "items", "conflicts", "spaces") as moved:
            while True:
                moved.clear()
                set_chip(await session.read(look))
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(moved.wait(), _LOOK_EVERY_S)

    ft.use_effect(follow, [], cleanup=_nothing)
    return chip


def _nothing() -> None:
    """Clean up nothing; without it the task would outlive the part."""
