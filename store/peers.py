"""What this device knows of its peers: where each can be reached, and how far both logs are known.

    pull_cursor   how far their log has been read; opaque text of theirs
    push_seq      how far they have acknowledged our log
    parked        changes that one refused, with those that depend on them (DECISIONS D20)

Cursors move in the transaction that holds what they stand for, never before it.
"""

import sqlite3
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from store.domain.ids import DocId, SpaceId
from store.offered_again import note_sent
from store.receipts import forget_milestones, forget_receipts
from store.rows import ParkedRow

DEPENDS_ON_REFUSED: Final = "depends-on-refused"  # reason of a change that is parked with its cause

SERVER: Final = "server"  # kind of the space's authority
DEVICE: Final = "peer"  # kind of another device that has the space too

# What this device may do in a space: as its server says, or without one as a peer or the signed
# list says. NULL where nobody says anything: the space was made here, and is shared with nobody.
ROLE_IN_SPACE: Final = (
    "coalesce((SELECT role FROM peer WHERE peer.space = space.id AND role IS NOT NULL"
    " ORDER BY kind = 'server' DESC, role = 'owner' DESC, role = 'editor' DESC LIMIT 1),"
    " (SELECT role FROM member WHERE member.space = space.id AND hex(member.key)"
    " = (SELECT upper(value) FROM meta WHERE meta.key = 'signing_key')))"
)

_COLUMNS: Final = (
    "id, space, kind, url, token, role, pull_cursor, push_seq, verified_at_ms, last_seen_at_ms,"
    " last_synced_at_ms, state, error, retry_at_ms, key, name"
)


class PeerState(StrEnum):
    """What the sync engine last found.

    IDLE           nothing under way; says nothing about whether all is synced
    SYNCING        a round is under way
    OFFLINE        it can't be reached
    RETRYING       it failed and is tried again at `retry_at_ms`
    AUTH_REFUSED   it doesn't accept this device any more: a person has to act
    """

    IDLE = "idle"
    SYNCING = "syncing"
    OFFLINE = "offline"
    RETRYING = "retrying"
    AUTH_REFUSED = "auth-refused"


@dataclass(frozen=True, slots=True)
class Peer:
    """A peer of one space.

    Attributes:
        token: secret of this device there; never shown, logged or exported.
        role: owner, editor or viewer.
        verified_at_ms: when heads were last compared in full (anti-entropy).
        key: public key of a device, by which the space's list knows it; None of a server.
        name: of a device, for display.
    """

    id: str
    space: SpaceId
    kind: str
    url: str
    token: str | None = field(repr=False)
    role: str | None
    pull_cursor: str | None
    push_seq: int
    verified_at_ms: int | None
    last_seen_at_ms: int | None
    last_synced_at_ms: int | None
    state: str
    error: str | None
    retry_at_ms: int | None
    key: bytes | None = None
    name: str | None = None


def attach_peer(
    conn: sqlite3.Connection,
    peer: str,
    space: SpaceId,
    *,
    url: str,
    token: str | None,
    role: str | None,
    kind: str = SERVER,
    key: bytes | None = None,
    name: str | None = None,
) -> None:
    """Remember a peer, from the beginning of both logs; a known one gets the new url and token.

    Args:
        conn: a connection in a write transaction.
        peer: its id.
        space: the space that it has too.
        url: where it is; empty for a device that only asks us.
        token: opens the space there; None for a device that only asks us.
        role: what we may do there; None for a device that only asks us.
        kind: `SERVER` or `DEVICE`.
        key: public key of a device.
        name: of a device, for display.
    """
    conn.execute(
        "INSERT INTO peer (id, space, kind, url, token, role, state, key, name)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET url = excluded.url, token = excluded.token,"
        " role = excluded.role, state = excluded.state, error = NULL, retry_at_ms = NULL,"
        " key = excluded.key, name = excluded.name",
        (peer, space, kind, url, token, role, PeerState.IDLE, key, name),
    )


def meet_peer(
    conn: sqlite3.Connection, peer: str, space: SpaceId, *, key: bytes | None, name: str
) -> None:
    """Remember a device that asks us, from the beginning of our log; we may ask it already."""
    conn.execute(
        "INSERT INTO peer (id, space, kind, url, state, key, name) VALUES (?, ?, ?, '', ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET key = excluded.key, name = excluded.name",
        (peer, space, DEVICE, PeerState.IDLE, key, name),
    )


def note_read(conn: sqlite3.Connection, peer: str, seq: int, end: int, at_ms: int) -> None:
    """Say how far a device that asks us has read our log, which is as good as acknowledging it."""
    conn.execute(
        "UPDATE peer SET push_seq = max(push_seq, ?1), last_seen_at_ms = ?2,"
        " last_synced_at_ms = CASE WHEN ?1 >= ?3 THEN ?2 ELSE last_synced_at_ms END WHERE id = ?4",
        (seq, at_ms, end, peer),
    )


