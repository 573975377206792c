"""An authority's acts, checked and taken in, where no home is around it."""

import sqlite3
from collections.abc import Iterable

from store.domain.ids import SpaceId
from store.ledger.record import TakenIn, take_verified, verified
from store.ledger.standing import ledger_at
from store.log import LogWriter


def take_in(
    conn: sqlite3.Connection,
    space: SpaceId,
    rows: Iterable[tuple[str, bytes]],
    log: LogWriter,
    *,
    origin: str,
) -> TakenIn:
    """Check rows with the key that is known and take them in; raises LedgerDamaged."""
    at = ledger_at(conn, space)
    assert at is not None, "its key is known"
    acts = [verified(at.key, space, type_, raw) for type_, raw in rows]
    return take_verified(conn, space, acts, log, origin=origin)
