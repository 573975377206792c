"""Whom a server knows: tokens, invites, and the logs of its devices."""

from sqlite_utils import Database as Tables

from store.database.tables.making import make_table


def make(db: Tables) -> None:
    """Make the tables of this step."""
    token = make_table(
        db,
        "token",
        {
            "hash": bytes,
            "space": str,
            "replica": str,
            "person": str,
            "device": str,
            "role": str,
            "created_at_ms": int,
            "last_seen_at_ms": int,
            "revoked_at_ms": int,
        },
        pk="hash",
        not_null={"space", "replica", "person", "device", "role", "created_at_ms"},
    )
    token.create_index(["space", "replica"], "token_replica")
    make_table(
        db,
        "invite",
        {
            "hash": bytes,
            "space": str,
            "role": str,
            "expires_at_ms": int,
            "used_at_ms": int,
            "created_by": str,
        },
        pk="hash",
        not_null={"space", "role", "expires_at_ms", "created_by"},
    )
    make_table(
        db,
        "known_log",
        {"space": str, "replica": str, "generation": bytes, "seq": int, "chain": bytes},
        pk=("space", "replica"),
        not_null={"generation", "seq", "chain"},
    )
