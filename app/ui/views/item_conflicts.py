"""The conflicts of one item, named on its page, each a step from being settled."""

import flet as ft

from app.ui.session import Session
from app.ui.use_query import use_query
from app.ui.words import conflict_story
from store.rows import ConflictRow


@ft.component
def ItemConflicts(session: Session, ids: tuple[str, ...]) -> ft.Control:  # noqa: N802
    """Draw one line for each; nothing where there is none."""
    rows = use_query(
        session,
        lambda replica: [row for row in replica.conflicts(remember=False) if row.id in ids],
        on=("conflicts",),
        given=(ids,),
    )
    return ft.Column([_line(session, row) for row in rows or ()], visible=bool(rows), spacing=6)


def _line(session: Session, row: ConflictRow) -> ft.Control:
    async def open_it() -> None:
        place = session.model.place
        place.settled = False
        place.conflict = row.id
        place.screen = "conflicts"

    return ft.Container(
        bgcolor=ft.Colors.ERROR_CONTAINER,
        border_radius=8,
        padding=ft.Padding.only(left=12, right=4),
        content=ft.Row(
            [
                ft.Icon(
                    ft.Icons.CALL_SPLIT,
                    size=18,
                    color=ft.Colors.ON_ERROR_CONTAINER,
                    semantics_label="Conflict",
                ),
                ft.Text(
                    f"{conflict_story(row)}.",
                    color=ft.Colors.ON_ERROR_CONTAINER,
                    expand=True,
                ),
                ft.TextButton("See both sides", on_click=session.handler(open_it)),
            ]
        ),
    )
