"""Delivery receipts on a device: which part of this home's log the other devices have.

    receipt    device D has everything in a server's log up to `seq`, as D itself told the server
    milestone  everything in our log up to `own_seq` is in the server's log up to `their_seq`,
               but for what it refused

So D has all of our log up to the furthest milestone whose `their_seq` its receipt covers: a row
query, for which no document is opened. Both only ever say too little. A milestone that is dropped,
or a receipt that is late, makes an item look unconfirmed that is there; none makes one look there
that is not.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from store.domain.ids import SpaceId

MILESTONES_MAX: Final = 128  # of one peer; beyond that every other one of the older half goes


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a server says of another device.

    Attributes:
        id: the device's replica id.
        person, device: names, for display.
        seq: it has all of the server's log up to there.
        stamp: newer receipts have higher ones.
        at_ms: when the device said so, by the server's clock.
        is_gone: it is no member any more.
    """

    id: str
    person: str
    device: str
    seq: int
    stamp: int
    at_ms: int
    is_gone: bool = False


def keep_receipts(conn: sqlite3.Connection, peer: str, receipts: Iterable[Receipt]) -> None:
    """Keep what a server said of other devices."""
    conn.executemany(
        # One that is gone stays as a row, so that its stamp is known and not asked for again.
        "INSERT INTO receipt (peer, id, person, device, seq, stamp, at_ms, is_gone)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (peer, id) DO UPDATE SET"
        " person = excluded.person, device = excluded.device, seq = excluded.seq,"
        " stamp = excluded.stamp, at_ms = excluded.at_ms, is_gone = excluded.is_gone",
        [
            (peer, one.id, one.person, one.device, one.seq, one.stamp, one.at_ms, one.is_gone)
            for one in receipts
        ],
    )


def newest_stamp(conn: sqlite3.Connection, peer: str) -> int:
    """The stamp of the newest receipt that a server gave; 1 before the first."""
    found = conn.execute("SELECT coalesce(max(stamp), 1) FROM receipt WHERE peer = ?", (peer,))
    (stamp,) = found.fetchone()
    assert isinstance(stamp, int)
    return stamp


def pass_milestone(conn: sqlite3.Connection, peer: str, own_seq: int, their_seq: int) -> None:
    """Note that all of our log up to a place is in a peer's log up to a place.

    Args:
        conn: a connection in a write transaction.
        peer: whose log.
        own_seq: a place in ours.
        their_seq: a place in theirs, at or behind the last of those rows.
    """
    known = conn.execute(
        "SELECT 1 FROM milestone WHERE peer = ? AND own_seq >= ? AND their_seq <= ? LIMIT 1",
        (peer, own_seq, their_seq),
    ).fetchone()
    if known is not None:  # says as much already, or more
        return
    conn.execute(
        "INSERT INTO milestone (peer, own_seq, their_seq) VALUES (?, ?, ?)"
        " ON CONFLICT (peer, own_seq) DO UPDATE SET their_seq = excluded.their_seq",
        (peer, own_seq, their_seq),
    )
    _forget_passed(conn, peer)
    _thin_out(conn, peer)


def forget_milestones(conn: sqlite3.Connection, space: SpaceId, own_seq: int) -> None:
    """Forget milestones at or behind a place in our log: a peer lacks a row that stands there."""
    conn.execute(
        "DELETE FROM milestone WHERE own_seq >= ?"
        " AND peer IN (SELECT id FROM peer WHERE space = ?)",
        (own_seq, space),
    )


def forget_receipts(conn: sqlite3.Connection, peer: str) -> None:
    """Forget receipts and milestones of a peer: one of the two logs is another one now."""
    conn.execute("DELETE FROM receipt WHERE peer = ?", (peer,))
    conn.execute("DELETE FROM milestone WHERE peer = ?", (peer,))


def receipts_of(conn: sqlite3.Connection, peer: str) -> list[tuple[Receipt, int]]:
    """List the devices that a server knows, each with how far it has our log; by name."""
    found = conn.execute(
        "SELECT id, person, device, seq, stamp, at_ms, coalesce((SELECT max(own_seq)"
        " FROM milestone WHERE milestone.peer = receipt.peer AND their_seq <= receipt.seq), 0)"
        " FROM receipt WHERE peer = ? AND is_gone = 0 ORDER BY person, device, id",
        (peer,),
    )
    return [(Receipt(*values), reached) for *values, reached in found]


def _forget_passed(conn: sqlite3.Connection, peer: str) -> None:
    """Forget what lies before a milestone that every device has passed."""
    conn.execute(
        "DELETE FROM milestone WHERE peer = ?1 AND own_seq < (SELECT max(own_seq) FROM milestone"
        " WHERE peer = ?1 AND their_seq <= (SELECT min(seq) FROM receipt"
        " WHERE peer = ?1 AND is_gone = 0))",
        (peer,),
    )


def _thin_out(conn: sqlite3.Connection, peer: str) -> None:
    """Keep the number bounded for a device that stays away; what is left says a little less."""
    kept = [
        row[0]
        for row in conn.execute(
            "SELECT own_seq FROM milestone WHERE peer = ? ORDER BY own_seq", (peer,)
        )
    ]
    if len(kept) > MILESTONES_MAX:
        older = kept[: MILESTONES_MAX // 2 : 2]
        conn.executemany(
            "DELETE FROM milestone WHERE peer = ? AND own_seq = ?", [(peer, one) for one in older]
        )
