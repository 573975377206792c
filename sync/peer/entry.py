"""How a guest enters at a device: by a code, with a key that the space's list knows, or gets to.

Whom the list has already comes in with the rights it gives. Whom it hasn't is put on it, where this
device may sign (`store.domain.membership`). A reply can get lost, so the same guest may ask again
until it came in with its token.
"""

import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn

from store import peers, spaces
from store.commands.receiving_members import follow_list
from store.commands.unit_of_work import UnitOfWork
from store.domain.ids import SpaceId
from store.ledger.standing import ledger_at
from store.members import roster
from store.members.codec import Body
from store.members.reading import Member, may_sign, member, root_of
from store.members.signing import own_keys
from sync.client.doorway import peer_id
from sync.peer.pairings import Pairing, note_used, try_secret
from sync.peer.sharing import INITIATOR
from sync.protocol.entering import PROOFS_MAX, CreateSpace, Join, Joined, RekeyDevice
from sync.protocol.pairing import host_proof
from sync.protocol.problems import ProblemRaised, refuse
from sync.server import limits, member_rows
from sync.server.callers import Caller
from sync.server.entry import check_name, check_replica
from sync.server.hosted_list import proven_key
from sync.server.member_rows import TokenRow
from sync.server.secrets import Entropy, TokenMaker, hash_of

if TYPE_CHECKING:
    from store.replica import Replica


