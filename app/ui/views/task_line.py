"""One line of a list of tasks, and what happens when it is used."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import flet as ft

from app.ui.components.coming_field import use_coming_field
from app.ui.components.task_row import RowActs, RowLook, task_row
from app.ui.components.typed_field import typed_field, use_typing
from app.ui.refusals import ways_out
from app.ui.session import Session
from app.ui.views.item_fields import field_saver
from store.domain.ids import DocId
from store.queries import TaskLine
from store.rows import TaskRow

_SWIPED: Final = {
    ft.DismissDirection.START_TO_END: "tick",
    ft.DismissDirection.END_TO_START: "trash",
}


@dataclass(frozen=True)
class ListActs:
    """What a line asks of its list: to keep a row for a moment, and to fold one."""

    linger: Callable[[str], None]
    fold: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class LineLook:
    """How a line is drawn.

    Attributes:
        row: how its row is.
        renaming: whether its title is being written.
        swipes: whether it can be swiped away.
        drags: whether it can be dragged onto a list.
    """

    row: RowLook
    renaming: bool = False
    swipes: bool = False
    drags: bool = False


@ft.component
def Line(  # noqa: N802 - components are named as what they draw
    session: Session, line: TaskLine, look: LineLook, acts: ListActs
) -> ft.Control:
    """Draw it."""
    row = line.task
    if look.renaming:
        return RenameField(session, row)

    async def open_it() -> None:
        model = session.model
        if look.row.open and model.layout.wide and not row.trashed:
            model.rename.task = row.id
        else:
            model.place.task = row.id

    async def tick() -> None:
        await tick_off(session, row, acts.linger)

    async def select() -> None:
        session.model.selection.toggle(row.id)

    async def fold() -> None:
        acts.fold(row.id)

    handler = session.handler
    drawn: ft.Control = task_row(
        line,
        look.row,
        RowActs(
            handler(open_it),
            handler(tick),
            handler(select),
            handler(fold),
            ways_out(session, DocId(row.id)),
        ),
        session.now(),
    )
    if look.drags:
        drawn = _draggable(row, drawn)
    return _swipable(session, row, acts, drawn) if look.swipes else drawn


async def tick_off(session: Session, row: TaskRow, linger: Callable[[str], None]) -> None:
    """Finish a task, or open it again; its row stays for a moment."""
    act = "reopen" if row.state == "done" else "done"
    linger(row.id)

    said = f"{'Open again' if act == 'reopen' else 'Done'}: {row.title}"
    await session.act(lambda replica: replica.transition(DocId(row.id), act), said=said)


async def put_in_trash(session: Session, row: TaskRow) -> None:
    """Put a task into the trash."""
    said = f"In the trash: {row.title}"
    await session.act(lambda replica: replica.trash(DocId(row.id)), said=said)


def _draggable(row: TaskRow, drawn: ft.Control) -> ft.Control:
    flying = ft.Container(
        ft.Text(
            row.title,
            theme_style=ft.TextThemeStyle.BODY_MEDIUM,
            color=ft.Colors.ON_SECONDARY_CONTAINER,
            max_lines=1,
        ),
        bgcolor=ft.Colors.SECONDARY_CONTAINER,
        border_radius=8,
        padding=10,
    )
    return ft.Draggable(content=drawn, content_feedback=flying, group="task", data=row.id)


def _swipable(session: Session, row: TaskRow, acts: ListActs, drawn: ft.Control) -> ft.Control:
    async def swiped(event: Any) -> None:
        # The row is taken away by the list, which reads what is: Flutter must not do it too.
        await event.control.confirm_dismiss(False)
        if _SWIPED.get(event.direction) == "tick":
            await tick_off(session, row, acts.linger)
        else:
            await put_in_trash(session, row)

    return ft.Dismissible(
        content=drawn,
        background=_swipe_sign(
            ft.Icons.REPLAY if row.state == "done" else ft.Icons.CHECK,
            ft.Alignment.CENTER_LEFT,
            ft.Colors.PRIMARY_CONTAINER,
            ft.Colors.ON_PRIMARY_CONTAINER,
        ),
        secondary_background=_swipe_sign(
            ft.Icons.DELETE_OUTLINE,
            ft.Alignment.CENTER_RIGHT,
            ft.Colors.ERROR_CONTAINER,
            ft.Colors.ON_ERROR_CONTAINER,
        ),
        dismiss_direction=ft.DismissDirection.HORIZONTAL,
        on_confirm_dismiss=session.event_handler(swiped),
    )


def _swipe_sign(
    icon: ft.IconData, alignment: ft.Alignment, background: str, ink: str
) -> ft.Container:
    return ft.Container(
        ft.Icon(icon, color=ink),
        bgcolor=background,
        alignment=alignment,
        padding=ft.Padding.symmetric(horizontal=24),
    )


@ft.component
def RenameField(session: Session, row: TaskRow) -> ft.Control:  # noqa: N802
    """Draw the title as a field: Enter or leaving it saves, Escape doesn't."""
    typed = use_typing(row.title)
    rename = session.model.rename
    begun_with = ft.use_memo(lambda: row.title, [])
    use_coming_field(session, typed)

    async def save() -> None:
        if rename.task != row.id:
            return  # Escape was pressed, or it is saved already
        title = typed.text.strip()
        rename.task = ""
        if title and title != begun_with:
            await field_saver(session, DocId(row.id), "title")(title, begun_with)

    def left(begins: bool) -> None:
        session.typing_in(begins)
        if not begins:
            session.page.run_task(session.guarded, save())

    return ft.Container(
        padding=ft.Padding.symmetric(horizontal=12, vertical=6),
        content=typed_field(
            typed,
            f"Title of {row.title}",
            left,
            autofocus=True,
            on_submit=session.handler(save),
        ),
    )
