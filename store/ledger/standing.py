"""Where a space's ledger stands in this database, and whose word is believed about it."""

import sqlite3
from dataclasses import dataclass

from store.errors import LedgerKeyChanged
from store.ledger.books import SqlBooks


@dataclass(frozen=True, slots=True)
class LedgerAt:
    """Where a ledger stands.

    Attributes:
        key: the authority's public key.
        generation: random; another one after a restore.
        n: number of the last act of it, 0 = none.
        hash: of that act's row; empty at 0.
        before, upto: the generation before, and up to which act this one goes on from it.
    """

    key: bytes
    generation: bytes
    n: int = 0
    hash: bytes = b""
    before: bytes = b""
    upto: int = 0


def ledger_at(conn: sqlite3.Connection, space: str) -> LedgerAt | None:
    """Where a space's ledger stands here; None where none is known."""
    row = conn.execute(
        "SELECT key, generation, n, hash, before, upto FROM ledger WHERE space = ?", (space,)
    ).fetchone()
    if row is None:
        return None
    key, generation, n, last, before, upto = row
    return LedgerAt(key, generation, n, last or b"", before or b"", upto)


def keep_at(conn: sqlite3.Connection, space: str, at: LedgerAt) -> None:
    """Say where a space's ledger stands."""
    conn.execute(
        "INSERT INTO ledger (space, key, generation, n, hash, before, upto)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (space) DO UPDATE SET key = excluded.key,"
        " generation = excluded.generation, n = excluded.n, hash = excluded.hash,"
        " before = excluded.before, upto = excluded.upto",
        (space, at.key, at.generation, at.n, at.hash, at.before, at.upto),
    )


def believe(conn: sqlite3.Connection, space: str, key: bytes) -> bool:
    """Believe a key from now on, unless one is believed already; tells whether it is new here.

    Raises:
        LedgerKeyChanged: another one is believed.
    """
    at = ledger_at(conn, space)
    if at is None:
        keep_at(conn, space, LedgerAt(key, b""))
        return True
    if at.key != key:
        raise LedgerKeyChanged
    return False


def forget_ledger(conn: sqlite3.Connection, space: str) -> None:
    """Forget what an authority has decided, and its key: another one decides from now on."""
    SqlBooks(conn, space).clear()
    conn.execute("DELETE FROM ledger WHERE space = ?", (space,))
