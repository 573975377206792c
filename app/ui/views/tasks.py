"""The tasks: quick add, the views, the list, and the open task beside it."""

from datetime import datetime
from typing import Any, Final

import flet as ft

from app.local_time import due_words
from app.ui.components.controls import empty_state, keyed
from app.ui.components.paged_list import paged_list
from app.ui.components.rows import ROW_HEIGHT_PX, task_row
from app.ui.components.typed_field import typed_field, use_typing
from app.ui.layout import PAGE_ROWS
from app.ui.session import Session
from app.ui.use_query import use_query
from app.ui.view_model import Layout, Place
from app.ui.views.examples import ExamplesNote
from app.ui.views.header import Header
from app.ui.views.panes import panes
from app.ui.views.task_detail import TaskDetail
from store.commands.patches import NewTask
from store.domain.ids import DocId
from store.domain.quick_add import parse
from store.replica import Replica
from store.rows import TaskRow

_VIEWS: Final = {
    "inbox": "Inbox",
    "today": "Today",
    "upcoming": "Upcoming",
    "all": "All",
    "trash": "Trash",
}
_EMPTY: Final = {
    "inbox": ("Nothing in the inbox", "Type a task above: Buy rope tomorrow 9am #climb !high +Hut"),
    "today": ("Nothing is due today", "What is due today or overdue stands here."),
    "upcoming": ("Nothing is planned", "Tasks with a later due date stand here."),
    "all": ("No tasks yet", "Type the first one above."),
    "trash": ("The trash is empty", "What you throw away can be taken back from here."),
}


@ft.component
def TasksScreen(session: Session, place: Place, layout: Layout) -> ft.Control:  # noqa: N802
    """Draw the screen."""

    async def back() -> None:
        place.task = None

    listed = ft.Column(
        [
            QuickAdd(session, place.view),
            ViewPicker(place),
            ExamplesNote(session),
            keyed(TaskList, place.view, session, place.view, place.task),
        ],
        expand=True,
        spacing=6,
    )
    page = None
    if place.task is not None:
        page = keyed(TaskDetail, place.task, session, DocId(place.task))
    body = panes(listed, page, wide=layout.wide, back=session.handler(back))
    return ft.Column([Header(session, "Tasks"), body], expand=True, spacing=0)


@ft.component
def QuickAdd(session: Session, view: str) -> ft.Control:  # noqa: N802
    """Draw the field that makes a task of a line."""
    typed = use_typing()

    async def add() -> None:
        if not typed.text.strip():
            return
        said = parse(typed.text, now=session.now())
        due = said.due
        if due is None and view == "today":
            due = session.now().date().isoformat()
        draft = NewTask(
            title=said.title,
            due=due,
            priority=said.priority,
            list=said.list,
            assignee=said.assignee,
            tags=said.tags,
            repeat=said.repeat,
        )
        if await session.act(lambda replica: replica.add_task(draft)) is not None:
            typed.clear()
            session.say(_added_words(draft, session.now()), undo=True)

    field = typed_field(
        typed,
        "New task",
        session.typing_in,
        hint="Buy rope tomorrow 9am #climb !high +Hut",
        expand=True,
        on_submit=session.handler(add),
    )
    return ft.Container(
        padding=ft.Padding.symmetric(horizontal=16),
        content=ft.Row([field, ft.FilledButton("Add", on_click=session.handler(add))]),
    )


def _added_words(draft: NewTask, now: datetime) -> str:
    """Say what was understood, and where it went."""
    parts = (draft.title, due_words(draft.due, now), f"in {draft.list}" if draft.list else "")
    return "Added: " + ", ".join(part for part in parts if part)


@ft.component
def ViewPicker(place: Place) -> ft.Control:  # noqa: N802
    """Draw the choice of view."""

    def chosen(event: Any) -> None:
        place.view = event.control.selected[0]

    return ft.Container(
        padding=ft.Padding.symmetric(horizontal=12),
        content=ft.SegmentedButton(
            segments=[ft.Segment(value=view, label=name) for view, name in _VIEWS.items()],
            selected=[place.view],
            show_selected_icon=False,
            style=ft.ButtonStyle(padding=4, text_style=ft.TextStyle(size=13)),
            on_change=chosen,
        ),
    )


@ft.component
def TaskList(session: Session, view: str, selected: str | None) -> ft.Control:  # noqa: N802
    """Draw the rows of a view."""
    limit, set_limit = ft.use_state(PAGE_ROWS)
    rows = use_query(
        session,
        lambda replica: replica.tasks(view=view, limit=limit),
        on=("items", "conflicts", "sync"),
        given=(view, limit),
        keep=True,
    )
    if rows is None:
        return ft.Container(expand=True)
    if not rows:
        return empty_state(ft.Icons.CHECK_CIRCLE_OUTLINE, *_EMPTY[view])
    drawn = [keyed(TaskLine, row.id, session, row, row.id == selected) for row in rows]
    return paged_list(
        drawn,
        row_height_px=ROW_HEIGHT_PX,
        has_more=len(rows) == limit,
        more=lambda: set_limit(len(rows) + PAGE_ROWS),
    )


@ft.component
def TaskLine(session: Session, row: TaskRow, selected: bool) -> ft.Control:  # noqa: N802
    """Draw one row."""

    async def open_it() -> None:
        session.model.place.task = row.id

    async def tick() -> None:
        act = "reopen" if row.state == "done" else "done"

        def do(replica: Replica) -> bool:
            replica.transition(DocId(row.id), act)
            return True

        if await session.act(do):
            session.say(f"{'Open again' if act == 'reopen' else 'Done'}: {row.title}", undo=True)

    return task_row(
        row,
        session.now(),
        selected=selected,
        on_open=session.handler(open_it),
        on_tick=session.handler(tick),
    )
