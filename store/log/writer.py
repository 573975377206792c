"""Appends changes to the log of a space: the one way in, for local edits and remote changes alike.

A `LogWriter` lives as long as one transaction. It keeps the log's end and the heads of the
documents that it touched in memory and writes them once at its end, so that a thousand changes cost
a thousand inserts and little else.
"""

import sqlite3
from collections.abc import Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from store.documents.schema import genesis_actor, genesis_hash
from store.domain.errors import Refused
from store.domain.ids import DocId, SpaceId
from store.log.entries import Entry
from store.log.position import (
    join_hashes,
    next_chain,
    position,
)
from store.log.reading import CHANGE, WITHDRAWN, doc_rows, live_hashes
from store.log.touched_docs import TouchedDocs
from store.log.verdict import Appended, Verdict
from store.log.waiting import quarantine

if TYPE_CHECKING:
    from store.documents.inspect import InspectedChange

LOST: Final = "lost"  # origin of what the space's server had, and has no more
_INSERT: Final = (
    "INSERT INTO log (space, seq, doc, origin, hash, actor, actor_seq, start_op, ops, at_ms,"
    " received_at_ms, person, device, chain, deps, bytes)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
)
_INSERT_ENTRY: Final = (
    "INSERT INTO log (space, seq, type, doc, origin, hash, actor, actor_seq, at_ms, received_at_ms,"
    " chain, deps, bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, x'', ?) ON CONFLICT DO NOTHING"
)


