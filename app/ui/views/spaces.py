"""The spaces of this home: which is current, making one on a server, joining, inviting."""

from collections.abc import Awaitable, Callable

import flet as ft

from app.ui.components.controls import keyed, quiet
from app.ui.components.typed_field import typed_field, use_typing
from app.ui.session import Session
from app.ui.use_query import use_query
from app.ui.view_model import Layout
from store.rows import SpaceRow
from sync.client.membership import Membership
from sync.protocol.address import shown_address
from sync.transport.http import HttpTransport

_JOIN_HINT = "cairn://join?…"


@ft.component
def Spaces(session: Session, layout: Layout) -> ft.Control:  # noqa: N802
    """Draw the spaces, and the two ways to share."""
    rows = use_query(session, lambda replica: replica.spaces(), on=("spaces", "sync"))
    forms: list[ft.Control] = [
        ft.Container(JoinForm(session), expand=layout.wide),
        ft.Container(HostForm(session, tuple(rows or ())), expand=layout.wide),
    ]
    lines = [keyed(SpaceLine, row.id, session, row) for row in rows or ()]
    both: ft.Control = (
        ft.Row(forms, spacing=20, vertical_alignment=ft.CrossAxisAlignment.START)
        if layout.wide
        else ft.Column(forms, spacing=20)
    )
    return ft.Column([*lines, both], spacing=12)


@ft.component
def SpaceLine(session: Session, row: SpaceRow) -> ft.Control:  # noqa: N802
    """Draw one space."""
    link, set_link = ft.use_state("")

    async def use() -> None:
        await session.act(lambda replica: replica.use_space(row.id))

    async def invite() -> None:
        set_link((await _members(session).invite(row.id)).link)

    buttons: list[ft.Control] = []
    if not row.is_current:
        buttons.append(ft.TextButton("Use for new items", on_click=session.handler(use)))
    if row.role == "owner":
        buttons.append(ft.TextButton("Invite", on_click=session.handler(invite)))
    where = f"{row.role} at {shown_address(row.url)}" if row.url else "on this device only"
    current = " · new items go here" if row.is_current else ""
    return ft.Column(
        [
            ft.Row(
                [
                    ft.Icon(ft.Icons.CLOUD_OUTLINED if row.url else ft.Icons.COMPUTER, size=20),
                    ft.Column([ft.Text(row.name), quiet(where + current)], spacing=2, expand=True),
                    *buttons,
                ]
            ),
            ft.TextField(
                label=f"Invite link to {row.name}",
                value=link,
                read_only=True,
                visible=bool(link),
                helper="Send it to one person: it lets one device in, once, within 7 days.",
            ),
        ]
    )


@ft.component
def JoinForm(session: Session) -> ft.Control:  # noqa: N802
    """Draw the field that an invite link is pasted into."""
    link = use_typing()
    busy, set_busy = ft.use_state(False)

    async def join() -> None:
        joined = await _members(session).join(link.text)
        link.clear()
        session.say(f"Joined {joined.name} as {joined.role}.")

    return ft.Column(
        [
            ft.Text("Join a space", weight=ft.FontWeight.W_600),
            typed_field(link, "Invite link", session.typing_in, hint=_JOIN_HINT),
            ft.FilledTonalButton(
                "Join",
                disabled=busy or not link.text.strip(),
                on_click=session.handler(_while_busy(join, set_busy)),
            ),
        ],
        spacing=10,
    )


@ft.component
def HostForm(session: Session, rows: tuple[SpaceRow, ...]) -> ft.Control:  # noqa: N802
    """Draw the form that makes a space on a server, or puts a local one there."""
    name, url, code = use_typing(), use_typing(), use_typing()
    busy, set_busy = ft.use_state(False)
    focus = session.typing_in
    local = [row for row in rows if row.kind == "local"]

    async def create() -> None:
        made = await _members(session).create_space(name.text, url.text, code.text.strip() or None)
        name.clear()
        session.say(f"{made.name} is on its server now.")

    def publishing(row: SpaceRow) -> Callable[[], Awaitable[None]]:
        async def publish() -> None:
            await _members(session).publish(row.id, url.text, code.text.strip() or None)
            session.say(f"{row.name} is on its server now, with all that is in it.")

        return publish

    ready = not busy and bool(url.text.strip())
    return ft.Column(
        [
            ft.Text("Share through a server", weight=ft.FontWeight.W_600),
            typed_field(url, "Server address", focus, hint="https://cairn.example.org"),
            typed_field(code, "Setup code", focus, hint="for a new server's first space"),
            typed_field(name, "Name of the new space", focus),
            ft.Row(
                [
                    ft.FilledTonalButton(
                        "Make the space",
                        disabled=not (ready and name.text.strip()),
                        on_click=session.handler(_while_busy(create, set_busy)),
                    ),
                    *(
                        ft.TextButton(
                            f"Publish {row.name} instead",
                            disabled=not ready,
                            on_click=session.handler(_while_busy(publishing(row), set_busy)),
                        )
                        for row in local
                    ),
                ],
                wrap=True,
            ),
        ],
        spacing=10,
    )


def _while_busy(
    act: Callable[[], Awaitable[None]], set_busy: Callable[[bool], None]
) -> Callable[[], Awaitable[None]]:
    """Ask a server once at a time."""

    async def busily() -> None:
        set_busy(True)
        try:
            await act()
        finally:
            set_busy(False)

    return busily


def _members(session: Session) -> Membership:
    return Membership(session.core.replica, HttpTransport)
