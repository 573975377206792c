"""A replica: one home, everything it knows, and every act that changes it."""

import os
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

from store import peers
from store.clocks import system_now_ms
from store.commands.receiving import Applied, take_in
from store.commands.receiving_acts import take_in_acts
from store.commands.receiving_members import take_in_members
from store.database.connection import Database
from store.documents.inspect import InspectedChange
from store.domain.ids import DocId, SpaceId
from store.domain.measures import names
from store.replica.authority import AuthoritySide
from store.replica.core import DATABASE
from store.replica.ledger import Ledger
from store.replica.reads import Reads
from store.replica.settings import Settings
from store.replica.writes import Writes


class Replica(Reads, Writes, Settings, Ledger, AuthoritySide):
    """One installed copy of the data. Thread-safe; methods block: call them off an event loop."""

    @classmethod
    def open(
        cls,
        home: Path,
        *,
        clock_ms: Callable[[], int] = system_now_ms,
        entropy: Callable[[int], bytes] = os.urandom,
        connection: type[sqlite3.Connection] = sqlite3.Connection,
    ) -> "Replica":
        """Open a home, making it the first time.

        Args:
            home: its folder.
            clock_ms: Unix milliseconds.
            entropy: so many random bytes.
            connection: see `Database`.

        Raises:
            HomeBusy, HomeCorrupt, HomeReadOnly, SchemaTooNew, StorageFull: it is unusable.
        """
        return cls(home, Database(home / DATABASE, connection=connection), clock_ms, entropy)

    def __enter__(self) -> "Replica":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def apply_remote(
        self,
        space: SpaceId,
        rows: Sequence[tuple[DocId, InspectedChange]],
        *,
        origin: str,
        cursor: tuple[str, str] | None = None,
        acts: Sequence[tuple[str, bytes]] = (),
        members: Sequence[bytes] = (),
    ) -> Applied:
        """Take in what a peer sent, and move the cursor with it, in one transaction.

        Args:
            space: where the documents belong.
            rows: inspected changes, in the peer's order.
            origin: the peer's id, for the log and the quarantine.
            cursor: (peer id, cursor) to keep; None where the rows did not come by a cursor. Where
                acts are missing before these, it goes back to the beginning instead.
            acts: (type, bytes) of what the space's authority has decided, in the peer's order.
            members: statements about who belongs to the space, which come before the rows.

        Raises:
            LedgerTooNew: an act can't be read by this version; nothing was taken in.
        """
        with self.act("sync") as act:
            told = take_in_members(act, space, members, origin=origin) if members else None
            applied = take_in(act, space, rows, origin=origin)
            applied.acts = take_in_acts(act, space, acts, origin=origin, can_ask=cursor is not None)
            act.samples.count(names.CHANGES, "remote", applied.accepted)
            if cursor is not None:
                peer, where = cursor
                peers.set_pull_cursor(act.conn, peer, None if applied.acts.asks_anew else where)
            if told is not None:
                applied.statements = told.accepted
                applied.quarantined += len(told.refused)
        applied.samples = act.samples
        return applied

    def rebuild(self) -> int:
        """Derive all rows anew from the log; gives the number of documents."""
        with self.act("doctor") as act:
            self._cache.clear()
            rows = act.conn.execute("SELECT id, space FROM doc ORDER BY id").fetchall()
            for doc_id, space in rows:
                act.touched[DocId(doc_id)] = SpaceId(space)
        return len(rows)
