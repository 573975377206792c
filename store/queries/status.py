"""The truth about sync, from what is known here and now; asks nobody.

    attention   a change was refused, or a server doesn't accept this device: a person has to act
    syncing     a round is under way
    retrying    the last round failed and is tried again
    offline     no server can be reached
    pending     something is not acknowledged, or a space has never been synced
    synced      all is acknowledged
    local       there is nothing to sync with

The first that holds for any peer is the state of the whole.
"""

import sqlite3
from collections.abc import Sequence

from store.domain.ids import SpaceId
from store.peers import Peer, PeerState, parked_rows, peers, push_pending
from store.rows import PeerRow, Status, StatusState
from store.spaces import space_names


def status(conn: sqlite3.Connection, space: SpaceId | None = None) -> Status:
    """Say where all spaces stand, or one."""
    known = peers(conn, space)
    parked = len(parked_rows(conn, space))
    (conflicts,) = conn.execute(
        "SELECT count(*) FROM conflict JOIN item ON item.doc = conflict.doc"
        " WHERE conflict.settled IS NULL AND item.purged = 0"
        " AND (?1 IS NULL OR conflict.space = ?1)",
        (space,),
    ).fetchone()
    names = space_names(conn)
    rows = tuple(_peer_row(peer, names[peer.space], push_pending(conn, peer)) for peer in known)
    return Status(
        state=_state(rows, parked),
        pending=sum(row.push_pending for row in rows),
        parked=parked,
        conflicts=conflicts,
        last_synced_at_ms=_oldest([row.last_synced_at_ms for row in rows]),
        retry_at_ms=min(
            (row.retry_at_ms for row in rows if row.retry_at_ms is not None), default=None
        ),
        peers=rows,
    )


def _state(peers: Sequence[PeerRow], parked: int) -> StatusState:
    states = {peer.state for peer in peers}
    if parked or PeerState.AUTH_REFUSED in states:
        return "attention"
    if not peers:
        return "local"
    if PeerState.SYNCING in states:
        return "syncing"
    if PeerState.RETRYING in states:
        return "retrying"
    if PeerState.OFFLINE in states:
        return "offline"
    if any(peer.push_pending or peer.last_synced_at_ms is None for peer in peers):
        return "pending"
    return "synced"


def _oldest(times: list[int | None]) -> int | None:
    """The earliest time; None if one is missing, since that space was never synced."""
    known = [at_ms for at_ms in times if at_ms is not None]
    return min(known) if known and len(known) == len(times) else None


def _peer_row(peer: Peer, space: str, pending: int) -> PeerRow:
    return PeerRow(
        peer.id,
        space,
        peer.url,
        peer.kind,
        peer.state,
        pending,
        peer.last_seen_at_ms,
        peer.last_synced_at_ms,
        peer.error,
        peer.retry_at_ms,
    )
