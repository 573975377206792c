"""Every table, as named steps for sqlite-utils; each is recorded in the transaction that made it.

log       space, log, doc, waiting, quarantine, meta      on both sides
items     item, text + text_fts, item_tag, conflict       a device: rows derived from documents
device    peer, parked, act, draft, snapshot              a device: what it alone knows
members   token, invite, known_log                        a server

A released step is never edited: add one, name it in `roles`, and write the `fresh_*.sql` anew with
`python -m store.database.migrations` (a test says when). Blobs stand last in their tables, so that
reading a small column never walks through a large one.
"""

import sqlite3
from collections.abc import Callable
from typing import Final

from sqlite_utils import Database as Tables
from sqlite_utils.db import DescIndex, Table
from sqlite_utils.migrations import Migrations

from store.database.roles import CLIENT, SERVER, Role

Step = Callable[[Tables], None]


def apply(connection: sqlite3.Connection, role: Role) -> None:
    """Run the steps that the file lacks; the caller holds a transaction, each step a savepoint."""
    migrations = Migrations(role.name)
    for name in role.steps:
        migrations(name=name)(_STEPS[name])
    migrations.apply(Tables(connection, recursive_triggers=False, execute_plugins=False))


def _log(db: Tables) -> None:
    _table(
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
    log = _table(
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
    doc = _table(
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
    _table(
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
    _table(
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
    _table(db, "meta", {"key": str, "value": str}, pk="key", not_null={"value"})


# By hand: sqlite-utils has no word for prefixes. They serve search while somebody types: the
# beginning of a word that most of 10,000 notes hold is found in 11 ms instead of 40.
_TEXT_INDEX: Final = (
    """CREATE VIRTUAL TABLE "text_fts" USING FTS5 (
    "title", "body", "tags",
    tokenize='unicode61 remove_diacritics 2',
    prefix='2 3',
    content="text", content_rowid="id"
)""",
    """CREATE TRIGGER "text_ai" AFTER INSERT ON "text" BEGIN
  INSERT INTO "text_fts" (rowid, "title", "body", "tags")
    VALUES (new."id", new."title", new."body", new."tags");
END""",
    """CREATE TRIGGER "text_ad" AFTER DELETE ON "text" BEGIN
  INSERT INTO "text_fts" ("text_fts", rowid, "title", "body", "tags")
    VALUES ('delete', old."id", old."title", old."body", old."tags");
END""",
    """CREATE TRIGGER "text_au" AFTER UPDATE ON "text" BEGIN
  INSERT INTO "text_fts" ("text_fts", rowid, "title", "body", "tags")
    VALUES ('delete', old."id", old."title", old."body", old."tags");
  INSERT INTO "text_fts" (rowid, "title", "body", "tags")
    VALUES (new."id", new."title", new."body", new."tags");
END""",
)


def _items(db: Tables) -> None:
    item = _table(
        db,
        "item",
        {
            "doc": str,
            "space": str,
            "kind": str,
            "title": str,
            "state": str,
            "due": str,
            "priority": str,
            "list": str,
            "assignee": str,
            "parent": str,
            "order_key": str,
            "repeat": str,
            "pinned": int,
            "source": str,
            "moved_to": str,
            "trashed": int,
            "purged": int,
            "tags": str,
            "created_at_ms": int,
            "updated_at_ms": int,
            "conflict_count": int,
            "snippet": str,
            "events": str,
        },
        pk="doc",
        not_null={"space", "kind", "title", "trashed", "purged", "tags", "snippet", "events"},
        defaults={"pinned": 0, "conflict_count": 0},
    )
    item.create_index(["kind", "order_key", "doc"], "item_order")
    item.create_index(
        ["kind", DescIndex("pinned"), DescIndex("updated_at_ms"), "doc"], "item_recent"
    )
    item.create_index(["space", "source"], "item_source")
    item.create_index(["parent"], "item_parent")
    text = _table(
        db,
        "text",
        {"id": int, "doc": str, "title": str, "body": str, "tags": str},
        pk="id",
        not_null={"doc", "title", "body", "tags"},
    )
    text.create_index(["doc"], "text_doc", unique=True)
    for statement in _TEXT_INDEX:
        db.execute(statement)
    tag = _table(db, "item_tag", {"doc": str, "tag": str}, pk=("doc", "tag"))
    tag.create_index(["tag", "doc"], "item_tag_tag")
    conflict = _table(
        db,
        "conflict",
        {
            "id": str,
            "doc": str,
            "space": str,
            "kind": str,
            "field": str,
            "record": str,
            "base": str,
            "sides": str,
            "settled": str,
            "listed": str,
        },
        pk="id",
        not_null={"doc", "space", "kind", "base", "sides"},
    )
    conflict.create_index(["doc"], "conflict_doc")


def _device(db: Tables) -> None:
    _table(
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
    _table(
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
    _table(
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
    _table(
        db,
        "draft",
        {"doc": str, "space": str, "at_ms": int, "base": bytes, "text": str},
        pk="doc",
        not_null={"space", "at_ms", "text"},
    )
    _table(
        db,
        "snapshot",
        {"doc": str, "upto_changes": int, "bytes": bytes},
        pk="doc",
        not_null={"upto_changes", "bytes"},
    )


def _members(db: Tables) -> None:
    token = _table(
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
    _table(
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
    _table(
        db,
        "known_log",
        {"space": str, "replica": str, "generation": bytes, "seq": int, "chain": bytes},
        pk=("space", "replica"),
        not_null={"generation", "seq", "chain"},
    )


def _table(
    db: Tables,
    name: str,
    columns: dict[str, type],
    *,
    pk: str | tuple[str, ...],
    not_null: set[str] | None = None,
    defaults: dict[str, str | int] | None = None,
) -> Table:
    """Make a STRICT table; columns that have a default are never null."""
    required = (not_null or set()) | set(defaults or ())
    return db.table(name).create(
        columns, pk=pk, not_null=required, defaults=defaults or {}, strict=True
    )


_STEPS: Final[dict[str, Step]] = {
    "log": _log,
    "items": _items,
    "device": _device,
    "members": _members,
}


def dump(role: Role) -> str:
    """Write what the steps of a role make, as SQL in the order in which it can be run."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        apply(connection, role)
        made = connection.execute(
            # A virtual table makes its own shadow tables, and a key its own index (no SQL).
            "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL"
            " AND name NOT LIKE 'text\\_fts\\__%' ESCAPE '\\' ORDER BY rowid"
        ).fetchall()
    finally:
        connection.close()
    return "".join(f"{sql.strip()};\n" for (sql,) in made)


def main() -> None:
    """Write the `fresh_*.sql` anew."""
    for role in (CLIENT, SERVER):
        role.fresh_sql.write_text(dump(role), encoding="utf-8")


if __name__ == "__main__":
    main()
