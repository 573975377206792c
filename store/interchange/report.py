"""What an import did, and what it could not keep: said to the person, never swallowed."""

from collections.abc import Callable
from dataclasses import dataclass

Progress = Callable[[int, int], None]  # how many are done, how many there are


@dataclass(frozen=True, slots=True)
class Dropped:
    """One thing that an import left behind.

    Attributes:
        item: what it belongs to: a path inside the imported folder, `/`-separated.
        what: what was lost or left out, and why, in a few words.
    """

    item: str
    what: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did (or, as a dry run, would do).

    Attributes:
        created: items that are new here.
        updated: items that were imported before, from a source that has changed since.
        unchanged: items that were imported before, from this very content.
        skipped: files and folders that gave no item; each has its reason in `dropped`.
        dropped: everything that could not be kept, in the order of the source.
    """

    created: int
    updated: int
    unchanged: int
    skipped: int
    dropped: tuple[Dropped, ...]


class Losses:
    """Collects what an import leaves behind while it reads."""

    def __init__(self) -> None:
        """Start with nothing lost."""
        self.dropped: list[Dropped] = []
        self.skipped = 0

    def drop(self, item: str, what: str) -> None:
        """Note a part that is lost; the rest of the item is kept."""
        self.dropped.append(Dropped(item, _writable(what)))

    def skip(self, item: str, why: str) -> None:
        """Note a file or folder that is left out whole."""
        self.skipped += 1
        self.drop(item, why)


def _writable(text: str) -> str:
    """Spell out lone surrogates, which YAML can make and no terminal can write."""
    return text.encode("utf-8", "backslashreplace").decode()
