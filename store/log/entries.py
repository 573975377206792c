"""Rows of the log that are no changes: an authority's acts, and who is a member (DECISIONS D17).

They share the sequence and the chain with changes, and nothing else: they belong to no document, so
that heads and comparisons don't know them. `actor` and `actor_seq` hold the ledger's generation and
the act's number in it, of which a log takes one row each. `LogWriter` appends them.
"""

import sqlite3
from dataclasses import dataclass
from typing import Final

from store.domain.ids import SpaceId

LEDGER: Final = "ledger"
NOTICE: Final = "notice"
MEMBER: Final = "member"
ACT_TYPES: Final = (LEDGER, NOTICE)
ENTRY_TYPES: Final = (*ACT_TYPES, MEMBER)
# These stand where a change has its document; no document has such an id.
LEDGER_DOC: Final = "ledger"
MEMBER_DOC: Final = "member"


@dataclass(frozen=True, slots=True)
class Entry:
    """A row to append.

    Attributes:
        type: `ledger`, `notice` or `member`.
        generation, n: of the ledger, and the act's number in it; of a statement about a member its
            hash and 0.
        hash: of `raw`.
        raw: the signed act or statement.
        at_ms: the signer's clock.
    """

    type: str
    generation: bytes
    n: int
    hash: bytes
    raw: bytes
    at_ms: int

    @property
    def doc(self) -> str:
        """What stands in the place of a document."""
        return MEMBER_DOC if self.type == MEMBER else LEDGER_DOC


def entry_hash(conn: sqlite3.Connection, space: SpaceId, generation: bytes, n: int) -> bytes | None:
    """The hash of an act that the log has, None if it has not."""
    row = conn.execute(
        "SELECT hash FROM log WHERE space = ? AND doc = ? AND actor = ? AND actor_seq = ?",
        (space, LEDGER_DOC, generation, n),
    ).fetchone()
    return None if row is None else bytes(row[0])
