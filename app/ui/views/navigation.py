"""The way to the screens: a rail where it is wide, else a bar and the page behind “More”."""

from typing import Any, Final

import flet as ft

from app.ui.seen import unseen
from app.ui.session import Session
from app.ui.use_query import use_query
from app.ui.view_model import Layout, Place
from app.ui.views.header import Header
from app.ui.views.screens import DESTINATIONS, MORE, Destination
from store.replica import Replica

_IN_BAR: Final = tuple(key for key, each in DESTINATIONS.items() if each.in_bar)
_BEHIND_MORE: Final = tuple(key for key in DESTINATIONS if key not in _IN_BAR)
_RAIL_WIDTH_PX: Final = 92


@ft.component
def Navigation(session: Session, place: Place, layout: Layout) -> ft.Control:  # noqa: N802
    """Draw the way to the screens, with how much waits for a person and how many items are new."""
    numbers = use_query(
        session, _numbers, on=("conflicts", "items", "ledger", "settings", "sync"), keep=True
    )
    badges = {key: str(number) for key, number in (numbers or {}).items() if number}
    if layout.wide:
        return _rail(place, badges)
    return _bar(place, badges, has_labels=not layout.is_crowded)


def _numbers(replica: Replica) -> dict[str, int]:
    status = replica.status()
    waiting = status.conflicts + status.parked + len(replica.held_drafts())
    return {"conflicts": waiting, "activity": unseen(replica)}


def _rail(place: Place, badges: dict[str, str]) -> ft.Control:
    keys = tuple(DESTINATIONS)

    def chosen(event: Any) -> None:
        place.screen = keys[event.control.selected_index]

    return ft.NavigationRail(
        destinations=[
            ft.NavigationRailDestination(
                icon=_icon(each, badges.get(key), selected=False),
                selected_icon=_icon(each, badges.get(key), selected=True),
                label=each.name,
            )
            for key, each in DESTINATIONS.items()
        ],
        selected_index=keys.index(place.screen) if place.screen in keys else None,
        label_type=ft.NavigationRailLabelType.ALL,
        group_alignment=-0.95,
        min_width=_RAIL_WIDTH_PX,
        scrollable=True,  # where text is large, or the window low
        on_change=chosen,
    )


def _bar(place: Place, badges: dict[str, str], *, has_labels: bool) -> ft.Control:
    keys = (*_IN_BAR, MORE)

    def chosen(event: Any) -> None:
        place.screen = keys[event.control.selected_index]

    destinations = [
        ft.NavigationBarDestination(
            icon=_icon(DESTINATIONS[key], badges.get(key), selected=False),
            selected_icon=_icon(DESTINATIONS[key], badges.get(key), selected=True),
            label=DESTINATIONS[key].name,
        )
        for key in _IN_BAR
    ]
    # A number there would be read as one of its own; a dot says that something is behind it.
    dot = ft.Badge() if any(key in badges for key in _BEHIND_MORE) else None
    more = ft.NavigationBarDestination(icon=ft.Icon(ft.Icons.MORE_HORIZ, badge=dot), label="More")
    return ft.NavigationBar(
        destinations=[*destinations, more],
        selected_index=keys.index(place.screen) if place.screen in _IN_BAR else len(_IN_BAR),
        # Hidden ones are still its names, to whoever hears the page.
        label_behavior=ft.NavigationBarLabelBehavior.ALWAYS_SHOW
        if has_labels
        else ft.NavigationBarLabelBehavior.ALWAYS_HIDE,
        on_change=chosen,
    )


def _icon(destination: Destination, badge: str | None, *, selected: bool) -> ft.Icon:
    return ft.Icon(destination.filled if selected else destination.icon, badge=badge)


@ft.component
def More(session: Session, place: Place) -> ft.Control:  # noqa: N802
    """Draw the page that names the screens for which the bar has no room."""

    async def chosen(event: Any) -> None:
        place.screen = event.control.data

    rows: list[ft.Control] = [
        ft.ListTile(
            leading=ft.Icon(DESTINATIONS[key].icon),
            title=ft.Text(DESTINATIONS[key].name, theme_style=ft.TextThemeStyle.BODY_LARGE),
            data=key,
            on_click=session.event_handler(chosen),
        )
        for key in _BEHIND_MORE
    ]
    return ft.Column(
        [Header(session, "More"), ft.ListView(rows, expand=True)], expand=True, spacing=0
    )
