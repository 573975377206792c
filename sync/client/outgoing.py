"""The log as an outbox: what to offer the server next, and what becomes of what it refused.

The push cursor moves in the transaction that parks the refusals. So a crash at any point offers a
row again and never skips one; the server knows a repeated row by its hash.
"""

import sqlite3
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import islice
from typing import Final

from store import log, offered_again, peers
from store.domain.ids import DocId
from store.log import LogRow
from store.log.entries import ACT_TYPES, ENTRY_TYPES, MEMBER
from store.log.reading import CHANGE
from store.peers import DEPENDS_ON_REFUSED
from sync.client.home import Home
from sync.client.planner import BatchSize, dependants
from sync.protocol.messages import RefusedRow, Row

ROLE_REFUSED: Final = "role"  # reason of a change that this device's role doesn't let it push
VIEWER_REFUSED: Final = "You may only read this space; ask an owner to let you edit, then retry."
ORPHANED: Final = "missing-deps"
# A server has signed its acts itself; devices hand them on (DECISIONS D17). What owners sign about
# members is for all.
TO_SERVERS: Final = (CHANGE, MEMBER)
TO_DEVICES: Final = (CHANGE, *ENTRY_TYPES)
ALL_ROWS: Final = 1 << 62


@dataclass(frozen=True, slots=True)
class Batch:
    """The next part of our log for the server.

    Attributes:
        rows: what to offer, causes before their effects.
        kept_back: what isn't offered because it is parked, or follows something parked.
        upto: sequence number to which the batch covers the log.
        is_last: nothing lies beyond.
    """

    rows: tuple[LogRow, ...]
    kept_back: tuple[LogRow, ...]
    upto: int
    is_last: bool


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What leaves one space of this home for its server."""

    home: Home

    def next_batch(self, after: int, *, size: BatchSize) -> Batch:
        """Read the next rows of our log that the server hasn't acknowledged."""
        space = self.home.space
        with self.home.replica.db.read() as conn:
            end = log.position(conn, space).seq
            rows = log.rows_after(
                conn,
                space,
                after,
                rows_max=size.rows,
                rows_of_one_max=size.rows_of_one,
                bytes_max=size.bytes,
                not_from=self.home.peer,
                types=TO_DEVICES if self.home.is_with_device else TO_SERVERS,
            )
            parked = peers.parked_hashes(conn, space)
        upto = rows[-1].seq if rows else end
        out = parked.union(row.hash for row in dependants(rows, parked)) if parked else parked
        offered = tuple(row for row in rows if row.hash not in out)
        kept_back = tuple(row for row in rows if row.hash in out)
        return Batch(offered, kept_back, upto, is_last=upto >= end)

    def whole_docs(self, docs: Iterable[DocId], *, without: AbstractSet[bytes]) -> list[LogRow]:
        """Read all of some documents that may be offered, whoever wrote it.

        Args:
            docs: which documents.
            without: changes that were refused just now; what follows them is left out too.
        """
        with self.home.replica.db.read() as conn:
            out = without | peers.parked_hashes(conn, self.home.space)
            rows = [row for doc in sorted(docs) for row in log.doc_rows(conn, doc)]
        return _without(rows, out)

    def all_acts(self) -> list[LogRow]:
        """Read all that the space's authority has decided, as far as it is here."""
        with self.home.replica.db.read() as conn:
            return log.rows_after(
                conn,
                self.home.space,
                0,
                rows_max=ALL_ROWS,
                bytes_max=ALL_ROWS,
                types=ACT_TYPES,
            )

    def rows_beyond(self, offered: Mapping[str, Sequence[bytes]]) -> list[LogRow]:
        """Read what some documents have beyond the server's heads, and may be offered."""
        with self.home.replica.db.read() as conn:
            parked = peers.parked_hashes(conn, self.home.space)
            rows = [
                row
                for doc, theirs in offered.items()
                for row in log.rows_beyond(conn, self.home.space, DocId(doc), theirs)
            ]
        return _without(rows, parked)

    def still_to_send(self, rows: Sequence[LogRow]) -> Sequence[LogRow]:
        """Note that rows may arrive from now on, before they are sent.

        Returns:
            Those that a person has not parked again meanwhile, by taking back that they were to be
            offered once more.
        """
        space, hashes = self.home.space, {row.hash for row in rows}
        with self.home.replica.db.read() as conn:
            is_usual = not hashes & (
                offered_again.unsent(conn, space) | peers.parked_hashes(conn, space)
            )
        if is_usual:
            return rows
        with self.home.replica.db.write() as conn:
            offered_again.note_sent(conn, space, offered_again.unsent(conn, space) & hashes)
            parked = peers.parked_hashes(conn, space)
            for row in dependants(rows, parked):
                self._park_row(conn, row, DEPENDS_ON_REFUSED, None)
        return _without(rows, parked)

    def acknowledged(
        self,
        refused: Sequence[RefusedRow],
        *,
        batch: Batch | None = None,
        moved: tuple[int, int] | None = None,
    ) -> None:
        """Park what was refused with all that follows it, and move the push cursor.

        It passes over nothing that a person has offered once more while the server was asked.

        Args:
            refused: what the server will not take.
            batch: the part of the log that was offered; None where it was no such part.
            moved: where the cursor was, and where it may go; None leaves it.
        """
        with self.home.replica.db.write() as conn:
            self._park(conn, refused)
            free = self._park_kept_back(conn, batch.kept_back) if batch else []
            if moved is not None:
                before, upto = moved
                upto = min([upto, *(row.seq - 1 for row in free)])
                peers.raise_push_seq(conn, self.home.peer, before, upto)
        self.home.announce("sync", "items")

    def lost(self, rows: Sequence[LogRow]) -> None:
        """Believe no more that the server has changes which it lacks and we can't hand on.

        It was set back, and this device may only read: who wrote them will bring them.
        """
        by_doc: dict[DocId, list[LogRow]] = {}
        for row in rows:
            if row.type == CHANGE and row.origin == self.home.peer:
                by_doc.setdefault(row.doc, []).append(row)
        if not by_doc or self.home.is_with_device:
            return
        space, server = self.home.space, self.home.peer
        with self.home.replica.db.write() as conn:
            now_ms = self.home.now_ms()
            with log.LogWriter(conn, space, now_ms=now_ms, server=server) as writer:
                for doc, lost in by_doc.items():
                    writer.doubt(doc, [row.hash for row in lost])
            first = min(row.seq for lost in by_doc.values() for row in lost)
            peers.lower_push_seq(conn, server, first - 1)
        self.home.announce("sync", "items")

    def _park(self, conn: sqlite3.Connection, refused: Sequence[RefusedRow]) -> None:
        by_doc: dict[str, dict[bytes, RefusedRow]] = {}
        for one in refused:
            by_doc.setdefault(one.doc, {})[one.hash] = one
        for doc, by_hash in by_doc.items():
            rows = log.doc_rows(conn, DocId(doc))
            for row in rows:
                cause = by_hash.get(row.hash)
                if cause is not None:
                    self._park_row(conn, row, cause.type, cause.detail)
            for row in dependants(rows, by_hash.keys()):
                self._park_row(conn, row, DEPENDS_ON_REFUSED, None)

    def _park_kept_back(self, conn: sqlite3.Connection, rows: Sequence[LogRow]) -> list[LogRow]:
        """Park what follows something parked; gives what does not any more."""
        roots = peers.parked_hashes(conn, self.home.space)
        follow = dependants(rows, roots)
        for row in follow:
            self._park_row(conn, row, DEPENDS_ON_REFUSED, None)
        still = roots.union(row.hash for row in follow)
        return [row for row in rows if row.hash not in still]

    def _park_row(
        self, conn: sqlite3.Connection, row: LogRow, reason: str, detail: str | None
    ) -> None:
        peers.park(
            conn,
            self.home.space,
            row.doc,
            row.hash,
            reason=reason,
            detail=detail,
            peer=self.home.peer,
            now_ms=self.home.now_ms(),
        )


