"""Checks the log of a space: every row, the chain over them, and what is cached of its heads.

Reading takes a while and holds writers up, so rows are read in pages with room for others between
them; only the numbers at the end are taken at one moment. Works on a device and on a server.
"""

import sqlite3
from collections.abc import Iterator
from typing import Final

from store.database.connection import Database
from store.doctor.log_rows import StoredRow, stored_rows
from store.documents.schema import UnknownSchema, genesis_hash
from store.domain.ids import DocId, SpaceId
from store.log import CHAIN_START, Position, position
from store.log.doc_heads import DocHeads
from store.log.position import HASH_BYTES, join_hashes, moved_digest, next_chain, split_hashes

_PAGE_ROWS: Final = 500


def space_ids(db: Database) -> list[SpaceId]:
    """List the spaces of a database, oldest first."""
    with db.read() as conn:
        return [row[0] for row in conn.execute("SELECT id FROM space ORDER BY created_at_ms, id")]


def log_problems(db: Database, space: SpaceId) -> Iterator[str]:
    """Check each row of a log by itself, then against those before it, then against its end."""
    walk = _Walk()
    while True:
        with db.read() as conn:
            page = list(stored_rows(conn, space, walk.seq, _PAGE_ROWS))
            end = position(conn, space)
        for row in page:
            yield from (f"change {row.seq} is not sound: {why}" for why in walk.step(row))
        if not page:
            yield from walk.end_problems(end)
            return


def rows_in(db: Database) -> int:
    """Count the changes of all logs."""
    with db.read() as conn:
        (count,) = conn.execute("SELECT count(*) FROM log").fetchone()
    return int(count)


def heads_problems(db: Database, space: SpaceId) -> Iterator[str]:
    """Check what is kept of each document's heads, and their digest, against the log."""
    with db.read() as conn:
        computed = _heads_of_log(conn, space)
        kept = conn.execute(
            "SELECT id, heads, changes, is_linear, last_seq, own_seq FROM doc WHERE space = ?",
            (space,),
        ).fetchall()
        digest = position(conn, space).heads_digest
    total = bytes(HASH_BYTES)
    for doc, joined, *numbers in kept:
        log = computed.pop(doc, None) or DocHeads(space)
        total = moved_digest(total, doc, (), split_hashes(joined))
        if joined != join_hashes(sorted(log.heads)):
            yield f"the heads of {doc} are not those of its changes"
        elif not _fits(log, *numbers):
            yield f"the numbers of {doc} are not those of its changes"
    yield from (f"the log has changes of {doc}, which is not listed" for doc in computed)
    if digest != total:
        yield "the digest of all heads is wrong"


class _Walk:
    """Follows a log row by row.

    Attributes:
        seq: of the last row.
    """

    def __init__(self) -> None:
        self.seq = 0
        self._chain = CHAIN_START
        self._known: dict[str, set[bytes]] = {}

    def step(self, row: StoredRow) -> Iterator[str]:
        """Take in the next row; give what is wrong with it."""
        if row.seq != self.seq + 1:
            yield "one before it is missing"
        self.seq, self._chain = row.seq, next_chain(self._chain, row.hash)
        if row.chain != self._chain:
            yield "the chain is broken"
            self._chain = row.chain
        if (fault := row.fault()) is not None:
            yield fault
        if not row.is_withdrawn and not row.is_entry:
            known = self._known_of(row.doc)
            if not known.issuperset(split_hashes(row.deps)):
                yield "a change that it follows is missing"
            known.add(row.hash)

    def end_problems(self, end: Position) -> Iterator[str]:
        """Compare with what the space says of the log's end."""
        if (end.seq, end.chain) != (self.seq, self._chain):
            yield f"the log ends at {self.seq}, not at {end.seq} as is said"

    def _known_of(self, doc: DocId) -> set[bytes]:
        known = self._known.get(doc)
        if known is None:
            known = self._known[doc] = set(_genesis(doc))
        return known


def _genesis(doc: DocId) -> tuple[bytes, ...]:
    try:
        return (genesis_hash(doc),)
    except UnknownSchema:
        return ()  # told as a fault of the row


def _heads_of_log(conn: sqlite3.Connection, space: SpaceId) -> dict[str, DocHeads]:
    """Work out the heads of all documents anew; `own_seq` as far as it is beyond doubt."""
    docs: dict[str, DocHeads] = {}
    found = conn.execute(
        "SELECT doc, seq, hash, deps, origin FROM log WHERE space = ? AND type = 'change'"
        " ORDER BY seq",
        (space,),
    )
    for doc, seq, change_hash, deps, origin in found:
        heads = docs.setdefault(doc, DocHeads(space))
        heads.follow(change_hash, split_hashes(deps))
        heads.last_seq = seq
        if origin is None:  # made here, so that every peer has to acknowledge it
            heads.own_seq = seq
    return docs


def _fits(log: DocHeads, changes: int, is_linear: int, last_seq: int, own_seq: int) -> bool:
    return (
        (log.changes, log.is_linear) == (changes, bool(is_linear))
        and log.last_seq <= last_seq
        and log.own_seq <= own_seq
    )
