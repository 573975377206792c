"""What was refused or taken back by the server, with its reason, above the conflicts."""

from typing import Final

import flet as ft

from app.local_time import moment_words
from app.supply_words import notice_words
from app.ui.components.controls import keyed, quiet
from app.ui.session import Session
from app.ui.use_query import use_query
from store.supply_rows import NoticeRow

_SHOWN_MAX: Final = 20


@ft.component
def Told(session: Session) -> ft.Control:  # noqa: N802
    """Draw what this person has not seen yet; nothing where all is seen."""
    rows = use_query(session, lambda replica: replica.notices(), on=("ledger",), keep=True)
    if not rows:
        return ft.Container()
    return ft.Column(
        [keyed(NoticeCard, row.id, session, row) for row in rows[:_SHOWN_MAX]], spacing=8
    )


@ft.component
def NoticeCard(session: Session, row: NoticeRow) -> ft.Control:  # noqa: N802
    """Draw one: what, why, and what was given for it."""

    async def seen() -> None:
        await session.act(lambda replica: replica.note_seen(row.id))

    async def open_task() -> None:
        if row.task is not None:
            session.model.place.open_item(row.task)

    buttons: list[ft.Control] = [ft.TextButton("I know", on_click=session.handler(seen))]
    if row.task is not None:
        buttons.insert(0, ft.TextButton("The task", on_click=session.handler(open_task)))
    return ft.Container(
        margin=ft.Margin.symmetric(horizontal=12),
        padding=ft.Padding.only(left=16, right=8, top=12, bottom=4),
        border_radius=12,
        bgcolor=ft.Colors.ERROR_CONTAINER,
        content=ft.Column(
            [
                ft.Text(row.text, color=ft.Colors.ON_ERROR_CONTAINER),
                *(
                    ft.Text(
                        line,
                        theme_style=ft.TextThemeStyle.BODY_SMALL,
                        color=ft.Colors.ON_ERROR_CONTAINER,
                    )
                    for line in notice_words(row)
                ),
                quiet(f"{row.space} · {moment_words(row.at_ms, session.now())}"),
                ft.Row(buttons, alignment=ft.MainAxisAlignment.END, spacing=4),
            ],
            spacing=4,
            tight=True,
        ),
    )
