"""How this home stands now: what waits, how old it is, what the clocks say, how large it is."""

import sqlite3
from pathlib import Path
from typing import Final

from store.database.meta import read_meta, write_meta
from store.domain.measures.clocks import ClockOffset
from store.domain.measures.health import SagaStanding, Standing
from store.peers import Peer, parked_rows, peers, push_pending

_CLOCK: Final = "measures.clock"  # `offset_ms error_ms`
_EVER: Final = "SELECT EXISTS (SELECT 1 FROM saga) OR EXISTS (SELECT 1 FROM reservation)"
_UNDER_WAY: Final = (
    "SELECT state, at_ms FROM saga WHERE state IN ('running', 'compensating', 'stuck')"
)


def read_standing(
    conn: sqlite3.Connection,
    path: Path,
    *,
    now_ms: int,
    stuck_after_s: float,
) -> Standing:
    """Read how things stand.

    Args:
        conn: any connection.
        path: the database file.
        now_ms: by this device's clock, which also stamped what waits.
        stuck_after_s: after so long a running saga is stuck.
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
        sagas=saga_standing(conn, round(there_ms(conn, now_ms)), stuck_after_s),
    )


def saga_standing(
    conn: sqlite3.Connection, now_ms: int, stuck_after_s: float
) -> SagaStanding | None:
    """Count the sagas under way; None where nothing was ever promised.

    Args:
        conn: any connection.
        now_ms: by the clock of the authority, which stamped their beginning.
        stuck_after_s: under way for longer is stuck, beside those that the ledger calls so.
    """
    if not _number(conn, _EVER):
        return None
    found = conn.execute(_UNDER_WAY).fetchall()
    ages_s = [max(0.0, (now_ms - began_ms) / 1000) for _, began_ms in found]
    stuck = sum(
        state == "stuck" or age_s > stuck_after_s
        for (state, _), age_s in zip(found, ages_s, strict=True)
    )
    return SagaStanding(len(found), max(ages_s, default=None), stuck)


def read_clock(conn: sqlite3.Connection) -> ClockOffset | None:
    """Give the offset that was measured last; None if none ever was."""
    kept = read_meta(conn, _CLOCK)
    if kept is None:
        return None
    offset_ms, error_ms = kept.split()
    return ClockOffset(float(offset_ms), float(error_ms))


def there_ms(conn: sqlite3.Connection, here_ms: float) -> float:
    """What a server's clock shows when ours shows this, as far as that was ever measured."""
    clock = read_clock(conn)
    return here_ms if clock is None else clock.there(here_ms)


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
