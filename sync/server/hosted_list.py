"""The signed list of members of the spaces that a server hosts: it signs what its tokens say.

Peers enforce roles by that list where the server is out of reach, and everybody reads it from the
log. What owners sign among devices comes back to the server with their pushes, and counts. A device
that didn't prove a key isn't on the list: it can use the server, and no peer.
"""

import sqlite3
from dataclasses import dataclass, replace

from store.domain.ids import SpaceId
from store.log import LogWriter
from store.members import roster
from store.members.codec import Body
from store.members.reading import member, root_of
from store.members.signing import Keys, own_keys
from sync.protocol.problems import refuse
from sync.protocol.proving import KeyProof, is_proven
from sync.server import member_rows
from sync.server.member_rows import TokenRow
from sync.server.secrets import Entropy


@dataclass(frozen=True, slots=True)
class HostedList:
    """Signs for one server. Methods take a connection in a write transaction.

    Attributes:
        entropy: gives n random bytes.
    """

    entropy: Entropy

    def authority(self, conn: sqlite3.Connection, space: str) -> bytes:
        """The public key that the space's list follows from: the server's."""
        return self._rooted(conn, space).public

    def admitted(self, conn: sqlite3.Connection, row: TokenRow, now_ms: int) -> None:
        """Say that a device belongs to its space, where it has proved a key."""
        if row.key is not None:
            self._state(conn, row, row.key, now_ms, is_revoked=False)

    def revoked(self, conn: sqlite3.Connection, space: str, replica: str, now_ms: int) -> None:
        """Say that a device was shut out; its tokens are revoked already.

        A copy of its home that came in as a device of its own has the same key, and stays.
        """
        tokens = member_rows.tokens_of(conn, space)
        inside = {row.key for row in tokens if row.revoked_at_ms is None}
        out = {row.key: row for row in tokens if row.replica == replica}
        for key, row in out.items():
            listed = None if key is None else member(conn, space, key)
            if key is None or key in inside or listed is None or listed.is_revoked:
                continue
            self._state(conn, row, key, now_ms, is_revoked=True)

    def _state(
        self,
        conn: sqlite3.Connection,
        row: TokenRow,
        key: bytes,
        now_ms: int,
        *,
        is_revoked: bool,
    ) -> None:
        keys = self._rooted(conn, row.space)
        about = Body(
            key, row.replica, row.person, row.device, row.role, is_revoked, 1, max(0, now_ms)
        )
        space = SpaceId(row.space)
        with LogWriter(conn, space, now_ms=now_ms) as log:
            roster.state(conn, log, space, keys, about)

    def _rooted(self, conn: sqlite3.Connection, space: str) -> Keys:
        keys = own_keys(conn, self.entropy)
        if root_of(conn, space) is None:
            roster.set_root(conn, space, keys.public)
        return keys


def as_listed(conn: sqlite3.Connection, row: TokenRow) -> TokenRow:
    """A device as the list has it, which an owner may have signed far away from the server.

    Raises:
        ProblemRaised: `revoked`.
    """
    listed = listed_as(conn, row)
    if listed is None:
        raise refuse(
            "revoked",
            "An owner removed this device from the space; ask for a new invite to come back.",
        )
    return listed


def listed_as(conn: sqlite3.Connection, row: TokenRow) -> TokenRow | None:
    """A device with the role that it has by the list; None if it was shut out."""
    listed = None if row.key is None else member(conn, row.space, row.key)
    if row.revoked_at_ms is not None or (listed is not None and listed.is_revoked):
        return None
    return row if listed is None else replace(row, role=listed.role)


def proven_key(proof: KeyProof | None, *, secret: str, space: str, replica: str) -> bytes | None:
    """The key that a device has proved to be its own, None where it named none.

    Raises:
        ProblemRaised: `malformed` where the proof is wrong.
    """
    if proof is None:
        return None
    if not is_proven(proof, secret=secret, space=space, replica=replica):
        raise refuse("malformed", "The device's key is not proved by its signature.")
    return proof.key
