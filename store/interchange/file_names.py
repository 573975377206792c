"""File names that every system can hold, each of them once."""

import re
import unicodedata
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Final

BYTES_MAX: Final = 120  # of one name: 255 is common, but paths as a whole are limited, too
_FORBIDDEN: Final = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+')
_RESERVED: Final = re.compile(
    r"(con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$)(\..*)?", re.IGNORECASE
)
_ID_CHARS: Final = 6  # of the document id, to tell equal names apart


def safe_name(text: str, *, instead: str = "Untitled") -> str:
    """Make a file name (without ending) of any text: readable, and valid on every system.

    Args:
        text: a title, a list ...
        instead: the name of a text of which nothing is left.
    """
    name = " ".join(_FORBIDDEN.sub(" ", unicodedata.normalize("NFC", text)).split())
    name = _cut(name, BYTES_MAX).strip(". ") or instead
    return f"_{name}" if _RESERVED.fullmatch(name) or name.startswith("~") else name


class FilePlaces:
    """Gives out paths in a folder, none of them twice on a system that ignores case."""

    def __init__(self) -> None:
        """Start with an empty folder."""
        self._files: set[str] = set()
        self._folders: set[str] = set()

    def place(self, folders: Sequence[str], stem: str, suffix: str, doc: str) -> PurePosixPath:
        """Choose the path of an item.

        Args:
            folders: names of the folders, outermost first; made safe here.
            stem: the wanted name; made safe here.
            suffix: ending with its dot.
            doc: id of the item, of which a part tells it from others of its name.
        """
        folder = PurePosixPath()
        for name in folders:
            folder = self._folder(folder / safe_name(name))
        stem = safe_name(stem)
        chosen = folder / (stem + suffix)
        chars = _ID_CHARS
        while _folded(chosen) in self._files or _folded(chosen) in self._folders:
            chosen = folder / f"{stem} ({doc[2 : 2 + chars]}){suffix}"
            chars += 1
        self._files.add(_folded(chosen))
        self._folders.update(_folded(parent) for parent in chosen.parents)
        return chosen

    def _folder(self, wanted: PurePosixPath) -> PurePosixPath:
        """Name a folder; where a file has the name already, the folder gives way."""
        while _folded(wanted) in self._files:
            wanted = wanted.with_name(wanted.name + "_")
        return wanted


def _folded(path: PurePosixPath) -> str:
    return unicodedata.normalize("NFC", path.as_posix()).casefold()


def _cut(name: str, bytes_max: int) -> str:
    return name.encode()[:bytes_max].decode(errors="ignore")
