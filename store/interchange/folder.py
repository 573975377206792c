"""Which files of a folder an import reads: all Markdown below it, and never what lies outside.

Links in the file system are not followed at all: what they lead to inside the folder is found
anyway, so loops can't arise, and what lies outside was not asked for.
"""

import os
import stat
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

from store.domain.links import is_markdown
from store.imports import Place
from store.interchange.errors import ImportRefused
from store.interchange.report import Losses

EXPORT_INDEX: Final = "cairn-export.json"  # of our own Markdown exports; nothing to import
_SUFFIXES_NAMED_MAX: Final = 5


@dataclass(frozen=True, slots=True)
class MarkdownFile:
    """A file to read.

    Attributes:
        key: its path in the folder, `/`-separated and NFC, so that it is the same on every system.
        path: where it is here.
    """

    key: str
    path: Path

    @property
    def place(self) -> Place:
        """Where it lies, said the same way however it was named."""
        return place_of(self.path)


def place_of(path: Path) -> Place:
    """Say where a file or folder lies: the whole path, links resolved."""
    return Place(_text_of(os.path.normcase(os.path.realpath(path))))


def find_markdown(path: Path, losses: Losses, *, above: str = "") -> list[MarkdownFile]:
    """List the Markdown files of a folder (or the one that `path` names), ordered by key.

    Args:
        path: a folder, or one file.
        losses: told what is left out and why. Hidden folders are left out silently.
        above: what stands before each key: where this folder lies in one that was imported before.

    Raises:
        ImportRefused: there is nothing to import here.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError as missing:
        raise ImportRefused(f"There is nothing at {path}; check the path.") from missing
    except OSError as error:
        raise ImportRefused(f"{path} can't be read ({_why(error)}).") from error
    if stat.S_ISDIR(mode):
        return _in_folder(path, losses, above)
    if not stat.S_ISREG(mode) or not is_markdown(path.name):
        raise ImportRefused(
            f"{path} is no Markdown; name a folder, or a file that ends in .md or .markdown."
        )
    return [MarkdownFile(above + key_of(path.name), path)]


def key_of(relative: str) -> str:
    r"""Write a relative path as a key: NFC, with `/`; bytes that are no UTF-8 as `\xNN`."""
    return unicodedata.normalize("NFC", _readable(relative))


def _readable(relative: str) -> str:
    return _text_of(relative).replace(os.sep, "/")


def _text_of(path: str) -> str:
    return os.fsencode(path).decode("utf-8", "backslashreplace")


@dataclass(slots=True)
class _Walk:
    root: Path
    losses: Losses
    above: str
    files: dict[str, MarkdownFile] = field(default_factory=dict)
    links: list[Path] = field(default_factory=list)
    other_files: Counter[str] = field(default_factory=Counter)
    folders: list[Path] = field(default_factory=list)

    def key(self, path: Path) -> str:
        return self.above + key_of(os.path.relpath(path, self.root))

    def visit(self, folder: Path) -> None:
        try:
            with os.scandir(folder) as entries:
                for entry in sorted(entries, key=lambda entry: entry.name):
                    self._take(entry)
        except OSError as error:
            if folder == self.root:
                raise ImportRefused(f"{folder} can't be read ({_why(error)}).") from error
            self.losses.skip(self.key(folder), f"this folder can't be read ({_why(error)})")

    def _take(self, entry: os.DirEntry[str]) -> None:
        path = Path(entry.path)
        if entry.is_symlink():
            self.links.append(path)
        elif entry.is_dir():
            if not entry.name.startswith("."):
                self.folders.append(path)
        elif is_markdown(entry.name) and not entry.name.startswith("._"):
            self._take_markdown(entry, path)
        elif entry.is_file() and not entry.name.startswith(".") and entry.name != EXPORT_INDEX:
            self.other_files[path.suffix.lower() or "no ending"] += 1

    def _take_markdown(self, entry: os.DirEntry[str], path: Path) -> None:
        key = self.key(path)
        if not entry.is_file():
            self.losses.skip(key, "it is no ordinary file")
        elif entry.name.startswith("."):
            self.losses.skip(key, "it is hidden: its name starts with a dot")
        else:
            self._add(key, path)

    def _add(self, key: str, path: Path) -> None:
        """Add a file; of two spellings of one name, which some systems keep apart, both stay."""
        own = self.above + _readable(os.path.relpath(path, self.root))
        other = self.files.get(key)
        if other is None:
            self.files[key] = MarkdownFile(key, path)
        elif own != key:
            self.files[own] = MarkdownFile(own, path)
        else:  # this one has a better right to the key
            self.files[key] = MarkdownFile(key, path)
            moved = self.above + _readable(os.path.relpath(other.path, self.root))
            self.files[moved] = MarkdownFile(moved, other.path)


def _in_folder(root: Path, losses: Losses, above: str) -> list[MarkdownFile]:
    walk = _Walk(root, losses, above, folders=[root])
    while walk.folders:
        walk.visit(walk.folders.pop())
    _report_links(walk)
    if walk.other_files:
        losses.drop(".", _other_files(walk.other_files))
    if not walk.files and not losses.skipped:
        raise ImportRefused(f"There are no Markdown files (.md, .markdown) in {root}.")
    return [walk.files[key] for key in sorted(walk.files)]


def _report_links(walk: _Walk) -> None:
    """Report the links in the file system that lead to something this import does not read."""
    root = walk.root.resolve()
    read = {file.path.resolve() for file in walk.files.values()} if walk.links else set()
    for link in walk.links:
        try:
            target = link.resolve(strict=True)
        except (OSError, RuntimeError):  # dangling, or a loop
            if is_markdown(link.name):
                walk.losses.skip(walk.key(link), "a link that leads nowhere")
            continue
        if target in read or (target.is_dir() and _is_walked(target, root)):
            continue
        if target.is_dir() or is_markdown(link.name):
            walk.losses.skip(
                walk.key(link), "a link out of the folder (or into a hidden one): not followed"
            )


def _is_walked(folder: Path, root: Path) -> bool:
    if not folder.is_relative_to(root):
        return False
    return not any(part.startswith(".") for part in folder.relative_to(root).parts)


def _other_files(counts: Counter[str]) -> str:
    named = [f"{suffix} {count}" for suffix, count in counts.most_common(_SUFFIXES_NAMED_MAX)]
    more = ["…"] if len(counts) > _SUFFIXES_NAMED_MAX else []
    total = counts.total()
    files = "1 file that is" if total == 1 else f"{total} files that are"
    return f"{files} not Markdown ({', '.join([*named, *more])})"


def folder_tags(key: str) -> Iterable[str]:
    """Turn the folders of a key into tags, one each: `trip/2026/packing.md` gives trip and 2026."""
    return PurePosixPath(key).parts[:-1]


def _why(error: OSError) -> str:
    return error.strerror or type(error).__name__
