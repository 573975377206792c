"""Which items an export holds, in which order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from store.domain.ids import DocId

if TYPE_CHECKING:
    from store.replica import Replica
    from store.rows import NoteRow, SpaceRow, TaskRow


def all_items(replica: Replica, spaces: Sequence[SpaceRow]) -> Iterator[DocId]:
    """List the items of some spaces, oldest first, those in the trash included.

    Args:
        replica: what to export.
        spaces: which.
    """
    for space in spaces:
        rows: list[TaskRow | NoteRow] = [
            *replica.tasks(space=space.id),
            *replica.tasks(view="trash", space=space.id),
            *replica.notes(space=space.id),
            *replica.notes(view="trash", space=space.id),
        ]
        rows.sort(key=lambda row: (row.created_at_ms or 0, row.id))
        yield from (DocId(row.id) for row in rows)
