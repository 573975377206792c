"""Reading the log of a space after a cursor: hello, pull, and whether there is news to wait for.

A cursor is checked against the log's own chain (DECISIONS D18), so that a server which was restored
from a backup never answers with rows of another history. Rows that came from the asking replica are
left out (D19).
"""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from store.database.connection import Database
from store.domain.ids import SpaceId
from store.log import CHAIN_START, LogRow, Position, chain_at, position, rows_after
from store.log.reading import WITHDRAWN
from sync.protocol.cursor import NotACursor, decode_cursor, encode_cursor
from sync.protocol.messages import Hello, Hint, LogPosition, Pulled, PullQuery, Row, WaitQuery
from sync.protocol.problems import ProblemRaised, refuse
from sync.server import limits, member_rows
from sync.server.callers import Caller
from sync.server.commit_times import read_commit_times
from sync.server.ledgers import Ledgers
from sync.server.receipts import SERVER_BOOK, ReceiptBook


@dataclass(frozen=True, slots=True)
class Feed:
    """The logs of all spaces of one server, to be read.

    Attributes:
        db: has them.
        clock_ms: Unix time.
        tell_authors: called with a space and whose changes a device has now.
        book: keeps what devices say they have.
    """

    db: Database
    clock_ms: Callable[[], int]
    tell_authors: Callable[[str, set[str]], None]  # of a space that a device has their changes
    ledgers: Ledgers | None = None
    book: ReceiptBook = SERVER_BOOK

    def hello(self, caller: Caller) -> Hello:
        """Say where the log ends, and what the caller said about its own."""
        space = SpaceId(caller.space)
        with self.db.read() as conn:
            end = position(conn, space)
            return Hello(
                name=member_rows.space_name(conn, space) or "",
                role=caller.role,
                server=_sent(end),
                heads_digest=end.heads_digest,
                now_ms=self.clock_ms(),
                remembered=_remembered(conn, caller),
                ledger=None if self.ledgers is None else self.ledgers.state(conn, space),
            )

    def pull(self, caller: Caller, query: PullQuery) -> Pulled:
        """Give the next rows after a cursor; remember the caller's own position, and its receipt.

        Raises:
            ProblemRaised: `cursor-mismatch`; `malformed` where `log` is not a position.
        """
        space = SpaceId(caller.space)
        own = _own_position(query.log) if query.log else None
        with self.db.read() as conn:
            end = position(conn, space)
            after = _checked(conn, space, end, query.cursor)
            rows = rows_after(
                conn,
                space,
                after,
                rows_max=query.rows_max,
                bytes_max=limits.PULL_BYTES_MAX,
                not_from=caller.origin,
            )
            committed_ms = read_commit_times(conn, space, [row.seq for row in rows])
            more = bool(rows) and _is_news(conn, caller, rows[-1].seq)
            said = self.book.beyond(conn, caller, query.receipts)
        self._remember(caller, own, after if query.has_all else None)
        if more:
            last = rows[-1]
            reached = LogPosition(end.generation, last.seq, last.chain)
        else:
            reached = _sent(end)  # what lies between is the caller's own
        return Pulled(
            encode_cursor(reached),
            [wire_row(row) for row in rows],
            more,
            end.heads_digest,
            [row.received_at_ms for row in rows],
            committed_ms,
            seq=end.seq,
            receipts=said,
        )

    def hint(self, caller: Caller, query: WaitQuery) -> Hint:
        """Tell whether there is news for the caller beyond a cursor, without waiting.

        Raises:
            ProblemRaised: `cursor-mismatch`; `malformed` as in `pull`.
        """
        space = SpaceId(caller.space)
        own = _own_position(query.log) if query.log else None
        with self.db.read() as conn:
            end = position(conn, space)
            after = _checked(conn, space, end, query.cursor)
            hint = Hint(
                end.seq,
                _is_news(conn, caller, after),
                self.book.beyond(conn, caller, query.receipts),
            )
        self._remember(caller, own, after if query.has_all else None)
        return hint

    def _remember(self, caller: Caller, own: LogPosition | None, has: int | None) -> None:
        """Keep what a device says of itself, in one transaction, if it is new.

        Args:
            caller: the device.
            own: the end of its own log.
            has: it has everything of ours up to there.
        """
        with self.db.read() as conn:
            is_own_new = own is not None and _remembered(conn, caller) != own
            before = self.book.stated(conn, caller)
        is_has_new = has is not None and has != before
        if not (is_own_new or is_has_new):
            return
        authors: set[str] = set()
        with self.db.write() as conn:
            if own is not None and is_own_new:
                _keep_position(conn, caller, own)
            if has is not None and is_has_new:
                self.book.state(conn, caller, has, self.clock_ms())
                authors = self.book.authors_of(conn, caller.space, before or 0, has)
        if authors:
            self.tell_authors(caller.space, authors - {caller.replica})


def _keep_position(conn: sqlite3.Connection, caller: Caller, own: LogPosition) -> None:
    conn.execute(
        "INSERT INTO known_log (space, replica, generation, seq, chain)"
        " VALUES (?, ?, ?, ?, ?) ON CONFLICT (space, replica) DO UPDATE SET"
        " generation = excluded.generation, seq = excluded.seq, chain = excluded.chain",
        (caller.space, caller.replica, own.generation, own.seq, own.chain),
    )


def wire_row(row: LogRow) -> Row:
    """Write a row of the log as a message."""
    assert row.bytes is not None, "this version compacts nothing"
    return Row(row.type, row.doc, row.hash, row.bytes)


def _checked(conn: sqlite3.Connection, space: SpaceId, end: Position, cursor: str) -> int:
    """The sequence number of a cursor that points into this very log."""
    if not cursor:
        return 0
    try:
        at = decode_cursor(cursor)
    except NotACursor as error:
        raise _mismatch() from error
    if at.generation != end.generation or at.seq > end.seq:
        raise _mismatch()
    if at.chain != (CHAIN_START if at.seq == 0 else chain_at(conn, space, at.seq)):
        raise _mismatch()
    return at.seq


def _mismatch() -> ProblemRaised:
    return refuse(
        "cursor-mismatch",
        "The server's history is not the one this cursor was given for; compare everything and "
        "offer it again.",
    )


def _own_position(text: str) -> LogPosition:
    try:
        return decode_cursor(text)
    except NotACursor as error:
        raise refuse("malformed", "The query's log is not a position of a log.") from error


def _is_news(conn: sqlite3.Connection, caller: Caller, after: int) -> bool:
    found = conn.execute(
        "SELECT 1 FROM log WHERE space = ? AND seq > ? AND origin IS NOT ? AND type <> ? LIMIT 1",
        (caller.space, after, caller.origin, WITHDRAWN),
    ).fetchone()
    return found is not None


def _remembered(conn: sqlite3.Connection, caller: Caller) -> LogPosition | None:
    row = conn.execute(
        "SELECT generation, seq, chain FROM known_log WHERE space = ? AND replica = ?",
        (caller.space, caller.replica),
    ).fetchone()
    return None if row is None else LogPosition(*row)


def _sent(end: Position) -> LogPosition:
    return LogPosition(end.generation, end.seq, end.chain)
