"""What a device alone knows: peers, parked changes, acts, drafts, snapshots."""

from sqlite_utils import Database as Tables

from store.database.tables.making import make_table


def make(db: Tables) -> None:
    """Make the tables of this step."""
    make_table(
        db,
        "peer",
        {
            "id": str,
            "space": str,
            "kind": str,
            "url": str,
            "token": str,
            "role": str,
            "pull_cursor": str,
            "push_seq": int,
            "verified_at_ms": int,
            "last_seen_at_ms": int,
            "last_synced_at_ms": int,
            "state": str,
            "error": str,
            "retry_at_ms": int,
        },
        pk="id",
        not_null={"space", "kind", "url", "state"},
        defaults={"push_seq": 0},
    ).create_index(["space"], "peer_space")
    make_table(
        db,
        "parked",
        {
            "space": str,
            "hash": bytes,
            "doc": str,
            "reason": str,
            "detail": str,
            "peer": str,
            "at_ms": int,
        },
        pk=("space", "hash"),
        not_null={"doc", "reason", "peer", "at_ms"},
    ).create_index(["doc"], "parked_doc")
    make_table(
        db,
        "act",
        {
            "id": int,
            "space": str,
            "at_ms": int,
            "label": str,
            "state": str,
            "forward": str,
            "inverse": str,
        },
        pk="id",
        not_null={"at_ms", "label", "state", "forward", "inverse"},
    )
    make_table(
        db,
        "draft",
        {"doc": str, "space": str, "at_ms": int, "base": bytes, "text": str},
        pk="doc",
        not_null={"space", "at_ms", "text"},
    )
    make_table(
        db,
        "snapshot",
        {"doc": str, "upto_changes": int, "bytes": bytes},
        pk="doc",
        not_null={"upto_changes", "bytes"},
    )
