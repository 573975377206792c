"""Books made anew from the acts in the log, which alone are the truth.

A generation says by itself all that stands: it is the first one, or begins with a snapshot. Which
of several is the last one no log can tell, as beginnings are read in any order; so that is given.
"""

import sqlite3
from typing import Final

from store.domain.ids import SpaceId
from store.domain.ledger.facts import BegunAnew, Decided
from store.ledger.books import SqlBooks
from store.ledger.record import verified
from store.ledger.row_codec import TABLES
from store.ledger.standing import LedgerAt, keep_at
from store.log.entries import LEDGER_DOC

_ACTS: Final = (
    "SELECT type, bytes FROM log WHERE space = ? AND doc = ? AND actor = ? ORDER BY actor_seq"
)


def refold(
    log: sqlite3.Connection,
    books: sqlite3.Connection,
    space: SpaceId,
    key: bytes,
    generation: bytes,
) -> list[Decided]:
    """Forget a space's books, and fold the acts of one generation, up to the first that lacks.

    Args:
        log: has the acts.
        books: in a write transaction; the same connection, or one with empty tables.
        space: whose ledger.
        key: the authority's.
        generation: where the ledger stands.

    Returns:
        What became of commands in it.

    Raises:
        LedgerDamaged, LedgerTooNew: an act is not the authority's, or can't be read.
    """
    folded = SqlBooks(books, space)
    folded.clear()
    at = LedgerAt(key, generation)
    decided: list[Decided] = []
    for type_, raw in log.execute(_ACTS, (space, LEDGER_DOC, generation)).fetchall():
        act = verified(key, space, type_, raw)
        found, first = act.entry, act.told[0]
        if found.n != at.n + 1:
            break
        before, upto = at.before, at.upto
        if isinstance(first, BegunAnew):
            before, upto = first.before, first.upto
        folded.apply(act.told)
        decided += [fact for fact in act.told if isinstance(fact, Decided)]
        at = LedgerAt(key, found.generation, found.n, found.hash, before, upto)
    keep_at(books, space, at)
    return decided


def rows_of_books(conn: sqlite3.Connection, space: str) -> dict[str, list[tuple[object, ...]]]:
    """Everything that the tables say of a space's ledger, to be compared."""
    return {
        table: sorted(
            conn.execute(f"SELECT * FROM {table} WHERE space = ?", (space,)).fetchall(), key=repr
        )
        for table in ("ledger", *(each.name for each in TABLES))
    }
