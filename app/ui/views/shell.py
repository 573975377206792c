"""The frame around the screens: a rail at the side where it is wide, else a bar at the bottom."""

import flet as ft

from app.ui.appearance import read_appearance
from app.ui.session import Session
from app.ui.theme import dress
from app.ui.use_query import use_query
from app.ui.view_model import Layout, Place
from app.ui.views.dialogs import Dialogs
from app.ui.views.navigation import More, Navigation
from app.ui.views.screens import DESTINATIONS, MORE
from app.ui.views.welcome import Welcome


@ft.component
def Shell(session: Session, place: Place, layout: Layout) -> ft.Control:  # noqa: N802
    """Draw the app, clear of what belongs to a phone: camera, corners, the bar of gestures."""
    return ft.SafeArea(_frame(session, place, layout), expand=True)


def _frame(session: Session, place: Place, layout: Layout) -> ft.Control:
    if place.is_welcome:
        return ft.Column([Welcome(session, place, layout), Looks(session)], expand=True, spacing=0)
    screen = ft.Container(_screen(session, place, layout), expand=True, key=place.screen)
    aside = [Looks(session), Dialogs(session, place, layout)]
    if layout.wide:
        return ft.Row(
            [Navigation(session, place, layout), ft.VerticalDivider(width=1), screen, *aside],
            expand=True,
            spacing=0,
            vertical_alignment=ft.CrossAxisAlignment.STRETCH,
        )
    # On a low page what is written there needs the room; the way back leads to the bar again.
    bar = ft.Container(
        Navigation(session, place, layout), visible=not (layout.is_low and place.has_page)
    )
    return ft.Column([screen, bar, *aside], expand=True, spacing=0)


def _screen(session: Session, place: Place, layout: Layout) -> ft.Control:
    if place.screen == MORE:
        return More(session, place)
    drawn: ft.Control = DESTINATIONS[place.screen].draw(session, place, layout)
    return drawn


@ft.component
def Looks(session: Session) -> ft.Control:  # noqa: N802
    """Keep the page dressed as was chosen, in whichever tab that was; draws nothing."""
    chosen = use_query(session, read_appearance, on=("settings",))

    def wear() -> None:
        if chosen is not None:
            dress(session.page, chosen)
            session.model.layout.text_sized(chosen.text_percent)

    ft.use_effect(wear, [chosen])
    return ft.Container(width=0, height=0)
