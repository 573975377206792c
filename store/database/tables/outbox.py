"""What a device asks its spaces' authorities for, and what it knows about their clocks."""

from sqlite_utils import Database as Tables

from store.database.tables.making import make_table


def make(db: Tables) -> None:
    """Make `outbox` (commands by their order), `contact` (the last good look) and `noted`."""
    outbox = make_table(
        db,
        "outbox",
        {
            "id": int,
            "key": str,
            "space": str,
            "kind": str,
            "body": bytes,
            "subject": str,
            "item": str,
            "count": int,
            "said": str,
            "reason": str,
            "at_ms": int,
            "state": str,
            "type": str,
            "detail": str,
            "needs_answer": int,
            "sent": int,
            "tries": int,
        },
        pk="id",
        not_null={"key", "space", "kind", "body", "subject", "at_ms", "state"},
        defaults={
            "said": "",
            "reason": "",
            "type": "",
            "detail": "",
            "needs_answer": 0,
            "sent": 0,
            "tries": 1,
        },
    )
    outbox.create_index(["key"], "outbox_key", unique=True)
    outbox.create_index(["space", "state", "id"], "outbox_space")
    outbox.create_index(["subject"], "outbox_subject")
    make_table(
        db,
        "contact",
        {"space": str, "server_ms": int, "boot": str, "elapsed_ms": int, "wall_ms": int},
        pk="space",
        not_null={"server_ms", "boot", "elapsed_ms", "wall_ms"},
    )
    make_table(
        db,
        "noted",
        {"space": str, "id": str, "at_ms": int},
        pk=("space", "id"),
        not_null={"at_ms"},
    )
