"""What an item's text leads to, and whose texts lead to it."""

import flet as ft

from app.ui.components.controls import quiet
from app.ui.components.rows import kind_icon
from app.ui.session import Session
from app.ui.use_query import use_query
from store.domain.ids import DocId
from store.rows import LinkedRow


@ft.component
def ItemLinks(session: Session, doc: DocId) -> ft.Control:  # noqa: N802
    """Draw both as lines of buttons; nothing where there is none."""
    links = use_query(
        session, lambda replica: replica.links(doc), on=("items",), given=(doc,), keep=True
    )
    if links is None or not (links.ahead or links.behind):
        return ft.Container(visible=False)
    lines = [("Leads to", links.ahead), ("Linked from", links.behind)]
    return ft.Column(
        [
            ft.Row(
                [quiet(words), *(_button(session, row) for row in rows)],
                wrap=True,
                spacing=4,
                run_spacing=0,
                vertical_alignment=ft.CrossAxisAlignment.CENTER,
            )
            for words, rows in lines
            if rows
        ],
        spacing=0,
    )


def _button(session: Session, row: LinkedRow) -> ft.Control:
    async def go() -> None:
        session.model.place.open_item(row.id)

    title = row.title or "untitled"
    return ft.TextButton(
        title if len(title) <= 40 else title[:40] + "…",
        icon=kind_icon(row.kind),
        on_click=session.handler(go),
    )
