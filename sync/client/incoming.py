"""Taking in what the server sent, and finding out where the documents of the two sides differ.

The pull cursor moves in the transaction that holds the rows, never before it. A row that isn't what
its hash says is kept as evidence; what was meant is found again when the heads are compared.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from store import log, peers
from store.commands.receiving_acts import TakenActs
from store.documents.inspect import ChangeRefused, InspectedChange, inspect_change
from store.domain.errors import InvalidValue
from store.domain.ids import DocId, parse_doc_id
from store.errors import LedgerTooNew
from store.log.entries import ACT_TYPES, MEMBER
from store.log.reading import CHANGE, live_among
from store.measures.samples import Samples
from sync.client.home import Home
from sync.client.planner import Unlike, compare_listed
from sync.errors import Incompatible
from sync.protocol.messages import HEADS_MAX, DocHeads, Range, Row

ACT_ROWS: Final = frozenset(ACT_TYPES)  # what the space's authority has decided (DECISIONS D17)
LAST_ID: Final = "~"  # sorts behind every document id
# A request for changes, as MessagePack; the server takes 1 MiB.
HEADS_BYTES_MAX: Final = 768 << 10
HEAD_BYTES: Final = 34
DOC_BYTES: Final = 48


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of rows that the server sent.

    Attributes:
        accepted: new here.
        waiting: kept until their deps come.
        damaged: not what their hash says; kept as evidence.
        quarantined: sound by themselves, but not to be taken; kept as evidence.
        fresh: hashes of the accepted ones.
        acts: what became of the authority's acts; those that are new count as accepted too, and so
            do statements about members.
        statements: how many of the accepted ones those are.
        samples: what was counted of it for the measures.
    """

    accepted: int = 0
    waiting: int = 0
    damaged: int = 0
    quarantined: int = 0
    fresh: frozenset[bytes] = frozenset()
    acts: TakenActs = field(default_factory=TakenActs)
    statements: int = 0
    samples: Samples = field(default_factory=Samples)

    @property
    def changes(self) -> int:
        """How many of the accepted ones are changes."""
        return self.accepted - self.acts.accepted - self.statements


