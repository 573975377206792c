"""One row of a list: a note, something found, anything that three lines tell apart."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import flet as ft

from app.local_time import moment_words
from app.ui.components.controls import OnEvent, quiet
from app.ui.components.marks import row_signs
from app.ui.direction import in_row
from app.ui.refusals import Way
from store.rows import MARK_END, MARK_START, NoteRow, SearchHit

ROW_HEIGHT_PX = 62


def note_row(
    row: NoteRow, now: datetime, *, selected: bool, on_open: OnEvent, ways: Sequence[Way] = ()
) -> ft.Control:
    """Draw a note: its title, and how it begins; `ways` lead out of a refusal."""
    when = moment_words(row.updated_at_ms, now)
    start = f"{when}  ·  {row.snippet}" if row.snippet else when
    return ft.ListTile(
        leading=ft.Icon(ft.Icons.PUSH_PIN if row.pinned else ft.Icons.NOTES, size=20),
        title=ft.Text(
            row.title,
            **in_row(row.title),
            theme_style=ft.TextThemeStyle.BODY_LARGE,
            max_lines=1,
            overflow=ft.TextOverflow.ELLIPSIS,
        ),
        subtitle=quiet(start, lines_max=1),
        trailing=row_signs(row.sync, len(row.conflicts), title=row.title, ways=ways),
        selected=selected,
        selected_tile_color=ft.Colors.SECONDARY_CONTAINER,
        selected_color=ft.Colors.ON_SECONDARY_CONTAINER,
        content_padding=ft.Padding.symmetric(horizontal=16),
        dense=True,
        on_click=on_open,
    )


def kind_icon(kind: str) -> ft.IconData:
    """Give the picture of a task or a note, which says nothing of whether a task is done."""
    return ft.Icons.ASSIGNMENT_OUTLINED if kind == "task" else ft.Icons.NOTES


def hit_row(hit: SearchHit, *, selected: bool, on_open: OnEvent) -> ft.Control:
    """Draw something found, with the words that were found marked."""
    return ft.ListTile(
        leading=ft.Icon(
            kind_icon(hit.kind),
            size=20,
            semantics_label=hit.kind,
        ),
        title=ft.Text(
            spans=list(marked_spans(hit.marked_title or hit.title)),
            **in_row(hit.title),
            theme_style=ft.TextThemeStyle.BODY_LARGE,
            max_lines=1,
            overflow=ft.TextOverflow.ELLIPSIS,
        ),
        # What was found in the title alone need not be said twice.
        subtitle=_found_text(hit.snippet) if hit.snippet != hit.marked_title else None,
        selected=selected,
        selected_tile_color=ft.Colors.SECONDARY_CONTAINER,
        selected_color=ft.Colors.ON_SECONDARY_CONTAINER,
        content_padding=ft.Padding.symmetric(horizontal=16),
        dense=True,
        on_click=on_open,
    )


def _found_text(snippet: str) -> ft.Control:
    return ft.Text(
        spans=list(marked_spans(snippet)),
        **in_row(snippet),
        max_lines=2,
        overflow=ft.TextOverflow.ELLIPSIS,
        theme_style=ft.TextThemeStyle.BODY_SMALL,
    )


def three_line_row(
    words: tuple[str, str, str],
    leading: ft.Control,
    *,
    selected: bool,
    on_open: OnEvent,
    key: str | None = None,
    last_lines_max: int = 1,
) -> ft.Control:
    """Draw something by its name, what is to be said of it, and quietly what else is known.

    Args:
        words: those three.
        leading: an icon, or the box that chooses it.
        selected: whether its page is open.
        on_open: opens it.
        key: of the row, where it is no part of its own.
        last_lines_max: of the third.
    """
    name, said, known = words
    return ft.ListTile(
        leading=leading,
        title=ft.Text(name, **in_row(name), max_lines=1, overflow=ft.TextOverflow.ELLIPSIS),
        subtitle=ft.Column(
            [
                ft.Text(
                    said,
                    theme_style=ft.TextThemeStyle.BODY_SMALL,
                    max_lines=1,
                    overflow=ft.TextOverflow.ELLIPSIS,
                ),
                quiet(known, lines_max=last_lines_max),
            ],
            spacing=2,
            tight=True,
        ),
        selected=selected,
        selected_tile_color=ft.Colors.SECONDARY_CONTAINER,
        selected_color=ft.Colors.ON_SECONDARY_CONTAINER,
        on_click=on_open,
        key=key,
    )


def marked_spans(snippet: str) -> Iterator[ft.TextSpan]:
    """Turn the marks around found words into bold on a ground of colour."""
    bold = ft.TextStyle(
        weight=ft.FontWeight.BOLD,
        color=ft.Colors.ON_TERTIARY_CONTAINER,
        bgcolor=ft.Colors.TERTIARY_CONTAINER,
    )
    for number, part in enumerate(snippet.split(MARK_START)):
        found, mark, rest = part.partition(MARK_END)
        if number and mark:
            yield ft.TextSpan(found, bold)
            yield ft.TextSpan(rest)
        else:
            yield ft.TextSpan(part.replace(MARK_END, ""))
