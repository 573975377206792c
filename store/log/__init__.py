"""The change log of a space, which is also its outbox (DESIGN section 2); the same on both ends.

Functions take a connection: writing ones a transaction of `Database.write`, reading ones any. May
import `store.domain`, the pure parts of `store.documents`, and no other part of the store.
"""

from store.log.position import (
    CHAIN_START,
    Position,
    chain_at,
    create_space,
    docs_between,
    fingerprint,
    heads,
    position,
)
from store.log.reading import LogRow, doc_rows, forget_origin, rows_after, rows_beyond
from store.log.verdict import Appended, Verdict
from store.log.waiting import Held, hold, quarantine, release, waiting_docs
from store.log.writer import LogWriter, append

__all__ = [
    "CHAIN_START",
    "Appended",
    "Held",
    "LogRow",
    "LogWriter",
    "Position",
    "Verdict",
    "append",
    "chain_at",
    "create_space",
    "doc_rows",
    "docs_between",
    "fingerprint",
    "forget_origin",
    "heads",
    "hold",
    "position",
    "quarantine",
    "release",
    "rows_after",
    "rows_beyond",
    "waiting_docs",
]
