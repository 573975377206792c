"""The documents that one transaction touches in the log of a space: where they stand meanwhile.

Their rows in `doc` are written once, at the transaction's end.
"""

import sqlite3

from store.documents.schema import genesis_hash
from store.domain.ids import DocId, SpaceId, kind_of
from store.log.doc_heads import DocHeads
from store.log.position import join_hashes, moved_digest, split_hashes
from store.log.reading import CHANGE, doc_rows, live_hashes


class TouchedDocs:
    """Documents by what the transaction has made of them so far.

    Args:
        conn: a connection in a write transaction.
        space: id of the space.
        server: id of the peer that is the space's server, if it has one.
    """

    def __init__(self, conn: sqlite3.Connection, space: SpaceId, server: str | None) -> None:
        self._conn = conn
        self._space = space
        self._server = server
        self._docs: dict[DocId, DocHeads] = {}

    def of(self, doc: DocId) -> DocHeads:
        """Where a document stands; a new one at its genesis."""
        state = self._docs.get(doc)
        if state is not None:
            return state
        row = self._conn.execute(
            "SELECT space, heads, changes, is_linear, last_seq, own_seq FROM doc WHERE id = ?",
            (doc,),
        ).fetchone()
        if row is None:
            state = DocHeads(self._space, known={genesis_hash(doc)})
        else:
            space, joined, changes, is_linear, last_seq, own_seq = row
            stored = split_hashes(joined)
            state = DocHeads(
                space, stored, set(stored), None, changes, bool(is_linear), last_seq, own_seq
            )
        self._docs[doc] = state
        return state

    def known(self, doc: DocId) -> set[bytes]:
        """The hashes of all changes of a document, and of its genesis."""
        state = self.of(doc)
        if state.known is None:
            state.known = live_hashes(self._conn, doc) | {genesis_hash(doc)}
        return state.known

    def advance(
        self, doc: DocId, change: bytes, deps: tuple[bytes, ...], *, origin: str | None, seq: int
    ) -> None:
        """Move a document on to a change of it that is logged now.

        Args:
            doc: the document.
            change: hash of the change.
            deps: what it follows.
            origin: where it came from, None if it was made here.
            seq: its place in the log.
        """
        state = self.of(doc)
        state.follow(change, deps)
        state.last_seq = max(state.last_seq, seq)
        if self._is_own(origin):
            state.own_seq = max(state.own_seq, seq)
        state.is_touched = True

    def read_anew(self, doc: DocId) -> None:
        """Find the heads of a document by all of its changes, some of which went or came back."""
        left = DocHeads(self._space, self.of(doc).stored_heads, known={genesis_hash(doc)})
        for row in doc_rows(self._conn, doc):
            left.follow(row.hash, row.deps)
            left.last_seq = row.seq
            if self._is_own(row.origin):
                left.own_seq = row.seq
        left.is_touched = True
        self._docs[doc] = left

    def count_own(self, doc: DocId) -> None:
        """Find the last change that the server has to acknowledge, as origins are others now."""
        state = self.of(doc)
        (state.own_seq,) = self._conn.execute(
            f"SELECT coalesce(max(seq), 0) FROM log WHERE doc = ? AND type = '{CHANGE}'"
            " AND origin IS NOT ?",
            (doc, self._server),
        ).fetchone()
        state.is_touched = True

    def write(self, digest: bytes) -> bytes:
        """Write the rows of all that were touched since the last time.

        Args:
            digest: of the heads of all documents of the space, as they were.

        Returns:
            The digest of the heads as they are now.
        """
        touched = [(doc, state) for doc, state in self._docs.items() if state.is_touched]
        for doc, state in touched:
            digest = moved_digest(digest, doc, state.stored_heads, state.heads)
            state.stored_heads = tuple(sorted(state.heads))
            state.is_touched = False
        self._conn.executemany(
            "INSERT INTO doc (id, space, kind, changes, is_linear, last_seq, own_seq, heads)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
            " changes = excluded.changes, is_linear = excluded.is_linear,"
            " last_seq = excluded.last_seq, own_seq = excluded.own_seq, heads = excluded.heads",
            [
                (
                    doc,
                    self._space,
                    kind_of(doc),
                    state.changes,
                    state.is_linear,
                    state.last_seq,
                    state.own_seq,
                    join_hashes(state.stored_heads),
                )
                for doc, state in touched
            ],
        )
        return digest

    @property
    def has_any(self) -> bool:
        """Whether a row is to be written."""
        return any(state.is_touched for state in self._docs.values())

    def _is_own(self, origin: str | None) -> bool:
        """Whether the space's server still has to acknowledge what came from there."""
        return origin is None or origin != self._server
