"""Sagas taken on step by step, each step a transaction, until all have ended; tells each commit.

One booking works out, one fails at its fee, one is too late with its fee put aside, and both are
taken back; one transfer moves money, and an oversold reservation is cancelled and credited.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from store.database.connection import Database
from store.database.roles import SERVER
from store.domain.ids import SpaceId
from store.domain.ledger import commands as c
from store.domain.ledger.deciding import decide
from store.domain.ledger.policies import Policy
from store.domain.ledger.sagas import advance
from store.ledger.record import LedgerAt, LedgerWriter, keep_at, ledger_at
from store.ledger.signing import Signer
from store.log import create_space
from tests.support.desk import ANN, BEA, SPACE, START_MS
from tests.support.ledger_ids import name

SIGNER = Signer(bytes(32), SPACE)


TENT, CAR = name("i", 1), name("i", 2)
KITTY, HUT = name("b", 1), name("b", 2)
COMMANDS: list[c.Command] = [
    c.AddItem(TENT, "Tent", 5, Policy("escrow")),
    c.AddItem(CAR, "Car", 1, Policy("oversell", oversell_percent=100)),
    c.AddBudget(KITTY, "Kitty", "EUR"),
    c.AddBudget(HUT, "Hut", "EUR"),
    c.Deposit(name("x", 1), KITTY, 100, "EUR"),
    c.SetApology("Sorry", KITTY, 5),
    c.Reserve(name("v", 1), CAR, 1),
    c.Reserve(name("v", 2), CAR, 1),
    c.Book(name("g", 1), "Trip", (c.Wanted(TENT, 2),), c.Fee(KITTY, HUT, 30, "EUR")),
    c.Book(name("g", 2), "Dear", (c.Wanted(TENT, 1),), c.Fee(KITTY, HUT, 900, "EUR")),
    c.TransferMoney(name("g", 3), KITTY, HUT, 10, "EUR"),
    c.Book(name("g", 4), "Late", (c.Wanted(TENT, 1),), c.Fee(KITTY, HUT, 20, "EUR"), START_MS + 2),
    c.Settle(CAR),
]


def prepare(path: Path) -> None:
    """Make the ledger, with all that was asked for, and no step done."""
    db = Database(path, SERVER)
    with db.write() as conn:
        create_space(conn, SpaceId(SPACE), "Hut", b"log", START_MS, "hosted")
        keep_at(conn, SPACE, LedgerAt(SIGNER.public_key, b"g" * 16))
    for command in COMMANDS:
        with db.write() as conn:
            writer = _writer(conn)
            writer.write(decide(writer.books, ANN if command is COMMANDS[5] else BEA, command, 1))
            writer.flush()
    db.close()


def steps(db: Database) -> Iterator[int]:
    """Take the sagas to their ends, one after the other; gives the last act after each commit."""
    with db.read() as conn:
        sagas = [row[0] for row in conn.execute("SELECT id FROM saga ORDER BY id")]
    for each in sagas:
        while (n := _step(db, each)) is not None:
            yield n


def _step(db: Database, name: str) -> int | None:
    """Take one saga one step further; None where it has ended."""
    with db.write() as conn:
        writer = _writer(conn)
        saga = writer.books.saga(name)
        assert saga is not None
        # Each step that is done takes a millisecond, so that time is the same after a kill.
        now_ms = START_MS + sum(step.state == "done" for step in saga.steps)
        writer.write(advance(writer.books, saga, now_ms))
        if not writer.flush():
            return None
        at = ledger_at(conn, SPACE)
    assert at is not None
    return at.n


def _writer(conn: object) -> LedgerWriter:
    at = ledger_at(conn, SPACE)  # type: ignore[arg-type]
    assert at is not None
    return LedgerWriter(conn, SpaceId(SPACE), at, SIGNER, START_MS)  # type: ignore[arg-type]


def main() -> None:
    """Run it on the file that is named."""
    db = Database(Path(sys.argv[1]), SERVER)
    for number in steps(db):
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
    db.close()


if __name__ == "__main__":
    main()
