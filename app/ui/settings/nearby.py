"""Devices nearby: sharing with them by a code, and joining one that shows a code."""

from typing import Any, Final

import flet as ft

from app.ui.busy import use_busy
from app.ui.components.controls import quiet
from app.ui.components.typed_field import use_typing, wide_field
from app.ui.nearby import Shared
from app.ui.session import Session
from app.ui.use_query import use_query
from app.ui.view_model import Layout
from store.domain.membership import Role
from store.rows import SpaceRow

CODE_HINT: Final = "K7QM-3TXA"


@ft.component
def NearbySection(session: Session, layout: Layout) -> ft.Control:  # noqa: N802
    """Draw the switch with its codes, and the form to join by one."""
    parts: list[ft.Control] = [
        ft.Container(ShareNearby(session), expand=layout.wide),
        ft.Container(JoinNearby(session), expand=layout.wide),
    ]
    if not layout.wide:
        return ft.Column(parts, spacing=20)
    return ft.Row(parts, spacing=20, vertical_alignment=ft.CrossAxisAlignment.START)


@ft.component
def ShareNearby(session: Session) -> ft.Control:  # noqa: N802
    """Draw the switch; while it is on, where this device is, and codes for the current space."""
    nearby = session.core.nearby
    busy = use_busy(session)
    state = use_query(
        session, lambda _: nearby.state(), on=("spaces", "sync", "settings"), keep=True
    )
    space = use_query(session, lambda replica: replica.space(), on=("spaces",), keep=True)
    shared = state or Shared(is_on=False)

    async def turn() -> None:
        on = not shared.is_on
        said = "Shared with devices nearby." if on else "Not shared with devices nearby any more."
        await session.act(lambda _: nearby.turn(on=on), said=said)
        await nearby.follow()

    lines: list[ft.Control] = [
        ft.Switch(
            label="Share with devices nearby",
            value=shared.is_on,
            disabled=busy.now,
            on_change=busy.handler(turn),
        ),
        quiet(
            "Devices in the same network may come in by a code that you show them, without a "
            "server, while Cairn is open here."
        ),
    ]
    if shared.where:
        lines.append(quiet(f"This device is at {shared.where}."))
    if shared.problem:
        lines.append(
            ft.Text(
                shared.problem,
                color=ft.Colors.ERROR,
                theme_style=ft.TextThemeStyle.BODY_SMALL,
            )
        )
    if shared.where and space is not None:
        lines.append(CodeOf(session, space))
    return ft.Column(lines, spacing=10)


@ft.component
def CodeOf(session: Session, space: SpaceRow) -> ft.Control:  # noqa: N802
    """Draw the button that shows a code for a space, and the code."""
    code, set_code = ft.use_state("")
    reads_only, set_reads_only = ft.use_state(False)
    busy = use_busy(session)

    async def show() -> None:
        role: Role = "viewer" if reads_only else "editor"
        set_code((await session.core.nearby.show_code(space.id, role=role)).code)

    def chosen(event: Any) -> None:
        set_reads_only(bool(event.control.value))

    return ft.Column(
        [
            ft.Checkbox(
                label="It may only read", value=reads_only, on_change=chosen, disabled=busy.now
            ),
            ft.FilledTonalButton(
                f"Show a code for {space.name}", disabled=busy.now, on_click=busy.handler(show)
            ),
            ft.Text(
                code,
                theme_style=ft.TextThemeStyle.HEADLINE_MEDIUM,
                weight=ft.FontWeight.W_600,
                selectable=True,
                visible=bool(code),
            ),
            ft.Container(
                quiet("For one device, within ten minutes; whoever has it can use it."),
                visible=bool(code),
            ),
            ft.TextField(
                label="Address, for who can't find this device",
                value=session.core.nearby.address(),
                read_only=True,
                visible=bool(code),
            ),
        ],
        spacing=8,
    )


@ft.component
def JoinNearby(session: Session) -> ft.Control:  # noqa: N802
    """Draw the field for a code that another device shows."""
    code, address = use_typing(), use_typing()
    busy = use_busy(session)

    async def join() -> None:
        from sync.peer.joining import join_by_code

        joined = await join_by_code(
            session.members, code.text.strip(), address.text.strip() or None
        )
        code.clear()
        address.clear()
        session.say(f"Joined {joined.name} as {joined.role}. What is in it comes now.")

    return ft.Column(
        [
            ft.Text("Join a device nearby", weight=ft.FontWeight.W_600),
            wide_field(code, "Code", session.typing_in, hint=CODE_HINT),
            wide_field(address, "Its address", session.typing_in, hint="only if it isn't found"),
            ft.FilledTonalButton(
                "Join by code",
                disabled=busy.now or not code.text.strip(),
                on_click=busy.handler(join),
            ),
        ],
        spacing=10,
    )