class PeerEntry:
    """Gives tokens to guests."""

    def __init__(self, replica: "Replica", clock_ms: Callable[[], int], entropy: Entropy) -> None:
        """Guard this home."""
        self._replica = replica
        self._clock_ms = clock_ms
        self._entropy = entropy
        self._tokens = TokenMaker(entropy)

    def setup_code(self) -> None:
        """No space is hosted by a device."""
        return

    def create_space(self, asked: CreateSpace, owner: TokenRow | None) -> NoReturn:  # noqa: ARG002
        """Refuse: a device has no spaces but its own."""
        raise refuse("no-server", "This is a device that shares spaces, not a server for new ones.")

    def join(self, asked: Join) -> Joined:
        """Let a guest in by a code.

        Raises:
            ProblemRaised: `pairing-code`, `invite-used`, `invite-expired`, `revoked`, `role`,
                `already-member`, `malformed`, `busy`.
        """
        check_replica(asked.replica)
        check_name(asked.person, "The person")
        check_name(asked.device, "The device")
        key = proven_key(asked.proof, secret=asked.secret, space=asked.space, replica=asked.replica)
        if key is None:
            raise refuse("malformed", "A device that joins by a code has to prove its key.")
        now_ms = self._clock_ms()
        with self._replica.db.write() as conn:  # by itself: a wrong code counts, whatever follows
            found = try_secret(conn, asked.secret, now_ms)
        if isinstance(found, ProblemRaised):
            raise found
        with self._replica.act(INITIATOR) as act:
            self._check_unused(act.conn, found, asked)
            listed = self._listed(act, found, asked, key)
            token = self._token(act.conn, found.space, asked, listed, now_ms)
            note_used(act.conn, found, asked.replica)
            return self._joined(act.conn, found.space, listed, token, asked.replica, found)

    def rekey(self, caller: Caller, asked: RekeyDevice) -> Joined:
        """Give a copied or restored home a token for its new replica id; its key is the same.

        Raises:
            ProblemRaised: `already-member`, `malformed`, `busy`.
        """
        check_replica(asked.replica)
        assert caller.key is not None, "no guest came in without one"
        space = SpaceId(caller.space)
        now_ms = self._clock_ms()
        with self._replica.act(INITIATOR) as act:
            listed = member(act.conn, space, caller.key)
            assert listed is not None, "it was just found there"
            if self._is_here(act.conn, space, asked.replica):
                raise refuse("already-member", "A device with this replica id is here already.")
            entering = Join("-", space, caller.person, caller.device, asked.replica)
            token = self._token(act.conn, space, entering, listed, now_ms)
            return self._joined(act.conn, space, listed, token, asked.replica, None)

    def _check_unused(self, conn: sqlite3.Connection, pairing: Pairing, asked: Join) -> None:
        if pairing.used_by is None:
            return
        was_here = self._is_here(conn, pairing.space, asked.replica)
        if pairing.used_by != asked.replica or was_here:
            raise refuse("invite-used", "This code was used already; let the device show another.")

    def _is_here(self, conn: sqlite3.Connection, space: SpaceId, replica: str) -> bool:
        """Tell whether a guest has come in with a token that is still good."""
        return any(
            row.last_seen_at_ms is not None and row.revoked_at_ms is None
            for row in member_rows.tokens_of_replica(conn, space, replica)
        )

    def _listed(self, act: UnitOfWork, pairing: Pairing, asked: Join, key: bytes) -> Member:
        """What the list says of a guest; says it where the guest is new."""
        space = pairing.space
        known = member(act.conn, space, key)
        if known is not None and not known.is_revoked:
            return known
        keys = own_keys(act.conn, self._entropy)
        if not may_sign(act.conn, space, keys.public):
            raise refuse(
                "revoked" if known is not None else "role",
                "This device may let in only who is a member of the space already; join at a "
                "device of one of its owners first.",
            )
        about = Body(
            key,
            asked.replica,
            asked.person,
            asked.device,
            pairing.role,
            False,
            1,
            max(0, act.stamp.at_ms),
        )
        listed = roster.state(act.conn, act.list_log_of(space), space, keys, about)
        follow_list(act.conn, space)
        return listed

    def _token(
        self,
        conn: sqlite3.Connection,
        space: SpaceId,
        asked: Join,
        listed: Member,
        now_ms: int,
    ) -> str:
        """Make the token of a guest; those that it came in with before open nothing any more."""
        times = member_rows.times_out(conn, space, asked.replica)
        for row in member_rows.tokens_of_replica(conn, space, asked.replica):
            if row.revoked_at_ms is not None:
                continue
            if row.key != listed.key:
                raise refuse(
                    "already-member",
                    "Another device has this replica id; join under a new one.",
                )
            again = self._tokens.token(space, asked.replica, times)
            if row.last_seen_at_ms is None and row.hash == hash_of(again):
                return again  # its reply was lost, or it asked twice
        member_rows.revoke_tokens(conn, space, asked.replica, now_ms)
        if len(member_rows.tokens_of(conn, space)) >= limits.DEVICES_MAX:
            raise refuse("busy", f"The space has {limits.DEVICES_MAX} devices, its limit.")
        times = member_rows.times_out(conn, space, asked.replica)
        token = self._tokens.token(space, asked.replica, times)
        row = TokenRow(
            hash_of(token),
            space,
            asked.replica,
            listed.person,
            listed.device,
            "viewer",  # the list says what it may do, not the token
            now_ms,
            key=listed.key,
        )
        member_rows.add_token(conn, row)
        peers.meet_peer(
            conn, peer_id(asked.replica, space), space, key=listed.key, name=listed.device
        )
        return token

    def _joined(
        self,
        conn: sqlite3.Connection,
        space: SpaceId,
        listed: Member,
        token: str,
        replica: str,
        pairing: Pairing | None,
    ) -> Joined:
        root = root_of(conn, space)
        assert root is not None, "a space that is shared has a list"
        keys = own_keys(conn, self._entropy)
        who = self._replica.identity
        ledger = ledger_at(conn, space)
        return Joined(
            space=space,
            name=spaces.space_names(conn)[space],
            token=token,
            role=listed.role,
            replica=replica,
            server_id=who.replica_id,
            ledger_key=b"" if ledger is None else ledger.key,
            list_key=root,
            members=roster.evidence(conn, space, (keys.public, listed.key))[:PROOFS_MAX],
            host=keys.public,
            host_name=who.device,
            proof=None
            if pairing is None
            else host_proof(pairing.proof_key, space=space, token=token, list_key=root),
        )
