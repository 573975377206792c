CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE TABLE "space" (
   "id" TEXT PRIMARY KEY,
   "name" TEXT NOT NULL,
   "kind" TEXT NOT NULL,
   "is_current" INTEGER NOT NULL DEFAULT 0,
   "generation" BLOB NOT NULL,
   "last_seq" INTEGER NOT NULL DEFAULT 0,
   "last_chain" BLOB NOT NULL,
   "heads_digest" BLOB NOT NULL,
   "created_at_ms" INTEGER NOT NULL
) STRICT;
CREATE TABLE "log" (
   "space" TEXT,
   "seq" INTEGER,
   "type" TEXT NOT NULL DEFAULT 'change',
   "doc" TEXT NOT NULL,
   "origin" TEXT,
   "hash" BLOB NOT NULL,
   "actor" BLOB NOT NULL,
   "actor_seq" INTEGER NOT NULL,
   "start_op" INTEGER,
   "ops" INTEGER,
   "at_ms" INTEGER,
   "received_at_ms" INTEGER NOT NULL,
   "person" TEXT,
   "device" TEXT,
   "chain" BLOB NOT NULL,
   "deps" BLOB NOT NULL,
   "bytes" BLOB,
   PRIMARY KEY ("space", "seq")
) STRICT;
CREATE UNIQUE INDEX "log_hash"
    ON "log" ("space", "hash");
CREATE UNIQUE INDEX "log_actor_seq"
    ON "log" ("space", "doc", "actor", "actor_seq");
CREATE INDEX "log_doc"
    ON "log" ("doc", "seq");
CREATE TABLE "doc" (
   "id" TEXT PRIMARY KEY,
   "space" TEXT NOT NULL,
   "kind" TEXT NOT NULL,
   "changes" INTEGER NOT NULL,
   "is_linear" INTEGER NOT NULL,
   "last_seq" INTEGER NOT NULL,
   "own_seq" INTEGER NOT NULL DEFAULT 0,
   "heads" BLOB NOT NULL
) STRICT;
CREATE INDEX "doc_space"
    ON "doc" ("space", "id");
CREATE INDEX "doc_own_seq"
    ON "doc" ("space", "own_seq");
CREATE TABLE "waiting" (
   "space" TEXT,
   "hash" BLOB,
   "doc" TEXT NOT NULL,
   "origin" TEXT,
   "at_ms" INTEGER NOT NULL,
   "missing" BLOB NOT NULL,
   "bytes" BLOB NOT NULL,
   PRIMARY KEY ("space", "hash")
) STRICT;
CREATE INDEX "waiting_doc"
    ON "waiting" ("doc");
CREATE TABLE "quarantine" (
   "id" INTEGER PRIMARY KEY,
   "space" TEXT NOT NULL,
   "doc" TEXT NOT NULL,
   "hash" BLOB NOT NULL,
   "reason" TEXT NOT NULL,
   "sender" TEXT,
   "at_ms" INTEGER NOT NULL,
   "bytes" BLOB NOT NULL
) STRICT;
CREATE INDEX "quarantine_hash"
    ON "quarantine" ("space", "hash");
CREATE TABLE "meta" (
   "key" TEXT PRIMARY KEY,
   "value" TEXT NOT NULL
) STRICT;
CREATE TABLE "item" (
   "doc" TEXT PRIMARY KEY,
   "space" TEXT NOT NULL,
   "kind" TEXT NOT NULL,
   "title" TEXT NOT NULL,
   "state" TEXT,
   "due" TEXT,
   "priority" TEXT,
   "list" TEXT,
   "assignee" TEXT,
   "parent" TEXT,
   "order_key" TEXT,
   "repeat" TEXT,
   "pinned" INTEGER NOT NULL DEFAULT 0,
   "source" TEXT,
   "moved_to" TEXT,
   "trashed" INTEGER NOT NULL,
   "purged" INTEGER NOT NULL,
   "tags" TEXT NOT NULL,
   "created_at_ms" INTEGER,
   "updated_at_ms" INTEGER,
   "conflict_count" INTEGER NOT NULL DEFAULT 0,
   "snippet" TEXT NOT NULL,
   "events" TEXT NOT NULL
) STRICT;
CREATE INDEX "item_order"
    ON "item" ("kind", "order_key", "doc");
