"""What a server does otherwise than a device that serves as a peer: who may enter, and who writes.

The rest of the protocol is the same code for both. A server's parts are put together here, those of
a device in `sync.peer`.
"""

import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Final, Protocol

from store.database.connection import Database
from store.database.meta import read_meta, write_meta
from store.documents.inspect import InspectedChange
from store.domain.ids import DocId, SpaceId
from store.log import Appended, LogWriter
from store.log.entries import MEMBER
from store.members import roster
from sync.protocol import entering
from sync.protocol import messages as m
from sync.protocol.codes import new_code
from sync.server import member_rows
from sync.server.authority import Authority
from sync.server.callers import Caller, Callers
from sync.server.entry import SERVER_ID_KEY, Entry
from sync.server.hosted_list import HostedList, as_listed
from sync.server.member_rows import TokenRow
from sync.server.members import Members
from sync.server.receipts import SERVER_BOOK, ReceiptBook
from sync.server.secrets import Entropy, new_secret

NOT_A_STATEMENT: Final = "not-a-member-statement"
NO_LIST: Final = "no-member-list"
LEDGER_DAMAGED: Final = "ledger-damaged"
NO_LEDGER_KEY: Final = "no-ledger-key"
_ENTRY_REFUSALS: Final = {
    NOT_A_STATEMENT: "It is not signed by anybody who says who belongs to this space.",
    NO_LIST: "This holder of the space does not know yet whom to believe about its members.",
    LEDGER_DAMAGED: "It is not signed by the authority of this space.",
    NO_LEDGER_KEY: "This holder of the space does not know yet whom to believe about its ledger.",
}
_MEMBERS: Final = frozenset({MEMBER})


class EntryDoor(Protocol):
    """How a device enters."""

    def setup_code(self) -> str | None:
        """The code for the first space, if there is one."""
        ...

    def create_space(self, asked: entering.CreateSpace, owner: TokenRow | None) -> entering.Joined:
        """Host a space."""
        ...

    def join(self, asked: entering.Join) -> entering.Joined:
        """Use an invite or a code."""
        ...

    def rekey(self, caller: Caller, asked: entering.RekeyDevice) -> entering.Joined:
        """Take a new replica id."""
        ...


class MembersDoor(Protocol):
    """What may be asked about members."""

    def invite(self, caller: Caller, asked: entering.CreateInvite) -> entering.Invite:
        """Make an invite."""
        ...

    def devices(self, caller: Caller) -> entering.Devices:
        """List the devices."""
        ...

    def revoke(self, caller: Caller, asked: entering.RevokeDevice) -> entering.Revoked:
        """Shut a device out."""
        ...

    def change_role(self, caller: Caller, asked: entering.ChangeRole) -> entering.RoleChanged:
        """Give a device another role."""
        ...


@dataclass(slots=True)
class TakenEntries:
    """What became of rows that are no changes; the others were known.

    Attributes:
        accepted: how many are new.
        refused: rows that are not signed by who may, or that can't be judged here; with the type of
            the refusal and a sentence.
        held_up: rows that can't be taken before others.
        has_evidence: what is refused is in quarantine already.
    """

    accepted: int = 0
    refused: list[tuple[m.Row, str, str]] = field(default_factory=list)
    held_up: list[m.Row] = field(default_factory=list)
    has_evidence: bool = False

    def refuse(self, rows: Sequence[m.Row], raws: Collection[bytes], slug: str) -> None:
        """Note the rows of these bytes as refused."""
        taken = set(raws)
        self.refused += [(row, slug, _ENTRY_REFUSALS[slug]) for row in rows if row.raw in taken]

    def refuse_statements(self, rows: Sequence[m.Row], taken: roster.TakenStatements) -> None:
        """Note which of some statements were not taken."""
        if taken.is_unfounded:
            self.refuse(rows, [row.raw for row in rows], NO_LIST)
        self.refuse(rows, taken.refused, NOT_A_STATEMENT)


class Writing(Protocol):
    """One transaction that takes rows into a log."""

    @property
    def conn(self) -> sqlite3.Connection:
        """The connection, in its write transaction."""
        ...

    def append(self, doc: DocId, change: InspectedChange, *, origin: str) -> Appended:
        """Append one change."""
        ...

    def append_entries(self, rows: Sequence[m.Row], *, origin: str) -> "TakenEntries":
        """Append rows that are no changes; say what became of them."""
        ...

    def flush(self) -> None:
        """Make the log's end readable within the transaction."""
        ...


class Shelf(Protocol):
    """Where pushed rows are written.

    Attributes:
        entry_types: types of rows beside changes that may be pushed.
    """

    @property
    def entry_types(self) -> frozenset[str]:
        """See above."""
        ...

    def writing(self, space: SpaceId, now_ms: int) -> AbstractContextManager[Writing]:
        """Begin a transaction, which ends with the block."""
        ...


@dataclass(frozen=True, slots=True)
class House:
    """The parts that differ.

    Attributes:
        entry: how devices enter.
        members: what may be asked about members.
        callers: from a token to a device.
        shelf: where pushed rows are written.
        book: keeps what devices say they have.
    """

    entry: EntryDoor
    members: MembersDoor
    callers: Callers
    shelf: Shelf
    book: ReceiptBook


def server_house(
    db: Database,
    clock_ms: Callable[[], int],
    entropy: Entropy,
    authority: Authority | None,
) -> House:
    """Put the parts of a server together; names it at its first start."""
    hosted = HostedList(entropy)
    return House(
        entry=Entry(db, clock_ms, entropy, _open_server(db, entropy), hosted),
        members=Members(db, clock_ms, entropy, hosted, authority),
        callers=Callers(db, clock_ms, listed=as_listed),
        shelf=ServerShelf(db),
        book=SERVER_BOOK,
    )


@dataclass(frozen=True, slots=True)
class ServerShelf:
    """The logs of a server. Its ledger is written by itself alone; owners may sign members too."""

    db: Database
    entry_types: frozenset[str] = _MEMBERS

    @contextmanager
    def writing(self, space: SpaceId, now_ms: int) -> Iterator["_ServerWriting"]:
        """Begin a transaction."""
        with self.db.write() as conn, LogWriter(conn, space, now_ms=now_ms) as log:
            yield _ServerWriting(conn, log, space)


@dataclass(frozen=True, slots=True)
class _ServerWriting:
    conn: sqlite3.Connection
    log: LogWriter
    space: SpaceId

    def append(self, doc: DocId, change: InspectedChange, *, origin: str) -> Appended:
        return self.log.append(doc, change, origin=origin)

    def append_entries(self, rows: Sequence[m.Row], *, origin: str) -> TakenEntries:
        raws = [row.raw for row in rows]
        taken = roster.take_in(self.conn, self.log, self.space, raws, origin=origin)
        found = TakenEntries(taken.accepted)
        found.refuse_statements(rows, taken)
        return found

    def flush(self) -> None:
        self.log.flush()


def _open_server(db: Database, entropy: Entropy) -> str | None:
    """Name the server at its first start; make a setup code while nobody owns it."""
    with db.read() as conn:
        is_named = read_meta(conn, SERVER_ID_KEY) is not None
        is_owned = member_rows.any_token_seen(conn)
    if not is_named:
        with db.write() as conn:
            if read_meta(conn, SERVER_ID_KEY) is None:
                write_meta(conn, SERVER_ID_KEY, new_secret(entropy)[:22])
    return None if is_owned else new_code(entropy)
