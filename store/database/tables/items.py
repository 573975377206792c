"""A device's rows derived from documents, with the search index."""

from typing import Final

from sqlite_utils import Database as Tables
from sqlite_utils.db import DescIndex

from store.database.tables.making import make_table

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


def make(db: Tables) -> None:
    """Make the tables of this step."""
    item = make_table(
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
    text = make_table(
        db,
        "text",
        {"id": int, "doc": str, "title": str, "body": str, "tags": str},
        pk="id",
        not_null={"doc", "title", "body", "tags"},
    )
    text.create_index(["doc"], "text_doc", unique=True)
    for statement in _TEXT_INDEX:
        db.execute(statement)
    _tags_and_conflicts(db)


def _tags_and_conflicts(db: Tables) -> None:
    tag = make_table(db, "item_tag", {"doc": str, "tag": str}, pk=("doc", "tag"))
    tag.create_index(["tag", "doc"], "item_tag_tag")
    conflict = make_table(
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
