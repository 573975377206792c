"""The devices of a space as its server knows them: who, in what role; changing that."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import flet as ft

from app.local_time import moment_words
from app.ui.asking import ask_yes
from app.ui.busy import Act, use_busy
from app.ui.components.controls import keyed, quiet
from app.ui.session import Session
from app.ui.use_query import use_looking
from app.ui.words import who
from store.domain.membership import Role
from store.rows import SpaceRow
from sync.protocol.entering import Device

_ROLE_WORDS: Final[dict[Role, str]] = {
    "owner": "an owner",
    "editor": "an editor",
    "viewer": "a viewer",
}
_UNKNOWN: Final[tuple[Device, ...] | None] = None


@ft.component
def Members(session: Session, space: SpaceRow) -> ft.Control:  # noqa: N802
    """Draw the devices; the server is asked when this opens, and whenever they may have moved."""
    devices, set_devices = ft.use_state(_UNKNOWN)
    failed, set_failed = ft.use_state(False)

    async def fetch() -> None:
        set_devices(tuple(await session.members.devices(space.id)))

    async def ask() -> None:
        set_failed(False)
        await session.guarded(fetch())
        set_failed(True)  # shown only while there is no answer

    use_looking(session, ask, on=("spaces",))
    if devices is None:
        again = ft.TextButton("Ask again", on_click=session.handler(ask), visible=failed)
        said = "The server did not answer." if failed else "Asking the server…"
        return ft.Row([quiet(said), again])
    return ft.Column(
        [keyed(DeviceLine, each.id, session, space, each, ask) for each in devices],
        spacing=4,
        tight=True,
    )


@ft.component
def DeviceLine(  # noqa: N802 - components are named as what they draw
    session: Session, space: SpaceRow, device: Device, changed: Act
) -> ft.Control:
    """Draw one device."""
    busy = use_busy(session)
    name = who(device.person, device.device)

    async def shut_out() -> None:
        sure = await ask_yes(
            session,
            f"Shut out {name}?",
            f"It gets nothing new of {space.name} and can send nothing. "
            "What it wrote stays, and so does what it has already. "
            "It can't be undone: it comes back by a new invite only.",
            button="Shut out",
        )
        if sure:
            await session.members.revoke(device.id, space.id)
            session.say(f"{name} is shut out of {space.name}.")
            await changed()

    async def become(role: Role) -> None:
        await session.members.change_role(device.id, role, space.id)
        session.say(f"{name} is {_ROLE_WORDS[role]} of {space.name} now.")

    buttons: list[ft.Control] = []
    own = session.core.replica.identity.replica_id
    if space.role == "owner" and not device.revoked and device.id != own:
        buttons = [
            _roles(name, device.role, lambda role: busy.handler(lambda: become(role))),
            ft.TextButton(
                ft.Text("Shut out", semantics_label=f"Shut out {name}"),
                disabled=busy.now,
                on_click=busy.handler(shut_out),
            ),
        ]
    return ft.Row(
        [
            ft.Icon(
                ft.Icons.NO_CELL_OUTLINED if device.revoked else ft.Icons.DEVICES_OUTLINED, size=18
            ),
            ft.Column(
                [ft.Text(name), quiet(_facts(device, session.now(), is_own=device.id == own))],
                spacing=0,
                tight=True,
                expand=True,
            ),
            *buttons,
        ]
    )


def _roles(name: str, now: str, becoming: Callable[[Role], Any]) -> ft.Control:
    """Draw the roles that a device may get, as a menu."""
    return ft.MergeSemantics(
        ft.PopupMenuButton(
            icon=ft.Icons.MANAGE_ACCOUNTS_OUTLINED,
            tooltip=f"What {name} may do",
            items=[
                ft.PopupMenuItem(
                    content=f"Make it {words}", checked=role == now, on_click=becoming(role)
                )
                for role, words in _ROLE_WORDS.items()
            ],
        )
    )


def _facts(device: Device, now: datetime, *, is_own: bool) -> str:
    seen = (
        f"last seen {moment_words(device.last_seen_at_ms, now)}"
        if device.last_seen_at_ms is not None
        else "not seen yet"
    )
    parts = ("shut out" if device.revoked else device.role, "this device" if is_own else seen)
    return " · ".join(parts)
