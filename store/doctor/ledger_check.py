"""Checks that supplies and money are what the acts in the log say, by folding all of them again."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

from sqlite_utils import Database as Tables

from store.database.connection import Database
from store.domain.ids import SpaceId
from store.errors import LedgerDamaged, LedgerTooNew


def ledger_problems(db: Database, space: SpaceId) -> Iterator[str]:
    """Say what of a space's books is not what its acts say; nothing where it has no ledger."""
    from store.ledger.refolding import refold, rows_of_books  # PyNaCl: only who has acts waits
    from store.ledger.standing import ledger_at

    with db.read() as conn, closing(_empty_books()) as folded:
        at = ledger_at(conn, space)
        if at is None:
            return
        try:
            refold(conn, folded, space, at.key, at.generation)
        except (LedgerDamaged, LedgerTooNew) as failure:
            yield f"the supplies and money of {space} can't be read: {failure.detail.rstrip('.')}"
            return
        kept, told = rows_of_books(conn, space), rows_of_books(folded, space)
    wrong = [table for table in kept if kept[table] != told[table]]
    if wrong:
        yield f"the supplies and money of {space} are not what its acts say ({', '.join(wrong)})"


def acts_in(db: Database) -> int:
    """Count the acts of all ledgers."""
    with db.read() as conn:
        found = conn.execute("SELECT count(*) FROM log WHERE type IN ('ledger', 'notice')")
        return int(found.fetchone()[0])


def _empty_books() -> sqlite3.Connection:
    from store.database.tables import ledger

    conn = sqlite3.connect(":memory:", isolation_level=None)
    ledger.make(Tables(conn, recursive_triggers=False, execute_plugins=False))
    return conn
