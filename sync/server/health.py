"""Whether the server can do its work: its database takes a write. Asked by anybody, so bounded."""

import threading
from collections.abc import Callable

from store.database.connection import Database
from sync.server import limits


class Health:
    """Writes to the database now and then, to see that it can."""

    def __init__(self, db: Database, clock_s: Callable[[], float]) -> None:
        """Look after this database. `clock_s` is monotonic."""
        self._db = db
        self._clock_s = clock_s
        self._lock = threading.Lock()
        self._good_until_s: float | None = None

    def check(self) -> None:
        """Commit a row that is another than before, unless that worked a moment ago.

        Raises:
            StoreError: it can't be written; the asker hears 503.
        """
        with self._lock:
            now_s = self._clock_s()
            if self._good_until_s is not None and now_s < self._good_until_s:
                return
            self._good_until_s = None
            with self._db.write() as conn:
                # A page is written and synced for this, so that a full disk shows. A row that
                # stays as it is would not do: SQLite then writes nothing.
                conn.execute(
                    "INSERT INTO meta (key, value) VALUES ('health', '0')"
                    " ON CONFLICT (key) DO UPDATE SET value = 1 - value"
                )
            self._good_until_s = now_s + limits.HEALTH_GOOD_S
