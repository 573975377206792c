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
, "invite" BLOB) STRICT;
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
