"""One task in a list: its box, what it says, how many subtasks it has, and its signs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import flet as ft

from app.local_time import due_words, is_overdue
from app.ui.components.controls import OnEvent
from app.ui.components.marks import row_signs
from app.ui.direction import in_row
from app.ui.refusals import Way
from store.domain.rule_words import rule_words
from store.queries import TaskLine
from store.rows import TaskRow

TASK_HEIGHT_PX: Final = 60
INDENT_PX: Final = 26
_PRIORITY_COLORS: Final = {
    "high": ft.Colors.ERROR,
    "medium": ft.Colors.TERTIARY,
    "low": ft.Colors.PRIMARY,
}
_OVER: Final = ("done", "cancelled")


@dataclass(frozen=True, slots=True)
class RowLook:
    """How a row is drawn.

    Attributes:
        open: whether its page is open beside it.
        selecting, selected: whether tasks are being chosen, and this one is.
        has_handle: whether it can be dragged to another place.
        folded: whether its subtasks are hidden; None where they are not shown here anyway.
        list_name: the list that is shown, which no row needs to name.
    """

    open: bool = False
    selecting: bool = False
    selected: bool = False
    has_handle: bool = False
    folded: bool | None = None
    list_name: str = ""


@dataclass(frozen=True)
class RowActs:
    """What a row does when it is used; `ways` lead out of a refusal."""

    open: OnEvent
    tick: OnEvent
    select: OnEvent
    fold: OnEvent
    ways: Sequence[Way] = ()


def task_row(line: TaskLine, look: RowLook, acts: RowActs, now: datetime) -> ft.ListTile:
    """Draw a task; the box ticks it off, a long press chooses it, the rest opens it."""
    row = line.task
    return ft.ListTile(
        leading=_leading(line, look, acts),
        title=_title(row),
        subtitle=_details(line, look, now),
        trailing=_trailing(line, look, acts),
        selected=look.open or look.selected,
        selected_tile_color=ft.Colors.SECONDARY_CONTAINER,
        selected_color=ft.Colors.ON_SECONDARY_CONTAINER,
        content_padding=ft.Padding.only(left=4 + line.depth * INDENT_PX, right=12),
        horizontal_spacing=4,
        min_leading_width=0,
        min_vertical_padding=4,
        dense=True,
        on_click=acts.select if look.selecting else acts.open,
        on_long_press=acts.select,
    )


def _leading(line: TaskLine, look: RowLook, acts: RowActs) -> ft.Control:
    row = line.task
    if look.selecting:
        return ft.Checkbox(
            value=look.selected, semantics_label=f"Choose: {row.title}", on_change=acts.select
        )
    return ft.Checkbox(
        value=row.state in _OVER,
        disabled=row.state == "cancelled" or row.trashed,
        semantics_label=f"Done: {row.title}",
        shape=ft.CircleBorder(),
        border_side=ft.BorderSide(
            2, _PRIORITY_COLORS.get(row.priority or "", ft.Colors.ON_SURFACE_VARIANT)
        ),
        on_change=acts.tick,
    )


def _title(row: TaskRow) -> ft.Control:
    over = row.state in _OVER
    return ft.Text(
        row.title,
        **in_row(row.title),
        max_lines=1,
        overflow=ft.TextOverflow.ELLIPSIS,
        color=ft.Colors.ON_SURFACE_VARIANT if over else None,
        theme_style=ft.TextThemeStyle.BODY_LARGE,
        style=ft.TextStyle(
            decoration=ft.TextDecoration.LINE_THROUGH if over else ft.TextDecoration.NONE,
        ),
    )


def _trailing(line: TaskLine, look: RowLook, acts: RowActs) -> ft.Control:
    row = line.task
    signs: list[ft.Control] = []
    if line.subtasks and look.folded is not None:
        signs.append(_folding(line, look.folded, acts.fold))
    elif line.subtasks:
        signs.append(subtask_count(line.subtasks_done, line.subtasks))
    signs.append(row_signs(row.sync, len(row.conflicts), title=row.title, ways=acts.ways))
    if look.has_handle and not look.selecting:
        signs.append(
            ft.ReorderableDragHandle(
                ft.Icon(ft.Icons.DRAG_INDICATOR, size=18, color=ft.Colors.ON_SURFACE_VARIANT),
                mouse_cursor=ft.MouseCursor.GRAB,
            )
        )
    return ft.Row(signs, tight=True, spacing=10)


def _folding(line: TaskLine, is_folded: bool, fold: OnEvent) -> ft.Control:
    """Draw how many subtasks are finished, as what hides or shows them."""
    done, total = line.subtasks_done, line.subtasks
    what = "Show" if is_folded else "Hide"
    name = f"{what} the subtasks of {line.task.title}: {done} of {total} done"
    return ft.TextButton(
        ft.Row(
            [
                ft.Text(
                    f"{done}/{total}",
                    theme_style=ft.TextThemeStyle.LABEL_MEDIUM,
                    semantics_label=name,
                ),
                ft.Icon(ft.Icons.CHEVRON_RIGHT if is_folded else ft.Icons.EXPAND_MORE, size=18),
            ],
            tight=True,
            spacing=0,
        ),
        style=ft.ButtonStyle(padding=ft.Padding.only(left=8, right=2)),
        height=36,
        on_click=fold,
    )


def subtask_count(done: int, total: int) -> ft.Control:
    """Draw how many subtasks are finished."""
    return ft.Semantics(
        label=f"{done} of {total} subtasks done",
        exclude_semantics=True,
        content=ft.Row(
            [
                ft.Icon(ft.Icons.CHECKLIST, size=16, color=ft.Colors.ON_SURFACE_VARIANT),
                ft.Text(
                    f"{done}/{total}",
                    theme_style=ft.TextThemeStyle.LABEL_MEDIUM,
                    color=ft.Colors.ON_SURFACE_VARIANT,
                ),
            ],
            tight=True,
            spacing=3,
        ),
    )


def _details(line: TaskLine, look: RowLook, now: datetime) -> ft.Control | None:
    parts = list(_due_part(line.task, now)) + list(_plain_parts(line, look.list_name))
    if not parts:
        return None
    spans = [parts[0]]
    for part in parts[1:]:
        spans += [ft.TextSpan("   "), part]
    return ft.Text(
        spans=spans,
        max_lines=1,
        overflow=ft.TextOverflow.ELLIPSIS,
        theme_style=ft.TextThemeStyle.BODY_SMALL,
        color=ft.Colors.ON_SURFACE_VARIANT,
    )


def _due_part(row: TaskRow, now: datetime) -> Iterator[ft.TextSpan]:
    if row.due is None:
        if row.repeat:
            yield ft.TextSpan(_often(row.repeat))
        return
    try:
        words, late = due_words(row.due, now), is_overdue(row.due, now)
    except ValueError:  # another program wrote what is no date
        words, late = row.due, False
    color = None
    if row.state not in _OVER:
        color = ft.Colors.ERROR if late else ft.Colors.PRIMARY
    words = f"{words}, overdue" if late and row.state not in _OVER else words
    words = f"{words}, {_often(row.repeat)}" if row.repeat else words
    yield ft.TextSpan(words, ft.TextStyle(color=color))


def _often(rule: str) -> str:
    return rule_words(rule) or "repeats"


def _plain_parts(line: TaskLine, list_name: str) -> Iterator[ft.TextSpan]:
    row = line.task
    if line.above:
        yield ft.TextSpan(f"part of {line.above}")
    if row.state in ("started", "blocked", "cancelled"):
        yield ft.TextSpan(row.state, ft.TextStyle(weight=ft.FontWeight.W_600))
    if row.priority:
        color = _PRIORITY_COLORS.get(row.priority)
        yield ft.TextSpan(f"!{row.priority}", ft.TextStyle(color=color))
    if row.list and row.list != list_name and not line.depth:
        yield ft.TextSpan(f"+{row.list}")
    if row.assignee:
        yield ft.TextSpan(f"@{row.assignee}")
    yield from (ft.TextSpan(f"#{tag}") for tag in row.tags)
