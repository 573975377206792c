"""A server: indexes by which a scrape counts promises without reading them."""

from typing import Final

from sqlite_utils import Database as Tables

_INDEXES: Final = (
    'CREATE INDEX "saga_counted" ON "saga" ("state", "kind", "space")',
    'CREATE INDEX "reservation_alone" ON "reservation" ("space") WHERE "saga" IS NULL',
    'CREATE INDEX "reservation_made_good" ON "reservation" ("space", "item")'
    " WHERE \"state\" = 'compensated'",
)


def drop_made_good(db: Tables) -> None:
    """Drop the index of what was made good, which nothing counts any more."""
    db.execute("DROP INDEX reservation_made_good")


def make(db: Tables) -> None:
    """Make the indexes of this step."""
    for index in _INDEXES:
        db.execute(index)
