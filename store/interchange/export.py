"""The one door to all exports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, Protocol

from store.interchange.export_automerge import export_automerge
from store.interchange.export_ics import export_ics
from store.interchange.export_json import export_json
from store.interchange.export_markdown import export_markdown
from store.interchange.report import Progress

if TYPE_CHECKING:
    from store.replica import Replica
    from store.rows import SpaceRow

ExportFormat = Literal["markdown", "json", "ics", "automerge"]


class _Export(Protocol):
    def __call__(
        self,
        replica: Replica,
        path: Path,
        *,
        spaces: Sequence[SpaceRow],
        progress: Progress | None = None,
    ) -> int: ...


_EXPORTS: Final[Mapping[ExportFormat, _Export]] = {
    "markdown": export_markdown,
    "json": export_json,
    "ics": export_ics,
    "automerge": export_automerge,
}


def export(
    replica: Replica,
    path: Path,
    *,
    format: ExportFormat,
    space: str | None,
    progress: Progress | None = None,
) -> int:
    """Write the items of a space, or of all, to files.

    Args:
        replica: what to export.
        path: where to; see the module of each format.
        format: `markdown` (for people), `json` (for scripts), `ics` (tasks, for calendars), or
            `automerge` (with all history).
        space: name or id; None exports all spaces.
        progress: called after each item with how many are written, and how many there will be.

    Returns:
        How many items were written.

    Raises:
        ExportRefused: it would overwrite what isn't ours.
        ExportStopped: the disk or the system said no.
        DomainError, StoreError: the items can't be read.
    """
    rows = replica.spaces() if space is None else [replica.space(space)]
    return _EXPORTS[format](replica, path, spaces=rows, progress=progress)
