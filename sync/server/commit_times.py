"""When changes were committed by their authors, for the measures of whoever takes them in.

The author's device says it in the server's time (it has measured how far the clocks are apart).
Only the latest are kept: lag is measured when a change arrives, and what nobody has fetched for
that many changes is measured by nothing else either.
"""

import sqlite3
from collections.abc import Sequence
from typing import Final

KEPT_MAX: Final = 50_000  # of one space; about 1 MiB
UNKNOWN: Final = 0


def keep_commit_times(
    conn: sqlite3.Connection, space: str, times: Sequence[tuple[int, int]], now_ms: int
) -> None:
    """Keep when rows were committed.

    Args:
        conn: in the transaction that appended the rows.
        space: id of the space.
        times: (sequence number, server's Unix ms) of each row; a time of 0 is unknown.
        now_ms: the server's time; nothing is committed after it is received.
    """
    known = [(space, seq, min(at_ms, now_ms)) for seq, at_ms in times if at_ms != UNKNOWN]
    if not known:
        return
    conn.executemany(
        "INSERT OR REPLACE INTO commit_time (space, seq, at_ms) VALUES (?, ?, ?)", known
    )
    newest = max(seq for _, seq, _ in known)
    conn.execute("DELETE FROM commit_time WHERE space = ? AND seq <= ?", (space, newest - KEPT_MAX))


def read_commit_times(conn: sqlite3.Connection, space: str, seqs: Sequence[int]) -> list[int]:
    """Give when rows were committed, in the order asked for; empty if none is known.

    Args:
        conn: any connection.
        space: id of the space.
        seqs: sequence numbers, ascending.
    """
    if not seqs:
        return []
    found = dict(
        conn.execute(
            "SELECT seq, at_ms FROM commit_time WHERE space = ? AND seq BETWEEN ? AND ?",
            (space, seqs[0], seqs[-1]),
        ).fetchall()
    )
    return [found.get(seq, UNKNOWN) for seq in seqs] if found else []
