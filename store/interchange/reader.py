"""What each format's reader is, and what it may know of the space that it is read for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from store.domain.errors import NotFound
from store.domain.ids import DocId, SpaceId
from store.imports import ImportItem, Place
from store.interchange.own_export import OwnItem
from store.interchange.read_before import folder_above
from store.interchange.report import Losses, Progress
from store.rows import NoteRow, SpaceRow, TaskRow

if TYPE_CHECKING:
    from store.replica import Replica


class Reader(Protocol):
    """Reads items, and tells `Losses` what could not be kept.

    Attributes:
        known: items of our own export that are here already and say the same.
    """

    known: int

    def items(self, progress: Progress | None = None) -> Iterator[ImportItem]:
        """Read all, one at a time; parents before what is a part of them."""


@dataclass(frozen=True, slots=True)
class Target:
    """The space that is imported into.

    Attributes:
        find_item: gives the item with an id, if it is in this space.
        folder_above: says where a file or folder lies in one that was imported before.
        checkboxes_as_tasks: of Markdown, make a task of each checkbox line, too.
    """

    find_item: Callable[[DocId], TaskRow | NoteRow | None]
    folder_above: Callable[[Place], str]
    checkboxes_as_tasks: bool = False

    @classmethod
    def of(cls, replica: Replica, space: SpaceRow, *, checkboxes_as_tasks: bool = False) -> Target:
        """Describe a space of a replica."""

        def find_item(doc: DocId) -> TaskRow | NoteRow | None:
            try:
                item = replica.item(doc)
            except NotFound:
                return None
            return item if item.space == space.name else None

        def above(place: Place) -> str:
            return folder_above(replica, SpaceId(space.id), place)

        return cls(find_item, above, checkboxes_as_tasks)

    def meet(self, own: OwnItem, name: str, losses: Losses) -> bool | None:
        """Meet an item of our own export again: it is never overwritten, and never doubled.

        Args:
            own: what the export says.
            name: what the export calls it.
            losses: told where it says something else than the item that is here.

        Returns:
            None if it is not here, else whether it says the same.
        """
        here = self.find_item(own.id)
        if here is None:
            return None
        if own.is_same_as(here) and here.trashed == own.is_trashed:
            return True
        where = "is in the trash here" if here.trashed else "says something else here"
        losses.skip(
            name,
            f"the item that it was exported from {where}, and stays so; take its id out of the "
            "file to import it as a new one",
        )
        return False
