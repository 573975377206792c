"""The note above the tasks while there are examples of the first run: one tap removes them."""

import flet as ft

from app.ui.components.controls import quiet
from app.ui.first_run import examples, remove_examples
from app.ui.session import Session
from app.ui.use_query import use_query


@ft.component
def ExamplesNote(session: Session) -> ft.Control:  # noqa: N802
    """Draw it, or nothing."""
    found = use_query(session, lambda replica: len(examples(replica)), on=("items",))

    async def remove() -> None:
        await session.act(remove_examples, said="The examples are in the trash.")

    return ft.Container(
        visible=bool(found),
        padding=ft.Padding.symmetric(horizontal=16),
        content=ft.Row(
            [
                ft.Container(quiet("What is tagged #example shows how things look."), expand=True),
                ft.TextButton("Remove the examples", on_click=session.handler(remove)),
            ]
        ),
    )
