"""What happens when a tab or window opens: it gets a session, the looks, and the screens."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import flet as ft

from app.ui.appearance import read_appearance
from app.ui.core import AppCore
from app.ui.first_run import is_new
from app.ui.keyboard import Keyboard
from app.ui.life_cycle import LifeCycle, battery_of
from app.ui.opened_link import offer
from app.ui.session import Session
from app.ui.theme import dress
from app.ui.views.screens import DESTINATIONS
from app.ui.views.shell import Shell


def tab_main(core: AppCore) -> Callable[[ft.Page], Awaitable[None]]:
    """Make what Flet calls for each new tab, from what all tabs share."""

    async def main(page: ft.Page) -> None:
        session = Session(page, core)
        session.open()
        place, layout = session.model.place, session.model.layout
        appearance = await asyncio.to_thread(read_appearance, core.replica)
        dress(page, appearance)
        layout.text_sized(appearance.text_percent)
        place.is_welcome = await asyncio.to_thread(is_new, core.replica)
        keyboard = Keyboard(session, tuple(DESTINATIONS))

        def resized(event: Any) -> None:
            layout.resized(event.width, event.height)

        def covered(_: Any) -> None:
            layout.covered = page.media.view_insets.bottom or 0

        async def disconnected(_: Any) -> None:
            session.went_away()
            await core.keep_typed()

        def connected(_: Any) -> None:
            session.came_back()

        def closed(_: Any) -> None:
            session.close()

        life = LifeCycle(core, battery_of(page))

        async def routed(event: ft.RouteChangeEvent) -> None:
            offer(session, event.route)

        page.on_app_lifecycle_state_change = session.event_handler(life.changed)
        page.on_route_change = session.event_handler(routed)
        page.on_resize = resized
        page.on_media_change = covered
        page.on_keyboard_event = session.event_handler(keyboard.pressed)
        page.on_disconnect = session.event_handler(disconnected)
        page.on_connect = connected
        page.on_close = closed
        offer(session, core.invitation or page.route)
        core.invitation = ""
        page.render(Shell, session, place, layout)
        page.run_task(life.began)

    return main
