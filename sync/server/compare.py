"""Anti-entropy: finds out what two replicas don't share, whatever their cursors say.

The asker sends fingerprints of ranges of document ids; the server names smaller ranges, or lists
the documents of ranges that are small, until the difference is a few documents. Those are then
asked for by heads. The ranges of one message may not overlap, so that its cost is bounded by one
walk over the space.

Source: range-based set reconciliation (A. Meyer, 2022), with sums of hashes as fingerprints.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from store.database.connection import Database
from store.domain.errors import InvalidValue
from store.domain.ids import DocId, SpaceId, parse_doc_id
from store.domain.limits import PUSH_ROWS, PUSH_ROWS_MAX
from store.log import docs_between, fingerprint, position, rows_beyond
from sync.protocol.messages import (
    RANGES_MAX,
    Differences,
    DocHeads,
    Pulled,
    Range,
    Ranges,
    Row,
    Wanted,
)
from sync.protocol.problems import refuse
from sync.server import limits
from sync.server.callers import Caller
from sync.server.feed import wire_row


@dataclass(frozen=True, slots=True)
class Compare:
    """The documents of all spaces of one server, to be compared."""

    db: Database

    def heads(self, caller: Caller, asked: Ranges) -> Differences:
        """Answer fingerprints with what differs.

        Raises:
            ProblemRaised: `malformed` where ranges are empty, overlap or are out of order.
        """
        _check_ranges(asked.ranges)
        space = SpaceId(caller.space)
        found = _Found()
        with self.db.read() as conn:
            for range_ in asked.ranges:
                digest, count = fingerprint(conn, space, range_.lo, range_.hi)
                if (digest, count) != (range_.digest, range_.count):
                    mine = Range(range_.lo, range_.hi, digest, count)
                    _look_into(conn, space, mine, found)
        return Differences(ranges=found.ranges, listed=found.listed, docs=found.docs)

    def changes(self, caller: Caller, wanted: Wanted) -> Pulled:
        """Give the changes of documents beyond the caller's heads.

        Returns:
            As many as fit; `more` says that some were left out, so that the caller asks again with
            the heads that it has then.

        Raises:
            ProblemRaised: `malformed` where a document is named twice or isn't one.
        """
        docs = _checked_docs(wanted.docs)
        space = SpaceId(caller.space)
        rows: list[Row] = []
        received: list[int] = []
        size = 0
        with self.db.read() as conn:
            digest = position(conn, space).heads_digest
            for doc, heads in docs:
                rows_max = PUSH_ROWS_MAX if doc == docs[0][0] else PUSH_ROWS
                for row in rows_beyond(conn, space, doc, heads):
                    size += len(row.bytes or b"")
                    if len(rows) >= rows_max or (rows and size > limits.PULL_BYTES_MAX):
                        return Pulled("", rows, True, digest, received)
                    rows.append(wire_row(row))
                    received.append(row.received_at_ms)
        return Pulled("", rows, False, digest, received)


@dataclass(slots=True)
class _Found:
    """The answer, while it grows."""

    ranges: list[Range] = field(default_factory=list)
    listed: list[Range] = field(default_factory=list)
    docs: list[DocHeads] = field(default_factory=list)


def _look_into(conn: sqlite3.Connection, space: SpaceId, mine: Range, found: _Found) -> None:
    """List a differing range, split it, or leave it for the next message where this one is full."""
    if mine.count <= limits.LIST_DOCS_MAX and len(found.docs) < limits.LISTED_DOCS_MAX:
        docs = docs_between(conn, space, mine.lo, mine.hi, limits.LIST_DOCS_MAX)
        found.listed.append(mine)
        found.docs += [DocHeads(doc, list(heads)) for doc, heads in docs]
    elif mine.count > limits.LIST_DOCS_MAX and _has_room(found):
        found.ranges += _split(conn, space, mine)
    else:
        found.ranges.append(mine)


def _has_room(found: _Found) -> bool:
    return len(found.ranges) + limits.SPLIT_RANGES <= RANGES_MAX


def _split(conn: sqlite3.Connection, space: SpaceId, mine: Range) -> list[Range]:
    """Cut a range into parts with about as many documents each."""
    bounds = [mine.lo, *_quantiles(conn, space, mine), mine.hi]
    parts: list[Range] = []
    for lo, hi in pairwise(bounds):
        digest, count = fingerprint(conn, space, lo, hi)
        parts.append(Range(lo, hi, digest, count))
    return parts


def _quantiles(conn: sqlite3.Connection, space: SpaceId, mine: Range) -> Iterable[str]:
    for part in range(1, limits.SPLIT_RANGES):
        (doc,) = conn.execute(
            "SELECT id FROM doc WHERE space = ? AND id >= ? AND id < ? ORDER BY id"
            " LIMIT 1 OFFSET ?",
            (space, mine.lo, mine.hi, mine.count * part // limits.SPLIT_RANGES),
        ).fetchone()
        yield doc


def _check_ranges(ranges: list[Range]) -> None:
    end = ""
    for range_ in ranges:
        if range_.lo < end or range_.lo >= range_.hi:
            raise refuse("malformed", "The ranges must be in order, not empty and not overlap.")
        end = range_.hi


def _checked_docs(docs: list[DocHeads]) -> list[tuple[DocId, list[bytes]]]:
    try:
        checked = {parse_doc_id(entry.doc): list(entry.heads) for entry in docs}
    except InvalidValue as error:
        raise refuse("malformed", str(error)) from error
    if len(checked) != len(docs):
        raise refuse("malformed", "Each document may be asked for once.")
    return list(checked.items())
