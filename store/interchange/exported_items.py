"""Which items an export holds, in which order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from store.domain.ids import DocId

if TYPE_CHECKING:
    from store.replica import Replica


def all_items(replica: Replica, spaces: list[str]) -> Iterator[DocId]:
    """List the items of some spaces, oldest first, those in the trash included.

    Args:
        replica: what to export.
        spaces: names.
    """
    for space in spaces:
        rows = [
            *replica.tasks(space=space),
            *replica.tasks(view="trash", space=space),
            *replica.notes(space=space),
            *replica.notes(view="trash", space=space),
        ]
        rows.sort(key=lambda row: (row.created_at_ms or 0, row.id))
        yield from (DocId(row.id) for row in rows)
