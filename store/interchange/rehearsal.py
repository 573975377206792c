"""Says what an import would do by doing it, and taking it back before it is durable.

The rules by which an item is new, changed or known stand in one place only, the import itself.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Final

from store.commands.importing import import_items
from store.domain.ids import SpaceId
from store.imports import ImportItem, ImportResult

if TYPE_CHECKING:
    from collections.abc import Iterable

    from store.replica import Replica

_BATCH: Final = 100  # items a transaction, so that other writers get their turn


class _TakenBack(Exception):
    """Ends an act without a commit."""


def rehearse(replica: Replica, space: SpaceId, items: Iterable[ImportItem]) -> ImportResult:
    """Find out what importing these items would do; nothing is written.

    Raises:
        DomainError, StoreError: the import would be refused.
    """
    result = ImportResult()
    left = iter(items)
    while batch := list(islice(left, _BATCH)):
        with suppress(_TakenBack), replica.act("program") as act:
            import_items(act, space, batch, result)
            raise _TakenBack
    return result
