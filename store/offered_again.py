"""Refused changes that a person has offered once more, and that were not sent since.

While one stands here, nobody but this device knows of the second try, so it can be taken back. Its
row goes in a transaction before it is sent, and when it is parked anew or turns out to be with the
server already: what may have arrived is never said to be here alone.
"""

import sqlite3
from collections.abc import Collection

from store.domain.ids import SpaceId


def note_offered(conn: sqlite3.Connection, space: SpaceId, hashes: Collection[bytes]) -> None:
    """Say that changes are to be sent once more."""
    conn.executemany(
        "INSERT INTO offered_again (space, hash) VALUES (?, ?) ON CONFLICT DO NOTHING",
        [(space, one) for one in hashes],
    )


def unsent(conn: sqlite3.Connection, space: SpaceId) -> set[bytes]:
    """Give the hashes of those that were not sent since."""
    found = conn.execute("SELECT hash FROM offered_again WHERE space = ?", (space,))
    return {row[0] for row in found}


def note_sent(conn: sqlite3.Connection, space: SpaceId, hashes: Collection[bytes]) -> None:
    """Say that changes may have arrived somewhere by now, or are parked again."""
    conn.executemany(
        "DELETE FROM offered_again WHERE space = ? AND hash = ?",
        [(space, one) for one in hashes],
    )


def forget_all(conn: sqlite3.Connection) -> None:
    """Believe of none any more that it was not sent: another copy of this home may have done it."""
    conn.execute("DELETE FROM offered_again")
