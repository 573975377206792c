"""A device that serves as a peer: codes that let others in, and whom it knows by which key."""

from sqlite_utils import Database as Tables

from store.database.tables.making import make_table


def make(db: Tables) -> None:
    """Make the tables of this step."""
    make_table(
        db,
        "pairing",
        {
            "hash": bytes,
            "space": str,
            "role": str,
            "proof_key": bytes,
            "expires_at_ms": int,
            "tries_left": int,
            "used_by": str,
        },
        pk="hash",
        not_null={"space", "role", "proof_key", "expires_at_ms", "tries_left"},
    )
    peer = db.table("peer")
    peer.add_column("key", bytes)
    peer.add_column("name", str)