def set_url(conn: sqlite3.Connection, peer: str, url: str) -> None:
    """Say where a peer is now."""
    conn.execute("UPDATE peer SET url = ? WHERE id = ?", (url, peer))


def detach_peer(conn: sqlite3.Connection, peer: str) -> None:
    """Forget a peer, what it refused, and what it said of others."""
    conn.execute("DELETE FROM parked WHERE peer = ?", (peer,))
    forget_receipts(conn, peer)
    conn.execute("DELETE FROM peer WHERE id = ?", (peer,))


def peers(conn: sqlite3.Connection, space: SpaceId | None = None) -> list[Peer]:
    """List the peers of a space, or all."""
    found = conn.execute(
        f"SELECT {_COLUMNS} FROM peer WHERE ?1 IS NULL OR space = ?1 ORDER BY id", (space,)
    )
    return [Peer(*values) for values in found]


def find_peer(conn: sqlite3.Connection, peer: str) -> Peer | None:
    """Give a peer by its id."""
    row = conn.execute(f"SELECT {_COLUMNS} FROM peer WHERE id = ?", (peer,)).fetchone()
    return None if row is None else Peer(*row)


def dialled(conn: sqlite3.Connection, space: SpaceId | None = None) -> list[Peer]:
    """List the peers that this device asks, servers first; the others only ask us (no url)."""
    asked = [peer for peer in peers(conn, space) if peer.url]
    return sorted(asked, key=lambda peer: peer.kind != SERVER)


def server_of(conn: sqlite3.Connection, space: SpaceId) -> Peer | None:
    """Give the server of a space, None if it has none."""
    row = conn.execute(
        f"SELECT {_COLUMNS} FROM peer WHERE space = ? AND kind = 'server' LIMIT 1", (space,)
    ).fetchone()
    return None if row is None else Peer(*row)


def set_pull_cursor(conn: sqlite3.Connection, peer: str, cursor: str | None) -> None:
    """Say how far a peer's log has been read; None begins again."""
    conn.execute("UPDATE peer SET pull_cursor = ? WHERE id = ?", (cursor, peer))


def set_push_seq(conn: sqlite3.Connection, peer: str, seq: int) -> None:
    """Say how far a peer has acknowledged our log; 0 offers everything again."""
    conn.execute("UPDATE peer SET push_seq = ? WHERE id = ?", (seq, peer))


def lower_push_seq(conn: sqlite3.Connection, peer: str, seq: int) -> None:
    """Say that a peer holds our log no further than to a sequence number."""
    conn.execute("UPDATE peer SET push_seq = min(push_seq, ?) WHERE id = ?", (seq, peer))


def raise_push_seq(conn: sqlite3.Connection, peer: str, before: int, seq: int) -> None:
    """Say that a peer has our log up to `seq`, unless it was to be offered something meanwhile."""
    conn.execute(
        "UPDATE peer SET push_seq = max(push_seq, ?) WHERE id = ? AND push_seq = ?",
        (seq, peer, before),
    )


def set_token(conn: sqlite3.Connection, peer: str, token: str, role: str) -> None:
    """Keep a new token, with the role that it has."""
    conn.execute("UPDATE peer SET token = ?, role = ? WHERE id = ?", (token, role, peer))


def set_role(conn: sqlite3.Connection, peer: str, role: str) -> None:
    """Say what we may do there."""
    conn.execute("UPDATE peer SET role = ? WHERE id = ?", (role, peer))


def set_state(
    conn: sqlite3.Connection,
    peer: str,
    state: PeerState,
    *,
    error: str | None = None,
    retry_at_ms: int | None = None,
) -> None:
    """Say what the engine found: with the reason, and when it will try again."""
    conn.execute(
        "UPDATE peer SET state = ?, error = ?, retry_at_ms = ? WHERE id = ?",
        (state, error, retry_at_ms, peer),
    )


def clear_syncing(conn: sqlite3.Connection) -> None:
    """Forget rounds that a killed process left under way; for whoever now holds the engine."""
    conn.execute("UPDATE peer SET state = ? WHERE state = ?", (PeerState.IDLE, PeerState.SYNCING))


def note_seen(conn: sqlite3.Connection, peer: str, at_ms: int) -> None:
    """Say when a peer last answered."""
    conn.execute("UPDATE peer SET last_seen_at_ms = ? WHERE id = ?", (at_ms, peer))


def note_synced(conn: sqlite3.Connection, peer: str, at_ms: int) -> None:
    """Say when a round with a peer last ended with nothing left to do."""
    conn.execute(
        "UPDATE peer SET last_seen_at_ms = ?1, last_synced_at_ms = ?1 WHERE id = ?2", (at_ms, peer)
    )


