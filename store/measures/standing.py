"""How this home stands now: what waits, how old it is, what the clocks say, how large it is."""

import sqlite3
from pathlib import Path
from typing import Final, Protocol

from store.database.meta import read_meta, write_meta
from store.domain.measures.clocks import ClockOffset
from store.domain.measures.health import SagaStanding, Standing
from store.peers import Peer, parked_rows, peers, push_pending

_CLOCK: Final = "measures.clock"  # `offset_ms error_ms`


class Sagas(Protocol):
    """Where sagas can be counted: the ledger's port to the measures."""

    def standing(
        self, conn: sqlite3.Connection, *, now_ms: int, stuck_after_s: float
    ) -> SagaStanding | None:
        """Count those under way; None where there never was one."""
        ...


def read_standing(
    conn: sqlite3.Connection,
    path: Path,
    *,
    now_ms: int,
    stuck_after_s: float,
    sagas: Sagas | None = None,
) -> Standing:
    """Read how things stand.

    Args:
        conn: any connection.
        path: the database file.
        now_ms: by this device's clock, which also stamped what waits.
        stuck_after_s: after so long a running saga is stuck.
        sagas: counts them; None where there is no ledger.
    """
    known = peers(conn)
    clock = read_clock(conn)
    ages_s = [age for peer in known if (age := _oldest_unsent_s(conn, peer, now_ms)) is not None]
    return Standing(
        pending=sum(push_pending(conn, peer) for peer in known),
        parked=len(parked_rows(conn)),
        waiting=_number(conn, "SELECT count(*) FROM waiting"),
        oldest_unsent_s=max(ages_s, default=None),
        clock_offset_ms=None if clock is None else clock.offset_ms,
        clock_error_ms=None if clock is None else clock.error_ms,
        log_rows=_number(conn, "SELECT coalesce(sum(last_seq), 0) FROM space"),
        database_bytes=_size_of(path),
        sagas=None
        if sagas is None
        else sagas.standing(conn, now_ms=now_ms, stuck_after_s=stuck_after_s),
    )


def read_clock(conn: sqlite3.Connection) -> ClockOffset | None:
    """Give the offset that was measured last; None if none ever was."""
    kept = read_meta(conn, _CLOCK)
    if kept is None:
        return None
    offset_ms, error_ms = kept.split()
    return ClockOffset(float(offset_ms), float(error_ms))


def keep_clock(conn: sqlite3.Connection, clock: ClockOffset) -> None:
    """Keep an offset that was measured."""
    write_meta(conn, _CLOCK, f"{clock.offset_ms:.1f} {clock.error_ms:.1f}")


def _oldest_unsent_s(conn: sqlite3.Connection, peer: Peer, now_ms: int) -> float | None:
    """The age of the first change that a peer has neither sent, acknowledged nor refused."""
    row = conn.execute(
        "SELECT received_at_ms FROM log WHERE space = ? AND seq > ? AND origin IS NOT ?"
        " AND type <> 'withdrawn' AND NOT EXISTS (SELECT 1 FROM parked"
        " WHERE parked.space = log.space AND parked.hash = log.hash) ORDER BY seq LIMIT 1",
        (peer.space, peer.push_seq, peer.id),
    ).fetchone()
    return None if row is None else max(0.0, (now_ms - row[0]) / 1000)


def _number(conn: sqlite3.Connection, question: str) -> int:
    (number,) = conn.execute(question).fetchone()
    assert isinstance(number, int)
    return number


def _size_of(path: Path) -> int:
    files = (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-journal"))
    return sum(file.stat().st_size for file in files if file.exists())
