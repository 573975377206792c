"""The settings screen: its sections, one below the other; a new one is a line here."""

from collections.abc import Callable
from typing import Any, Final

import flet as ft

from app.ui.components.controls import heading, reading
from app.ui.session import Session
from app.ui.settings.about import About
from app.ui.settings.hosting import Hosting
from app.ui.settings.importing import Importing
from app.ui.settings.looks import LooksSection
from app.ui.settings.nearby import NearbySection
from app.ui.settings.spaces import Spaces
from app.ui.settings.storage import Storage
from app.ui.settings.you import You
from app.ui.view_model import Layout
from app.ui.views.header import Header
from app.ui.views.sync_sheet import SyncSheet

_SECTIONS: Final[tuple[tuple[str, Callable[[Session, Layout], Any]], ...]] = (
    ("You", lambda session, _: You(session)),
    ("Appearance", lambda session, _: LooksSection(session)),
    ("Spaces", lambda session, _: Spaces(session)),
    ("Share or join", Hosting),
    ("Devices nearby", NearbySection),
    ("Sync", lambda session, _: SyncSheet(session)),
    ("Storage", lambda session, _: Storage(session)),
    ("Import", lambda session, _: Importing(session)),
    ("About", lambda session, _: About(session)),
)


@ft.component
def SettingsScreen(session: Session, layout: Layout) -> ft.Control:  # noqa: N802
    """Draw the screen."""
    cards: list[ft.Control] = [
        reading(
            ft.Container(
                border=ft.Border.all(1, ft.Colors.OUTLINE_VARIANT),
                border_radius=12,
                padding=16,
                content=ft.Column([heading(name, level=2), draw(session, layout)], spacing=12),
            ),
            wide=layout.wide,
        )
        for name, draw in _SECTIONS
    ]
    body = ft.ListView(cards, padding=16, spacing=14, expand=True)
    return ft.Column([Header(session, "Settings"), body], expand=True, spacing=0)
