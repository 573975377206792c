"""A text that was taken back stands in the box until somebody decides about it (D20)."""

import flet as ft

from app.local_time import moment_words
from app.ui.session import Session
from app.ui.use_query import use_query
from store.domain.ids import DocId
from store.replica import Replica
from store.rows import HeldRow


@ft.component
def HeldText(session: Session, doc: DocId) -> ft.Control:  # noqa: N802
    """Say that the text below is not in the item, and offer both ways; nothing where all of it is.

    Typing on in the box is a third way: who does that has looked.
    """
    row = use_query(session, lambda replica: _held(replica, doc), on=("items",), given=(doc,))
    if row is None:
        return ft.Container(visible=False)

    async def put_in() -> None:
        await session.act(lambda replica: replica.put_held_in(doc))

    async def throw_away() -> None:
        await session.act(lambda replica: replica.drop_held(doc))

    since = moment_words(row.at_ms, session.now())
    return ft.Container(
        bgcolor=ft.Colors.TERTIARY_CONTAINER,
        border_radius=8,
        padding=ft.Padding.symmetric(vertical=4, horizontal=12),
        content=ft.Row(
            [
                ft.Text(
                    f"This text was taken back ({since}). It is only here, in the box.",
                    color=ft.Colors.ON_TERTIARY_CONTAINER,
                    expand=True,
                ),
                ft.TextButton("Put it in", on_click=session.handler(put_in)),
                ft.TextButton("Throw it away", on_click=session.handler(throw_away)),
            ],
            vertical_alignment=ft.CrossAxisAlignment.CENTER,
            wrap=False,
        ),
    )


def _held(replica: Replica, doc: DocId) -> HeldRow | None:
    return next((row for row in replica.held_drafts() if row.doc_id == doc), None)
