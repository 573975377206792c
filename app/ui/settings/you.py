"""Who writes here: the names that changes carry."""

import flet as ft

from app.ui.components.controls import explained, keyed
from app.ui.components.saved_field import SavedField
from app.ui.session import Session
from app.ui.use_query import use_query


@ft.component
def You(session: Session) -> ft.Control:  # noqa: N802
    """Draw the fields."""
    identity = use_query(session, lambda replica: replica.identity, on=("identity",))
    if identity is None:
        return ft.Container()

    async def save_person(text: str, _: str) -> bool | None:
        return await session.act(lambda replica: replica.set_identity(person=text) is not None)

    async def save_device(text: str, _: str) -> bool | None:
        return await session.act(lambda replica: replica.set_identity(device=text) is not None)

    fields: list[ft.Control] = [
        keyed(SavedField, key, label, value, save, session, expand=True)
        for key, label, value, save in (
            ("person", "Your name", identity.person, save_person),
            ("device", "This device", identity.device, save_device),
        )
    ]
    return ft.Column(
        [
            explained("Others see these beside what you write; what was written keeps its names."),
            ft.Row(fields, spacing=10),
        ],
        spacing=10,
    )
