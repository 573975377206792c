"""Runs: chains of changes by one person on one device, with nothing branching off in between.

They are cut anew each time that a document is read, and a long history is read often. So what was
cut before is kept and gone on with: a chain of changes is named by its first one, and only grows or
is split.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from store.documents.conflicts.footprints import Footprint
from store.documents.conflicts.regions import Place
from store.documents.history import ChangeInfo, History
from store.documents.settlements import Settlements
from store.documents.touched import Touches

Author = tuple[str, str]
RunName = tuple[bytes, bytes]
"""The hashes of a run's first and last changes."""


@dataclass(frozen=True, slots=True)
class Run:
    """A chain of changes by one person on one device."""

    first: ChangeInfo
    last: ChangeInfo


class Told(NamedTuple):
    """What several runs made of one paragraph.

    Attributes:
        place: where it lies.
        before: what they started from; None if there is no single such version.
        sides: what each made of it.
    """

    place: Place
    before: str | None
    sides: tuple[str, ...]


@dataclass(slots=True)
class _Cut:
    """How far a chain was cut into runs.

    Attributes:
        seen: how many of its changes were looked at, and `last` is the hash of the last of them.
        done: runs that ended and touch the text.
        first: where the run begins that is still going on, and `author` whose it is.
        is_text: whether that touches the text.
    """

    first: ChangeInfo
    author: Author
    seen: int = 0
    last: bytes = b""
    done: list[Run] = field(default_factory=list)
    is_text: bool = False


class Runs:
    """The runs of one document that touch its text, and what is known of them.

    Attributes:
        footprints: what they touched; it never changes.
        told: what runs made of a paragraph, by its name and the hashes of their last changes;
            likewise.
    """

    def __init__(self) -> None:
        """Know nothing."""
        self.footprints: dict[RunName, Footprint] = {}
        self.told: dict[tuple[str, tuple[bytes, ...]], Told] = {}
        self._cuts: dict[bytes, _Cut] = {}

    def cut(self, history: History, settlements: Settlements, touches: Touches) -> list[Run]:
        """Cut the history into runs and give those that touch the text."""
        if settlements.names_authors:  # what stands in for somebody else's words counts as theirs
            self._cuts.clear()
        found: list[Run] = []
        for chain in history.chains():
            cut = self._cuts.get(chain[0].hash)
            if cut is None or len(chain) < cut.seen or chain[cut.seen - 1].hash != cut.last:
                cut = _Cut(chain[0], _author(chain[0], settlements))
                self._cuts[chain[0].hash] = cut
            _go_on(cut, chain, settlements, touches)
            found += cut.done
            if cut.is_text:
                found.append(Run(cut.first, chain[-1]))
        return found


def _go_on(
    cut: _Cut, chain: Sequence[ChangeInfo], settlements: Settlements, touches: Touches
) -> None:
    for i in range(cut.seen, len(chain)):
        author = _author(chain[i], settlements)
        if author != cut.author:
            if cut.is_text:
                cut.done.append(Run(cut.first, chain[i - 1]))
            cut.first, cut.author, cut.is_text = chain[i], author, False
        cut.is_text = cut.is_text or touches.text(chain[i])
    cut.seen, cut.last = len(chain), chain[-1].hash


def _author(change: ChangeInfo, settlements: Settlements) -> Author:
    by = settlements.author_of(change.hash, change.stamp)
    return by.person, by.device
