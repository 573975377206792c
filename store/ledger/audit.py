"""The audit trail: every act of a ledger in the order in which it was decided, as it was signed.

A server and a device read the same acts from their logs. Of a ledger that was restored the acts
that were lost, and entered again, stand where they were entered.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from store.domain.ledger.facts import Fact
from store.ledger.codec import decode_act, decode_row
from store.log.entries import LEDGER_DOC

ENTRIES_MAX: Final = 500  # in one read


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One act.

    Attributes:
        seq: its place in this log, by which reading goes on.
        generation, n: of the ledger.
        at_ms: the authority's clock.
        hash: by which it is known.
        facts: what is so from then on.
    """

    seq: int
    generation: bytes
    n: int
    at_ms: int
    hash: bytes
    facts: tuple[Fact, ...]


def audit_trail(
    conn: sqlite3.Connection, space: str, after: int = 0, most: int = ENTRIES_MAX
) -> Iterator[AuditEntry]:
    """Read acts in their order.

    Args:
        conn: any connection.
        space: whose ledger.
        after: the place in the log to go on from; 0 = from the beginning.
        most: at most so many.

    Raises:
        LedgerDamaged, LedgerTooNew: an act can't be read.
    """
    rows = conn.execute(
        "SELECT seq, hash, bytes FROM log WHERE space = ? AND doc = ? AND seq > ?"
        " ORDER BY seq LIMIT ?",
        (space, LEDGER_DOC, after, most),
    ).fetchall()
    for seq, act_hash, raw in rows:
        act, told = decode_act(decode_row(raw).body)
        yield AuditEntry(seq, act.generation, act.n, act.at_ms, act_hash, tuple(told))
