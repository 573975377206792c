"""The frame around the screens: a rail at the side where it is wide, else a bar at the bottom."""

from typing import Any, Final

import flet as ft

from app.ui.session import Session
from app.ui.use_query import use_query
from app.ui.view_model import SCREENS, Layout, Place, Screen
from app.ui.views.conflicts import ConflictsScreen
from app.ui.views.notes import NotesScreen
from app.ui.views.search import SearchScreen
from app.ui.views.settings import SettingsScreen
from app.ui.views.tasks import TasksScreen

_LOOKS: Final[dict[Screen, tuple[str, ft.IconData, ft.IconData]]] = {
    "tasks": ("Tasks", ft.Icons.CHECK_CIRCLE_OUTLINE, ft.Icons.CHECK_CIRCLE),
    "notes": ("Notes", ft.Icons.DESCRIPTION_OUTLINED, ft.Icons.DESCRIPTION),
    "search": ("Search", ft.Icons.SEARCH, ft.Icons.SEARCH),
    "conflicts": ("Conflicts", ft.Icons.CALL_SPLIT, ft.Icons.CALL_SPLIT),
    "settings": ("Settings", ft.Icons.SETTINGS_OUTLINED, ft.Icons.SETTINGS),
}


@ft.component
def Shell(session: Session, place: Place, layout: Layout) -> ft.Control:  # noqa: N802
    """Draw the app."""
    screen = ft.Container(_screen(session, place, layout), expand=True, key=place.screen)
    if layout.wide:
        return ft.Row(
            [Navigation(session, place, layout), ft.VerticalDivider(width=1), screen],
            expand=True,
            spacing=0,
            vertical_alignment=ft.CrossAxisAlignment.STRETCH,
        )
    return ft.Column([screen, Navigation(session, place, layout)], expand=True, spacing=0)


def _screen(session: Session, place: Place, layout: Layout) -> ft.Control:
    match place.screen:
        case "tasks":
            return TasksScreen(session, place, layout)
        case "notes":
            return NotesScreen(session, place, layout)
        case "search":
            return SearchScreen(session, place, layout)
        case "conflicts":
            return ConflictsScreen(session, place, layout)
        case "settings":
            return SettingsScreen(session, layout)


@ft.component
def Navigation(session: Session, place: Place, layout: Layout) -> ft.Control:  # noqa: N802
    """Draw the way to the screens, with the number of open conflicts."""
    conflicts = use_query(
        session, lambda replica: replica.status().conflicts, on=("conflicts", "items")
    )

    def chosen(event: Any) -> None:
        place.screen = SCREENS[event.control.selected_index]

    def icon(screen: Screen, *, selected: bool) -> ft.Control:
        badge = str(conflicts) if screen == "conflicts" and conflicts else None
        _, plain, filled = _LOOKS[screen]
        return ft.Icon(filled if selected else plain, badge=badge)

    index = SCREENS.index(place.screen)
    if layout.wide:
        return ft.NavigationRail(
            destinations=[
                ft.NavigationRailDestination(
                    icon=icon(screen, selected=False),
                    selected_icon=icon(screen, selected=True),
                    label=_LOOKS[screen][0],
                )
                for screen in SCREENS
            ],
            selected_index=index,
            label_type=ft.NavigationRailLabelType.ALL,
            group_alignment=-0.95,
            min_width=88,
            on_change=chosen,
        )
    return ft.NavigationBar(
        destinations=[
            ft.NavigationBarDestination(
                icon=icon(screen, selected=False),
                selected_icon=icon(screen, selected=True),
                label=_LOOKS[screen][0],
            )
            for screen in SCREENS
        ],
        selected_index=index,
        on_change=chosen,
    )
