"""What a round decides, without a clock, a database or a network, so that a test reads it.

A round is: say hello, prove that our log is still the one the server remembers, push what it has
not acknowledged, pull what it has beyond our cursor, and compare heads where the digests differ.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeVar

from store.domain.limits import PUSH_ROWS, PUSH_ROWS_MAX
from store.log.position import Position
from sync.protocol.messages import LogPosition

# Stored changes are compressed already, so a body is hardly smaller than its rows (limit: 4 MiB).
PUSH_BYTES_MAX: Final = 3 << 20
GROWTH: Final = 8  # a batch that passed makes the next one larger by an eighth
# After a comparison that found only what waits for a person, look again this often, not each round.
VERIFIED_FOR_MS: Final = 3_600_000


class Chained(Protocol):
    """The part of a log row by which rows of one document hang together."""

    @property
    def hash(self) -> bytes:
        """The change's hash."""
        ...

    @property
    def deps(self) -> tuple[bytes, ...]:
        """Hashes of the changes that it follows."""
        ...


RowT = TypeVar("RowT", bound=Chained)


def is_forked(remembered: LogPosition | None, own: Position, chain_there: bytes | None) -> bool:
    """Tell whether our log is no longer a continuation of the one that the server remembers.

    Then this home is a copy of another one, or was restored from a backup, and must not go on under
    its replica id: the server leaves out what came from that id, so we would miss what the other
    copy, or our own lost future, has pushed (DECISIONS D18).

    Args:
        remembered: what the server remembers of this replica's log; None before the first pull.
        own: the end of our log.
        chain_there: our chain hash at the remembered sequence number, None if we end before it.
    """
    if remembered is None:
        return False
    return remembered.generation != own.generation or chain_there != remembered.chain


def dependants(rows: Iterable[RowT], roots: Collection[bytes]) -> list[RowT]:
    """Find what hangs on some changes of a document, directly or through others.

    Args:
        rows: the document's rows, causes before their effects.
        roots: hashes of the changes to begin with.

    Returns:
        Rows in the order given, without the roots themselves.
    """
    tainted = set(roots)
    found: list[RowT] = []
    for row in rows:
        if row.hash not in tainted and not tainted.isdisjoint(row.deps):
            tainted.add(row.hash)
            found.append(row)
    return found


@dataclass(slots=True)
class Explained:
    """The difference between the two digests that a comparison left: what waits for a person.

    Digests are sums, so their difference says which documents differ and how: as long as it stays
    the same, nothing else differs. A server that was set back, or a row that was lost, moves it.

    Attributes:
        difference: ours less theirs, modulo 2^256; None if no comparison ended with one.
    """

    difference: int | None = None

    def note(self, ours: bytes, theirs: bytes) -> None:
        """Keep what a comparison left behind, of digests of moments in which nothing moved."""
        self.difference = _difference(ours, theirs)

    def covers(self, ours: bytes, theirs: bytes) -> bool:
        """Tell whether two digests differ by just that."""
        return self.difference == _difference(ours, theirs)


def _difference(ours: bytes, theirs: bytes) -> int:
    return (int.from_bytes(ours) - int.from_bytes(theirs)) % (1 << 256)


def must_compare(
    *,
    ours: bytes,
    theirs: bytes,
    is_held_up: bool,
    explained: Explained,
    verified_at_ms: int | None,
    now_ms: int,
) -> bool:
    """Decide whether a quiet round has to look for differences by ranges.

    Args:
        ours: our heads digest.
        theirs: the server's, of the moment of the last page.
        is_held_up: something is parked or waits for its deps, so the digests differ anyway.
        explained: by how much, as the last comparison found.
        verified_at_ms: when the documents were last compared; None = never in this history.
        now_ms: the time.
    """
    if ours == theirs:
        return False
    if not is_held_up or verified_at_ms is None or not explained.covers(ours, theirs):
        return True
    # A clock that was set back must not postpone it for years.
    return not 0 <= now_ms - verified_at_ms < VERIFIED_FOR_MS


@dataclass(slots=True)
class BatchSize:
    """How much to send or ask for at once: halved when that was too much, more when it worked.

    Attributes:
        rows: rows at once, of many documents.
        bytes: bytes at once; a single row may be larger.
    """

    rows: int = PUSH_ROWS
    bytes: int = PUSH_BYTES_MAX

    @property
    def rows_of_one(self) -> int:
        """Rows at once, of one document; what was too much is halved down to one row of it too."""
        return PUSH_ROWS_MAX if self.rows == PUSH_ROWS else self.rows

    def rows_after(self, docs: Sequence[str]) -> int:
        """Decide how many rows to ask for after some of these documents: a long one may go on."""
        is_one = len(docs) >= self.rows and len(set(docs)) == 1
        return self.rows_of_one if is_one else self.rows

    def fitting(self, docs: Sequence[str]) -> int:
        """Decide how many rows of these documents, from the front, to send at once."""
        of_first = next((n for n, doc in enumerate(docs) if doc != docs[0]), len(docs))
        return max(min(self.rows, len(docs)), min(self.rows_of_one, of_first))

    def shrink(self, rows: int, bytes: int) -> None:
        """Take half of what was too much: the server said so, or no answer came in time."""
        self.rows = max(1, min(self.rows, rows) // 2)
        self.bytes = max(1, min(self.bytes, bytes) // 2)

    def grow(self) -> None:
        """Take a little more, up to the usual: what was too much may be so still."""
        self.rows = min(PUSH_ROWS, self.rows + max(1, self.rows // GROWTH))
        self.bytes = min(PUSH_BYTES_MAX, self.bytes + max(1, self.bytes // GROWTH))


@dataclass(frozen=True, slots=True)
class Unlike:
    """Where two sides differ in some listed documents.

    Attributes:
        wanted: documents of which they have heads that we don't know, with our heads.
        offered: documents of which we have heads that they don't name, with their heads.
    """

    wanted: Mapping[str, tuple[bytes, ...]] = field(default_factory=dict)
    offered: Mapping[str, tuple[bytes, ...]] = field(default_factory=dict)


def compare_listed(
    ours: Mapping[str, tuple[bytes, ...]],
    theirs: Mapping[str, tuple[bytes, ...]],
    known: Collection[bytes],
) -> Unlike:
    """Compare the documents of a listed range.

    Args:
        ours: our heads by document.
        theirs: their heads by document.
        known: those of their heads that our log holds.
    """
    wanted: dict[str, tuple[bytes, ...]] = {}
    offered: dict[str, tuple[bytes, ...]] = {}
    for doc in sorted(ours.keys() | theirs.keys()):
        mine, others = ours.get(doc, ()), theirs.get(doc, ())
        if any(head not in known for head in others):
            wanted[doc] = mine
        if not set(mine) <= set(others):
            offered[doc] = others
    return Unlike(wanted, offered)
