"""What is kept of having entered a space: the space itself, its server, and the token for it."""

import base64
import hashlib
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from store import log, peers, spaces
from store.change_set import ChangeSet
from store.commands.receiving_members import believe_root, take_in_members
from store.commands.undoing import record_final
from store.domain.errors import Refused
from store.domain.fields import validated_name
from store.domain.ids import SpaceId
from store.ledger.standing import believe, forget_ledger, ledger_at
from store.members.reading import member, root_of
from store.members.signing import Keys, own_keys
from store.peers import Peer
from store.rows import SpaceRow
from sync.protocol.entering import Joined

if TYPE_CHECKING:
    from store.replica import Replica

GENERATION_BYTES: Final = 16
NAME_SHOWN_MAX: Final = 80  # of a name that is made of two


@dataclass(frozen=True, slots=True)
class Doorway:
    """Writes down how this home entered its spaces. Everything here blocks.

    Attributes:
        replica: the home.
        now_ms: Unix time.
        entropy: so many random bytes.
    """

    replica: "Replica"
    now_ms: Callable[[], int]
    entropy: Callable[[int], bytes]

    def server_of(self, space: SpaceId) -> Peer | None:
        """Give the server of a space, None if it has none, or isn't here."""
        with self.replica.db.read() as conn:
            return peers.server_of(conn, space)

    def owner_token(self, url: str) -> str | None:
        """Find a token that may create spaces on a server: that of a space this home owns there."""
        with self.replica.db.read() as conn:
            for peer in peers.peers(conn):
                if peer.url == url and peer.role == "owner":
                    return peer.token
        return None

    def enter(self, joined: Joined, url: str, name: str, *, act: str) -> SpaceRow:
        """Keep what the server gave, make the space if it isn't here, and make it current.

        Args:
            joined: the server's answer.
            url: where the server is.
            name: what to call the space if the server doesn't say.
            act: what the person did, a label of `FINALS`.
        """
        space = SpaceId(joined.space)
        with self.replica.act("sync") as work:
            self._ensure_space(work.conn, space, joined.name or name, "hosted")
            _attach(work.conn, space, joined, url)
            spaces.set_kind(work.conn, space, "hosted")
            spaces.set_current(work.conn, space)
            if joined.list_key is not None:
                believe_root(work, space, joined.list_key)
            record_final(work, act)
        return self._entered(space)

    def enter_by_device(self, joined: Joined, url: str) -> SpaceRow:
        """Keep what another device gave; the space becomes the current one.

        Args:
            joined: the device's answer, with the list that lets both in; its proof was checked.
            url: where the device is.

        Raises:
            Refused: this home has the space from somebody else, whose word another list follows.
        """
        space = SpaceId(joined.space)
        assert joined.list_key is not None, "checked with the proof"
        with self.replica.act("sync") as act:
            names = spaces.space_names(act.conn)
            shown = joined.name
            if joined.space not in names and shown in names.values():  # everybody has a Personal
                shown = f"{shown[:NAME_SHOWN_MAX]} ({joined.host_name[:NAME_SHOWN_MAX]})"
            self._ensure_space(act.conn, space, shown, "local")
            root = root_of(act.conn, space)
            if root not in (None, joined.list_key):
                raise Refused(
                    "This home has that space with another list of members; nothing was changed. "
                    "Join the server that one of the two came from."
                )
            peers.attach_peer(
                act.conn,
                peer_id(joined.server_id, space),
                space,
                url=url,
                token=joined.token,
                role=joined.role,
                kind=peers.DEVICE,
                key=joined.host,
                name=joined.host_name,
            )
            if root is None:
                believe_root(act, space, joined.list_key)
            if joined.ledger_key and ledger_at(act.conn, space) is None:
                believe(act.conn, space, joined.ledger_key)
            take_in_members(act, space, joined.members, origin=peer_id(joined.server_id, space))
            host = None if joined.host is None else member(act.conn, space, joined.host)
            if host is None or host.is_revoked or host.role == "viewer":
                raise Refused(
                    f"{joined.host_name or 'That device'} may not share the space; join at another "
                    "of its devices."
                )
            spaces.set_current(act.conn, space)
            record_final(act, "join")
        return self._entered(space)

    def create_local(self, space: SpaceId, name: str) -> SpaceRow:
        """Make a space that is on this device only; it becomes the current one."""
        with self.replica.act() as act:
            self._ensure_space(act.conn, space, name, "local")
            spaces.set_current(act.conn, space)
            record_final(act, "create-space")
        return self._entered(space)

    def keys(self) -> Keys:
        """Give this device's key pair; made the first time."""
        with self.replica.db.write() as conn:
            return own_keys(conn, self.entropy)

    def _ensure_space(
        self,
        conn: sqlite3.Connection,
        space: SpaceId,
        name: str,
        kind: Literal["local", "hosted"],
    ) -> None:
        if space not in spaces.space_names(conn):
            shown = validated_name("name", name or "Shared")
            log.create_space(
                conn, space, shown, self.entropy(GENERATION_BYTES), self.now_ms(), kind
            )

    def _entered(self, space: SpaceId) -> SpaceRow:
        self.replica.announce(ChangeSet(topics=frozenset({"spaces", "sync"}), initiator="sync"))
        return self.replica.space(space)


def peer_id(server_id: str, space: SpaceId) -> str:
    """Name a server in the log of one of its spaces: short, and the same whatever its address."""
    digest = hashlib.sha256(f"{server_id}/{space}".encode()).digest()[:16]
    return "p" + base64.b32encode(digest).decode("ascii").rstrip("=").lower()


def _attach(conn: sqlite3.Connection, space: SpaceId, joined: Joined, url: str) -> None:
    peer = peer_id(joined.server_id, space)
    old = peers.server_of(conn, space)
    if old is not None and old.id != peer:
        peers.detach_peer(conn, old.id)  # another server: it is offered everything
        forget_ledger(conn, space)  # and decides by itself from now on
    if joined.ledger_key:
        believe(conn, space, joined.ledger_key)
    peers.attach_peer(conn, peer, space, url=url, token=joined.token, role=joined.role)
