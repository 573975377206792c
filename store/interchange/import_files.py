"""The one door to all imports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from store.domain.ids import SpaceId
from store.interchange.ics_file import IcsReader
from store.interchange.joplin_export import JoplinReader
from store.interchange.json_file import JsonReader
from store.interchange.markdown_folder import MarkdownReader
from store.interchange.reader import Reader, Target
from store.interchange.rehearsal import rehearse
from store.interchange.report import ImportReport, Losses, Progress
from store.interchange.todoist_file import TodoistReader
from store.interchange.todotxt_file import TodoTxtReader

if TYPE_CHECKING:
    from store.replica import Replica

ImportFormat = Literal["markdown", "json", "joplin", "todotxt", "todoist", "ics"]

_READERS: Final[Mapping[ImportFormat, Callable[[Path, Losses, Target], Reader]]] = {
    "markdown": MarkdownReader,
    "json": JsonReader,
    "joplin": JoplinReader,
    "todotxt": TodoTxtReader,
    "todoist": TodoistReader,
    "ics": IcsReader,
}
_BY_ENDING: Final[Mapping[str, ImportFormat]] = {
    ".json": "json",
    ".jex": "joplin",
    ".txt": "todotxt",
    ".csv": "todoist",
    ".ics": "ics",
}


def format_of(path: Path) -> ImportFormat:
    """Guess what a file is by its ending; what is no single file of a known kind is Markdown."""
    return _BY_ENDING.get(path.suffix.lower(), "markdown")


def import_files(
    replica: Replica,
    path: Path,
    *,
    format: ImportFormat,
    space: str | None,
    dry_run: bool = False,
    checkboxes_as_tasks: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Import a folder or a file; importing again changes only what has changed there since.

    Files are read while the replica writes, and nothing of one is lost in silence: what could not
    be kept stands in the report.

    Args:
        replica: where to.
        path: see the module of each format.
        format: what is there.
        space: name or id; None is the current one.
        dry_run: write nothing, only say what would be.
        checkboxes_as_tasks: of Markdown, also make a task of each checkbox line.
        progress: called with how many are read, and how many there are.

    Raises:
        ImportRefused: there is nothing to import at `path`.
        DomainError, StoreError: the replica can't take it.
    """
    row = replica.space(space)
    losses = Losses()
    target = Target.of(replica, row, checkboxes_as_tasks=checkboxes_as_tasks)
    reader = _READERS[format](path, losses, target)
    items = reader.items(progress)
    if dry_run:
        result = rehearse(replica, SpaceId(row.id), items)
    else:
        result = replica.import_items(row.id, items)
    return ImportReport(
        created=len(result.created),
        updated=len(result.updated),
        unchanged=len(result.unchanged) + reader.known,
        skipped=losses.skipped,
        dropped=tuple(losses.dropped),
    )
