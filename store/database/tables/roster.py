"""The signed list of members, on both sides: its root, its fold, and whose key a token is for."""

from sqlite_utils import Database as Tables

from store.database.tables.making import make_table


def make(db: Tables) -> None:
    """Make the tables of this step."""
    make_table(db, "member_root", {"space": str, "key": bytes}, pk="space", not_null={"key"})
    make_table(
        db,
        "member",
        {
            "space": str,
            "key": bytes,
            "replica": str,
            "person": str,
            "device": str,
            "role": str,
            "is_revoked": int,
            "version": int,
            "at_ms": int,
            "is_signer": int,
        },
        pk=("space", "key"),
        not_null={
            "replica",
            "person",
            "device",
            "role",
            "is_revoked",
            "version",
            "at_ms",
            "is_signer",
        },
    )
    db.table("token").add_column("key", bytes)
