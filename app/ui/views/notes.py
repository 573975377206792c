"""The notes: the list, and the open note beside it."""

import flet as ft

from app.ui.components.controls import empty_state, keyed
from app.ui.components.paged_list import paged_list
from app.ui.components.rows import ROW_HEIGHT_PX, note_row
from app.ui.hold import use_hold
from app.ui.layout import PAGE_ROWS
from app.ui.refusals import ways_out
from app.ui.session import Session
from app.ui.use_query import use_answer
from app.ui.view_model import Layout, Place
from app.ui.views.note_editor import NoteEditor
from app.ui.views.panes import screen
from store.domain.ids import DocId
from store.rows import NoteRow

_NEW_TITLE = "New note"


@ft.component
def NotesScreen(session: Session, place: Place, layout: Layout) -> ft.Control:  # noqa: N802
    """Draw the screen."""

    async def add() -> None:
        made = await session.act(lambda replica: replica.add_note(_NEW_TITLE))
        if made is not None:
            place.in_trash = False
            place.note = made

    async def switch() -> None:
        place.in_trash = not place.in_trash

    listed = ft.Column(
        [
            ft.Container(
                padding=ft.Padding.symmetric(horizontal=16),
                content=ft.Row(
                    [
                        ft.FilledButton(
                            "New note", icon=ft.Icons.ADD, on_click=session.handler(add)
                        ),
                        ft.TextButton(
                            "Back to the notes" if place.in_trash else "Trash",
                            on_click=session.handler(switch),
                        ),
                    ]
                ),
            ),
            keyed(NoteList, f"trash-{place.in_trash}", session, place.in_trash, place.note),
        ],
        expand=True,
        spacing=6,
    )
    page = None
    if place.note is not None:
        page = keyed(NoteEditor, place.note, session, DocId(place.note))
    return screen(session, layout, "Notes", listed, page)


@ft.component
def NoteList(session: Session, in_trash: bool, selected: str | None) -> ft.Control:  # noqa: N802
    """Draw the rows."""
    limit, set_limit = ft.use_state(PAGE_ROWS)
    hold = use_hold(session, _key)
    answer = use_answer(
        session,
        lambda replica: replica.notes(view="trash" if in_trash else "all", limit=limit),
        on=("items", "conflicts", "sync"),
        given=(in_trash, limit),
    )
    rows = answer.value
    if rows is None:
        return ft.Container(expand=True)
    if not rows and in_trash:
        return empty_state(
            ft.Icons.DELETE_OUTLINE, "The trash is empty", "Notes thrown away can be taken back."
        )
    if not rows:
        return empty_state(
            ft.Icons.NOTES, "No notes yet", "Make the first one, or import a folder of Markdown."
        )
    drawn = [
        keyed(NoteLine, row.id, session, row, row.id == selected)
        for row in hold.rows(answer.given, answer, rows)
    ]
    return hold.around(
        paged_list(
            drawn,
            row_height_px=session.model.layout.with_text(ROW_HEIGHT_PX),
            has_more=len(rows) == limit,
            more=lambda: set_limit(len(rows) + PAGE_ROWS),
            scrolling=hold.touched,
        )
    )


def _key(row: NoteRow) -> str:
    return row.id


@ft.component
def NoteLine(session: Session, row: NoteRow, selected: bool) -> ft.Control:  # noqa: N802
    """Draw one row."""

    async def open_it() -> None:
        session.model.place.note = row.id

    return note_row(
        row,
        session.now(),
        selected=selected,
        on_open=session.handler(open_it),
        ways=ways_out(session, DocId(row.id)),
    )
