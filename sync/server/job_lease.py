"""Which of the servers on one database does its jobs: the one that holds the lease, until a time.

The lease is looked at and taken in the transaction of the jobs themselves, so that no clock can
make two servers do one job: it only spares them the try. One whose end lies further ahead than a
lease lasts was written by a clock that was wrong, and counts for nothing.
"""

import sqlite3
from typing import Final

LEDGER_JOBS: Final = "ledger"


def take(conn: sqlite3.Connection, holder: str, now_ms: int, lease_ms: int) -> int | None:
    """Take the lease, or hold it longer; None if it is ours now, else when it ends.

    Args:
        conn: in the transaction that does the jobs.
        holder: names the server's process.
        now_ms: Unix time.
        lease_ms: how long it is held.
    """
    row = conn.execute(
        "SELECT holder, until_ms FROM job_lease WHERE name = ?", (LEDGER_JOBS,)
    ).fetchone()
    if row is not None and row[0] != holder and now_ms < row[1] <= now_ms + lease_ms:
        return int(row[1])
    conn.execute(
        "INSERT INTO job_lease (name, holder, until_ms) VALUES (?, ?, ?)"
        " ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until_ms = excluded.until_ms",
        (LEDGER_JOBS, holder, now_ms + lease_ms),
    )
    return None


def give_up(conn: sqlite3.Connection, holder: str) -> None:
    """Leave the jobs to others, at a graceful end."""
    conn.execute("DELETE FROM job_lease WHERE name = ? AND holder = ?", (LEDGER_JOBS, holder))
