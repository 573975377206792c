"""Letting somebody into a space: a link to send, and the same as a picture to scan."""

import io
from typing import Any, Final, cast

import flet as ft
import segno

from app.local_time import moment_words
from app.ui.busy import use_busy
from app.ui.components.chips import choices
from app.ui.components.controls import icon_button, quiet
from app.ui.session import Session
from store.domain.membership import Role
from store.rows import SpaceRow
from sync.client.membership import Invited

_NOBODY: Final[Invited | None] = None
_ROLES: Final = (
    ("editor", "Editor: reads and writes", ""),
    ("viewer", "Viewer: reads only", ""),
    ("owner", "Owner: lets others in too", ""),
)
_QR_WIDTH_PX: Final = 240
_QR_SCALE: Final = 8  # pixels to a module: sharp at twice the width that is shown
_QR_QUIET: Final = 4  # modules of white around it, as the standard asks for


@ft.component
def Inviting(session: Session, space: SpaceRow) -> ft.Control:  # noqa: N802
    """Draw the choice of a role, and the invite once it is made."""
    role, set_role = ft.use_state("editor")
    invited, set_invited = ft.use_state(_NOBODY)
    busy = use_busy(session)

    async def choose(event: Any) -> None:
        set_role(event.control.data)
        set_invited(None)

    async def make() -> None:
        set_invited(await session.members.invite(space.id, role=cast(Role, role)))

    parts: list[ft.Control] = [
        choices(_ROLES, role, session.event_handler(choose), name="Role of who joins"),
        ft.FilledTonalButton(
            "Make an invite",
            icon=ft.Icons.PERSON_ADD_OUTLINED,
            disabled=busy.now,
            on_click=busy.handler(make),
        ),
    ]
    if invited is not None:
        parts += _shown(session, space, invited)
    return ft.Column(parts, spacing=10, tight=True)


def _shown(session: Session, space: SpaceRow, invited: Invited) -> list[ft.Control]:
    async def copy() -> None:
        await ft.Clipboard().set(invited.link)
        session.say("The link is copied.")

    until = moment_words(invited.expires_at_ms, session.now())
    return [
        quiet(
            "Send it to one person: it lets one device in, once, "
            f"until {until}. Whoever has it can use it."
        ),
        ft.Row(
            [
                ft.TextField(
                    label=f"Invite link to {space.name}",
                    value=invited.link,
                    read_only=True,
                    dense=True,
                    expand=True,
                ),
                icon_button(ft.Icons.COPY, "Copy the link", session.handler(copy)),
            ]
        ),
        ft.Image(
            src=qr_png(invited.link),
            width=_QR_WIDTH_PX,
            height=_QR_WIDTH_PX,
            semantics_label=f"QR code of the invite link to {space.name}",
        ),
    ]


def qr_png(text: str) -> bytes:
    """Draw a text as a QR code, dark on white whatever the theme: scanners expect that."""
    drawn = io.BytesIO()
    segno.make_qr(text, error="m").save(drawn, kind="png", scale=_QR_SCALE, border=_QR_QUIET)
    return drawn.getvalue()
