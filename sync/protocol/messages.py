"""The messages of a round, as typed structs. `routes.py` says which travels where.

How devices enter stands in `entering`, probes in `probes`, commands and acts in `ledger`.

Sizes are bytes, times Unix milliseconds UTC, hashes 32 raw bytes (base64 text in JSON). Fields with
a default may be absent; unknown ones are ignored, so that a newer peer can add some. Only the shape
is checked here. Whether a row's document, hash and bytes fit together is decided row by row, so
that one bad row does not take its batch along.
"""

from typing import Annotated, Final

from msgspec import Meta, Struct, field

from store.domain.limits import PUSH_ROWS, PUSH_ROWS_MAX
from store.domain.membership import Role
from sync.protocol.fields import ID_CHARS_MAX, AtMs, Count, CursorText, Hash, Id, Name
from sync.protocol.ledger import LedgerState
from sync.protocol.probes import Probe

RANGES_MAX: Final = 256  # in one heads message, either way
DOCS_MAX: Final = 1_000  # in one request for changes
HEADS_MAX: Final = 1_000  # of one document
WAIT_S_MAX: Final = 25
RECEIPTS_MAX: Final = 64  # in one answer; those left out come with the next


class LogPosition(Struct, frozen=True):
    """A place in one replica's log of one space (DECISIONS D18).

    Attributes:
        generation: random, made with the log.
        seq: how many rows the log had; 0 = before the first.
        chain: hash over the hashes of all rows up to there; 32 zero bytes at 0.
    """

    generation: Annotated[bytes, Meta(min_length=1, max_length=32)]
    seq: Count
    chain: Hash


class Row(Struct, frozen=True):
    """One row of a log on its way. `raw` is called `bytes` on the wire.

    Attributes:
        type: `change`; `ledger` or `notice` for an act of the authority, `member` for a signed
            statement of the space's list (DECISIONS D17).
        doc: the document that a change belongs to; `ledger` for acts, `member` for statements.
        hash: the change's hash, or the SHA-256 of what is signed; the receiver computes it again.
        raw: the change as Automerge stores it, or the signed act or statement.
    """

    type: Annotated[str, Meta(max_length=32)]
    doc: Annotated[str, Meta(max_length=ID_CHARS_MAX)]
    hash: Hash
    raw: bytes = field(name="bytes")


class Hello(Struct, frozen=True):
    """What the server knows, at the start of a round.

    Attributes:
        remembered: the position in its own log that this replica last stated; None = never.
        name: the space's name.
        role: what this device may do now.
        server: the server's position in its log.
        heads_digest: over the heads of all documents of the space, on the server.
        now_ms: the server's clock: clock trouble is shown by it, and quotas run by it.
        ledger: where the space's ledger stands; None = this holder of the space keeps none.
    """

    name: str
    role: Role
    server: LogPosition
    heads_digest: Hash
    now_ms: AtMs
    remembered: LogPosition | None = None
    ledger: LedgerState | None = None


class Push(Struct, frozen=True):
    """Rows of the sender's log, in its order (so that a change comes after what it depends on).

    Attributes:
        space: the space.
        rows: the rows.
        committed_ms: when each was committed, by the server's clock as the sender measured it; 0
            where that can't be told. Empty if it can't of any. Only measured with, never an order.
    """

    space: Id
    rows: Annotated[list[Row], Meta(max_length=PUSH_ROWS_MAX)]
    committed_ms: Annotated[list[AtMs], Meta(max_length=PUSH_ROWS_MAX)] = []


class RefusedRow(Struct, frozen=True):
    """A row that the server will not take. `hash` is as the sender gave it.

    Attributes:
        type: `malformed`, `checksum`, `too-large`, `too-many-ops`, `not-a-change`, `wrong-hash`,
            `bad-document`, `other-space`, `unknown-row-type`, `equivocation`, `bad-genesis`,
            `not-loadable`, `too-many-edits` (of the document: it can't be examined here), or
            `depends-on-refused` (of another row of the same push); of a signed row
            `not-a-member-statement`, `ledger-damaged`, or, where nobody can be believed yet,
            `no-member-list`, `no-ledger-key`.
        detail: one sentence.
    """

    hash: Hash
    doc: str
    type: str
    detail: str


class MissingDeps(Struct, frozen=True):
    """A row that waits for changes which the server does not have; send those first.

    Of an act of the authority no deps are named: some of those before it are missing.
    """

    hash: Hash
    doc: str
    deps: list[Hash]


class PushReply(Struct, frozen=True):
    """What became of each pushed row: accepted + duplicate + refused + missing = sent.

    Attributes:
        accepted: rows that are durably in the server's log now.
        duplicate: rows that were there before.
        refused: rows it will not take, with the reason.
        missing: rows it can't take yet.
        seq: the last sequence number of the server's log afterwards.
    """

    accepted: Count
    duplicate: Count
    seq: Count
    refused: list[RefusedRow] = []
    missing: list[MissingDeps] = []


