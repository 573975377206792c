"""What devices say they have of a space's log, and telling the others (see `store.receipts`).

A device says so with its cursor, which was checked against the log's own chain: everything up to
there is in its documents. Whose changes that confirms is woken; the rest hear with their next page.
"""

import sqlite3
from typing import Final, Protocol

from sync.protocol.messages import RECEIPTS_MAX, Receipt
from sync.server.callers import Caller

AUTHORS_ROWS_MAX: Final = 1_000  # a device that takes in more at once confirms these at least

_BEYOND: Final = (
    "SELECT replica, seq, stamp, at_ms,"
    " (SELECT person FROM token WHERE token.space = receipt.space"
    "  AND token.replica = receipt.replica ORDER BY created_at_ms DESC LIMIT 1),"
    " (SELECT device FROM token WHERE token.space = receipt.space"
    "  AND token.replica = receipt.replica ORDER BY created_at_ms DESC LIMIT 1),"
    " NOT EXISTS (SELECT 1 FROM token WHERE token.space = receipt.space"
    "  AND token.replica = receipt.replica AND revoked_at_ms IS NULL)"
    " FROM receipt WHERE space = ? AND stamp > ? AND replica <> ? ORDER BY stamp LIMIT ?"
)


class ReceiptBook(Protocol):
    """What devices say they have, as a server keeps it, or a device that serves."""

    def stated(self, conn: sqlite3.Connection, caller: Caller) -> int | None:
        """How far a device said that it has the log; None if it never did."""
        ...

    def state(self, conn: sqlite3.Connection, caller: Caller, seq: int, now_ms: int) -> None:
        """Keep how far a device says that it has the log; may be less than it said before."""
        ...

    def beyond(self, conn: sqlite3.Connection, caller: Caller, stamp: int) -> list[Receipt]:
        """The receipts of other devices that are newer than those seen; none for a stamp of 0."""
        ...

    def authors_of(self, conn: sqlite3.Connection, space: str, after: int, upto: int) -> set[str]:
        """The replicas that a stretch of the log came from, to be woken."""
        ...


class _ServerBook:
    """The book of a server: the table `receipt`."""

    def stated(self, conn: sqlite3.Connection, caller: Caller) -> int | None:
        """How far a device said that it has the log; None if it never did."""
        row = conn.execute(
            "SELECT seq FROM receipt WHERE space = ? AND replica = ?",
            (caller.space, caller.replica),
        ).fetchone()
        return None if row is None else row[0]

    def state(self, conn: sqlite3.Connection, caller: Caller, seq: int, now_ms: int) -> None:
        """Keep how far a device says that it has the log; may be less than it said before."""
        conn.execute(
            "INSERT INTO receipt (space, replica, seq, stamp, at_ms) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (space, replica) DO UPDATE SET"
            " seq = excluded.seq, stamp = excluded.stamp, at_ms = excluded.at_ms",
            (caller.space, caller.replica, seq, _next_stamp(conn, caller.space, now_ms), now_ms),
        )

    def beyond(self, conn: sqlite3.Connection, caller: Caller, stamp: int) -> list[Receipt]:
        """The receipts of other devices that are newer than those seen; none for a stamp of 0."""
        if not stamp:
            return []
        found = conn.execute(_BEYOND, (caller.space, stamp, caller.replica, RECEIPTS_MAX))
        return [
            Receipt(replica, person or "", device or "", seq, stamp, at_ms, bool(gone))
            for replica, seq, stamp, at_ms, person, device, gone in found
        ]

    def authors_of(self, conn: sqlite3.Connection, space: str, after: int, upto: int) -> set[str]:
        """The replicas that a stretch of the log came from."""
        found = conn.execute(
            "SELECT DISTINCT origin FROM log WHERE space = ? AND seq > ? AND seq <= ?",
            (space, max(after, upto - AUTHORS_ROWS_MAX), upto),
        )
        return {row[0] for row in found if row[0] is not None}


SERVER_BOOK: Final = _ServerBook()


def note_gone(conn: sqlite3.Connection, space: str, replica: str, now_ms: int) -> None:
    """Let the others hear that a device is no member any more."""
    conn.execute(
        "UPDATE receipt SET stamp = ? WHERE space = ? AND replica = ?",
        (_next_stamp(conn, space, now_ms), space, replica),
    )


def _next_stamp(conn: sqlite3.Connection, space: str, now_ms: int) -> int:
    """Above all before it, and above all that a server restored from a backup gave out since."""
    (last,) = conn.execute(
        "SELECT coalesce(max(stamp), 0) FROM receipt WHERE space = ?", (space,)
    ).fetchone()
    return max(int(last) + 1, now_ms)
