"""The tasks of a view, a list or a tag: in groups, subtasks below, the finished folded away."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, cast

import flet as ft

from app.ui.components.controls import keyed
from app.ui.components.empty_tasks import empty_tasks
from app.ui.components.paged_list import paged_list
from app.ui.components.task_row import TASK_HEIGHT_PX, RowLook
from app.ui.dropping import dropped
from app.ui.grouping import Heading, with_headings
from app.ui.hold import Hold, use_hold
from app.ui.layout import PAGE_ROWS
from app.ui.listing import Which
from app.ui.session import Handler, Session
from app.ui.stepping import patch_of, use_stepping
from app.ui.use_query import use_query
from app.ui.view_model import Layout, Rename, Selection
from app.ui.views.task_line import Line, LineLook, ListActs
from store.domain.filters import Filter
from store.domain.ids import DocId
from store.queries import TaskLine, TaskPage
from store.queries.task_pages import Sort
from store.replica import Replica

_line: Final = cast(Any, ft.memo)(Line)


@dataclass(frozen=True, slots=True)
class _Question:
    """What a list shows; finished ones are 0 where they are folded away."""

    which: Which
    sort: Sort
    filters: tuple[Filter, ...]
    folded: frozenset[str]
    limit: int
    finished: int


@dataclass(frozen=True, slots=True)
class _Answer:
    question: _Question
    page: TaskPage
    finished: TaskPage | None

    @property
    def has_more(self) -> bool:
        """Whether there are more rows than were asked for."""
        return self.page.has_more or (self.finished is not None and self.finished.has_more)


def _ask_open(replica: Replica, q: _Question) -> TaskPage:
    return replica.task_page(q.which.listing(q.sort, q.filters, q.folded), limit=q.limit)


def _ask(replica: Replica, q: _Question) -> _Answer:
    page = _ask_open(replica, q)
    over = None
    if q.finished:
        listing = q.which.listing(q.sort, q.filters, q.folded, finished=True)
        over = replica.task_page(listing, limit=q.finished)
    return _Answer(q, page, over)


@ft.component
def TaskList(  # noqa: N802 - components are named as what they draw
    session: Session,
    which: Which,
    sort: Sort,
    filters: tuple[Filter, ...],
    opened: str | None,
    layout: Layout,
    selection: Selection,
    rename: Rename,
) -> ft.Control:
    """Draw the rows."""
    limit, set_limit = ft.use_state(PAGE_ROWS)
    finished, set_finished = ft.use_state(0)
    folded, set_folded = ft.use_state(session.model.folded)
    hold = use_hold(session, _key)
    stepping = use_stepping(session)
    asked = _Question(which, sort, filters, folded, limit, finished)
    answer = use_query(
        session,
        lambda replica: _ask(replica, asked),
        on=("items", "conflicts", "sync", "spaces"),
        given=(asked,),
        keep=True,
    )

    def fold(task: str) -> None:
        session.model.folded = session.model.folded ^ {task}
        set_folded(session.model.folded)

    acts = ft.use_memo(lambda: ListActs(hold.linger, fold), [])
    if answer is None:
        return ft.Container(expand=True)
    fresh = answer.page.lines
    lines = _as_ticked(hold, hold.rows(answer.question, answer, fresh), fresh)
    session.model.listed = tuple(line.task.id for line in lines)
    if not lines and not answer.page.finished:
        return empty_tasks(which, is_filtered=bool(filters))
    # While tasks are chosen it stays the same list, without handles: another begins at its top.
    can_move = which.can_reorder(sort, filters)
    draw = _Drawing(session, answer.question, acts, opened, layout, selection, rename, can_move)

    def more() -> None:
        if answer.page.has_more:
            set_limit(answer.question.limit + PAGE_ROWS)
        else:
            set_finished(answer.question.finished + PAGE_ROWS)

    stepping.task, stepping.can_move, stepping.more = opened, can_move, more
    stepping.ask = lambda replica: _ask_open(replica, asked)

    def show_finished(rows: int) -> None:
        set_finished(rows)

    shown = paged_list(
        draw.grouped(lines) + draw.finished(answer, show_finished),
        row_height_px=None,
        has_more=answer.has_more,
        more=more,
        scrolling=hold.touched,
        on_reorder=_moving(session, hold, lines) if can_move else None,
    )
    return hold.around(shown)


def _key(line: TaskLine) -> str:
    return line.task.id


def _as_ticked(
    hold: Hold[TaskLine], lines: Sequence[TaskLine], fresh: Sequence[TaskLine]
) -> list[TaskLine]:
    """Show what stays though it went as what it became: it was ticked off."""
    there = {line.task.id for line in fresh}
    return [
        line
        if line.task.id in there or not hold.lingers(line.task.id)
        else replace(line, task=replace(line.task, state="done"))
        for line in lines
    ]


@dataclass(frozen=True)
class _Drawing:
    """What the drawing of rows depends on."""

    session: Session
    question: _Question
    acts: ListActs
    opened: str | None
    layout: Layout
    selection: Selection
    rename: Rename
    can_move: bool

    def grouped(self, lines: Sequence[TaskLine]) -> list[ft.Control]:
        """Draw lines with headings among them."""
        view = self.question.which.view if self.question.sort == "due" else ""
        return [
            _heading(each) if isinstance(each, Heading) else self.line(each)
            for each in with_headings(lines, view=view, now=self.session.now())
        ]

    def finished(self, answer: _Answer, show: Callable[[int], None]) -> list[ft.Control]:
        """Draw what folds the finished ones away, and them, behind the last open one."""
        if not answer.page.finished or answer.page.has_more:
            return []
        fold = _fold(self.session, answer.page.finished, answer.question.finished, show)
        over = answer.finished.lines if answer.finished is not None else ()
        return [fold, *(self.line(line) for line in over)]

    def line(self, line: TaskLine) -> ft.Control:
        """Draw one line."""
        return keyed(_line, line.task.id, self.session, line, self._look(line), self.acts)

    def _look(self, line: TaskLine) -> LineLook:
        task, selecting = line.task.id, self.selection.on
        q = self.question
        nests = q.which.listing(q.sort, q.filters, q.folded).nests
        row = RowLook(
            open=task == self.opened and self.layout.wide,
            selecting=selecting,
            selected=task in self.selection.ids,
            has_handle=self.can_move,
            folded=task in q.folded if nests else None,
            list_name=q.which.list_name,
        )
        plain = not selecting and not line.task.trashed
        return LineLook(
            row,
            renaming=task == self.rename.task,
            swipes=plain and not self.layout.wide,
            drags=plain and self.layout.roomy,
        )


def _reordered(lines: Sequence[TaskLine], old: int, new: int) -> list[TaskLine]:
    """Move one line, for the moment until the list says it itself."""
    left = list(lines)
    left.insert(new, left.pop(old))
    return left


def _moving(session: Session, hold: Hold[TaskLine], lines: list[TaskLine]) -> Handler:
    """Make what handles that a row was dragged."""

    async def moved(event: Any) -> None:
        new = min(event.new_index, len(lines) - 1)
        drop = dropped(lines, event.old_index, new)
        if drop is not None:
            hold.put(_reordered(lines, event.old_index, new))
            patch = patch_of(drop)
            await session.act(lambda replica: replica.edit(DocId(drop.task), patch))

    return session.event_handler(moved)


def _heading(heading: Heading) -> ft.Control:
    color = ft.Colors.ERROR if heading.key == "overdue" else ft.Colors.ON_SURFACE
    return ft.Container(
        key=f"heading-{heading.key}",
        padding=ft.Padding.only(left=16, right=16, top=14, bottom=4),
        content=ft.Semantics(
            header=True,
            content=ft.Text(
                heading.words,
                theme_style=ft.TextThemeStyle.BODY_MEDIUM,
                weight=ft.FontWeight.W_600,
                color=color,
            ),
        ),
    )


def _fold(session: Session, count: int, shown: int, show: Any) -> ft.Control:
    async def switch() -> None:
        show(0 if shown else PAGE_ROWS)

    return ft.Container(
        key="finished",
        height=TASK_HEIGHT_PX,
        alignment=ft.Alignment.CENTER_LEFT,
        padding=ft.Padding.only(left=8),
        content=ft.TextButton(
            f"{'Hide' if shown else 'Show'} what is done ({count})",
            icon=ft.Icons.EXPAND_LESS if shown else ft.Icons.EXPAND_MORE,
            on_click=session.handler(switch),
        ),
    )
