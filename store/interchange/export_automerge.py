"""Exports documents as Automerge files, which any Automerge can open.

PATH/<document id>.automerge    each with its whole history
PATH/index.json                 [{"id", "kind", "file"}]
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from store.domain.ids import kind_of
from store.interchange.contract_json import encoded
from store.interchange.exported_items import all_items
from store.interchange.report import Progress
from store.interchange.written_files import (
    read_json,
    refuse_foreign,
    shown_entries,
    whole_file,
    write_whole,
)

if TYPE_CHECKING:
    from store.replica import Replica
    from store.rows import SpaceRow

INDEX_NAME: Final = "index.json"
SUFFIX: Final = ".automerge"


def export_automerge(
    replica: Replica, path: Path, *, spaces: Sequence[SpaceRow], progress: Progress | None = None
) -> int:
    """Export the documents of some spaces, those in the trash included.

    Args:
        replica: what to export.
        path: a new or empty folder, or one with an earlier export. Its files are replaced; those of
            documents that are gone from here stay, out of the index: they may be the last copy.
        spaces: which.
        progress: called after each file with how many are written, and how many there will be.

    Returns:
        How many documents were written.

    Raises:
        ExportRefused: the folder holds something else.
        ExportStopped: a file could not be written; those before it are complete.
    """
    entries = shown_entries(path)
    if any(name != INDEX_NAME and not name.endswith(SUFFIX) for name in entries) or (
        INDEX_NAME in entries and not _is_ours(path / INDEX_NAME)
    ):
        raise refuse_foreign(path)
    docs = list(all_items(replica, spaces))
    for done, doc in enumerate(docs, start=1):
        write_whole(path / f"{doc}{SUFFIX}", replica.export_document(doc))
        if progress is not None:
            progress(done, len(docs))
    index = [{"id": doc, "kind": kind_of(doc), "file": f"{doc}{SUFFIX}"} for doc in docs]
    with whole_file(path / INDEX_NAME) as file:
        file.write(encoded(index).encode() + b"\n")
    return len(docs)


def _is_ours(index_path: Path) -> bool:
    index = read_json(index_path)
    return isinstance(index, list) and all(
        isinstance(entry, dict) and entry.keys() == {"id", "kind", "file"} for entry in index
    )
