"""Signed acts: what the authority writes, a replica takes in, and nobody else can write."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.database.connection import Database
from store.database.roles import SERVER
from store.domain.ids import SpaceId
from store.domain.ledger import commands as c
from store.domain.ledger.deciding import decide
from store.domain.ledger.facts import BegunAnew, Fact
from store.domain.ledger.policies import Policy
from store.domain.ledger.sagas import advance
from store.errors import LedgerDamaged
from store.ledger.books import SqlBooks, snapshot
from store.ledger.record import LedgerAt, LedgerWriter, keep_at, ledger_at
from store.ledger.signing import Signer
from store.log import LogWriter, create_space, position
from tests.support.acts import take_in
from tests.support.desk import ANN, BEA, SPACE, START_MS, check_books

SEED, GENERATION = bytes(range(32)), b"g" * 16
SPACE_ID = SpaceId(SPACE)
ITEM, BUDGET, OTHER = "i" + "a" * 26, "b" + "a" * 26, "b" + "b" * 25 + "a"
PLAN = c.Book("g" + "a" * 26, "Trip", (c.Wanted(ITEM, 2),), c.Fee(BUDGET, OTHER, 70, "EUR"))


def opened(path: Path) -> Database:
    db = Database(path, SERVER)
    with db.write() as conn:
        create_space(conn, SPACE_ID, "Hut", b"log", START_MS, "hosted")
        keep_at(conn, SPACE, LedgerAt(Signer(SEED, SPACE).public_key, GENERATION))
    return db


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Database]:
    """An authority that has decided a few things."""
    db = opened(tmp_path / "server.db")
    for command in (
        c.AddItem(ITEM, "Tent", 5, Policy("escrow")),
        c.AddBudget(BUDGET, "Kitty", "EUR"),
        c.AddBudget(OTHER, "Hut", "EUR"),
        c.Deposit("x" + "a" * 26, BUDGET, 100, "EUR"),
        c.TakeQuota("x" + "b" * 25 + "a", ITEM, 2),
        c.Reserve("v" + "a" * 26, ITEM, 1, is_certain=True),
        c.SetApology("Sorry"),
        PLAN,
    ):
        write(db, lambda books, one=command: decide(books, ANN, one, START_MS))
    for _ in PLAN.items, PLAN.fee, "confirm":
        write(db, lambda books: advance(books, books.saga(PLAN.id), START_MS))
    yield db
    db.close()


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[Database]:
    """Somebody who knows the authority's key."""
    db = opened(tmp_path / "replica.db")
    yield db
    db.close()


def write(db: Database, decided: object) -> None:
    with db.write() as conn:
        at = ledger_at(conn, SPACE)
        assert at is not None
        writer = LedgerWriter(conn, SPACE_ID, at, Signer(SEED, SPACE), START_MS)
        writer.write(decided(writer.books))  # type: ignore[operator]
        writer.flush()


def rows(db: Database) -> list[tuple[str, bytes]]:
    with db.read() as conn:
        return conn.execute(
            "SELECT type, bytes FROM log WHERE type <> 'change' ORDER BY seq"
        ).fetchall()


def take(db: Database, some: list[tuple[str, bytes]]) -> int:
    with db.write() as conn, LogWriter(conn, SPACE_ID, now_ms=START_MS) as log:
        return take_in(conn, SPACE_ID, some, log, origin="server").accepted


def books(db: Database) -> list[Fact]:
    with db.read() as conn:
        check_books(conn)
        return snapshot(conn, SPACE)


def test_who_takes_all_acts_in_has_the_same_books_and_log(
    server: Database, replica: Database
) -> None:
    assert take(replica, rows(server)) == len(rows(server))

    assert books(replica) == books(server)
    with server.read() as there, replica.read() as here:
        assert position(here, SPACE_ID).chain == position(there, SPACE_ID).chain
        assert ledger_at(here, SPACE) == ledger_at(there, SPACE)


def test_acts_that_are_known_change_nothing(server: Database, replica: Database) -> None:
    take(replica, rows(server)[:4])
    take(replica, rows(server))
    before = books(replica)

    assert take(replica, rows(server)) == 0

    assert books(replica) == before == books(server)


def test_an_act_is_not_folded_before_the_one_before_it(server: Database, replica: Database) -> None:
    with replica.write() as conn, LogWriter(conn, SPACE_ID, now_ms=START_MS) as log:
        taken = take_in(conn, SPACE_ID, rows(server)[1:], log, origin="server")

    assert taken.held_up == [raw for _, raw in rows(server)[1:]]
    assert taken.accepted == 0
    take(replica, rows(server))
    assert books(replica) == books(server)


@pytest.mark.parametrize("at", [0, 20, -1])
def test_a_flipped_bit_is_not_believed(server: Database, replica: Database, at: int) -> None:
    type_, raw = rows(server)[0]
    damaged = bytearray(raw)
    damaged[at] ^= 1

    with pytest.raises(LedgerDamaged):
        take(replica, [(type_, bytes(damaged))])

    assert rows(replica) == []


def test_another_keys_acts_and_another_spaces_acts_are_not_believed(
    server: Database, replica: Database
) -> None:
    for signer in (Signer(bytes(32), SPACE), Signer(SEED, "s" + "b" * 26)):
        with server.write() as conn:
            writer = LedgerWriter(conn, SPACE_ID, LedgerAt(b"", GENERATION), signer, START_MS)
            writer.note([BegunAnew(GENERATION, 0)])
            (entry,) = writer._entries
        with pytest.raises(LedgerDamaged, match="signature"):
            take(replica, [("ledger", entry.raw)])


def test_a_new_generation_begins_with_all_that_stands(server: Database, replica: Database) -> None:
    take(replica, rows(server)[:4])
    with server.write() as conn:
        at = ledger_at(conn, SPACE)
        assert at is not None
        writer = LedgerWriter(conn, SPACE_ID, at, Signer(SEED, SPACE), START_MS)
        writer.begin_anew(b"h" * 16)
        writer.note([BegunAnew(at.generation, at.n), *snapshot(conn, SPACE)])
        writer.flush()

    take(replica, rows(server)[-2:])
    take(replica, rows(server)[:-2])

    assert books(replica) == books(server)


def test_another_story_under_a_known_number_is_noticed(server: Database, replica: Database) -> None:
    take(replica, rows(server))
    with server.write() as conn:
        at = LedgerAt(Signer(SEED, SPACE).public_key, GENERATION)
        writer = LedgerWriter(conn, SPACE_ID, at, Signer(SEED, SPACE), START_MS + 1)
        writer.note(
            decide(SqlBooks(conn, SPACE), BEA, c.Deposit("x" + "c" * 25 + "a", BUDGET, 1, "EUR"), 1)
        )
        (entry,) = writer._entries
    before = books(replica)

    with replica.write() as conn, LogWriter(conn, SPACE_ID, now_ms=START_MS) as log:
        taken = take_in(conn, SPACE_ID, [("ledger", entry.raw)], log, origin="server")

    assert taken.is_forked
    assert books(replica) == before


def test_an_act_takes_one_place_in_the_log(server: Database) -> None:
    with server.read() as conn:
        numbers = conn.execute("SELECT actor_seq FROM log ORDER BY seq").fetchall()

    assert [n for (n,) in numbers] == list(range(1, len(numbers) + 1))


def test_the_books_are_strict_tables(server: Database) -> None:
    with pytest.raises(sqlite3.IntegrityError), server.write() as conn:
        conn.execute("UPDATE account SET posted = 'much'")
