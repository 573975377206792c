"""The whole truth about sync: each server, what waits for it, and what it refused."""

from datetime import datetime
from typing import Final

import flet as ft

from app.local_time import moment_words
from app.ui.components.controls import quiet
from app.ui.session import Session
from app.ui.use_query import use_query
from app.ui.views.header import use_chip
from app.ui.words import counted
from store.domain.ids import DocId
from store.replica import Replica
from store.rows import ParkedRow, PeerRow
from sync.protocol.address import shown_address

_STATES: Final = {
    "idle": "reached",
    "syncing": "exchanging changes",
    "offline": "can't be reached",
    "retrying": "is tried again soon",
    "auth-refused": "doesn't accept this device any more",
}


@ft.component
def SyncSheet(session: Session) -> ft.Control:  # noqa: N802
    """Draw it."""
    chip = use_chip(session)
    status = use_query(session, lambda replica: replica.status(), on=("sync", "items", "spaces"))
    refused = use_query(session, _refused, on=("sync", "items"))

    async def retry_now() -> None:
        session.core.sync.retry_now()

    if chip is None or status is None:
        return ft.Container()
    now = session.now()
    return ft.Column(
        [
            ft.Row(
                [
                    ft.Text(f"{chip.words.capitalize()}. {chip.sentence}", expand=True),
                    ft.FilledTonalButton(
                        "Sync now",
                        icon=ft.Icons.SYNC,
                        on_click=session.handler(retry_now),
                        disabled=not status.peers,
                    ),
                ]
            ),
            *(_peer(peer, now) for peer in status.peers),
            *(_parked(session, row, title) for row, title in refused or ()),
        ],
        spacing=10,
    )


def _peer(peer: PeerRow, now: datetime) -> ft.Control:
    confirmed = (
        f"last in step {moment_words(peer.last_synced_at_ms, now)}"
        if peer.last_synced_at_ms is not None
        else "never in step yet"
    )
    waiting = f"{counted(peer.push_pending, 'change')} waiting" if peer.push_pending else ""
    facts = " · ".join(
        part for part in (_STATES.get(peer.state, peer.state), confirmed, waiting) if part
    )
    why = (
        [ft.Text(peer.error, theme_style=ft.TextThemeStyle.BODY_SMALL, color=ft.Colors.ERROR)]
        if peer.error
        else []
    )
    return ft.Column(
        [ft.Text(f"{peer.space} at {shown_address(peer.url)}"), quiet(facts), *why],
        spacing=2,
        tight=True,
    )


def _refused(replica: Replica) -> list[tuple[ParkedRow, str]]:
    return [(row, replica.item(DocId(row.doc_id)).title) for row in replica.parked()]


def _parked(session: Session, row: ParkedRow, title: str) -> ft.Control:
    doc = DocId(row.doc_id)

    async def retry() -> None:
        await session.act(lambda replica: replica.retry_parked(doc))

    async def take_back() -> None:
        await session.act(lambda replica: replica.take_back(doc))

    async def salvage() -> None:
        await session.act(lambda replica: replica.salvage(doc))

    return ft.Container(
        bgcolor=ft.Colors.ERROR_CONTAINER,
        border_radius=12,
        padding=12,
        content=ft.Column(
            [
                ft.Text(
                    f"{title}: the server refused {counted(row.changes, 'change')}. {row.reason}",
                    color=ft.Colors.ON_ERROR_CONTAINER,
                ),
                ft.Row(
                    [
                        ft.OutlinedButton("Try again", on_click=session.handler(retry)),
                        ft.OutlinedButton("Take back", on_click=session.handler(take_back)),
                        ft.OutlinedButton("Save as new", on_click=session.handler(salvage)),
                    ],
                    wrap=True,
                ),
            ]
        ),
    )
