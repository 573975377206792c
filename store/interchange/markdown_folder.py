"""Imports a folder of Markdown files (a vault, a blog, our own export), or one file.

Each file becomes a note: titled by its front matter, else its heading, else its name; tagged by its
front matter and by the folders it lies in, one tag each; its text as it stands. Files are read one
at a time while the replica writes, so that a folder of any size fits in memory.
"""

from collections.abc import Iterator
from pathlib import Path

from store.domain.errors import InvalidValue
from store.domain.ids import DocId
from store.domain.links import path_key
from store.imports import ImportItem
from store.interchange.folder import find_markdown, place_of
from store.interchange.markdown_file import (
    FILE_BYTES_MAX,
    NotReadable,
    ReadFile,
    items_of,
    own_item,
    read_file,
)
from store.interchange.reader import Target
from store.interchange.report import Losses, Progress


class MarkdownReader:
    """Reads files as items.

    Attributes:
        known: files of our own export whose items are here and say the same.
    """

    def __init__(self, path: Path, losses: Losses, target: Target) -> None:
        """Find the files.

        Args:
            path: a folder, or one `.md` or `.markdown` file.
            losses: told what could not be kept.
            target: the space that is imported into.

        Raises:
            ImportRefused: there is nothing to import at `path`.
        """
        self.known = 0
        self._losses = losses
        self._target = target
        self._files = find_markdown(path, losses, above=target.folder_above(place_of(path)))
        self._keys = frozenset(path_key(file.key) for file in self._files)
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
                self._losses.skip(file.key, str(reason))
            if progress is not None:
                progress(done, len(self._files))

    def _items_of(self, file: ReadFile) -> Iterator[ImportItem]:
        own, losses = file.own, self._losses
        if own is None or own.id in self._own_seen:  # the second with one id is somebody's copy
            as_tasks = self._target.checkboxes_as_tasks
            yield from items_of(file, self._keys, losses, checkboxes_as_tasks=as_tasks)
            return
        self._own_seen.add(own.id)
        met = self._target.meet(own, file.key, losses)
        if met is None:
            yield own_item(own, file, losses)
        elif met:
            self.known += 1


def _bytes_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            raw = file.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise NotReadable(f"it can't be read ({error.strerror or type(error).__name__})") from error
    if len(raw) > FILE_BYTES_MAX:
        raise NotReadable(f"it is larger than {FILE_BYTES_MAX:,} bytes; split it")
    return raw
