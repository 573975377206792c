"""Reads the rows of a log as they lie in the table, and judges each by itself.

A row checks itself: its hash is that of its bytes, and all other columns are a cache of what the
bytes say.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from store.documents.inspect import ChangeRefused, InspectedChange, inspect_change
from store.domain.errors import InvalidValue
from store.domain.ids import DocId, parse_doc_id
from store.ledger.codec import row_hash
from store.log.entries import ENTRY_TYPES, Entry
from store.log.position import join_hashes
from store.log.reading import WITHDRAWN

COLUMNS: Final = (
    "seq, type, doc, origin, hash, deps, actor, actor_seq, start_op, ops, person, device, at_ms,"
    " received_at_ms, chain, bytes"
)


class DamagedRow(ValueError):
    """The bytes of a row can't be used; str(error) is a clause that says why."""


@dataclass(frozen=True, slots=True)
class StoredRow:
    """A row of the log, the withdrawn ones too; see `store.log.LogRow`.

    Attributes:
        raw: the column `bytes`.
    """

    seq: int
    type: str
    doc: DocId
    origin: str | None
    hash: bytes
    deps: bytes
    actor: bytes
    actor_seq: int
    start_op: int
    ops: int
    person: str
    device: str
    at_ms: int
    received_at_ms: int
    chain: bytes
    raw: bytes | None

    @property
    def is_withdrawn(self) -> bool:
        """Whether it only keeps its place (DECISIONS D20)."""
        return self.type == WITHDRAWN

    @property
    def is_entry(self) -> bool:
        """Whether it is no change, but what an authority has decided."""
        return self.type in ENTRY_TYPES

    def entry(self) -> Entry:
        """Give the authority's act that the bytes are, if they are the one that the row names.

        Raises:
            DamagedRow: they are not.
        """
        if self.raw is None or row_hash(self.raw) != self.hash:
            raise DamagedRow("its bytes are damaged")
        return Entry(self.type, self.actor, self.actor_seq, self.hash, self.raw, self.at_ms)

    def change(self) -> InspectedChange:
        """Give the change that the bytes are, if they are the one that the row names.

        Raises:
            DamagedRow: they are not.
        """
        if self.raw is None:
            raise DamagedRow("its bytes are gone")
        try:
            change = inspect_change(self.raw)
            parse_doc_id(self.doc)
        except (ChangeRefused, InvalidValue) as error:
            raise DamagedRow(f"its bytes are damaged ({str(error).rstrip('.')})") from error
        if change.hash != self.hash:
            raise DamagedRow("its bytes are those of another change")
        return change

    def fault(self) -> str | None:
        """Say what is wrong with the row, None if nothing is."""
        try:
            if self.is_entry:
                self.entry()
                return None
            change = self.change()
        except DamagedRow as damage:
            return str(damage)
        cached = (self.deps, self.actor, self.actor_seq, self.start_op, self.ops)
        header = (join_hashes(change.deps), change.actor, change.seq, change.start_op, change.ops)
        shown = (self.person, self.device, self.at_ms)
        stamp = (change.stamp.person, change.stamp.device, change.stamp.at_ms)
        return None if (cached, shown) == (header, stamp) else "its columns contradict its bytes"


def stored_rows(
    conn: sqlite3.Connection, space: str, after: int = 0, rows_max: int = -1
) -> Iterator[StoredRow]:
    """Read a log in its order, from after a sequence number; -1 = to the end."""
    found: Iterator[Any] = conn.execute(
        f"SELECT {COLUMNS} FROM log WHERE space = ? AND seq > ? ORDER BY seq LIMIT ?",
        (space, after, rows_max),
    )
    return (StoredRow(*values) for values in found)
