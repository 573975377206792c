"""The spaces of this home: which is current, who is in each, and letting others in."""

import flet as ft

from app.ui.components.controls import keyed, quiet
from app.ui.session import Session
from app.ui.settings.inviting import Inviting
from app.ui.settings.members import Members
from app.ui.use_query import use_query
from store.rows import SpaceRow
from sync.protocol.address import shown_address


@ft.component
def Spaces(session: Session) -> ft.Control:  # noqa: N802
    """Draw the spaces."""
    rows = use_query(session, lambda replica: replica.spaces(), on=("spaces", "sync"), keep=True)
    return ft.Column(
        [keyed(SpaceLine, row.id, session, row) for row in rows or ()], spacing=14, tight=True
    )


@ft.component
def SpaceLine(session: Session, row: SpaceRow) -> ft.Control:  # noqa: N802
    """Draw one space, with its devices or its invite below it where somebody asks for them."""
    shown, show = ft.use_state("")

    async def use() -> None:
        await session.act(lambda replica: replica.use_space(row.id))

    def opening(part: str) -> ft.Control:
        async def toggle() -> None:
            show("" if shown == part else part)

        name = f"Hide the {part}" if shown == part else part.capitalize()
        return ft.TextButton(
            ft.Text(name, semantics_label=f"{name} of {row.name}"),
            on_click=session.handler(toggle),
        )

    buttons: list[ft.Control] = []
    if not row.is_current:
        buttons.append(
            ft.TextButton(
                ft.Text("Use for new items", semantics_label=f"Use {row.name} for new items"),
                on_click=session.handler(use),
            )
        )
    if row.url or row.is_among_devices:
        buttons.append(opening("devices"))
    if row.url and row.role == "owner":
        buttons.append(opening("invite"))
    where = _where(row)
    current = " · new items go here" if row.is_current else ""
    below: dict[str, list[ft.Control]] = {
        "devices": [Members(session, row)],
        "invite": [Inviting(session, row)],
    }
    return ft.Column(
        [
            ft.Row(
                [
                    ft.Icon(_icon(row), size=20),
                    ft.Column([ft.Text(row.name), quiet(where + current)], spacing=2, tight=True),
                    *buttons,
                ],
                wrap=True,
            ),
            *below.get(shown, []),
        ],
        spacing=8,
        tight=True,
    )


def _where(row: SpaceRow) -> str:
    if row.url:
        return f"{row.role} at {shown_address(row.url)}"
    return f"{row.role} among devices" if row.is_among_devices else "on this device only"


def _icon(row: SpaceRow) -> ft.IconData:
    if row.url:
        return ft.Icons.CLOUD_OUTLINED
    return ft.Icons.DEVICES_OUTLINED if row.is_among_devices else ft.Icons.COMPUTER
