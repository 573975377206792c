"""Import and export: files in, files out, and an account of what could not be kept."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.errors import DONE, NEEDS_A_PERSON
from app.cli.parameters import command
from app.cli.progress import Progress
from app.cli.render.words import counted, on_one_line
from app.import_words import lost_lines

if TYPE_CHECKING:
    from app.cli.session import Session
    from store.interchange import ExportFormat, ImportFormat, ImportReport

IMPORT_FORMATS = ("markdown", "json", "joplin", "todotxt", "todoist", "ics")
EXPORT_FORMATS = ("markdown", "json", "ics", "automerge")


@command("import")
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "format_name",
    type=click.Choice(IMPORT_FORMATS),
    help="What the files are; if not said, the name's ending tells (a folder is Markdown).",
)
@click.option("--dry-run", is_flag=True, help="Say what would happen, and change nothing.")
@click.option("--tasks", "as_tasks", is_flag=True, help="Of Markdown, make tasks of - [ ] lines.")
def import_(
    session: Session,
    path: Path,
    format_name: ImportFormat | None,
    dry_run: bool,
    as_tasks: bool,
) -> int:
    """Import a file or a folder; what was imported before is updated, not doubled.

    Leaves with status 4 if something could not be kept.
    """
    from store.interchange import format_of, import_files

    chosen = format_name or format_of(path)
    if as_tasks and chosen != "markdown":
        raise click.UsageError("--tasks is for Markdown.", click.get_current_context())
    with Progress("Importing") as progress:
        report = import_files(
            session.replica,
            path,
            format=chosen,
            space=session.space,
            dry_run=dry_run,
            checkboxes_as_tasks=as_tasks,
            progress=progress,
        )
    value = {
        "created": report.created,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "skipped": report.skipped,
        "dropped": [{"item": each.item, "what": each.what} for each in report.dropped],
    }
    session.answer(value, lambda: _account(report, dry_run=dry_run))
    return NEEDS_A_PERSON if report.dropped else DONE


@command("export")
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "format_name",
    type=click.Choice(EXPORT_FORMATS),
    required=True,
    help="What to write.",
)
def export(session: Session, path: Path, format_name: ExportFormat) -> None:
    """Write all tasks and notes to a folder (all spaces, or one with --space).

    A calendar (ics) holds tasks only.
    """
    from store.interchange import export as write

    with Progress("Exporting") as progress:
        written = write(
            session.replica, path, format=format_name, space=session.space, progress=progress
        )
    session.answer({"written": written}, f"Wrote {counted(written, 'item')} to {path}.")


def _account(report: ImportReport, *, dry_run: bool) -> str:
    numbers = (
        f"{report.created} new, {report.updated} updated, {report.unchanged} unchanged, "
        f"{report.skipped} skipped."
    )
    lines = [f"{'Would import' if dry_run else 'Imported'}: {numbers}"]
    if report.dropped:
        lines.append("Not kept:")
        lines += [f"  {on_one_line(line)}" for line in lost_lines(report.dropped)]
    return "\n".join(lines)
