"""Settings: who writes here, how sync stands, and the spaces with their servers."""

import flet as ft

from app.ui.components.controls import heading, keyed, quiet
from app.ui.components.saved_field import SavedField
from app.ui.session import Session
from app.ui.use_query import use_query
from app.ui.view_model import Layout
from app.ui.views.header import Header
from app.ui.views.spaces import Spaces
from app.ui.views.sync_sheet import SyncSheet

_READING_WIDTH_PX = 760


@ft.component
def SettingsScreen(session: Session, layout: Layout) -> ft.Control:  # noqa: N802
    """Draw the screen."""
    parts = [
        heading("Sync", level=2),
        SyncSheet(session),
        ft.Divider(),
        heading("Spaces", level=2),
        Spaces(session, layout),
        ft.Divider(),
        heading("You", level=2),
        You(session),
        ft.Divider(),
        quiet(f"This home: {session.core.replica.home}"),
    ]
    body = ft.ListView(
        controls=[ft.Container(part, width=_READING_WIDTH_PX) for part in parts]
        if layout.wide
        else parts,
        padding=20,
        spacing=12,
        expand=True,
    )
    return ft.Column([Header(session, "Settings"), body], expand=True, spacing=0)


@ft.component
def You(session: Session) -> ft.Control:  # noqa: N802
    """Draw the names that changes carry."""
    identity = use_query(session, lambda replica: replica.identity, on=("identity",))
    if identity is None:
        return ft.Container()

    async def save_person(text: str) -> bool:
        return await session.act(lambda replica: replica.set_identity(person=text)) is not None

    async def save_device(text: str) -> bool:
        return await session.act(lambda replica: replica.set_identity(device=text)) is not None

    person = keyed(
        SavedField,
        "person",
        "Your name",
        identity.person,
        save_person,
        session.typing_in,
        expand=True,
    )
    device = keyed(
        SavedField,
        "device",
        "This device",
        identity.device,
        save_device,
        session.typing_in,
        expand=True,
    )
    return ft.Column(
        [
            quiet("Others see these beside what you write; what was written keeps its names."),
            ft.Row([person, device], spacing=10),
        ],
        spacing=10,
    )
