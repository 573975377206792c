"""Books made anew from the acts in the log, which alone are the truth: for `cairn doctor`.

An act is folded where it follows the one before, as when it came in; what lies between (a beginning
that was read twice, acts of a generation that was over) was passed over then and is now.
"""

import sqlite3
from typing import Final

from store.domain.ids import SpaceId
from store.domain.ledger.facts import BegunAnew
from store.ledger.books import TABLES, SqlBooks
from store.ledger.record import verified
from store.ledger.standing import LedgerAt, keep_at
from store.log.entries import LEDGER_DOC

_ACTS: Final = "SELECT type, bytes FROM log WHERE space = ? AND doc = ? ORDER BY seq"


def refold(log: sqlite3.Connection, books: sqlite3.Connection, space: SpaceId, key: bytes) -> None:
    """Forget a space's books, and fold all acts of its log again.

    Args:
        log: has the acts.
        books: in a write transaction; the same connection, or one with empty tables.
        space: whose ledger.
        key: the authority's.

    Raises:
        LedgerDamaged, LedgerTooNew: an act is not the authority's, or can't be read.
    """
    folded = SqlBooks(books, space)
    folded.clear()
    at = LedgerAt(key, b"")
    for type_, raw in log.execute(_ACTS, (space, LEDGER_DOC)):
        act = verified(key, space, type_, raw)
        found, first = act.entry, act.told[0]
        before, upto = at.before, at.upto
        if isinstance(first, BegunAnew) and found.generation != at.generation:
            folded.clear()
            before, upto = first.before, first.upto
        elif at.n and (found.generation, found.n) != (at.generation, at.n + 1):
            continue
        folded.apply(act.told)
        at = LedgerAt(key, found.generation, found.n, found.hash, before, upto)
    keep_at(books, space, at)


def rows_of_books(conn: sqlite3.Connection, space: str) -> dict[str, list[tuple[object, ...]]]:
    """Everything that the tables say of a space's ledger, to be compared."""
    return {
        table: sorted(
            conn.execute(f"SELECT * FROM {table} WHERE space = ?", (space,)).fetchall(), key=repr
        )
        for table in ("ledger", *TABLES)
    }
