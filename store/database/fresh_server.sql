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
   "space" TEXT,
   "replica" TEXT,
   "seq" INTEGER NOT NULL,
   "stamp" INTEGER NOT NULL,
   "at_ms" INTEGER NOT NULL,
   PRIMARY KEY ("space", "replica")
) STRICT;
CREATE TABLE "decision" (
   "space" TEXT,
   "key" TEXT,
   "fingerprint" BLOB NOT NULL,
   "reply" BLOB NOT NULL,
   "at_ms" INTEGER NOT NULL,
   PRIMARY KEY ("space", "key")
) STRICT;
CREATE INDEX "decision_at"
    ON "decision" ("at_ms");
CREATE TABLE "job_lease" (
   "name" TEXT PRIMARY KEY,
   "holder" TEXT NOT NULL,
   "until_ms" INTEGER NOT NULL
) STRICT;
CREATE TABLE "act_offered" (
   "space" TEXT,
   "hash" BLOB,
   "generation" BLOB NOT NULL,
   PRIMARY KEY ("space", "hash")
) STRICT;
CREATE INDEX "act_offered_generation"
    ON "act_offered" ("space", "generation");
CREATE INDEX "lease_expires"
    ON "lease" ("expires_at_ms");
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
CREATE INDEX "saga_counted" ON "saga" ("state", "kind", "space");
CREATE INDEX "reservation_alone" ON "reservation" ("space") WHERE "saga" IS NULL;
CREATE INDEX "lease_holder"
    ON "lease" ("space", "holder", "state");
