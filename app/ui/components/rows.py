"""One row of a list: a task, a note, something found."""

from collections.abc import Iterator
from datetime import datetime

import flet as ft

from app.local_time import due_words, is_overdue, moment_words
from app.ui.components.controls import OnEvent, quiet
from app.ui.components.marks import row_signs
from store.rows import MARK_END, MARK_START, NoteRow, SearchHit, TaskRow

ROW_HEIGHT_PX = 62


def task_row(
    row: TaskRow, now: datetime, *, selected: bool, on_open: OnEvent, on_tick: OnEvent
) -> ft.Control:
    """Draw a task; the box ticks it off, the rest opens it."""
    over = row.state in ("done", "cancelled")
    return ft.ListTile(
        leading=ft.Checkbox(
            value=row.state == "done",
            disabled=row.state == "cancelled" or row.trashed,
            semantics_label=f"Done: {row.title}",
            on_change=on_tick,
        ),
        title=ft.Text(
            row.title,
            max_lines=1,
            overflow=ft.TextOverflow.ELLIPSIS,
            color=ft.Colors.ON_SURFACE_VARIANT if over else None,
            style=ft.TextStyle(
                decoration=ft.TextDecoration.LINE_THROUGH if over else ft.TextDecoration.NONE
            ),
        ),
        subtitle=_details(row, now),
        trailing=row_signs(row.sync, len(row.conflicts)),
        selected=selected,
        selected_tile_color=ft.Colors.SECONDARY_CONTAINER,
        selected_color=ft.Colors.ON_SECONDARY_CONTAINER,
        content_padding=ft.Padding.symmetric(horizontal=8),
        dense=True,
        on_click=on_open,
    )


def _details(row: TaskRow, now: datetime) -> ft.Control | None:
    parts: list[ft.TextSpan] = []
    if row.due is not None:
        late = is_overdue(row.due, now) and row.state not in ("done", "cancelled")
        style = ft.TextStyle(color=ft.Colors.ERROR) if late else None
        parts.append(ft.TextSpan(_due(row.due, now), style))
    parts += [ft.TextSpan(text) for text in _plain_details(row)]
    if not parts:
        return None
    spans = [parts[0]]
    for part in parts[1:]:
        spans += [ft.TextSpan("  ·  "), part]
    return ft.Text(spans=spans, max_lines=1, overflow=ft.TextOverflow.ELLIPSIS)


def _plain_details(row: TaskRow) -> Iterator[str]:
    if row.state in ("started", "blocked", "cancelled"):
        yield row.state
    if row.priority:
        yield f"!{row.priority}"
    if row.list:
        yield f"+{row.list}"
    if row.assignee:
        yield f"@{row.assignee}"
    if row.repeat:
        yield "repeats"
    yield from (f"#{tag}" for tag in row.tags)


def _due(due: str, now: datetime) -> str:
    try:
        return due_words(due, now)
    except ValueError:  # another program wrote what is no date
        return due


def note_row(row: NoteRow, now: datetime, *, selected: bool, on_open: OnEvent) -> ft.Control:
    """Draw a note: its title, and how it begins."""
    when = moment_words(row.updated_at_ms, now)
    start = f"{when}  ·  {row.snippet}" if row.snippet else when
    return ft.ListTile(
        leading=ft.Icon(ft.Icons.PUSH_PIN if row.pinned else ft.Icons.NOTES, size=20),
        title=ft.Text(row.title, max_lines=1, overflow=ft.TextOverflow.ELLIPSIS),
        subtitle=quiet(start, lines_max=1),
        trailing=row_signs(row.sync, len(row.conflicts)),
        selected=selected,
        selected_tile_color=ft.Colors.SECONDARY_CONTAINER,
        selected_color=ft.Colors.ON_SECONDARY_CONTAINER,
        content_padding=ft.Padding.symmetric(horizontal=16),
        dense=True,
        on_click=on_open,
    )


def hit_row(hit: SearchHit, *, selected: bool, on_open: OnEvent) -> ft.Control:
    """Draw something found, with the words that were found in bold."""
    is_task = hit.kind == "task"
    return ft.ListTile(
        leading=ft.Icon(
            ft.Icons.CHECK_BOX_OUTLINED if is_task else ft.Icons.NOTES,
            size=20,
            semantics_label=hit.kind,
        ),
        title=ft.Text(hit.title, max_lines=1, overflow=ft.TextOverflow.ELLIPSIS),
        subtitle=ft.Text(
            spans=list(marked_spans(hit.snippet)),
            max_lines=2,
            overflow=ft.TextOverflow.ELLIPSIS,
            theme_style=ft.TextThemeStyle.BODY_SMALL,
        ),
        selected=selected,
        selected_tile_color=ft.Colors.SECONDARY_CONTAINER,
        selected_color=ft.Colors.ON_SECONDARY_CONTAINER,
        content_padding=ft.Padding.symmetric(horizontal=16),
        dense=True,
        on_click=on_open,
    )


def marked_spans(snippet: str) -> Iterator[ft.TextSpan]:
    """Turn the marks around found words into bold."""
    bold = ft.TextStyle(weight=ft.FontWeight.BOLD)
    for number, part in enumerate(snippet.split(MARK_START)):
        found, mark, rest = part.partition(MARK_END)
        if number and mark:
            yield ft.TextSpan(found, bold)
            yield ft.TextSpan(rest)
        else:
            yield ft.TextSpan(part.replace(MARK_END, ""))
