"""How many sagas are under way, and whether any is stuck."""

import sqlite3

from store.domain.measures.health import SagaStanding


class LedgerSagas:
    """Counts this home's sagas for the measures; `store.measures.standing.Sagas`."""

    def standing(
        self, conn: sqlite3.Connection, *, now_ms: int, stuck_after_s: float
    ) -> SagaStanding | None:
        """Count those under way: by the ledger's state, and by how long they have been.

        None where no space of this home ever had one: there is nothing to measure.
        """
        if conn.execute("SELECT 1 FROM saga LIMIT 1").fetchone() is None:
            return None
        found = conn.execute(
            "SELECT state, at_ms FROM saga WHERE state IN ('running', 'compensating', 'stuck')"
        ).fetchall()
        ages_s = [max(0.0, (now_ms - at_ms) / 1000) for _, at_ms in found]
        stuck = [
            state == "stuck" or age > stuck_after_s
            for (state, _), age in zip(found, ages_s, strict=True)
        ]
        return SagaStanding(len(found), max(ages_s, default=None), sum(stuck))
