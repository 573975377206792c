"""A server: when its latest changes were committed by their authors, to measure replication lag."""

from typing import Final

from sqlite_utils import Database as Tables

_COMMIT_TIME: Final = """
CREATE TABLE "commit_time" (
   "space" TEXT NOT NULL,
   "seq" INTEGER NOT NULL,
   "at_ms" INTEGER NOT NULL,
   PRIMARY KEY ("space", "seq")
) STRICT, WITHOUT ROWID
"""


def make(db: Tables) -> None:
    """Make the table."""
    db.execute(_COMMIT_TIME.strip())
