"""The whole truth about sync: may the lid be closed, each peer, what waits, and what is stuck."""

from typing import Final

import flet as ft

from app.local_time import moment_words
from app.ui.components.controls import quiet
from app.ui.lid import Lid, Light
from app.ui.refusals import ways_out
from app.ui.session import Session
from app.ui.standing import Standing, use_standing
from app.ui.use_query import use_query
from app.ui.words import counted, peer_place
from store.domain.ids import DocId
from store.queries import Waiting
from store.rows import PeerRow, RefusalRow

_STATES: Final = {
    "idle": "reached",
    "syncing": "exchanging changes",
    "offline": "can't be reached",
    "retrying": "is tried again soon",
    "auth-refused": "doesn't accept this device any more",
}
_LIGHTS: Final[dict[Light, tuple[ft.IconData, str, str]]] = {
    "safe": (ft.Icons.CHECK_CIRCLE, ft.Colors.PRIMARY_CONTAINER, ft.Colors.ON_PRIMARY_CONTAINER),
    "wait": (
        ft.Icons.HOURGLASS_TOP,
        ft.Colors.TERTIARY_CONTAINER,
        ft.Colors.ON_TERTIARY_CONTAINER,
    ),
    "stuck": (ft.Icons.ERROR, ft.Colors.ERROR_CONTAINER, ft.Colors.ON_ERROR_CONTAINER),
    "alone": (ft.Icons.COMPUTER, ft.Colors.SURFACE_CONTAINER_HIGHEST, ft.Colors.ON_SURFACE),
}


@ft.component
def SyncSheet(session: Session) -> ft.Control:  # noqa: N802
    """Draw it."""
    standing = use_standing(session)
    refused = use_query(session, lambda replica: replica.refusals(), on=("sync", "items"))

    async def retry_now() -> None:
        session.core.sync.retry_now()

    if standing is None:
        return ft.Container()
    status = standing.status
    now = ft.FilledTonalButton(
        "Retry now" if any(wait is not None for wait in standing.retries.values()) else "Sync now",
        icon=ft.Icons.SYNC,
        on_click=session.handler(retry_now),
        disabled=not status.peers,
    )
    return ft.Column(
        [
            _light(standing.lid),
            ft.Row([ft.Text(_sentence(standing), expand=True), now]),
            *_waiting(standing.waiting),
            *(_peer(session, peer, standing.retries[peer.id]) for peer in status.peers),
            *(_parked(session, row) for row in refused or ()),
        ],
        spacing=12,
        tight=True,
    )


def _sentence(standing: Standing) -> str:
    words = standing.chip.words
    return f"{words[:1].upper()}{words[1:]}. {standing.chip.sentence}"


def _light(lid: Lid) -> ft.Control:
    icon, background, ink = _LIGHTS[lid.light]
    return ft.Container(
        bgcolor=background,
        border_radius=12,
        padding=14,
        content=ft.Row(
            [
                ft.Icon(icon, size=28, color=ink),
                ft.Column(
                    [
                        ft.Text(lid.words, theme_style=ft.TextThemeStyle.TITLE_MEDIUM, color=ink),
                        ft.Text(lid.sentence, color=ink),
                    ],
                    spacing=2,
                    tight=True,
                    expand=True,
                ),
            ],
            spacing=14,
        ),
    )


def _waiting(waiting: Waiting) -> list[ft.Control]:
    """Name what waits, as far as there is room."""
    if not waiting.items:
        return []
    names = ", ".join(f"“{each.title}”" for each in waiting.items)
    more = waiting.count - len(waiting.items)
    return [quiet(f"Waiting: {names}" + (f" and {more} more" if more else ""))]


def _peer(session: Session, peer: PeerRow, retry_s: int | None) -> ft.Control:
    confirmed = (
        f"last confirmed {moment_words(peer.last_synced_at_ms, session.now())}"
        if peer.last_synced_at_ms is not None
        else "nothing confirmed yet"
    )
    facts = (
        _STATES.get(peer.state, peer.state),
        confirmed,
        f"{counted(peer.push_pending, 'change')} waiting" if peer.push_pending else "",
        f"retrying in {retry_s} s" if retry_s is not None else "",
    )
    where = f"{peer.space} {peer_place(peer)}"
    why: list[ft.Control] = []
    if peer.error:
        why = [ft.Text(peer.error, theme_style=ft.TextThemeStyle.BODY_SMALL, color=ft.Colors.ERROR)]
    return ft.Column(
        [ft.Text(where), quiet(" · ".join(fact for fact in facts if fact)), *why],
        spacing=2,
        tight=True,
    )


def _parked(session: Session, row: RefusalRow) -> ft.Control:
    return ft.Container(
        bgcolor=ft.Colors.ERROR_CONTAINER,
        border_radius=12,
        padding=12,
        content=ft.Column(
            [
                ft.Text(
                    f"{row.title or 'untitled'}: the server refused "
                    f"{counted(row.changes, 'change')}. {row.reason}",
                    color=ft.Colors.ON_ERROR_CONTAINER,
                ),
                ft.Row(
                    [
                        ft.OutlinedButton(
                            ft.Text(way.words, color=ft.Colors.ON_ERROR_CONTAINER), on_click=way.go
                        )
                        for way in ways_out(session, DocId(row.doc_id))
                    ],
                    wrap=True,
                ),
            ],
            tight=True,
        ),
    )
