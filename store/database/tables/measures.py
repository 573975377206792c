"""A device: samples of how consistent it is, summed by minute, hour and day (`store.measures`)."""

from typing import Final

from sqlite_utils import Database as Tables

# Without a rowid, the key is stored once, and the rows of one stretch of time lie together.
_MEASURE: Final = """
CREATE TABLE "measure" (
   "step_ms" INTEGER NOT NULL,
   "start_ms" INTEGER NOT NULL,
   "name" TEXT NOT NULL,
   "label" TEXT NOT NULL,
   "count" INTEGER NOT NULL,
   "sketch" TEXT,
   PRIMARY KEY ("step_ms", "start_ms", "name", "label")
) STRICT, WITHOUT ROWID
"""


def make(db: Tables) -> None:
    """Make the table."""
    db.execute(_MEASURE.strip())
