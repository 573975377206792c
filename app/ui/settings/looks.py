"""How the app looks on this device: light or dark, the colour, the size of the text."""

from dataclasses import replace
from typing import Any

import flet as ft

from app.ui.appearance import (
    MODES,
    SEEDS,
    TEXT_PERCENTS,
    keep_appearance,
    read_appearance,
)
from app.ui.components.chips import choices
from app.ui.components.controls import quiet
from app.ui.session import Session
from app.ui.use_query import use_query
from store.replica import Replica

_MODE_WORDS = {"system": "As the system", "light": "Light", "dark": "Dark"}


@ft.component
def LooksSection(session: Session) -> ft.Control:  # noqa: N802
    """Draw the choices."""
    looks = use_query(session, read_appearance, on=("settings",), keep=True)
    if looks is None:
        return ft.Container()

    async def change(**chosen: Any) -> None:
        def do(replica: Replica) -> bool:
            # What is kept now, not what was drawn: two choices may come soon after each other.
            keep_appearance(replica, replace(read_appearance(replica), **chosen))
            return True

        await session.act(do)

    async def mode(event: Any) -> None:
        await change(mode=event.control.data)

    async def seed(event: Any) -> None:
        await change(seed=event.control.data)

    async def size(event: Any) -> None:
        await change(text_percent=int(event.control.data))

    on = session.event_handler
    return ft.Column(
        [
            quiet("For this device only."),
            choices(
                [(each, _MODE_WORDS[each], "") for each in MODES],
                looks.mode,
                on(mode),
                name="Light or dark",
            ),
            ft.Row(
                [_swatch(name, name == looks.seed, on(seed)) for name in SEEDS],
                spacing=2,
                wrap=True,
            ),
            choices(
                [(str(each), f"{each} %", "") for each in TEXT_PERCENTS],
                str(looks.text_percent),
                on(size),
                name="Size of the text",
            ),
        ],
        spacing=10,
    )


def _swatch(name: str, is_chosen: bool, on_click: Any) -> ft.Control:
    return ft.MergeSemantics(
        ft.Semantics(
            selected=is_chosen,
            content=ft.IconButton(
                ft.Icons.CHECK_CIRCLE if is_chosen else ft.Icons.CIRCLE,
                icon_color=SEEDS[name],
                icon_size=30,
                tooltip=f"Colour: {name}",
                data=name,
                on_click=on_click,
            ),
        )
    )
