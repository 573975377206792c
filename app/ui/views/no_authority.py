"""Says where nobody is who decides about supplies and money, so that nobody waits in vain."""

import flet as ft

from app.ui.components.controls import quiet
from app.ui.session import Session
from app.ui.use_query import use_query


@ft.component
def NoAuthority(session: Session) -> ft.Control:  # noqa: N802 - components are named as what they draw
    """Draw the sentence where the space that new things go to has no server; else nothing."""
    space = use_query(session, lambda replica: replica.space(), on=("spaces",), keep=True)
    is_alone = space is not None and not space.url
    name = space.name if space is not None else ""
    return ft.Container(
        padding=ft.Padding.symmetric(horizontal=16),
        visible=is_alone,
        content=quiet(
            f"{name} has no server, and only a server decides about supplies and money: what is "
            "asked for here waits until the space is on one (Settings, Share or join)."
        ),
    )
