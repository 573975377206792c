"""Statements about members from elsewhere: believed for their signature, whoever brought them.

They say what this device may do, whom it lets in, and whom it goes on talking to. A statement that
is none is kept as evidence, and the sound ones live, as with changes.
"""

import sqlite3
from collections.abc import Sequence
from typing import TYPE_CHECKING

from store import log, peers
from store.commands.unit_of_work import UnitOfWork
from store.domain.ids import DocId, SpaceId
from store.log.entries import MEMBER_DOC
from store.members.reading import Member, member, own_membership, root_of
from store.peers import PeerState

if TYPE_CHECKING:
    from store.members.roster import TakenStatements

NOT_A_STATEMENT = "not-a-member-statement"  # why one is kept as evidence

_SHUT_OUT = "An owner removed this device from the space; ask for a new code to come back."
_PEER_SHUT_OUT = "An owner removed that device from the space; nothing is exchanged with it."


def take_in_members(
    act: UnitOfWork, space: SpaceId, raws: Sequence[bytes], *, origin: str
) -> "TakenStatements":
    """Log and fold statements, and do what they say.

    Args:
        act: the act; its transaction also moves the cursor.
        space: whose list.
        raws: the statements' bytes.
        origin: the peer.
    """
    from store.members import roster  # only who takes statements in loads what checks signatures
    from store.members.codec import row_hash

    log_of_space = act.list_log_of(space)
    taken = roster.take_in(act.conn, log_of_space, space, raws, origin=origin)
    for raw in taken.refused:
        log.quarantine(
            act.conn,
            space,
            DocId(MEMBER_DOC),
            row_hash(raw),
            raw,
            NOT_A_STATEMENT,
            sender=origin,
            now_ms=act.stamp.at_ms,
        )
    if taken.accepted:
        follow_list(act.conn, space)
    return taken


def believe_root(act: UnitOfWork, space: SpaceId, key: bytes) -> None:
    """Believe a root; what was passed over for the lack of one is asked for anew."""
    from store.members import roster

    if root_of(act.conn, space) == key:
        return
    roster.set_root(act.conn, space, key)
    for peer in peers.peers(act.conn, space):
        peers.set_pull_cursor(act.conn, peer.id, None)
    act.list_log_of(space)
    follow_list(act.conn, space)


def follow_list(conn: sqlite3.Connection, space: SpaceId) -> None:
    """Do what the list says: our own role, and who among our peers is out.

    Our role at devices is the list's; at a server it is what the server says in each round.
    """
    own = own_membership(conn, space)
    for peer in peers.peers(conn, space):
        if peer.kind != peers.DEVICE:
            continue
        theirs = None if peer.key is None else member(conn, space, peer.key)
        if theirs is not None and theirs.is_revoked:
            _shut_out(conn, peer)
        elif own is not None and peer.token is not None:
            _take_role(conn, peer, own)


def _shut_out(conn: sqlite3.Connection, peer: peers.Peer) -> None:
    if peer.url:
        peers.set_state(conn, peer.id, PeerState.AUTH_REFUSED, error=_PEER_SHUT_OUT)
    else:
        peers.detach_peer(conn, peer.id)  # what it has acknowledged does not count


def _take_role(conn: sqlite3.Connection, peer: peers.Peer, own: Member) -> None:
    if peer.role == "viewer" and own.role != "viewer":
        for row in peers.parked_rows(conn, peer.space):
            peers.offer_again(conn, peer.space, DocId(row.doc_id))
    peers.set_role(conn, peer.id, own.role)
    if own.is_revoked:
        peers.set_state(conn, peer.id, PeerState.AUTH_REFUSED, error=_SHUT_OUT)
