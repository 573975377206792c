"""Whose history a log is: copied or restored homes, and servers that were (DECISIONS D18).

Neither side is believed to be the one that it was. Where a log doesn't continue what the other side
remembers, everything is read and offered again, and nothing is discarded: both logs know a row that
they have by its hash.
"""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from store import log, peers
from store.database.meta import read_meta, write_meta
from store.domain.ids import DocId, ReplicaId, parse_replica_id
from store.log.entries import ENTRY_TYPES, MEMBER
from store.members.reading import member, own_membership
from store.receipts import forget_receipts
from sync.client.home import Home
from sync.client.planner import is_forked
from sync.errors import AuthRefused
from sync.protocol.entering import Joined
from sync.protocol.messages import Hello

# What is offered back to who may have lost it; an authority asks for its own acts itself (D24).
TO_DEVICES: Final = ENTRY_TYPES
TO_SERVERS: Final = (MEMBER,)
FORMER_MAX: Final = 8  # tokens that are kept; a home is rarely set back as often as its server once


@dataclass(frozen=True, slots=True)
class History:
    """The history of one space of this home, and what its server knows of it."""

    home: Home

    def is_forked(self, hello: Hello) -> bool:
        """Tell whether our log no longer continues the one that the server remembers."""
        if hello.remembered is None:
            return False
        with self.home.replica.db.read() as conn:
            there = log.chain_at(conn, self.home.space, hello.remembered.seq)
            return is_forked(hello.remembered, log.position(conn, self.home.space), there)

    def proposed_replica_id(self, make: Callable[[], ReplicaId]) -> ReplicaId:
        """Give the new replica id to ask for, the same one until it was granted.

        A reply can get lost; asking again under the same id gets another token, not another device.
        """
        with self.home.replica.db.write() as conn:
            kept = read_meta(conn, self._proposal_key)
            if kept:
                return parse_replica_id(kept)
            proposed = make()
            write_meta(conn, self._proposal_key, proposed)
            return proposed

    def forget_proposal(self) -> None:
        """Propose another replica id next time."""
        with self.home.replica.db.write() as conn:
            write_meta(conn, self._proposal_key, "")

    def former_tokens(self) -> list[str]:
        """Give the tokens by which others were asked for, up to the present one; the last first.

        They stay good, as another copy of this home may have one. A server that was set back behind
        the asking knows no later ones.
        """
        with self.home.replica.db.read() as conn:
            return (read_meta(conn, self._former_key) or "").split()

    def rekeyed(self, joined: Joined, asked_by: str) -> None:
        """Go on under a new replica id and token, which were asked for by another token."""
        self.home.replica.set_replica_id(parse_replica_id(joined.replica))
        before = [token for token in self.former_tokens() if token != asked_by]
        with self.home.replica.db.write() as conn:
            write_meta(conn, self._former_key, " ".join([asked_by, *before][:FORMER_MAX]))
            peers.set_token(conn, self.home.peer, joined.token, joined.role)
            self._begin_again(conn)
            write_meta(conn, self._proposal_key, "")
        self.home.announce("identity", "sync")

    def met_another(self) -> None:
        """Begin anew with a server whose log is another one than our cursor was given for."""
        with self.home.replica.db.write() as conn:
            self._begin_again(conn)
        self.home.announce("sync")

    def note_role(self, role: str) -> None:
        """Keep the role that the server says we have; a viewer no more offers what was parked.

        A device may be behind, so there the signed list decides where we have one.
        """
        with self.home.replica.db.read() as conn:
            peer = peers.find_peer(conn, self.home.peer)
            is_listed = self.home.is_with_device and own_membership(conn, self.home.space)
        if peer is None or peer.token is None or peer.role == role or is_listed:
            return
        with self.home.replica.db.write() as conn:
            peers.set_role(conn, self.home.peer, role)
            if peer.role == "viewer":
                for row in peers.parked_rows(conn, self.home.space):
                    peers.offer_again(conn, self.home.space, DocId(row.doc_id))
        self.home.announce("spaces", "sync")

    def check_peer(self) -> None:
        """Exchange nothing with a device that was shut out, or that may only read.

        Raises:
            AuthRefused: the space's list says so.
        """
        if not self.home.is_with_device:
            return
        with self.home.replica.db.read() as conn:
            peer = peers.find_peer(conn, self.home.peer)
            key = None if peer is None else peer.key
            listed = None if key is None else member(conn, self.home.space, key)
        if listed is not None and listed.is_revoked:
            raise AuthRefused(
                f"An owner removed {listed.device} from the space; nothing is exchanged with it.",
                type="peer-removed",
            )
        if listed is not None and listed.role == "viewer":
            raise AuthRefused(
                f"{listed.device} may only read the space, so nothing is taken from it.",
                type="peer-is-viewer",
            )

    def is_told_by_all(self) -> bool:
        """Whether nobody else could know better what this device may do: then refusals are shown.

        A server knows. So does the signed list; a device that says other than it is behind.
        """
        if not self.home.is_with_device:
            return True
        with self.home.replica.db.read() as conn:
            own = own_membership(conn, self.home.space)
            has_server = peers.server_of(conn, self.home.space) is not None
        return not has_server and (own is None or own.role == "viewer")

    @property
    def _proposal_key(self) -> str:
        return f"sync.proposed-replica.{self.home.space}"

    @property
    def _former_key(self) -> str:
        return f"sync.former-token.{self.home.peer}"

    def _begin_again(self, conn: sqlite3.Connection) -> None:
        peers.set_pull_cursor(conn, self.home.peer, None)
        peers.set_push_seq(conn, self.home.peer, 0)
        forget_receipts(conn, self.home.peer)
        # No comparison finds these, as they belong to no document: they are offered back.
        types = TO_DEVICES if self.home.is_with_device else TO_SERVERS
        log.forget_origin(conn, self.home.space, self.home.peer, types)
        peers.note_verified(conn, self.home.peer, 0)  # so that what came from it is compared too
