"""Somebody who decides about a space's supplies and money without a server: acts to take in."""

import sqlite3
from pathlib import Path

from store.database.connection import Database
from store.database.roles import SERVER
from store.domain.errors import DomainError
from store.domain.ids import SpaceId
from store.domain.ledger import commands as c
from store.domain.ledger.caller import Caller
from store.domain.ledger.deciding import decide
from store.domain.ledger.facts import Decided, Fact
from store.domain.ledger.reserving import expired
from store.domain.ledger.sagas import advance
from store.ledger.books import SqlBooks
from store.ledger.command_codec import fingerprint
from store.ledger.outbox import Intent
from store.ledger.record import LedgerAt, LedgerWriter, keep_at, ledger_at
from store.ledger.signing import Signer
from store.log import create_space
from store.replica.authority import Answer
from tests.support.desk import ANN, START_MS

GENERATION = b"g" * 16


class Authority:
    """Decides commands in a database of its own."""

    def __init__(self, path: Path, space: str, seed: bytes = bytes(range(32))) -> None:
        self.space = SpaceId(space)
        self.signer = Signer(seed, space)
        self.now_ms = START_MS
        self._answers: dict[str, Answer] = {}
        self._bodies: dict[str, bytes] = {}
        self.db = Database(path, SERVER)
        with self.db.write() as conn:
            create_space(conn, self.space, "Hut", b"log", START_MS, "hosted")
            keep_at(conn, space, LedgerAt(self.key, GENERATION))

    @property
    def key(self) -> bytes:
        return self.signer.public_key

    def ask(self, command: c.Command, who: Caller = ANN) -> None:
        """Decide a command; raises DomainError."""
        with self.db.write() as conn:
            self._write(conn, decide(SqlBooks(conn, self.space), who, command, self.now_ms))

    def answer(self, intent: Intent, who: Caller = ANN) -> Answer:
        """Decide a command from an outbox, once under its key."""
        body = fingerprint(intent.command)
        assert self._bodies.setdefault(intent.key, body) == body, "one key, one command"
        known = self._answers.get(intent.key)
        if known is not None:
            return known
        with self.db.write() as conn:
            books = SqlBooks(conn, self.space)
            answer = Answer(intent.key, True)
            told: list[Fact] = []
            try:
                told = decide(books, who, intent.command, self.now_ms)
            except DomainError as no:
                item = books.item(intent.item or "")
                answer = Answer(intent.key, False, no.type, no.detail, item.version if item else 0)
            decided = Decided(intent.key, body, who.replica, answer.ok, intent.subject)
            self._write(conn, [*told, decided])
        self._answers[intent.key] = answer
        return answer

    def expire(self) -> None:
        """End the reservations whose time is up."""
        with self.db.write() as conn:
            due = conn.execute(
                "SELECT id FROM reservation WHERE state = 'confirmed' AND expires_at_ms <= ?",
                (self.now_ms,),
            ).fetchall()
            books = SqlBooks(conn, self.space)
            for (name,) in due:
                found = books.reservation(name)
                assert found is not None
                self._write(conn, expired(books, found, self.now_ms))

    def run_sagas(self) -> None:
        """Take all sagas on until none is due."""
        while True:
            with self.db.write() as conn:
                due = conn.execute(
                    "SELECT id FROM saga WHERE state IN ('running', 'compensating')"
                ).fetchall()
                books = SqlBooks(conn, self.space)
                moved = False
                for (name,) in due:
                    saga = books.saga(name)
                    assert saga is not None
                    told = advance(books, saga, self.now_ms)
                    self._write(conn, told)
                    moved = moved or bool(told)
            if not moved:
                return

    def tell(self, *told: Fact) -> None:
        """Say something by itself."""
        with self.db.write() as conn:
            self._write(conn, list(told))

    def _write(self, conn: sqlite3.Connection, told: list[Fact]) -> None:
        at = ledger_at(conn, self.space)
        assert at is not None
        writer = LedgerWriter(conn, self.space, at, self.signer, self.now_ms)
        writer.write(told)
        writer.flush()

    def acts(self) -> list[tuple[str, bytes]]:
        """All that was decided, as rows of a log."""
        with self.db.read() as conn:
            return conn.execute("SELECT type, bytes FROM log ORDER BY seq").fetchall()
