"""The truth about sync, from what is known here and now; asks nobody.

    attention   a change was refused, or a server doesn't accept this device: a person has to act
    syncing     a round is under way
    retrying    the last round failed and is tried again
    offline     no server can be reached
    pending     something is not acknowledged, or a space has never been synced
    synced      all is acknowledged
    local       there is nothing to sync with

The first that holds for any space is the state of the whole. A space stands as its server does; one
without a server as well as the best of its peers (DECISIONS D19).
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from store.domain.ids import SpaceId
from store.peers import (
    SERVER,
    Peer,
    PeerState,
    parked_rows,
    peers,
    push_pending,
    unasked,
)
from store.queries.noticing import unseen
from store.rows import PeerRow, Status, StatusState
from store.spaces import space_names

_FOUND: Final[dict[str, StatusState]] = {
    PeerState.SYNCING: "syncing",
    PeerState.OFFLINE: "offline",
    PeerState.RETRYING: "retrying",
    PeerState.AUTH_REFUSED: "attention",
}
_WORST_FIRST: Final[tuple[StatusState, ...]] = (
    "attention",
    "syncing",
    "retrying",
    "offline",
    "pending",
    "synced",
)
# Among the peers of a space without a server.
_BEST_FIRST: Final[tuple[StatusState, ...]] = (
    "synced",
    "syncing",
    "pending",
    "retrying",
    "offline",
    "attention",
)


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
    conflicts += unseen(conn, space)
    names = space_names(conn)
    rows = tuple(_peer_row(peer, names[peer.space], push_pending(conn, peer)) for peer in known)
    by_space: dict[SpaceId, list[PeerRow]] = {}
    for peer, row in zip(known, rows, strict=True):
        by_space.setdefault(peer.space, []).append(row)
    counted = [_counted(of_it) for of_it in by_space.values()]
    standing = [_with_unasked(conn, each, row) for each, row in zip(by_space, counted, strict=True)]
    alone = [SpaceId(each) for each in names if each not in by_space and space in (None, each)]
    asked = sum(unasked(conn, each) for each in alone)
    pending = sum(row.push_pending for row in standing) + asked
    state = _state(standing, parked)
    return Status(
        state="pending" if asked and state == "synced" else state,
        pending=pending,
        parked=parked,
        conflicts=conflicts,
        last_synced_at_ms=_oldest([row.last_synced_at_ms for row in standing]),
        retry_at_ms=min(
            (row.retry_at_ms for row in standing if row.retry_at_ms is not None), default=None
        ),
        peers=rows,
        undecidable=pending - sum(row.push_pending for row in counted),
    )


def _with_unasked(conn: sqlite3.Connection, space: SpaceId, row: PeerRow) -> PeerRow:
    """Count what waits for an authority in a space that has none; with a server it counts there."""
    if row.kind == SERVER:
        return row
    return replace(row, push_pending=row.push_pending + unasked(conn, space))


def _counted(rows: Sequence[PeerRow]) -> PeerRow:
    """The peer as which its space stands: the server, or else the one that is best off."""
    for row in rows:
        if row.kind == SERVER:
            return row
    return min(rows, key=lambda row: (_BEST_FIRST.index(_row_state(row)), row.push_pending))


def _row_state(row: PeerRow) -> StatusState:
    if row.state == PeerState.IDLE:
        waits = row.push_pending or row.last_synced_at_ms is None
        return "pending" if waits else "synced"
    return _FOUND[row.state]


def _state(standing: Sequence[PeerRow], parked: int) -> StatusState:
    if parked:
        return "attention"
    states = {_row_state(row) for row in standing}
    return next((state for state in _WORST_FIRST if state in states), "local")


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
        peer.name,
    )
