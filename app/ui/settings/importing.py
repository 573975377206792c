"""Bringing in files: what would happen is shown first, and nothing is changed before that."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import flet as ft

from app.import_words import lost_lines
from app.ui.busy import use_busy
from app.ui.components.controls import explained, quiet
from app.ui.components.typed_field import use_typing
from app.ui.session import Session
from app.ui.settings.paths import path_field, path_typed
from app.ui.words import counted
from store.interchange import ImportReport, format_of, import_files
from store.replica import Replica

_DROPPED_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class _Preview:
    """What an import of a path would do."""

    path: Path
    report: ImportReport


_NOT_SEEN: Final[_Preview | None] = None


@ft.component
def Importing(session: Session) -> ft.Control:  # noqa: N802
    """Draw the field for a path, then the preview, then the button that imports."""
    typed = use_typing()
    preview, set_preview = ft.use_state(_NOT_SEEN)
    progress, set_progress = ft.use_state("")
    busy = use_busy(session)

    async def look() -> None:
        path = path_typed(typed.text)
        set_preview(None)
        report = await session.read(
            lambda replica: _run(session, replica, path, set_progress, dry_run=True)
        )
        set_progress("")
        set_preview(_Preview(path, report) if report is not None else None)

    async def bring_in(seen: _Preview) -> None:
        report = await session.act(
            lambda replica: _run(session, replica, seen.path, set_progress, dry_run=False),
            said=lambda report: f"Imported: {_numbers(report)}.",
        )
        set_progress("")
        if report is not None:
            set_preview(None)
            typed.clear()

    can_look = bool(typed.text.strip()) and not busy.now
    parts: list[ft.Control] = [
        explained(
            "A folder of Markdown, or a file of Cairn (json), Joplin (jex), todo.txt, Todoist "
            "(csv) or a calendar (ics)."
        ),
        path_field(session, typed, "File or folder on this computer", files=True),
        ft.Row(
            [
                ft.FilledTonalButton("Preview", disabled=not can_look, on_click=busy.handler(look)),
                quiet(progress),
            ]
        ),
    ]
    if preview is not None:
        seen = preview
        go = busy.handler(lambda: bring_in(seen))
        parts += [*_told(preview), ft.FilledButton("Import", disabled=busy.now, on_click=go)]
    return ft.Column(parts, spacing=8)


def _run(
    session: Session,
    replica: Replica,
    path: Path,
    show: Callable[[str], None],
    *,
    dry_run: bool,
) -> ImportReport:
    """Import, or see what that would do; shows how far it is, a hundred times at most. Blocks."""
    last = -1

    async def tell(done: int, total: int) -> None:
        show(f"{done} of {total}")

    def moved(done: int, total: int) -> None:
        nonlocal last
        percent = done * 100 // max(total, 1)
        if percent != last:
            last = percent
            session.page.run_task(tell, done, total)

    return import_files(
        replica, path, format=format_of(path), space=None, dry_run=dry_run, progress=moved
    )


def _numbers(report: ImportReport) -> str:
    return (
        f"{report.created} new, {report.updated} updated, {report.unchanged} unchanged, "
        f"{report.skipped} skipped"
    )


def _told(preview: _Preview) -> list[ft.Control]:
    """Say what would happen, and what could not be kept."""
    report = preview.report
    lines: list[ft.Control] = [
        ft.Text(f"Would import from {preview.path.name}: {_numbers(report)}. Nothing is deleted.")
    ]
    if report.dropped:
        lines.append(ft.Text(f"{counted(len(report.dropped), 'thing')} can't be kept:"))
        told = lost_lines(report.dropped)
        lines += [quiet(line) for line in told[:_DROPPED_SHOWN]]
        more = len(told) - _DROPPED_SHOWN
        if more > 0:
            lines.append(quiet(f"and {more} more of other sorts"))
    return lines
