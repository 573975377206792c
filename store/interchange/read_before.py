"""What this device has imported before, and from where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from store.domain.ids import SpaceId
from store.imports import Place

if TYPE_CHECKING:
    from store.replica import Replica

_NOTES_BELOW = """
    SELECT file, source FROM imported JOIN item USING (doc)
    WHERE imported.space = ? AND imported.kind = 'note' AND part = ''
        AND (file = ? OR (file > ? AND file < ?))
    LIMIT 100
"""


def folder_above(replica: Replica, space: SpaceId, place: Place) -> str:
    """Find out where a file or folder lies in a folder that was imported before as a whole.

    Returns:
        What stands before its own paths in the keys of that import: empty, or ends with `/`. So a
        part of a folder that is imported alone gives the same keys, hence meets the same items.
    """
    inside = place.file.replace("\\", "/").rstrip("/")
    with replica.db.read() as conn:
        rows = conn.execute(
            _NOTES_BELOW, (space, place.file, place.file + "/", place.file + "0")
        ).fetchall()
    found = [""]
    for file, source in rows:
        path = file.replace("\\", "/")
        own = path.rpartition("/")[2] if path == inside else path[len(inside) + 1 :]
        if source is not None and source.endswith("/" + own):
            found.append(source[: -len(own)])
    return max(found, key=len)
