"""A device: indexes by which tasks are listed and counted without reading all of them."""

from typing import Final

from sqlite_utils import Database as Tables

_INDEXES: Final = (
    # By hand: sqlite-utils has no word for an expression. Those without an order key come last.
    'CREATE INDEX "item_in_order" ON "item"'
    ' ("kind", "trashed", "purged", "order_key" IS NULL, "order_key", "doc")',
    'CREATE INDEX "item_counted" ON "item"'
    ' ("trashed", "purged", "kind", "state", "list", "due", "space", "doc", "parent")',
)


def make(db: Tables) -> None:
    """Make the indexes of this step."""
    for index in _INDEXES:
        db.execute(index)
