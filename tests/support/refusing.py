"""Changes that a server has refused, without a server."""

from store import log, peers
from store.domain.ids import DocId
from store.replica import Replica
from sync.client.planner import dependants


def refused_at(replica: Replica, doc: DocId, which: int) -> list[bytes]:
    """Park one of a person's own changes of an item, with what follows it, as a round would."""
    with replica.db.write() as conn:
        rows = log.doc_rows(conn, doc)
        own = [row for row in rows if row.origin is None]
        if not own:
            return []
        refused = own[which % len(own)]
        gone = [refused.hash, *(row.hash for row in dependants(rows, {refused.hash}))]
        (space,) = conn.execute("SELECT space FROM doc WHERE id = ?", (doc,)).fetchone()
        for change in gone:
            peers.park(
                conn,
                space,
                doc,
                change,
                reason="not-loadable",
                detail=None,
                peer="server",
                now_ms=0,
            )
    return gone