class Pulled(Struct, frozen=True):
    """Rows of the server's log, in its order, without those that came from the asking replica.

    Attributes:
        cursor: where to go on; empty in the answer to `Wanted`.
        rows: may be empty while `more` is false.
        more: there is more beyond; ask again at once.
        heads_digest: as in `Hello`, of the same moment as the rows.
        received_ms: when the server received each row, by its clock; may be empty.
        committed_ms: as in `Push`, of each row; may be empty.
        probes: those that await the asking device and that it has not seen.
        seq: the last sequence number of the answerer's log, of the same moment as the rows; 0 where
            the answerer doesn't say, and in the answer to `Wanted`.
        receipts: of other devices, those that the asker has not seen.
    """

    cursor: str
    rows: list[Row]
    more: bool
    heads_digest: Hash
    received_ms: list[AtMs] = []
    committed_ms: list[AtMs] = []
    probes: list[Probe] = []
    seq: Count = 0
    receipts: Annotated[list["Receipt"], Meta(max_length=RECEIPTS_MAX)] = []


class Range(Struct, frozen=True):
    """A fingerprint of the documents with `lo <= id < hi`.

    Attributes:
        lo: first id, "" = from the start.
        hi: first id beyond, "~" = to the end.
        digest: sum modulo 2^256, big endian, of each document's digest (`store.log.fingerprint`).
        count: number of documents.
    """

    lo: Annotated[str, Meta(max_length=ID_CHARS_MAX)]
    hi: Annotated[str, Meta(max_length=ID_CHARS_MAX)]
    digest: Hash
    count: Count


class Ranges(Struct, frozen=True):
    """The asker's fingerprints, to be compared with the answerer's."""

    space: Id
    ranges: Annotated[list[Range], Meta(max_length=RANGES_MAX)]


class DocHeads(Struct, frozen=True):
    """A document and its heads, sorted."""

    doc: Annotated[str, Meta(max_length=ID_CHARS_MAX)]
    heads: Annotated[list[Hash], Meta(max_length=HEADS_MAX)]


class Differences(Struct, frozen=True):
    """What to look at next. A range that was asked about and is in neither list is equal.

    Attributes:
        ranges: the answerer's fingerprints of smaller ranges; compare each, ask again about those
            that differ.
        listed: ranges small enough to list; all that the answerer has there is in `docs`.
        docs: the documents of the listed ranges, with the answerer's heads.
    """

    ranges: list[Range] = []
    listed: list[Range] = []
    docs: list[DocHeads] = []


class Wanted(Struct, frozen=True):
    """Ask for the changes of documents beyond the heads that the asker has (none = all)."""

    space: Id
    docs: Annotated[list[DocHeads], Meta(max_length=DOCS_MAX)]


class Hint(Struct, frozen=True):
    """The answer to a wait: a reason to look, never data.

    Attributes:
        seq: the last sequence number of the server's log.
        news: there are rows beyond the cursor that did not come from the asking replica.
        receipts: of other devices, those that the asker has not seen.
    """

    seq: Count
    news: bool
    receipts: Annotated[list["Receipt"], Meta(max_length=RECEIPTS_MAX)] = []


class Receipt(Struct, frozen=True):
    """What another device of the space has, as it said itself.

    Attributes:
        id: its replica id.
        person, device: names, for display.
        seq: it has all of the answerer's log up to there.
        stamp: newer receipts have higher ones.
        at_ms: when it said so, by the answerer's clock.
        gone: it is no member any more.
    """

    id: Annotated[str, Meta(max_length=ID_CHARS_MAX)]
    person: Name
    device: Name
    seq: Count
    stamp: Count
    at_ms: AtMs
    gone: bool = False


class Health(Struct, frozen=True):
    """The server answers. `protocol` is the version it speaks."""

    ok: bool
    protocol: int


# -- queries of the GET routes ---------------------------------------------------------------------


class SpaceQuery(Struct, frozen=True):
    """Names the space."""

    space: Id


class PullQuery(Struct, frozen=True):
    """What to pull.

    Attributes:
        space: the space.
        cursor: from the last answer; empty or absent = from the start.
        rows_max: at most so many rows.
        log: the asker's own position, as a cursor, which the server remembers (DECISIONS D18).
        probes: the asker has all probes up to this stamp.
        has_all: everything up to the cursor is in the asker's documents, not only read: others
            may be told so.
        receipts: the asker has all receipts up to this stamp, which is 1 for none; 0 = it wants
            none.
    """

    space: Id
    cursor: CursorText = ""
    rows_max: Annotated[int, Meta(ge=1, le=PUSH_ROWS_MAX)] = PUSH_ROWS
    log: CursorText = ""
    probes: Count = 0
    has_all: bool = False
    receipts: Count = 0


class WaitQuery(Struct, frozen=True):
    """Wait until something lies beyond cursor, probes or receipts; the fields as in `PullQuery`.

    Attributes:
        timeout_s: at most so long.
        receipts: 0 = the asker wants none.
    """

    space: Id
    cursor: CursorText = ""
    timeout_s: Annotated[float, Meta(ge=0, le=WAIT_S_MAX)] = WAIT_S_MAX
    probes: Count = 0
    log: CursorText = ""
    has_all: bool = False
    receipts: Count = 0


class NoQuery(Struct, frozen=True):
    """A route without a query."""
