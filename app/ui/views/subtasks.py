"""The tasks that a task is made of: ticked, opened, added."""

from dataclasses import replace

import flet as ft

from app.ui.components.coming_field import keeping_keyboard
from app.ui.components.controls import heading, keyed, quiet
from app.ui.components.typed_field import typed_field, use_typing
from app.ui.direction import is_from_right
from app.ui.session import Session
from app.ui.use_query import use_query
from app.ui.views.quick_add import Preset, new_task
from store.domain.ids import DocId
from store.domain.quick_add import parse
from store.queries import TaskLine
from store.rows import TaskRow


@ft.component
def Subtasks(session: Session, row: TaskRow) -> ft.Control:  # noqa: N802
    """Draw the tasks below one, and the one above it."""
    doc = DocId(row.id)
    lines = use_query(
        session, lambda replica: replica.subtasks(doc), on=("items",), given=(doc,), keep=True
    )
    done = sum(line.task.state == "done" for line in lines or ())
    name = f"Subtasks · {done} of {len(lines)} done" if lines else "Subtasks"
    return ft.Column(
        [
            heading(name, level=2),
            *(keyed(SubtaskLine, line.task.id, session, line) for line in lines or ()),
            *([] if row.trashed else [keyed(NewSubtask, "new", session, row)]),
        ],
        spacing=2,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


@ft.component
def SubtaskLine(session: Session, line: TaskLine) -> ft.Control:  # noqa: N802
    """Draw one of them."""
    task = line.task
    is_done = task.state == "done"

    async def tick() -> None:
        said = f"{'Open again' if is_done else 'Done'}: {task.title}"
        act = "reopen" if is_done else "done"
        await session.act(lambda replica: replica.transition(DocId(task.id), act), said=said)

    async def open_it() -> None:
        session.model.place.open_item(task.id)

    below = f"{line.subtasks_done} of {line.subtasks} done" if line.subtasks else ""
    return ft.Row(
        [
            ft.Checkbox(
                value=is_done,
                semantics_label=f"Done: {task.title}",
                visual_density=ft.VisualDensity.COMPACT,
                on_change=session.handler(tick),
            ),
            ft.TextButton(
                ft.Text(
                    task.title or "untitled",
                    rtl=is_from_right(task.title),
                    style=ft.TextStyle(decoration=ft.TextDecoration.LINE_THROUGH)
                    if is_done
                    else None,
                    max_lines=2,
                ),
                expand=True,
                style=ft.ButtonStyle(alignment=ft.Alignment.CENTER_LEFT),
                on_click=session.handler(open_it),
            ),
            quiet(" · ".join(part for part in (_state(task), below) if part)),
        ],
        spacing=4,
    )


def _state(task: TaskRow) -> str:
    return "" if task.state in ("open", "done") else task.state


@ft.component
def NewSubtask(session: Session, row: TaskRow) -> ft.Control:  # noqa: N802
    """Draw the field that adds one; it understands what quick add does."""
    typed = use_typing()

    async def add() -> None:
        said = parse(typed.text, now=session.now())
        if not said.title:
            return
        draft = replace(new_task(said, Preset()), parent=DocId(row.id))
        made = await session.act(lambda replica: replica.add_task(draft, space=row.space))
        if made is not None:
            typed.clear()

    async def add_and_go_on() -> None:
        await keeping_keyboard(session, typed, lambda: typed.once(add))

    return typed_field(
        typed,
        "New subtask",
        session.typing_in,
        icon=ft.Icons.ADD,
        on_submit=session.handler(add_and_go_on),
    )


@ft.component
def PartOf(session: Session, parent: str | None) -> ft.Control:  # noqa: N802
    """Draw the way to the task that this one is a part of; nothing where it is of none."""
    above = use_query(
        session,
        lambda replica: None if parent is None else replica.task(DocId(parent)),
        on=("items",),
        given=(parent,),
    )
    if above is None:
        return ft.Container(visible=False)

    async def go() -> None:
        session.model.place.open_item(above.id)

    return ft.TextButton(
        f"Part of {above.title or 'untitled'}",
        icon=ft.Icons.SUBDIRECTORY_ARROW_LEFT,
        on_click=session.handler(go),
    )
