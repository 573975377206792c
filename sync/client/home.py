"""What every part of a round needs to know of this home, and where it stands with a server.

Everything here blocks and is called on a worker thread.
"""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from store import log, peers
from store.change_set import ChangeSet, Topic
from store.domain.errors import NotFound
from store.domain.ids import DocId, SpaceId
from store.domain.ledger.on_device import Contact
from store.ledger import outbox
from store.ledger.contact import keep_contact
from store.log import Position
from store.measures.recording import record
from store.measures.standing import keep_clock, read_clock
from store.peers import DEVICE, SERVER, Peer, PeerState
from store.receipts import Receipt, keep_receipts, newest_stamp, pass_milestone
from sync.client.observing import Observer
from sync.client.server_side import Stated
from sync.protocol import messages as m
from sync.protocol.cursor import encode_cursor

if TYPE_CHECKING:
    from store.replica import Replica


_LACKS_SOME: Final = (
    "SELECT EXISTS (SELECT 1 FROM waiting WHERE space = ?1)"
    " OR EXISTS (SELECT 1 FROM quarantine AS bad WHERE bad.space = ?1 AND bad.sender = ?2"
    "  AND NOT EXISTS (SELECT 1 FROM log WHERE log.space = ?1 AND log.hash = bad.hash))"
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where this home stands with a server, at one moment.

    Attributes:
        peer: what is kept about the server.
        position: the end of our log.
        pending: changes that it has not acknowledged, parked ones not counted.
        unasked: commands that it has not decided; counted in `pending` too.
        parked: items with changes that it refused.
        waiting: documents with changes whose deps aren't here.
    """

    peer: Peer
    position: Position
    pending: int
    unasked: int
    parked: int
    waiting: tuple[DocId, ...]

    @property
    def is_held_up(self) -> bool:
        """Whether the two sides differ for a reason that a comparison can't mend."""
        return bool(self.parked or self.waiting)


@dataclass(frozen=True, slots=True)
class Home:
    """One space of this home and the server that it is synced with.

    Attributes:
        replica: the home.
        peer: id of the server.
        space: id of the space.
        now_ms: Unix time.
        kind: what the peer is, `SERVER` or `DEVICE`.
    """

    replica: "Replica"
    peer: str
    space: SpaceId
    now_ms: Callable[[], int]
    kind: str = SERVER

    @property
    def is_with_device(self) -> bool:
        """Whether the other end is a device like this one, and no server."""
        return self.kind == DEVICE

    def standing(self) -> Standing:
        """Read where we stand.

        Raises:
            NotFound: the server was forgotten meanwhile.
        """
        with self.replica.db.read() as conn:
            peer = peers.find_peer(conn, self.peer)
            if peer is None:
                raise NotFound("This space has no server any more; publish or join it again.")
            return Standing(
                peer=peer,
                position=log.position(conn, self.space),
                pending=peers.push_pending(conn, peer),
                unasked=outbox.waiting(conn, self.space) if peer.kind == peers.SERVER else 0,
                parked=len(peers.parked_rows(conn, self.space)),
                waiting=tuple(log.waiting_docs(conn, self.space)),
            )

    def began(self) -> None:
        """Say that a round moves something."""
        with self.replica.db.write() as conn:
            peers.set_state(conn, self.peer, PeerState.SYNCING)
        self.announce("sync")

    def ended(
        self,
        observer: Observer,
        contact: Contact | None,
        *,
        is_synced: bool,
        is_verified: bool,
        receipts: Sequence[m.Receipt] = (),
        milestone: tuple[int, int] | None = None,
        held: tuple[int, int] | None = None,
    ) -> None:
        """Say that a round ended well, and write what was sampled since the last one.

        Args:
            observer: has the samples.
            contact: as of when all of the authority's ledger was read; None if it has none.
            is_synced: nothing is left to do but what waits for a person.
            is_verified: the documents of both sides were compared.
            receipts: what the server said of other devices.
            milestone: places in our log and in the server's; see `store.receipts`.
            held: push cursor as it was read, and up to where the peer has all of our log, as that
                came from it or was pushed.
        """
        now_ms = self.now_ms()
        with self.replica.db.write() as conn:
            self._write_samples(conn, observer, now_ms)
            peers.set_state(conn, self.peer, PeerState.IDLE)
            peers.note_seen(conn, self.peer, now_ms)
            keep_receipts(conn, self.peer, map(_kept, receipts))
            if held is not None:
                peers.raise_push_seq(conn, self.peer, *held)
            if milestone is not None:
                pass_milestone(conn, self.peer, *milestone)
            if contact is not None:
                keep_contact(conn, self.space, contact)
            if is_synced:
                peers.note_synced(conn, self.peer, now_ms)
            if is_verified:
                peers.note_verified(conn, self.peer, now_ms)
        self.announce("sync")

    def failed(
        self,
        observer: Observer,
        state: PeerState,
        error: str,
        *,
        was_seen: bool,
        retry_at_ms: int | None,
    ) -> None:
        """Say why a round ended early, and when the next try is due; write what was sampled."""
        now_ms = self.now_ms()
        with self.replica.db.write() as conn:
            self._write_samples(conn, observer, now_ms)
            peers.set_state(conn, self.peer, state, error=error, retry_at_ms=retry_at_ms)
            if was_seen:
                peers.note_seen(conn, self.peer, now_ms)
        self.announce("sync")

    def stated(self) -> Stated:
        """What to say of ourselves when we look for news: see `store.receipts`."""
        with self.replica.db.read() as conn:
            end = log.position(conn, self.space)
            peer = peers.find_peer(conn, self.peer)
            verified = peer is not None and bool(peer.verified_at_ms)
            return Stated(
                encode_cursor(m.LogPosition(end.generation, end.seq, end.chain)),
                has_all=verified and not self._lacks_some(conn),
                receipts=newest_stamp(conn, self.peer),
            )

    def heard(self, receipts: Sequence[m.Receipt]) -> None:
        """Keep what the server says of other devices."""
        if receipts:
            with self.replica.db.write() as conn:
                keep_receipts(conn, self.peer, map(_kept, receipts))
            self.announce("sync")

    def broke_off(self) -> None:
        """Take back that a round moves something, if that was said."""
        with self.replica.db.read() as conn:
            peer = peers.find_peer(conn, self.peer)
        if peer is not None and peer.state == PeerState.SYNCING:
            with self.replica.db.write() as conn:
                peers.set_state(conn, self.peer, PeerState.IDLE)
            self.announce("sync")

    def observer(self) -> Observer:
        """Begin to observe the exchanges with this server, from what was kept of earlier ones."""
        with self.replica.db.read() as conn:
            peer = peers.find_peer(conn, self.peer)
            is_failing = peer is not None and peer.state in (PeerState.OFFLINE, PeerState.RETRYING)
            return Observer(kept=read_clock(conn), is_failing=is_failing)

    def _write_samples(self, conn: sqlite3.Connection, observer: Observer, now_ms: int) -> None:
        record(conn, observer.take_samples(), now_ms)
        clock = observer.take_clock()
        if clock is not None:
            keep_clock(conn, clock)

    def _lacks_some(self, conn: sqlite3.Connection) -> bool:
        """Tell whether something that the server sent is in no document of ours."""
        (lacks,) = conn.execute(_LACKS_SOME, (self.space, self.peer)).fetchone()
        return bool(lacks)

    def announce(self, *topics: Topic) -> None:
        """Tell views that rows of these topics may read differently now."""
        self.replica.announce(ChangeSet(topics=frozenset(topics), initiator="sync"))


def _kept(said: m.Receipt) -> Receipt:
    return Receipt(
        said.id, said.person, said.device, said.seq, said.stamp, said.at_ms, is_gone=said.gone
    )