@dataclass(slots=True)
class _Inspected:
    """Rows, sorted by what they are; the damaged ones with the reason."""

    changes: list[tuple[DocId, InspectedChange]] = field(default_factory=list)
    acts: list[tuple[str, bytes]] = field(default_factory=list)
    statements: list[bytes] = field(default_factory=list)
    damaged: list[tuple[Row, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Incoming:
    """What comes to one space of this home from its server."""

    home: Home

    def take(self, rows: Sequence[Row], cursor: str | None) -> Taken:
        """Take in rows, and keep the cursor with them.

        Args:
            rows: as the server sent them.
            cursor: where its log was read to; None where they were asked for by name.

        Raises:
            Incompatible: a row of a kind, or an act of the authority, that this version can't read.
                Nothing was taken in.
        """
        found = _inspected(rows)
        if found.damaged:
            self._keep_as_evidence(found.damaged)
        if found.changes or found.acts or found.statements:
            return self._apply(found, cursor)
        if cursor is not None:
            with self.home.replica.db.write() as conn:
                peers.set_pull_cursor(conn, self.home.peer, cursor)
        return Taken(damaged=len(found.damaged))

    def _apply(self, found: _Inspected, cursor: str | None) -> Taken:
        moved = None if cursor is None else (self.home.peer, cursor)
        try:
            applied = self.home.replica.apply_remote(
                self.home.space,
                found.changes,
                origin=self.home.peer,
                cursor=moved,
                acts=found.acts,
                members=found.statements,
            )
        except LedgerTooNew as unread:
            raise Incompatible(unread.detail) from unread
        return Taken(
            applied.accepted + applied.acts.accepted + applied.statements,
            applied.waiting,
            len(found.damaged) + len(applied.acts.damaged),
            applied.quarantined,
            frozenset(applied.hashes),
            applied.acts,
            applied.statements,
            applied.samples,
        )

    def ask_for_the_last_acts(self) -> bool:
        """Read the peer's log anew, as the last acts did not come; False if that was in vain."""
        return self.home.replica.ask_for_the_last_acts(self.home.space, self.home.peer)

    def heads_of(self, docs: Iterable[DocId]) -> list[DocHeads]:
        """Write our heads of some documents; of very many heads some, which asks for too much."""
        with self.home.replica.db.read() as conn:
            return [DocHeads(doc, list(log.heads(conn, doc)[:HEADS_MAX])) for doc in docs]

    def whole_range(self) -> Range:
        """Fingerprint all documents of the space."""
        return self._fingerprint("", LAST_ID)

    def differing(self, theirs: Iterable[Range]) -> list[Range]:
        """Compare fingerprints with ours; give back ours of the ranges that differ."""
        pairs = [(range_, self._fingerprint(range_.lo, range_.hi)) for range_ in theirs]
        return [ours for their, ours in pairs if ours != their]

    def unlike(self, listed: Iterable[Range], theirs: Iterable[DocHeads]) -> Unlike:
        """Compare the documents of listed ranges with ours."""
        space = self.home.space
        named = {entry.doc: tuple(entry.heads) for entry in theirs}
        ours: dict[str, tuple[bytes, ...]] = {}
        known: set[bytes] = set()
        with self.home.replica.db.read() as conn:
            for range_ in listed:
                # A limit of -1 is none: the range was small for the server, not for us.
                ours.update(log.docs_between(conn, space, range_.lo, range_.hi, -1))
            for doc, heads in named.items():
                # What was taken back is not known: who has it had refused it wrongly, and gives it.
                known |= live_among(conn, space, DocId(doc), heads)
        return compare_listed(ours, named, known)

    def _keep_as_evidence(self, damaged: Sequence[tuple[Row, str]]) -> None:
        with self.home.replica.db.write() as conn:
            for row, reason in damaged:
                log.quarantine(
                    conn,
                    self.home.space,
                    DocId(row.doc),
                    row.hash,
                    row.raw,
                    reason,
                    sender=self.home.peer,
                    now_ms=self.home.now_ms(),
                )
            # What was meant is to be looked for, whatever else holds the documents apart.
            peers.note_verified(conn, self.home.peer, 0)

    def _fingerprint(self, lo: str, hi: str) -> Range:
        with self.home.replica.db.read() as conn:
            digest, count = log.fingerprint(conn, self.home.space, lo, hi)
        return Range(lo, hi, digest, count)


def within_bytes(docs: Sequence[DocHeads]) -> list[DocHeads]:
    """Take from the front as many documents as one request for changes may name, at least one."""
    part: list[DocHeads] = []
    total = 0
    for entry in docs:
        total += DOC_BYTES + len(entry.heads) * HEAD_BYTES
        if part and total > HEADS_BYTES_MAX:
            break
        part.append(entry)
    return part


def _inspected(rows: Sequence[Row]) -> _Inspected:
    """Judge rows by themselves; what is signed is judged by its signature, later."""
    found = _Inspected()
    for row in rows:
        if row.type in ACT_ROWS:
            found.acts.append((row.type, row.raw))
        elif row.type == MEMBER:
            found.statements.append(row.raw)
        elif row.type == CHANGE:
            _inspect_change(row, found)
        else:
            raise Incompatible("The server sends what this version can't read; update Cairn.")
    return found


def _inspect_change(row: Row, found: _Inspected) -> None:
    try:
        doc, change = parse_doc_id(row.doc), inspect_change(row.raw)
    except InvalidValue:
        found.damaged.append((row, "bad-document"))
    except ChangeRefused as refused:
        found.damaged.append((row, refused.reason_type))
    else:
        if change.hash == row.hash:
            found.changes.append((doc, change))
        else:
            found.damaged.append((row, "wrong-hash"))
