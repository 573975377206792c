"""Exports everything that a person sees as one JSON file, in the shapes of the command line.

    {"format": "cairn-json", "version": 1, "items": [task | note ...], "conflicts": [conflict ...]}

Items come with body and events, one on each line, those in the trash included.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from store.interchange.contract_json import conflict, encoded, item
from store.interchange.errors import ExportRefused
from store.interchange.exported_items import all_items
from store.interchange.report import Progress
from store.interchange.written_files import whole_file

if TYPE_CHECKING:
    from store.replica import Replica
    from store.rows import SpaceRow

FILE_NAME: Final = "cairn.json"
FORMAT: Final = "cairn-json"
_OPENING: Final = b'{"format":"cairn-json","version":1,"items":['


def export_json(
    replica: Replica, path: Path, *, spaces: Sequence[SpaceRow], progress: Progress | None = None
) -> int:
    """Export the items of some spaces into one file.

    Args:
        replica: what to export.
        path: a file that ends in `.json`, else a folder, which gets a `cairn.json`.
        spaces: which.
        progress: called after each item with how many are written, and how many there will be.

    Returns:
        How many items were written.

    Raises:
        ExportRefused: the file exists and is no earlier export.
        ExportStopped: the file could not be written; what stood there before stays.
    """
    file_path = path if path.suffix.lower() == ".json" else path / FILE_NAME
    _refuse_foreign(file_path)
    docs = list(all_items(replica, spaces))
    with whole_file(file_path) as file:
        file.write(_OPENING)
        for done, doc in enumerate(docs, start=1):
            file.write(b"\n" if done == 1 else b",\n")
            file.write(encoded(item(replica.item(doc))).encode())
            if progress is not None:
                progress(done, len(docs))
        file.write(b'\n],"conflicts":[')
        _write_conflicts(file, replica, spaces)
        file.write(b"\n]}\n")
    return len(docs)


def _write_conflicts(file: IO[bytes], replica: Replica, spaces: Sequence[SpaceRow]) -> None:
    rows = [
        row
        for space in spaces
        for settled in (False, True)
        for row in replica.conflicts(settled=settled, space=space.id, remember=False)
    ]
    file.write(",".join("\n" + encoded(conflict(row)) for row in rows).encode())


def _refuse_foreign(file_path: Path) -> None:
    try:
        with file_path.open("rb") as file:
            if file.read(len(_OPENING)) == _OPENING:
                return
    except FileNotFoundError:
        return
    except OSError as error:
        raise ExportRefused(f"{file_path} can't be written ({error.strerror}).") from error
    raise ExportRefused(
        f"{file_path} exists and is no earlier export; choose another name, or move it away."
    )
