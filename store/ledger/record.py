"""The ledger as signed acts in the log: written by the authority, taken in by replicas.

The authority appends each act and folds it in one transaction. A replica checks the signature, that
the act is the next one of its generation, and folds it in the transaction that logs it; what it has
already is left alone. Notices are acts of their own type, so that they can be shown to come.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from store.domain.ids import SpaceId
from store.domain.ledger import facts
from store.errors import LedgerDamaged
from store.ledger.books import SqlBooks
from store.ledger.codec import decode_act, decode_row, encode_act, encode_row, row_hash
from store.ledger.signing import Signer, is_signed
from store.ledger.standing import LedgerAt as LedgerAt  # with the writer goes where it stands
from store.ledger.standing import keep_at as keep_at
from store.ledger.standing import ledger_at as ledger_at
from store.log import LogWriter
from store.log.entries import LEDGER, NOTICE, Entry, entry_hash
from store.measures.sagas import count_facts
from store.measures.samples import Samples


class LedgerWriter:
    """Writes acts of one space within one transaction of its authority; ends with `flush`."""

    def __init__(
        self, conn: sqlite3.Connection, space: SpaceId, at: LedgerAt, signer: Signer, now_ms: int
    ) -> None:
        """Go on after the last act; the books are those of the same connection."""
        self.books = SqlBooks(conn, space)
        self._conn = conn
        self._space = space
        self._at = at
        self._signer = signer
        self._now_ms = now_ms
        self._entries: list[Entry] = []

    @property
    def at(self) -> LedgerAt:
        """Where the ledger stands, with what this writer has written."""
        return self._at

    @property
    def now_ms(self) -> int:
        """The time that its acts have."""
        return self._now_ms

    def write(self, told: Sequence[facts.Fact]) -> None:
        """Fold the facts of one decision and make them an act; nothing is no act."""
        self.books.apply(told)
        self.note(told)

    def note(self, told: Sequence[facts.Fact]) -> None:
        """Make facts an act that are in the books already."""
        ledger = [fact for fact in told if not isinstance(fact, facts.Noticed)]
        notices = [fact for fact in told if isinstance(fact, facts.Noticed)]
        for type_, part in ((LEDGER, ledger), (NOTICE, notices)):
            if part:
                self._append(type_, part)

    def begin_anew(self, generation: bytes) -> None:
        """Go on in a new generation, which begins with all that stands in the books."""
        before = self._at
        self._entries.clear()
        self._at = LedgerAt(before.key, generation, 0, b"", before.generation, before.n)

    def flush(self) -> int:
        """Log the acts; gives how many."""
        entries, self._entries = self._entries, []
        if entries:
            with LogWriter(self._conn, self._space, now_ms=self._now_ms) as log:
                for entry in entries:
                    log.append_entry(entry, origin=None)
            keep_at(self._conn, self._space, self._at)
        return len(entries)

    def _append(self, type_: str, told: Sequence[facts.Fact]) -> None:
        at = self._at
        body = encode_act(at.generation, at.n + 1, self._now_ms, told)
        raw = encode_row(body, self._signer.sign(body))
        entry = Entry(type_, at.generation, at.n + 1, row_hash(raw), raw, self._now_ms)
        self._entries.append(entry)
        self._at = LedgerAt(at.key, at.generation, entry.n, entry.hash, at.before, at.upto)


@dataclass(slots=True)
class TakenIn:
    """What became of rows of a ledger.

    Attributes:
        accepted: new here.
        decided: what became of commands.
        samples: what the new acts began, completed and took back, for the measures.
        is_forked: the authority told another story before: it was restored (DECISIONS D24).
        held_up: the bytes of those that can't be taken, as acts before them are missing.
    """

    accepted: int = 0
    decided: list[facts.Decided] = field(default_factory=list)
    samples: Samples = field(default_factory=Samples)
    is_forked: bool = False
    held_up: list[bytes] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Verified:
    """A row whose signature was checked.

    Attributes:
        entry: as the log takes it.
        told: its facts.
    """

    entry: Entry
    told: list[facts.Fact]


def verified(key: bytes, space: str, type_: str, raw: bytes) -> Verified:
    """Check one row's signature and read it.

    Raises:
        LedgerDamaged: it isn't signed by this key for this space.
        LedgerTooNew: it is, and can't be read.
    """
    row = decode_row(raw)
    if not is_signed(key, space, row.body, row.signature):
        raise LedgerDamaged("an act of it does not have the authority's signature")
    act, told = decode_act(row.body)
    return Verified(Entry(type_, act.generation, act.n, row_hash(raw), raw, act.at_ms), told)


def take_verified(
    conn: sqlite3.Connection,
    space: SpaceId,
    acts: Iterable[Verified],
    log: LogWriter,
    *,
    origin: str,
    count_since_ms: int = 0,
) -> TakenIn:
    """Log and fold acts that came from elsewhere; those that are known change nothing.

    Args:
        conn: in a write transaction.
        space: whose ledger; its key is known.
        acts: checked with that key, in the order of the log that they came from.
        log: of the same transaction.
        origin: the peer that they came from.
        count_since_ms: acts since then, by the authority's clock, are counted for the measures.
    """
    taken = TakenIn()
    at = ledger_at(conn, space)
    assert at is not None, "signatures were checked with its key"
    books = SqlBooks(conn, space)
    for one in acts:
        following = _following(conn, space, at, one.entry, one.told, taken)
        if following is None:
            continue
        taken.accepted += log.append_entry(one.entry, origin=origin)
        if following is at:
            continue
        if isinstance(one.told[0], facts.BegunAnew):
            books.clear()
        elif one.entry.at_ms >= count_since_ms:
            count_facts(books, one.told, taken.samples)
        books.apply(one.told)
        taken.decided += [fact for fact in one.told if isinstance(fact, facts.Decided)]
        at = following
    keep_at(conn, space, at)
    return taken


def _following(
    conn: sqlite3.Connection,
    space: SpaceId,
    at: LedgerAt,
    found: Entry,
    told: Sequence[facts.Fact],
    taken: TakenIn,
) -> LedgerAt | None:
    """Where the ledger stands after an act; None where it is neither to be folded nor logged."""
    first = told[0] if told else None
    if isinstance(first, facts.BegunAnew) and found.generation != at.generation:
        known = entry_hash(conn, space, found.generation, found.n)
        if known is not None:
            return None  # an older beginning, read once more
        return LedgerAt(at.key, found.generation, found.n, found.hash, first.before, first.upto)
    if found.generation != at.generation and at.n:
        return None  # of a generation that is over; what stands of it came with the new one
    if found.n <= at.n:
        known = entry_hash(conn, space, found.generation, found.n)
        taken.is_forked = taken.is_forked or known not in (None, found.hash)
        return at if known is None else None
    if found.n > at.n + 1:
        taken.held_up.append(found.raw)
        return None
    return LedgerAt(at.key, found.generation, found.n, found.hash, at.before, at.upto)
