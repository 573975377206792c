"""The few documents that are open on this device, caught up with the log before every use."""

import sqlite3
from collections import OrderedDict
from typing import Final

from store import log
from store.commands.kept_footprints import load_footprints
from store.documents.history import ChangeInfo
from store.documents.inspect import inspect_change
from store.documents.open_doc import OpenDoc
from store.domain.ids import DocId
from store.domain.stamp import Stamp
from store.errors import DocumentCorrupt

# A task takes some kB, a long note tens of MB: what lists show never comes from here.
_OPEN_MAX: Final = 64
# Changes until a snapshot is taken anew: loading raw changes is eight times slower. Of a long
# history one in twenty may be raw, so that a part of it that comes in need not write all of it.
_SNAPSHOT_EVERY: Final = 200
_RAW_SHARE: Final = 20


class DocumentCache:
    """Open documents by id, least recently used first. Its replica holds the lock."""

    def __init__(self) -> None:
        """Start empty."""
        self._open: OrderedDict[DocId, OpenDoc] = OrderedDict()

    def open(self, conn: sqlite3.Connection, doc_id: DocId) -> OpenDoc:
        """Open a document as the log has it now, whoever wrote last (DECISIONS D14).

        Raises:
            DocumentCorrupt: its logged changes do not load.
        """
        held = self._open.get(doc_id)
        logged = log.heads(conn, doc_id)
        if held is not None and not _is_at(held, logged):
            held = self._caught_up(conn, held, logged)
        if held is None:
            held = _load(conn, doc_id)
        self.keep(held)
        return held

    def keep(self, doc: OpenDoc) -> None:
        """Hold a document as the one used last."""
        self._open[doc.id] = doc
        self._open.move_to_end(doc.id)
        while len(self._open) > _OPEN_MAX:
            self._open.popitem(last=False)

    def drop(self, doc_id: DocId) -> None:
        """Forget a document whose memory may not be what the log says."""
        self._open.pop(doc_id, None)

    def clear(self) -> None:
        """Forget all of them."""
        self._open.clear()

    def _caught_up(
        self, conn: sqlite3.Connection, held: OpenDoc, logged: tuple[bytes, ...]
    ) -> OpenDoc | None:
        """Take in what another process logged; None where memory and log don't fit."""
        fresh = [
            inspect_change(row.bytes)
            for row in log.doc_rows(conn, held.id)
            if row.bytes is not None and not held.doc.knows(row.hash)
        ]
        try:
            held.apply(fresh)
        except DocumentCorrupt:
            return None
        return held if _is_at(held, logged) else None


def save_snapshot(conn: sqlite3.Connection, doc: OpenDoc) -> None:
    """Keep an Automerge file of a document with a long history, so that it opens fast."""
    row = conn.execute("SELECT upto_changes FROM snapshot WHERE doc = ?", (doc.id,)).fetchone()
    held = row[0] if row else 0
    if doc.changes >= held + max(_SNAPSHOT_EVERY, held // _RAW_SHARE):
        conn.execute(
            "INSERT OR REPLACE INTO snapshot(doc, upto_changes, bytes) VALUES (?, ?, ?)",
            (doc.id, doc.changes, doc.doc.save()),
        )


def _is_at(doc: OpenDoc, logged: tuple[bytes, ...]) -> bool:
    """Whether a document stands where its log does; with no heads all of it was taken back."""
    return doc.heads == logged if logged else not doc.changes


def _load(conn: sqlite3.Connection, doc_id: DocId) -> OpenDoc:
    rows = log.doc_rows(conn, doc_id)
    infos = [
        ChangeInfo(
            row.hash,
            row.deps,
            row.actor,
            row.actor_seq,
            row.start_op,
            row.start_op + row.ops - 1,
            Stamp(row.person, row.device, row.at_ms),
            row.bytes or b"",
        )
        for row in rows
    ]
    found = conn.execute("SELECT bytes FROM snapshot WHERE doc = ?", (doc_id,)).fetchone()
    try:
        doc = OpenDoc.load(doc_id, infos, found[0] if found else None)
    except DocumentCorrupt:
        if found is None:
            raise
        doc = OpenDoc.load(doc_id, infos)  # a snapshot is a short cut; the log is what counts
    if not doc.history.is_linear:
        load_footprints(conn, doc)
    return doc
