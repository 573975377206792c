"""Where the latest version of an item is confirmed, and whether this device may be closed.

What is not known counts as not there. A change that was refused is nowhere else, nor is a text that
is still a draft.
"""

import sqlite3
from collections.abc import Iterator
from typing import Final

from store.domain.errors import NotFound
from store.domain.ids import DocId, SpaceId
from store.peers import DEVICE, Peer, parked_rows, peers, server_of
from store.queries.status import status
from store.receipts import receipts_of
from store.rows import Confirmed, Holder, SafeToClose, Status

# A peer that is asked directly has what it acknowledged, and what came from it.
_LACKS: Final = (
    "SELECT 1 FROM log WHERE doc = ? AND seq > ? AND origin IS NOT ? AND type = 'change' LIMIT 1"
)
_HELD_BACK: Final = (
    "SELECT EXISTS (SELECT 1 FROM parked WHERE doc = ?1)"
    " OR EXISTS (SELECT 1 FROM draft WHERE doc = ?1 AND NOT held)"
)


def confirmed(conn: sqlite3.Connection, doc: DocId) -> Confirmed:
    """Say where the latest version of an item is.

    Raises:
        NotFound: there is no such item here.
    """
    found = conn.execute("SELECT space, last_seq, own_seq FROM doc WHERE id = ?", (doc,)).fetchone()
    if found is None:
        raise NotFound(f"There is no item {doc} on this device.")
    space, last_seq, own_seq = found
    (is_held_back,) = conn.execute(_HELD_BACK, (doc,)).fetchone()
    server = server_of(conn, space)
    directly = _asked_directly(conn, space, doc, is_held_back=is_held_back)
    is_on_server = server is not None and own_seq <= server.push_seq and not is_held_back
    holders = {one.id: one for one in directly}
    if server is not None:
        for receipt, reached in receipts_of(conn, server.id):
            has_latest = is_on_server and reached >= last_seq
            if receipt.id not in holders or has_latest:
                holders[receipt.id] = Holder(
                    receipt.id, receipt.person, receipt.device, has_latest, receipt.at_ms
                )
    return Confirmed(
        is_on_server=None if server is None else is_on_server,
        server_at_ms=None if server is None else server.last_synced_at_ms,
        devices=tuple(sorted(holders.values(), key=lambda one: (one.person, one.device, one.id))),
    )


def safe_to_close(
    conn: sqlite3.Connection, space: SpaceId | None = None, known: Status | None = None
) -> SafeToClose:
    """Say whether everything that was done here is somewhere else too, in all spaces or one.

    Args:
        conn: any connection.
        space: which; all without one.
        known: how sync stands there, for who has asked already.
    """
    drafts, held = conn.execute(
        "SELECT count(*), coalesce(sum(held), 0) FROM draft WHERE (?1 IS NULL OR space = ?1)"
        " AND EXISTS (SELECT 1 FROM peer WHERE peer.space = draft.space)",
        (space,),
    ).fetchone()
    (only_here,) = conn.execute(
        "SELECT count(*) FROM item WHERE purged = 0 AND (?1 IS NULL OR space = ?1)"
        " AND NOT EXISTS (SELECT 1 FROM peer WHERE peer.space = item.space)",
        (space,),
    ).fetchone()
    return SafeToClose(
        pending=(known or status(conn, space)).pending,
        parked=len(parked_rows(conn, space)) + held,
        drafts=drafts - held,
        only_here=only_here,
    )


def _asked_directly(
    conn: sqlite3.Connection, space: SpaceId, doc: DocId, *, is_held_back: bool
) -> Iterator[Holder]:
    for peer in peers(conn, space):
        if peer.kind == DEVICE:
            has_latest = not is_held_back and not _lacks(conn, peer, doc)
            yield Holder(peer.id, "", peer.name or peer.url, has_latest, peer.last_seen_at_ms)


def _lacks(conn: sqlite3.Connection, peer: Peer, doc: DocId) -> bool:
    return conn.execute(_LACKS, (doc, peer.push_seq, peer.id)).fetchone() is not None
