"""The conflicts of one item, named on its page, each a step from being settled."""

from typing import Final

import flet as ft

from app.ui.session import Session
from app.ui.use_query import use_query
from app.ui.words import conflict_story
from store.rows import ConflictRow

_LINES_MAX: Final = 2  # more would leave the text of a note no room on a low page


@ft.component
def ItemConflicts(session: Session, ids: tuple[str, ...]) -> ft.Control:  # noqa: N802
    """Draw one line for each; nothing where there is none."""
    rows = use_query(
        session,
        lambda replica: [row for row in replica.conflicts(remember=False) if row.id in ids],
        on=("conflicts",),
        given=(ids,),
        keep=True,  # nothing below may jump for a moment
    )
    lines = [_line(session, row) for row in (rows or ())[:_LINES_MAX]]
    if rows and len(rows) > _LINES_MAX:
        lines.append(_more(session, len(rows) - _LINES_MAX))
    return ft.Column(lines, visible=bool(rows), spacing=6)


def _more(session: Session, number: int) -> ft.Control:
    async def see() -> None:
        place = session.model.place
        place.settled, place.conflict, place.screen = False, None, "conflicts"

    return ft.Row([ft.TextButton(f"{number} more", on_click=session.handler(see))])


def _line(session: Session, row: ConflictRow) -> ft.Control:
    async def open_it() -> None:
        place = session.model.place
        place.settled = False
        place.conflict = row.id
        place.screen = "conflicts"

    words: list[ft.Control] = [
        ft.Icon(
            ft.Icons.CALL_SPLIT,
            size=18,
            color=ft.Colors.ON_ERROR_CONTAINER,
            semantics_label="Conflict",
        ),
        ft.Text(f"{conflict_story(row)}.", color=ft.Colors.ON_ERROR_CONTAINER, expand=True),
    ]
    see = ft.TextButton("See both sides", on_click=session.handler(open_it))
    content: ft.Control = ft.Row([*words, see])
    if session.model.layout.is_crowded:
        content = ft.Column([ft.Row(words), see], spacing=0)
    return ft.Container(
        bgcolor=ft.Colors.ERROR_CONTAINER,
        border_radius=8,
        padding=ft.Padding.only(left=12, right=4),
        content=content,
    )
