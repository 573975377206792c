"""Ways to have a space with others: join one, make one on a server, publish a local one."""

from collections.abc import Callable

import flet as ft

from app.ui.busy import Act, use_busy
from app.ui.components.typed_field import use_typing, wide_field
from app.ui.session import Session
from app.ui.use_query import use_query
from app.ui.view_model import Layout
from store.rows import SpaceRow

JOIN_HINT = "cairn://join?…, or K7QM-3TXA"


@ft.component
def Hosting(session: Session, layout: Layout) -> ft.Control:  # noqa: N802
    """Draw the two forms."""
    forms: list[ft.Control] = [
        ft.Container(JoinForm(session), expand=layout.wide),
        ft.Container(HostForm(session), expand=layout.wide),
    ]
    if not layout.wide:
        return ft.Column(forms, spacing=20)
    return ft.Row(forms, spacing=20, vertical_alignment=ft.CrossAxisAlignment.START)


@ft.component
def JoinForm(  # noqa: N802
    session: Session, given: str = "", done: Callable[[], None] = lambda: None
) -> ft.Control:
    """Draw the field that an invite link is pasted into.

    Args:
        session: of the tab.
        given: a link that is there already.
        done: called once the space is joined.
    """
    link = use_typing(given)
    busy = use_busy(session)

    async def join() -> None:
        from sync.peer.joining import join_given

        joined = await join_given(session.members, link.text)
        link.clear()
        session.say(f"Joined {joined.name} as {joined.role}. What is in it comes now.")
        done()

    return ft.Column(
        [
            ft.Text("Join a space", weight=ft.FontWeight.W_600),
            wide_field(link, "Invite link or code", session.typing_in, hint=JOIN_HINT),
            ft.FilledTonalButton(
                "Join",
                disabled=busy.now or not link.text.strip(),
                on_click=busy.handler(join),
            ),
        ],
        spacing=10,
    )


@ft.component
def HostForm(session: Session) -> ft.Control:  # noqa: N802
    """Draw the form that makes a space on a server, or puts a local one there."""
    rows = use_query(session, lambda replica: replica.spaces(), on=("spaces",), keep=True)
    name, url, code = use_typing(), use_typing(), use_typing()
    busy = use_busy(session)
    focus = session.typing_in

    async def create() -> None:
        made = await session.members.create_space(name.text, url.text, code.text.strip() or None)
        name.clear()
        session.say(f"{made.name} is on its server now.")

    def publishing(row: SpaceRow) -> Act:
        async def publish() -> None:
            await session.members.publish(row.id, url.text, code.text.strip() or None)
            session.say(f"{row.name} is on its server now, with all that is in it.")

        return publish

    ready = not busy.now and bool(url.text.strip())
    publish_each = [
        ft.TextButton(
            f"Publish {row.name} instead",
            disabled=not ready,
            on_click=busy.handler(publishing(row)),
        )
        for row in rows or ()
        if row.kind == "local"
    ]
    return ft.Column(
        [
            ft.Text("Share through a server", weight=ft.FontWeight.W_600),
            wide_field(url, "Server address", focus, hint="https://cairn.example.org"),
            wide_field(code, "Setup code", focus, hint="for a new server's first space"),
            wide_field(name, "Name of the new space", focus),
            ft.Row(
                [
                    ft.FilledTonalButton(
                        "Make the space",
                        disabled=not (ready and name.text.strip()),
                        on_click=busy.handler(create),
                    ),
                    *publish_each,
                ],
                wrap=True,
            ),
        ],
        spacing=10,
    )