def _without(rows: Sequence[LogRow], out: AbstractSet[bytes]) -> list[LogRow]:
    """Leave out some changes, and what follows them."""
    tainted = out | {row.hash for row in dependants(rows, out)} if out else out
    return [row for row in rows if row.hash not in tainted]


def wire_row(row: LogRow) -> Row:
    """Write a row of the log as a message."""
    assert row.bytes is not None, "only rows with their bytes are offered"
    return Row(row.type, row.doc, row.hash, row.bytes)


def next_part(left: deque[LogRow], size: BatchSize) -> list[LogRow]:
    """Take from the front as many rows as may be sent at once, at least one."""
    rows_max = size.fitting([row.doc for row in islice(left, size.rows_of_one)])
    part = [left.popleft()]
    total = len(part[0].bytes or b"")
    while left and len(part) < rows_max:
        total += len(left[0].bytes or b"")
        if total > size.bytes:
            break
        part.append(left.popleft())
    return part


def refused(row: LogRow, reason: str, detail: str) -> RefusedRow:
    """Say of a row that the server will not take it."""
    return RefusedRow(row.hash, row.doc, reason, detail)


def refused_as_orphans(rows: Iterable[LogRow]) -> list[RefusedRow]:
    """Refuse rows whose causes the server still lacks after the whole document was offered.

    No sound server gets here, as our log is closed under deps. So it is shown, not tried for ever.
    """
    detail = "The server lacks what this builds on, though that was offered; retry later."
    return [refused(row, ORPHANED, detail) for row in rows]
