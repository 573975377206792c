"""What the ledger's rules cost on a real disk: sagas step by step, and single decisions.

Each step of a saga is one act: its effect, the saga's new state and the signed row of the log are
in one transaction. Many sagas take their next step in the same transaction (group commit), no saga
takes two steps in one, so that every step is durable before the next one begins.
"""

import time
from functools import partial
from pathlib import Path
from typing import Final

from store.database.connection import Database
from store.database.meta import write_meta
from store.database.roles import SERVER
from store.domain.ids import SpaceId
from store.domain.ledger import commands as c
from store.domain.ledger.deciding import decide
from store.domain.ledger.ids import new_ledger_id
from store.domain.ledger.policies import Policy
from store.domain.ledger.sagas import advance
from store.ledger.record import LedgerAt, LedgerWriter, keep_at, ledger_at
from store.ledger.signing import Signer
from store.log import create_space
from tests.benchmarks.measuring import Figure, percentile, timed_ms
from tests.support.desk import BEA, SPACE, START_MS

SAGAS: Final = 2_000
GROUP: Final = 500
DECISIONS: Final = 300
ITEM, KITTY, HUT = (new_ledger_id(letter, bytes([n] * 16)) for n, letter in enumerate("ibb"))


class Bench:
    """An authority's database with one item and two budgets."""

    def __init__(self, folder: Path) -> None:
        self.db = Database(folder / "server.db", SERVER)
        self.signer = Signer(bytes(32), SPACE)
        with self.db.write() as conn:
            create_space(conn, SpaceId(SPACE), "Hut", b"log", START_MS, "hosted")
            keep_at(conn, SPACE, LedgerAt(self.signer.public_key, b"g" * 16))
        self.ask(c.AddItem(ITEM, "Seat", 10**6, Policy("pessimistic")))
        self.ask(c.AddBudget(KITTY, "Kitty", "EUR"), c.AddBudget(HUT, "Hut", "EUR"))
        self.ask(c.Deposit(self.name("x", 0), KITTY, 10**6, "EUR"))

    @staticmethod
    def name(letter: str, number: int) -> str:
        return new_ledger_id(letter, number.to_bytes(16, "big"))

    def ask(self, *commands: c.Command) -> None:
        """Decide some commands in one transaction."""
        with self.db.write() as conn:
            at = ledger_at(conn, SPACE)
            assert at is not None
            writer = LedgerWriter(conn, SpaceId(SPACE), at, self.signer, START_MS)
            for command in commands:
                writer.write(decide(writer.books, BEA, command, START_MS))
            writer.flush()

    def step(self, sagas: list[str]) -> None:
        """Take some sagas one step further, in one transaction."""
        with self.db.write() as conn:
            at = ledger_at(conn, SPACE)
            assert at is not None
            writer = LedgerWriter(conn, SpaceId(SPACE), at, self.signer, START_MS)
            for name in sagas:
                saga = writer.books.saga(name)
                assert saga is not None
                writer.write(advance(writer.books, saga, START_MS))
            writer.flush()

    def bare(self, number: int) -> None:
        """The least that a durable transaction can be, to compare with."""
        with self.db.write() as conn:
            write_meta(conn, "bench", str(number))


def figures(folder: Path) -> list[Figure]:
    """Sagas of three steps (reserve, pay, confirm), and reservations one at a time."""
    bench = Bench(folder)
    fee = c.Fee(KITTY, HUT, 1, "EUR")
    plans = [
        c.Book(bench.name("g", n), "Trip", (c.Wanted(ITEM, 1),), fee) for n in range(1, SAGAS + 1)
    ]
    began, began_cpu = time.perf_counter(), time.process_time()
    for at in range(0, SAGAS, GROUP):
        group = plans[at : at + GROUP]
        bench.ask(*group)
        for _ in range(3):
            bench.step([plan.id for plan in group])
    took, took_cpu = time.perf_counter() - began, time.process_time() - began_cpu
    with bench.db.read() as conn:
        (done,) = conn.execute("SELECT count(*) FROM saga WHERE state = 'completed'").fetchone()
    assert done == SAGAS, f"only {done} sagas are complete"
    asked = [c.Reserve(bench.name("v", n), ITEM, 1) for n in range(1, DECISIONS + 1)]
    began_cpu = time.process_time()
    decided = [timed_ms(partial(bench.ask, one)) for one in asked]
    decided_cpu = time.process_time() - began_cpu
    bare = [timed_ms(partial(bench.bare, n)) for n in range(DECISIONS)]
    bench.db.close()
    return [
        Figure(
            "A saga of three steps, FULL durability, one process",
            "ms",
            {"wall": took * 1000 / SAGAS, "cpu": took_cpu * 1000 / SAGAS},
            {"wall": 1.0, "cpu": 1.0},
            SAGAS,
            f"{SAGAS / took:.0f} sagas/s by the wall, {SAGAS / took_cpu:.0f} by CPU time; "
            f"{GROUP} sagas a transaction, each saga's steps in transactions of their own",
        ),
        Figure(
            "A reservation decided and durable, without the network",
            "ms",
            {
                "p50": percentile(decided, 0.5),
                "p95": percentile(decided, 0.95),
                "cpu": decided_cpu * 1000 / DECISIONS,
            },
            {"p50": 5.0},
            DECISIONS,
            f"a transaction that writes one small row took p50 {percentile(bare, 0.5):.1f} ms at "
            "the same time, on the same file",
        ),
    ]