def note_verified(conn: sqlite3.Connection, peer: str, at_ms: int) -> None:
    """Say when heads were last compared in full and found equal."""
    conn.execute("UPDATE peer SET verified_at_ms = ? WHERE id = ?", (at_ms, peer))


def push_pending(conn: sqlite3.Connection, peer: Peer) -> int:
    """Count the changes that a peer has neither sent, acknowledged nor refused.

    With what was said about members, and for the space's server also what is still to be asked.
    """
    (count,) = conn.execute(
        "SELECT count(*) FROM log WHERE space = ?1 AND seq > ?2 AND origin IS NOT ?3"
        " AND type IN ('change', 'member') AND NOT EXISTS (SELECT 1 FROM parked"
        " WHERE parked.space = log.space AND parked.hash = log.hash)",
        (peer.space, peer.push_seq, peer.id),
    ).fetchone()
    assert isinstance(count, int)
    return count + (unasked(conn, peer.space) if peer.kind == SERVER else 0)


def unasked(conn: sqlite3.Connection, space: SpaceId) -> int:
    """Count the commands that wait for the space's authority, whether it has one or not."""
    (asked,) = conn.execute(
        "SELECT count(*) FROM outbox WHERE space = ? AND state IN ('waiting', 'withdrawn')",
        (space,),
    ).fetchone()
    assert isinstance(asked, int)
    return asked


def park(
    conn: sqlite3.Connection,
    space: SpaceId,
    doc: DocId,
    change_hash: bytes,
    *,
    reason: str,
    detail: str | None,
    peer: str,
    now_ms: int,
) -> None:
    """Set a change aside that a peer refused, or (`DEPENDS_ON_REFUSED`) one that follows it."""
    conn.execute(
        "INSERT INTO parked (space, hash, doc, reason, detail, peer, at_ms)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (space, hash) DO UPDATE SET"
        " reason = excluded.reason, detail = excluded.detail, at_ms = excluded.at_ms",
        (space, change_hash, doc, reason, detail, peer, now_ms),
    )
    note_sent(conn, space, [change_hash])


def parked_hashes(conn: sqlite3.Connection, space: SpaceId, *, by: str | None = None) -> set[bytes]:
    """Give the hashes of the parked changes of a space (all, or those that one peer refused)."""
    found = conn.execute(
        "SELECT hash FROM parked WHERE space = ?1 AND (?2 IS NULL OR peer = ?2)", (space, by)
    )
    return {row[0] for row in found}


def parked_rows(conn: sqlite3.Connection, space: SpaceId | None = None) -> list[ParkedRow]:
    """List the items with parked changes, the longest parked first."""
    found = conn.execute(
        "SELECT parked.doc, parked.hash, parked.reason, parked.detail FROM parked"
        " LEFT JOIN log ON log.space = parked.space AND log.hash = parked.hash"
        " WHERE ?1 IS NULL OR parked.space = ?1 ORDER BY parked.at_ms, log.seq, parked.hash",
        (space,),
    )
    by_doc: dict[str, list[tuple[Any, ...]]] = {}
    for doc, *rest in found:
        by_doc.setdefault(doc, []).append(tuple(rest))
    rows = []
    for doc, parked in by_doc.items():
        causes = [one for one in parked if one[1] != DEPENDS_ON_REFUSED]
        change_hash, reason, detail = (causes or parked)[0]
        rows.append(ParkedRow(change_hash.hex(), doc, detail or reason, len(parked)))
    return rows


def unpark(conn: sqlite3.Connection, space: SpaceId, doc: DocId) -> None:
    """Forget that changes of a document were refused, without offering them again."""
    conn.execute("DELETE FROM parked WHERE space = ? AND doc = ?", (space, doc))


def offer_again(conn: sqlite3.Connection, space: SpaceId, doc: DocId) -> None:
    """Let the parked changes of a document be pushed once more.

    Push cursors of the space go back to before the first of them, so that the item reads as pending
    until it is acknowledged. What else follows is a duplicate to the peer, which costs nothing.
    """
    (first,) = conn.execute(
        "SELECT min(log.seq) FROM parked JOIN log ON log.space = parked.space"
        " AND log.hash = parked.hash WHERE parked.space = ? AND parked.doc = ?",
        (space, doc),
    ).fetchone()
    if first is not None:
        offer_from(conn, space, first)
    unpark(conn, space, doc)


def offer_from(
    conn: sqlite3.Connection, space: SpaceId, seq: int, *, but: str | None = None
) -> None:
    """Offer our log from a place on once more: peers that had passed it lack what stands there.

    Args:
        conn: a connection in a write transaction.
        space: whose log.
        seq: the place.
        but: a peer that has it.
    """
    forget_milestones(conn, space, seq)
    conn.execute(
        "UPDATE peer SET push_seq = min(push_seq, ?) WHERE space = ? AND id IS NOT ?",
        (seq - 1, space, but),
    )
