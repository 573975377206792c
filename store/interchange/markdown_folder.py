"""Imports a folder of Markdown files (a vault, a blog, our own export), or one file.

Files are read one at a time while the replica writes, so that a folder of any size fits in memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from store.domain.errors import InvalidValue, NotFound
from store.domain.ids import DocId, SpaceId
from store.imports import ImportItem
from store.interchange.folder import MarkdownFile, find_markdown, place_of
from store.interchange.links import LinkTargets
from store.interchange.markdown_file import (
    FILE_BYTES_MAX,
    NotReadable,
    ReadFile,
    items_of,
    own_item,
    read_file,
)
from store.interchange.own_export import FindItem
from store.interchange.read_before import folder_above
from store.interchange.rehearsal import rehearse
from store.interchange.report import ImportReport, Losses, Progress
from store.rows import NoteRow, TaskRow

if TYPE_CHECKING:
    from store.replica import Replica


class MarkdownReader:
    """Reads files as items, and collects what could not be kept.

    Attributes:
        losses: what was left behind so far.
        known: files of our own export whose items are here and say the same.
    """

    def __init__(
        self,
        files: Sequence[MarkdownFile],
        losses: Losses,
        *,
        checkboxes_as_tasks: bool = False,
        find_item: FindItem,
    ) -> None:
        """Prepare to read.

        Args:
            files: as from `find_markdown`.
            losses: goes on collecting here.
            checkboxes_as_tasks: make a task of each checkbox line, too.
            find_item: gives the item with an id, if it is in the space that is imported into.
        """
        self.losses = losses
        self.known = 0
        self._files = files
        self._checkboxes_as_tasks = checkboxes_as_tasks
        self._find_item = find_item
        self._keys = LinkTargets((file.key, file.key) for file in files)
        self._own_seen: set[DocId] = set()

    def items(self, progress: Progress | None = None) -> Iterator[ImportItem]:
        """Read all files, one at a time.

        Args:
            progress: called after each file with how many are read, and how many there are.
        """
        for done, file in enumerate(self._files, start=1):
            try:
                yield from self._items_of(read_file(file.key, _bytes_of(file.path), file.place))
            except (NotReadable, InvalidValue) as reason:
                self.losses.skip(file.key, str(reason))
            if progress is not None:
                progress(done, len(self._files))

    def _items_of(self, file: ReadFile) -> Iterator[ImportItem]:
        own = file.own
        if own is None or own.id in self._own_seen:  # the second with one id is somebody's copy
            yield from items_of(
                file, self._keys, self.losses, checkboxes_as_tasks=self._checkboxes_as_tasks
            )
            return
        self._own_seen.add(own.id)
        here = self._find_item(own.id)
        if here is None:
            yield own_item(own, file, self.losses)
        elif own.is_same_as(here) and not here.trashed:
            self.known += 1
        else:
            where = "is in the trash here" if here.trashed else "says something else here"
            self.losses.skip(
                file.key,
                f"the item that it was exported from {where}; "
                "take the id out of its front matter to import it as a new one",
            )


def import_markdown(
    replica: Replica,
    path: Path,
    *,
    space: str | None,
    dry_run: bool = False,
    checkboxes_as_tasks: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Import a folder of Markdown files, or one file.

    Each file becomes a note: titled by its front matter, else its heading, else its name; tagged by
    its front matter and by the folders it lies in, one tag each; its text as it stands. Importing
    again changes only what has changed in the files since.

    Args:
        replica: where to.
        path: the folder, or one `.md` or `.markdown` file.
        space: name or id; None is the current one.
        dry_run: write nothing, only say what would be.
        checkboxes_as_tasks: also make a task of each checkbox line.
        progress: called with how many files are read, and how many there are.

    Raises:
        ImportRefused: there is nothing to import at `path`.
        DomainError, StoreError: the replica can't take it.
    """
    losses = Losses()
    row = replica.space(space)
    above = folder_above(replica, SpaceId(row.id), place_of(path))
    files = find_markdown(path, losses, above=above)
    reader = MarkdownReader(
        files,
        losses,
        checkboxes_as_tasks=checkboxes_as_tasks,
        find_item=lambda doc: _item_in(replica, row.name, doc),
    )
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


def _item_in(replica: Replica, space: str, doc: DocId) -> TaskRow | NoteRow | None:
    try:
        item = replica.item(doc)
    except NotFound:
        return None
    return item if item.space == space else None


def _bytes_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            raw = file.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise NotReadable(f"it can't be read ({error.strerror or type(error).__name__})") from error
    if len(raw) > FILE_BYTES_MAX:
        raise NotReadable(f"it is larger than {FILE_BYTES_MAX:,} bytes; split it")
    return raw