class LogWriter:
    """Appends to the log of one space within one transaction; use it as a context manager.

    What it wrote is complete once it is left; until then `heads` of `store.log` reads old heads.
    """

    def __init__(
        self, conn: sqlite3.Connection, space: SpaceId, *, now_ms: int, server: str | None = None
    ) -> None:
        """Begin at the end of the space's log.

        Args:
            conn: a connection in a write transaction.
            space: id of the space.
            now_ms: when the changes were received.
            server: id of the peer that is the space's server, if it has one. What comes from there
                needs no acknowledgement (`own_seq`).

        Raises:
            UnknownSpace: the database doesn't hold the space.
        """
        end = position(conn, space)
        self._conn = conn
        self._space = space
        self._now_ms = now_ms
        self._server = server
        self._seq = end.seq
        self._stored_seq = end.seq
        self._chain = end.chain
        self._digest = end.heads_digest
        self._docs = TouchedDocs(conn, space, server)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:  # else the transaction is rolled back anyway
            self.flush()

    def append(self, doc: DocId, change: "InspectedChange", *, origin: str | None) -> Appended:
        """Append a change, unless it is known, lacks its deps or is refused.

        Args:
            doc: the document that it is said to belong to.
            change: as inspected; its bytes are stored as they are.
            origin: replica or peer that it came from, None if it was made here.
        """
        state = self._docs.of(doc)
        if state.space != self._space:
            return Appended(Verdict.OTHER_SPACE)
        if (refusal := _genesis_verdict(doc, change)) is not None:
            return Appended(refusal)
        if not state.heads.issuperset(change.deps):
            known = self._docs.known(doc)
            missing = tuple(dep for dep in change.deps if dep not in known)
            if missing:
                return Appended(Verdict.MISSING_DEPS, missing=missing)
        if not self._insert(doc, change, origin):
            return self._collision(doc, change, origin)
        self._docs.advance(doc, change.hash, change.deps, origin=origin, seq=self._seq)
        return Appended(Verdict.ACCEPTED, seq=self._seq)

    def append_entry(self, entry: Entry, *, origin: str | None) -> bool:
        """Append an act or a statement; False where its hash or number is known."""
        chain = next_chain(self._chain, entry.hash)
        inserted = self._conn.execute(
            _INSERT_ENTRY,
            (
                self._space,
                self._seq + 1,
                entry.type,
                entry.doc,
                origin,
                entry.hash,
                entry.generation,
                entry.n,
                entry.at_ms,
                self._now_ms,
                chain,
                entry.raw,
            ),
        )
        if inserted.rowcount != 1:
            return False
        self._seq += 1
        self._chain = chain
        return True

    def withdraw(self, doc: DocId, hashes: Iterable[bytes]) -> set[bytes]:
        """Take changes of a document out of it, with all that follow them (DECISIONS D20).

        Their rows keep their places in the log. Should one come in again from a peer, then somebody
        else has adopted it, and it is part of the document once more.

        Returns:
            The hashes of all that is out now.
        """
        gone = set(hashes)
        for row in doc_rows(self._conn, doc):  # causes come before their effects
            if gone.intersection(row.deps):
                gone.add(row.hash)
        self._conn.executemany(
            "UPDATE log SET type = ? WHERE space = ? AND hash = ?",
            [(WITHDRAWN, self._space, one) for one in gone],
        )
        self._docs.read_anew(doc)
        return gone

    def bring_back(self, doc: DocId, hashes: Iterable[bytes]) -> set[bytes]:
        """Put changes that were withdrawn back into a document, at their old places in the log.

        Returns:
            The hashes of those that were out until now; the others had come in again from a peer.

        Raises:
            Refused: one of them follows a change that is still out.
        """
        found = [
            one
            for one in hashes
            if self._conn.execute(
                "SELECT 1 FROM log WHERE space = ? AND doc = ? AND hash = ? AND type = ?",
                (self._space, doc, one, WITHDRAWN),
            ).fetchone()
        ]
        self._conn.executemany(
            "UPDATE log SET type = ? WHERE space = ? AND hash = ?",
            [(CHANGE, self._space, one) for one in found],
        )
        known = live_hashes(self._conn, doc) | {genesis_hash(doc)}
        if not all(known.issuperset(row.deps) for row in doc_rows(self._conn, doc)):
            raise Refused("What it follows was taken back as well; undo that first.")
        self._docs.read_anew(doc)
        return set(found)

    def confirm(self, doc: DocId, hashes: Iterable[bytes], *, origin: str) -> bool:
        """Note whether logged changes came once more, and now from the space's server.

        Then it has what another device had brought before, and nobody has to hand it on.

        Returns:
            Whether that was news.
        """
        if origin != self._server:
            return False
        moved = self._conn.executemany(
            "UPDATE log SET origin = ?1 WHERE space = ?2 AND hash = ?3 AND origin <> ?1",
            [(self._server, self._space, one) for one in hashes],
        )
        if moved.rowcount < 1:
            return False
        self._docs.count_own(doc)
        return True

    def doubt(self, doc: DocId, hashes: Iterable[bytes]) -> None:
        """Note that the space's server has lost changes that had come from it.

        They count as brought by somebody else until it sends them once more.
        """
        moved = self._conn.executemany(
            "UPDATE log SET origin = ? WHERE space = ? AND hash = ? AND origin = ?",
            [(LOST, self._space, one, self._server) for one in hashes],
        )
        if moved.rowcount > 0:
            self._docs.count_own(doc)

    def heads(self, doc: DocId) -> tuple[bytes, ...]:
        """Give the sorted heads of a document, with what this writer has appended."""
        return tuple(sorted(self._docs.of(doc).heads))

    def flush(self) -> None:
        """Write the heads of the touched documents and the log's end."""
        if not self._docs.has_any and self._seq == self._stored_seq:
            return
        self._stored_seq = self._seq
        self._digest = self._docs.write(self._digest)
        self._conn.execute(
            "UPDATE space SET last_seq = ?, last_chain = ?, heads_digest = ? WHERE id = ?",
            (self._seq, self._chain, self._digest, self._space),
        )

    def _insert(self, doc: DocId, change: "InspectedChange", origin: str | None) -> bool:
        chain = next_chain(self._chain, change.hash)
        inserted = self._conn.execute(
            _INSERT,
            (
                self._space,
                self._seq + 1,
                doc,
                origin,
                change.hash,
                change.actor,
                change.seq,
                change.start_op,
                change.ops,
                change.stamp.at_ms,
                self._now_ms,
                change.stamp.person,
                change.stamp.device,
                chain,
                join_hashes(change.deps),
                change.raw,
            ),
        )
        if inserted.rowcount != 1:
            return False
        self._seq += 1
        self._chain = chain
        return True

    def _collision(self, doc: DocId, change: "InspectedChange", origin: str | None) -> Appended:
        """Find out which rule the insert broke."""
        known = self._conn.execute(
            "SELECT seq, type FROM log WHERE space = ? AND hash = ?", (self._space, change.hash)
        ).fetchone()
        if known is not None and known[1] == WITHDRAWN:
            self._conn.execute(
                "UPDATE log SET type = ?, origin = ? WHERE space = ? AND hash = ?",
                (CHANGE, origin, self._space, change.hash),
            )
            self._docs.advance(doc, change.hash, change.deps, origin=origin, seq=known[0])
            return Appended(Verdict.ACCEPTED, seq=known[0], is_readopted=True)
        if known is not None:
            return Appended(Verdict.DUPLICATE)
        taken = self._conn.execute(
            "SELECT 1 FROM log WHERE space = ? AND doc = ? AND actor = ? AND actor_seq = ?",
            (self._space, doc, change.actor, change.seq),
        )
        assert taken.fetchone() is not None, "two writers append to one log in one transaction"
        quarantine(
            self._conn,
            self._space,
            doc,
            change.hash,
            change.raw,
            Verdict.EQUIVOCATION,
            sender=origin,
            now_ms=self._now_ms,
        )
        return Appended(Verdict.EQUIVOCATION)


def append(
    conn: sqlite3.Connection,
    space: SpaceId,
    doc: DocId,
    change: "InspectedChange",
    *,
    origin: str | None,
    now_ms: int,
    server: str | None = None,
) -> Appended:
    """Append one change; see `LogWriter`, which is the way to append several."""
    with LogWriter(conn, space, now_ms=now_ms, server=server) as log:
        return log.append(doc, change, origin=origin)


def _genesis_verdict(doc: DocId, change: "InspectedChange") -> Verdict | None:
    """Judge what begins a document: computed from its id, never received (DECISIONS D2)."""
    if not change.deps:
        return Verdict.DUPLICATE if change.hash == genesis_hash(doc) else Verdict.BAD_GENESIS
    if change.actor == genesis_actor(doc):
        return Verdict.BAD_GENESIS
    return None
