"""The change log, what waits for it and what it refused: on devices and servers alike."""

from sqlite_utils import Database as Tables

from store.database.tables.making import make_table


def make(db: Tables) -> None:
    """Make the tables of this step."""
    _logged(db)
    _not_logged(db)
    make_table(db, "meta", {"key": str, "value": str}, pk="key", not_null={"value"})


def _logged(db: Tables) -> None:
    make_table(
        db,
        "space",
        {
            "id": str,
            "name": str,
            "kind": str,
            "is_current": int,
            "generation": bytes,
            "last_seq": int,
            "last_chain": bytes,
            "heads_digest": bytes,
            "created_at_ms": int,
        },
        pk="id",
        not_null={"name", "kind", "generation", "last_chain", "heads_digest", "created_at_ms"},
        defaults={"is_current": 0, "last_seq": 0},
    )
    log = make_table(
        db,
        "log",
        {
            "space": str,
            "seq": int,
            "type": str,
            "doc": str,
            "origin": str,
            "hash": bytes,
            "actor": bytes,
            "actor_seq": int,
            "start_op": int,
            "ops": int,
            "at_ms": int,
            "received_at_ms": int,
            "person": str,
            "device": str,
            "chain": bytes,
            "deps": bytes,
            "bytes": bytes,
        },
        pk=("space", "seq"),
        not_null={"doc", "hash", "actor", "actor_seq", "received_at_ms", "chain", "deps"},
        defaults={"type": "change"},
    )
    log.create_index(["space", "hash"], "log_hash", unique=True)
    log.create_index(["space", "doc", "actor", "actor_seq"], "log_actor_seq", unique=True)
    log.create_index(["doc", "seq"], "log_doc")
    doc = make_table(
        db,
        "doc",
        {
            "id": str,
            "space": str,
            "kind": str,
            "changes": int,
            "is_linear": int,
            "last_seq": int,
            "own_seq": int,
            "heads": bytes,
        },
        pk="id",
        not_null={"space", "kind", "changes", "is_linear", "last_seq", "heads"},
        defaults={"own_seq": 0},
    )
    doc.create_index(["space", "id"], "doc_space")
    doc.create_index(["space", "own_seq"], "doc_own_seq")


def _not_logged(db: Tables) -> None:
    """Changes that lack what they follow, and changes that nobody may follow."""
    make_table(
        db,
        "waiting",
        {
            "space": str,
            "hash": bytes,
            "doc": str,
            "origin": str,
            "at_ms": int,
            "missing": bytes,
            "bytes": bytes,
        },
        pk=("space", "hash"),
        not_null={"doc", "at_ms", "missing", "bytes"},
    ).create_index(["doc"], "waiting_doc")
    make_table(
        db,
        "quarantine",
        {
            "id": int,
            "space": str,
            "doc": str,
            "hash": bytes,
            "reason": str,
            "sender": str,
            "at_ms": int,
            "bytes": bytes,
        },
        pk="id",
        not_null={"space", "doc", "hash", "reason", "at_ms", "bytes"},
    ).create_index(["space", "hash"], "quarantine_hash")