CREATE INDEX "item_recent"
    ON "item" ("kind", "pinned" desc, "updated_at_ms" desc, "doc");
CREATE INDEX "item_source"
    ON "item" ("space", "source");
CREATE INDEX "item_parent"
    ON "item" ("parent");
CREATE TABLE "text" (
   "id" INTEGER PRIMARY KEY,
   "doc" TEXT NOT NULL,
   "title" TEXT NOT NULL,
   "body" TEXT NOT NULL,
   "tags" TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX "text_doc"
    ON "text" ("doc");
CREATE VIRTUAL TABLE "text_fts" USING FTS5 (
    "title", "body", "tags",
    tokenize='unicode61 remove_diacritics 2',
    prefix='2 3',
    content="text", content_rowid="id"
);
CREATE TRIGGER "text_ai" AFTER INSERT ON "text" BEGIN
  INSERT INTO "text_fts" (rowid, "title", "body", "tags")
    VALUES (new."id", new."title", new."body", new."tags");
END;
CREATE TRIGGER "text_ad" AFTER DELETE ON "text" BEGIN
  INSERT INTO "text_fts" ("text_fts", rowid, "title", "body", "tags")
    VALUES ('delete', old."id", old."title", old."body", old."tags");
END;
CREATE TRIGGER "text_au" AFTER UPDATE ON "text" BEGIN
  INSERT INTO "text_fts" ("text_fts", rowid, "title", "body", "tags")
    VALUES ('delete', old."id", old."title", old."body", old."tags");
  INSERT INTO "text_fts" (rowid, "title", "body", "tags")
    VALUES (new."id", new."title", new."body", new."tags");
END;
CREATE TABLE "item_tag" (
   "doc" TEXT,
   "tag" TEXT,
   PRIMARY KEY ("doc", "tag")
) STRICT;
CREATE INDEX "item_tag_tag"
    ON "item_tag" ("tag", "doc");
CREATE TABLE "conflict" (
   "id" TEXT PRIMARY KEY,
   "doc" TEXT NOT NULL,
   "space" TEXT NOT NULL,
   "kind" TEXT NOT NULL,
   "field" TEXT,
   "record" TEXT,
   "base" TEXT NOT NULL,
   "sides" TEXT NOT NULL,
   "settled" TEXT,
   "listed" TEXT
) STRICT;
CREATE INDEX "conflict_doc"
    ON "conflict" ("doc");
CREATE TABLE "peer" (
   "id" TEXT PRIMARY KEY,
   "space" TEXT NOT NULL,
   "kind" TEXT NOT NULL,
   "url" TEXT NOT NULL,
   "token" TEXT,
   "role" TEXT,
   "pull_cursor" TEXT,
   "push_seq" INTEGER NOT NULL DEFAULT 0,
   "verified_at_ms" INTEGER,
   "last_seen_at_ms" INTEGER,
   "last_synced_at_ms" INTEGER,
   "state" TEXT NOT NULL,
   "error" TEXT,
   "retry_at_ms" INTEGER
, "key" BLOB, "name" TEXT) STRICT;
CREATE INDEX "peer_space"
    ON "peer" ("space");
CREATE TABLE "parked" (
   "space" TEXT,
   "hash" BLOB,
   "doc" TEXT NOT NULL,
   "reason" TEXT NOT NULL,
   "detail" TEXT,
   "peer" TEXT NOT NULL,
   "at_ms" INTEGER NOT NULL,
   PRIMARY KEY ("space", "hash")
) STRICT;
CREATE INDEX "parked_doc"
    ON "parked" ("doc");
CREATE TABLE "act" (
   "id" INTEGER PRIMARY KEY,
   "space" TEXT,
   "at_ms" INTEGER NOT NULL,
   "label" TEXT NOT NULL,
   "state" TEXT NOT NULL,
   "forward" TEXT NOT NULL,
   "inverse" TEXT NOT NULL
) STRICT;
CREATE TABLE "draft" (
   "doc" TEXT PRIMARY KEY,
   "space" TEXT NOT NULL,
   "at_ms" INTEGER NOT NULL,
   "base" BLOB,
   "text" TEXT NOT NULL
, "held" INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE "snapshot" (
   "doc" TEXT PRIMARY KEY,
   "upto_changes" INTEGER NOT NULL,
   "bytes" BLOB NOT NULL
) STRICT;
CREATE TABLE "imported" (
   "space" TEXT,
   "kind" TEXT,
   "file" TEXT,
   "part" TEXT,
   "doc" TEXT NOT NULL,
   "content" BLOB NOT NULL,
   PRIMARY KEY ("space", "kind", "file", "part")
) STRICT;
CREATE INDEX "imported_doc"
    ON "imported" ("doc");
CREATE TABLE "measure" (
   "step_ms" INTEGER NOT NULL,
   "start_ms" INTEGER NOT NULL,
   "name" TEXT NOT NULL,
   "label" TEXT NOT NULL,
   "count" INTEGER NOT NULL,
   "sketch" TEXT,
   PRIMARY KEY ("step_ms", "start_ms", "name", "label")
) STRICT, WITHOUT ROWID;
CREATE TABLE "ledger" (
   "space" TEXT PRIMARY KEY,
   "n" INTEGER NOT NULL DEFAULT 0,
   "upto" INTEGER NOT NULL DEFAULT 0,
   "key" BLOB NOT NULL,
   "generation" BLOB NOT NULL,
   "hash" BLOB,
   "before" BLOB
) STRICT;
CREATE TABLE "account" (
   "space" TEXT,
   "id" TEXT,
   "kind" TEXT NOT NULL,
   "name" TEXT NOT NULL,
   "unit" TEXT NOT NULL,
   "floor" INTEGER,
   "posted" INTEGER NOT NULL DEFAULT 0,
   "pending_out" INTEGER NOT NULL DEFAULT 0,
   "pending_in" INTEGER NOT NULL DEFAULT 0,
   PRIMARY KEY ("space", "id")
) STRICT;
CREATE INDEX "account_name"
    ON "account" ("space", "kind", "name");
CREATE TABLE "transfer" (
   "space" TEXT,
   "id" TEXT,
   "debit" TEXT NOT NULL,
   "credit" TEXT NOT NULL,
   "amount" INTEGER NOT NULL,
   "unit" TEXT NOT NULL,
   "state" TEXT NOT NULL,
   "cause" TEXT NOT NULL,
   "at_ms" INTEGER NOT NULL,
   "expires_at_ms" INTEGER,
   "reason" TEXT NOT NULL,
   PRIMARY KEY ("space", "id")
) STRICT;
CREATE INDEX "transfer_credit"
    ON "transfer" ("space", "credit", "at_ms");
CREATE TABLE "stock" (
   "space" TEXT,
   "id" TEXT,
   "name" TEXT NOT NULL,
   "policy" TEXT NOT NULL,
   "count" INTEGER NOT NULL,
   "version" INTEGER NOT NULL,
   "oversold_at_ms" INTEGER,
   "wrong_guesses" INTEGER NOT NULL,
   PRIMARY KEY ("space", "id")
) STRICT;
CREATE UNIQUE INDEX "stock_name"
    ON "stock" ("space", "name");
CREATE INDEX "stock_oversold"
    ON "stock" ("oversold_at_ms");
CREATE TABLE "reservation" (
   "space" TEXT,
   "id" TEXT,
   "item" TEXT NOT NULL,
   "count" INTEGER NOT NULL,
   "state" TEXT NOT NULL,
   "holder" TEXT NOT NULL,
   "person" TEXT NOT NULL,
   "tier" INTEGER NOT NULL,
   "asked" INTEGER NOT NULL,
   "is_final" INTEGER NOT NULL,
   "expires_at_ms" INTEGER,
   "reason" TEXT,
   "task" TEXT,
   "saga" TEXT,
   PRIMARY KEY ("space", "id")
) STRICT;
CREATE INDEX "reservation_asked"
    ON "reservation" ("space", "asked");
CREATE INDEX "reservation_item"
    ON "reservation" ("space", "item", "state");
CREATE INDEX "reservation_expires"
    ON "reservation" ("expires_at_ms");
CREATE TABLE "lease" (
   "space" TEXT,
   "item" TEXT,
   "holder" TEXT,
   "expires_at_ms" INTEGER NOT NULL,
   "state" TEXT NOT NULL,
   PRIMARY KEY ("space", "item", "holder")
) STRICT;
CREATE TABLE "saga" (
   "space" TEXT,
   "id" TEXT,
   "kind" TEXT NOT NULL,
   "name" TEXT NOT NULL,
   "state" TEXT NOT NULL,
   "holder" TEXT NOT NULL,
   "person" TEXT NOT NULL,
   "tier" INTEGER,
   "at_ms" INTEGER NOT NULL,
   "next_at_ms" INTEGER NOT NULL,
   "deadline_ms" INTEGER,
   "reason" TEXT,
   "task" TEXT,
   "steps" TEXT NOT NULL,
   PRIMARY KEY ("space", "id")
) STRICT;
CREATE INDEX "saga_due"
    ON "saga" ("state", "next_at_ms");
CREATE TABLE "notice" (
   "space" TEXT,
   "id" TEXT,
   "holder" TEXT NOT NULL,
   "person" TEXT NOT NULL,
   "kind" TEXT NOT NULL,
   "about" TEXT NOT NULL,
   "text" TEXT NOT NULL,
   "reason" TEXT NOT NULL,
   "at_ms" INTEGER NOT NULL,
   "apology" TEXT NOT NULL,
   "credit" INTEGER,
   "currency" TEXT,
   PRIMARY KEY ("space", "id")
) STRICT;
CREATE TABLE "apology" (
   "space" TEXT PRIMARY KEY,
   "text" TEXT NOT NULL,
   "budget" TEXT,
   "amount" INTEGER NOT NULL
) STRICT;
CREATE TABLE "receipt" (
   "peer" TEXT,
   "id" TEXT,
   "person" TEXT NOT NULL,
   "device" TEXT NOT NULL,
   "seq" INTEGER NOT NULL,
   "stamp" INTEGER NOT NULL,
   "at_ms" INTEGER NOT NULL,
   "is_gone" INTEGER NOT NULL,
   PRIMARY KEY ("peer", "id")
) STRICT;
CREATE TABLE "milestone" (
   "peer" TEXT,
   "own_seq" INTEGER,
   "their_seq" INTEGER NOT NULL,
   PRIMARY KEY ("peer", "own_seq")
) STRICT;
CREATE TABLE "outbox" (
   "id" INTEGER PRIMARY KEY,
   "key" TEXT NOT NULL,
   "space" TEXT NOT NULL,
   "kind" TEXT NOT NULL,
   "body" BLOB NOT NULL,
   "subject" TEXT NOT NULL,
   "item" TEXT,
   "count" INTEGER,
   "said" TEXT NOT NULL DEFAULT '',
   "reason" TEXT NOT NULL DEFAULT '',
   "at_ms" INTEGER NOT NULL,
   "state" TEXT NOT NULL,
   "type" TEXT NOT NULL DEFAULT '',
   "detail" TEXT NOT NULL DEFAULT '',
   "needs_answer" INTEGER NOT NULL DEFAULT 0,
   "sent" INTEGER NOT NULL DEFAULT 0,
   "tries" INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE UNIQUE INDEX "outbox_key"
    ON "outbox" ("key");
CREATE INDEX "outbox_space"
    ON "outbox" ("space", "state", "id");
CREATE INDEX "outbox_subject"
    ON "outbox" ("subject");
CREATE TABLE "contact" (
   "space" TEXT PRIMARY KEY,
   "server_ms" INTEGER NOT NULL,
   "boot" TEXT NOT NULL,
   "elapsed_ms" INTEGER NOT NULL,
   "wall_ms" INTEGER NOT NULL
) STRICT;
CREATE TABLE "noted" (
   "space" TEXT,
   "id" TEXT,
   "at_ms" INTEGER NOT NULL,
   PRIMARY KEY ("space", "id")
) STRICT;
CREATE TABLE "link" (
   "doc" TEXT,
   "key" TEXT,
   PRIMARY KEY ("doc", "key")
) STRICT;
CREATE INDEX "link_key"
    ON "link" ("key", "doc");
CREATE TABLE "link_name" (
   "doc" TEXT,
   "key" TEXT,
   PRIMARY KEY ("doc", "key")
) STRICT;
CREATE INDEX "link_name_key"
    ON "link_name" ("key", "doc");
CREATE TABLE "token" (
   "hash" BLOB PRIMARY KEY,
   "space" TEXT NOT NULL,
   "replica" TEXT NOT NULL,
   "person" TEXT NOT NULL,
   "device" TEXT NOT NULL,
   "role" TEXT NOT NULL,
   "created_at_ms" INTEGER NOT NULL,
   "last_seen_at_ms" INTEGER,
   "revoked_at_ms" INTEGER
, "invite" BLOB, "key" BLOB) STRICT;
CREATE INDEX "token_replica"
    ON "token" ("space", "replica");
CREATE TABLE "invite" (
   "hash" BLOB PRIMARY KEY,
   "space" TEXT NOT NULL,
   "role" TEXT NOT NULL,
   "expires_at_ms" INTEGER NOT NULL,
   "used_at_ms" INTEGER,
   "created_by" TEXT NOT NULL
, "uses_left" INTEGER NOT NULL DEFAULT 1) STRICT;
CREATE TABLE "known_log" (
   "space" TEXT,
   "replica" TEXT,
   "generation" BLOB NOT NULL,
   "seq" INTEGER NOT NULL,
   "chain" BLOB NOT NULL,
   PRIMARY KEY ("space", "replica")
) STRICT;
CREATE TABLE "commit_time" (
   "space" TEXT NOT NULL,
   "seq" INTEGER NOT NULL,
   "at_ms" INTEGER NOT NULL,
   PRIMARY KEY ("space", "seq")
) STRICT, WITHOUT ROWID;
CREATE TABLE "member_root" (
   "space" TEXT PRIMARY KEY,
   "key" BLOB NOT NULL
) STRICT;
CREATE TABLE "member" (
   "space" TEXT,
   "key" BLOB,
   "replica" TEXT NOT NULL,
   "person" TEXT NOT NULL,
   "device" TEXT NOT NULL,
   "role" TEXT NOT NULL,
   "is_revoked" INTEGER NOT NULL,
   "version" INTEGER NOT NULL,
   "at_ms" INTEGER NOT NULL,
   "is_signer" INTEGER NOT NULL,
   PRIMARY KEY ("space", "key")
) STRICT;
CREATE TABLE "pairing" (
   "hash" BLOB PRIMARY KEY,
   "space" TEXT NOT NULL,
   "role" TEXT NOT NULL,
   "proof_key" BLOB NOT NULL,
   "expires_at_ms" INTEGER NOT NULL,
   "tries_left" INTEGER NOT NULL,
   "used_by" TEXT
) STRICT;
CREATE INDEX "item_in_order" ON "item" ("kind", "trashed", "purged", "order_key" IS NULL, "order_key", "doc");
CREATE INDEX "item_counted" ON "item" ("trashed", "purged", "kind", "state", "list", "due", "space", "doc", "parent");
CREATE TABLE "offered_again" (
   "space" TEXT,
   "hash" BLOB,
   PRIMARY KEY ("space", "hash")
) STRICT;
CREATE TABLE "footprint" (
   "doc" TEXT,
   "first" BLOB,
   "last" BLOB,
   "said" TEXT NOT NULL,
   PRIMARY KEY ("doc", "first", "last")
) STRICT;
