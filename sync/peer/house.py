"""What a device does otherwise than a server: its guests are on a signed list, its log is a home's.

Pushed rows go the way of every remote change: one act of the replica, with projections, conflicts
and listeners, marked with the guest they came from, so that they aren't sent back to it.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, NoReturn

from store import peers
from store.commands.receiving import take_released
from store.commands.receiving_acts import take_in_acts
from store.commands.receiving_members import take_in_members
from store.commands.unit_of_work import UnitOfWork
from store.documents.inspect import InspectedChange
from store.domain.errors import Refused
from store.domain.ids import DocId, SpaceId
from store.domain.measures import names
from store.log import Appended, Verdict, position
from store.log.entries import ENTRY_TYPES, MEMBER
from store.members.reading import member, members
from sync.client.doorway import peer_id
from sync.client.own_members import as_device
from sync.peer.entry import PeerEntry
from sync.peer.sharing import INITIATOR, check_may_serve
from sync.protocol import entering
from sync.protocol import messages as m
from sync.protocol.problems import refuse
from sync.server.callers import Caller, Callers
from sync.server.house import LEDGER_DAMAGED, NO_LEDGER_KEY, House, TakenEntries
from sync.server.member_rows import TokenRow
from sync.server.secrets import Entropy

if TYPE_CHECKING:
    from store.replica import Replica


def peer_house(
    replica: "Replica",
    clock_ms: Callable[[], int],
    entropy: Entropy,
    on_read: Callable[[], None],
) -> House:
    """Put the parts of a device together.

    Args:
        replica: the home.
        clock_ms: Unix time.
        entropy: gives n random bytes.
        on_read: called after a guest said that it has more of our log.
    """
    return House(
        entry=PeerEntry(replica, clock_ms, entropy),
        members=PeerMembers(replica),
        callers=Callers(replica.db, clock_ms, listed=as_listed, origin_of=_origin),
        shelf=PeerShelf(replica),
        book=PeerBook(on_read),
    )


def as_listed(conn: sqlite3.Connection, row: TokenRow) -> TokenRow:
    """A guest as the space's list has it now.

    Raises:
        ProblemRaised: `revoked`, `unauthorized`, or `not-serving` where this device may not.
    """
    try:
        check_may_serve(conn, SpaceId(row.space))
    except Refused as no:
        raise refuse("not-serving", str(no)) from no
    listed = None if row.key is None else member(conn, row.space, row.key)
    if listed is None:
        raise refuse("unauthorized", "The space's list has no such device; join by a new code.")
    if listed.is_revoked:
        raise refuse(
            "revoked",
            "An owner removed this device from the space; ask for a new code to come back.",
        )
    return replace(row, role=listed.role, person=listed.person, device=listed.device)


def _origin(row: TokenRow) -> str:
    # The same whoever dials whom, so that rows are not sent back by the other way.
    return peer_id(row.replica, SpaceId(row.space))


@dataclass(frozen=True, slots=True)
class PeerMembers:
    """What guests may ask about members."""

    replica: "Replica"

    def invite(self, caller: Caller, asked: entering.CreateInvite) -> NoReturn:  # noqa: ARG002
        """Refuse: codes are shown on the device itself."""
        raise refuse("no-server", "This is a device; a code to join is shown on its own screen.")

    def devices(self, caller: Caller) -> entering.Devices:
        """List the devices of the space, as the signed list has them."""
        with self.replica.db.read() as conn:
            return entering.Devices([as_device(one) for one in members(conn, caller.space)])

    def revoke(self, caller: Caller, asked: entering.RevokeDevice) -> NoReturn:  # noqa: ARG002
        """Refuse: who may shut out signs that itself, and any device hands it on."""
        raise refuse("no-server", "This is a device; shut others out on a device of an owner.")

    def change_role(self, caller: Caller, asked: entering.ChangeRole) -> NoReturn:  # noqa: ARG002
        """Refuse, likewise."""
        raise refuse("no-server", "This is a device; an owner changes roles on their own device.")


@dataclass(frozen=True, slots=True)
class PeerShelf:
    """The logs of a home. Signed rows may be handed on to it by any guest."""

    replica: "Replica"
    entry_types: frozenset[str] = frozenset(ENTRY_TYPES)

    @contextmanager
    def writing(self, space: SpaceId, now_ms: int) -> Iterator["_ActWriting"]:  # noqa: ARG002
        """Begin an act; its time is the home's own."""
        with self.replica.act(INITIATOR) as act:
            writing = _ActWriting(act, space)
            yield writing
            # What another peer has sent may have waited for what came now.
            released = take_released(act, space, writing.docs)
            act.samples.count(names.CHANGES, "remote", released.accepted)


@dataclass(frozen=True, slots=True)
class _ActWriting:
    act: UnitOfWork
    space: SpaceId
    docs: set[DocId] = field(default_factory=set)

    @property
    def conn(self) -> sqlite3.Connection:
        return self.act.conn

    def append(self, doc: DocId, change: InspectedChange, *, origin: str) -> Appended:
        appended = self.act.log_change(self.space, doc, change, origin=origin)
        if appended.verdict == Verdict.ACCEPTED:
            self.act.samples.count(names.CHANGES, "remote")
            self.docs.add(doc)
        return appended

    def append_entries(self, rows: Sequence[m.Row], *, origin: str) -> TakenEntries:
        found = TakenEntries(has_evidence=True)
        statements = [row for row in rows if row.type == MEMBER]
        if statements:
            raws = [row.raw for row in statements]
            said = take_in_members(self.act, self.space, raws, origin=origin)
            found.accepted += said.accepted
            found.refuse_statements(statements, said)
        acts = [row for row in rows if row.type != MEMBER]
        told = take_in_acts(
            self.act,
            self.space,
            [(row.type, row.raw) for row in acts],
            origin=origin,
            can_ask=False,
        )
        found.accepted += told.accepted
        found.refuse(acts, told.damaged, LEDGER_DAMAGED)
        if told.is_unfounded:
            found.refuse(acts, [row.raw for row in acts], NO_LEDGER_KEY)
        held_up = set(told.held_up)
        found.held_up = [row for row in acts if row.raw in held_up]
        return found

    def flush(self) -> None:
        self.act.flush()


_NO_RECEIPTS: Final[list[m.Receipt]] = []


@dataclass(frozen=True, slots=True)
class PeerBook:
    """What guests say they have of our log: as good as having acknowledged it (D19).

    Attributes:
        on_read: called when one has more.
    """

    on_read: Callable[[], None]

    def stated(self, conn: sqlite3.Connection, caller: Caller) -> int | None:
        """How far a guest has our log."""
        found = peers.find_peer(conn, caller.origin)
        return None if found is None else found.push_seq

    def state(self, conn: sqlite3.Connection, caller: Caller, seq: int, now_ms: int) -> None:
        """Keep it."""
        end = position(conn, SpaceId(caller.space)).seq
        peers.note_read(conn, caller.origin, seq, end, now_ms)
        self.on_read()

    def beyond(
        self,
        conn: sqlite3.Connection,  # noqa: ARG002
        caller: Caller,  # noqa: ARG002
        stamp: int,  # noqa: ARG002
    ) -> list[m.Receipt]:
        """A device tells its guests nothing about each other: servers do."""
        return _NO_RECEIPTS

    def authors_of(
        self,
        conn: sqlite3.Connection,  # noqa: ARG002
        space: str,  # noqa: ARG002
        after: int,  # noqa: ARG002
        upto: int,  # noqa: ARG002
    ) -> set[str]:
        """Likewise."""
        return set()
