"""Sagas at the authority, and the full product of what can go wrong with them.

A step that fails x a compensation that fails k times x the server cut off at any of its commits,
before or after it x everything asked for twice.

Money and pieces are conserved at every commit, every saga ends, and it ends as it would have
without the cut: number 13 of the list of faults.
"""

import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Final

import pytest

from store.domain.ids import SpaceId
from store.domain.ledger import commands as c
from store.domain.ledger.accounts import Transfer
from store.domain.ledger.facts import Entered, Fact, Resolved, Saga
from store.domain.ledger.policies import Policy
from store.domain.ledger.sagas import ATTEMPTS_MAX
from store.ledger.books import SqlBooks, snapshot
from store.ledger.command_codec import asked_form
from store.log import create_space
from sync.protocol.ledger import Asked, Commands, Decision
from sync.server import limits
from sync.server.authority import Authority
from sync.server.callers import Caller
from sync.server.ledgers import Ledgers
from tests.support.desk import SPACE, START_MS, check_books, fresh_connection
from tests.support.ledger_ids import name, without
from tests.support.memory_books import CutOff, MemoryDb

BOB: Final = Caller(SPACE, "r" + "b" * 26, "Bob", "phone", "owner", "r" + "b" * 26)
PASSES_MAX: Final = 80
HOUR_MS: Final = 3_600_000


TENT, SEAT, CAR = (name("i", n) for n in (1, 2, 3))
KITTY, HUT, POT = (name("b", n) for n in (1, 2, 3))
SAGA: Final = name("g", 1)


@dataclass
class Case:
    """A saga, and what goes wrong with it.

    Attributes:
        kind: `booking`, `transfer` or `compensation`.
        fails_at: the step that fails, None = none.
        undone_fails: how often its compensation (or its only way) fails.
    """

    kind: str
    fails_at: int | None = None
    undone_fails: int = 0


@dataclass
class World:
    """An authority on a database in memory, whose process is cut off and started again."""

    db: MemoryDb
    case: Case
    now_ms: int = START_MS
    starts: int = 0
    is_sabotaged: bool = False
    is_mended: bool = False
    heard: dict[str, Decision] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """A new process; the lease of the one before runs out meanwhile."""
        self.starts += 1
        if self.starts > 1:
            self.now_ms += limits.JOB_LEASE_S * 1_000
        numbers = iter(range(self.starts * 1_000, self.starts * 1_000 + 1_000))
        ledgers = Ledgers(bytes(32), lambda: self.now_ms, lambda size: next(numbers).to_bytes(size))
        self.authority = Authority(self.db, ledgers, lambda _: None)  # type: ignore[arg-type]

    def ask(self, key: int, command: c.Command) -> Decision:
        asked = Commands(SPACE, [Asked(name("k", key), asked_form(command))])
        (decision,) = self.authority.decide(BOB, asked).decisions
        assert self.heard.setdefault(decision.key, decision) == decision
        check_books(self.db.conn)
        return decision

    def move(self, number: int, debit: str, credit: str, amount: int) -> None:
        """Somebody else's money moves."""
        moved = Transfer(name("x", number), debit, credit, amount, "EUR", "posted", "", self.now_ms)
        self.write([Entered(moved)])

    def write(self, told: list[Fact]) -> None:
        """Enter facts that nobody has decided."""
        with self.db.write() as conn:
            writer = self.authority.ledgers.writer(conn, SpaceId(SPACE))
            writer.write(told)
            writer.flush()

    def saga(self) -> Saga | None:
        """The saga that this is about."""
        rows = self.db.conn.execute("SELECT id FROM saga").fetchall()
        sagas = [SqlBooks(self.db.conn, SPACE).saga(one) for (one,) in rows]
        wanted = "compensation" if self.case.kind == "compensation" else None
        return next((one for one in sagas if one and (one.kind == wanted or one.id == SAGA)), None)


_empty: list[sqlite3.Connection] = []


def opened() -> MemoryDb:
    """An empty server's database."""
    if not _empty:
        with tempfile.TemporaryDirectory() as folder:
            _empty.append(fresh_connection(Path(folder)))
    conn = sqlite3.connect(":memory:", isolation_level=None)
    _empty[0].backup(conn)
    return MemoryDb(conn)


def begun(case: Case) -> World:
    """The ledger, and the saga asked for."""
    world = World(opened(), case)
    with world.db.write() as conn:
        create_space(conn, SpaceId(SPACE), "Hut", b"log", START_MS, "hosted")
    made: list[c.Command] = [
        c.AddItem(TENT, "Tent", 2, Policy("escrow")),
        c.AddItem(SEAT, "Seat", 2, Policy("pessimistic")),
        c.AddItem(CAR, "Car", 1, Policy("oversell", oversell_percent=100, settle_after_ms=0)),
        *(c.AddBudget(budget, budget[-3:], "EUR") for budget in (KITTY, HUT, POT)),
        c.Deposit(name("x", 1), KITTY, 50, "EUR"),
        c.Deposit(name("x", 2), POT, 50, "EUR"),
    ]
    for key, command in enumerate(made):
        assert world.ask(key, command).ok
    for key, command in enumerate(begins(case), start=50):
        assert world.ask(key, command).ok
    return world


def begins(case: Case) -> list[c.Command]:
    """What begins the saga."""
    match case.kind:
        case "booking":
            wanted = (c.Wanted(TENT, 2), c.Wanted(SEAT, 1))
            fee = c.Fee(KITTY, HUT, 30, "EUR")
            return [c.Book(SAGA, "Trip", wanted, fee, START_MS + HOUR_MS)]
        case "transfer":
            return [c.TransferMoney(SAGA, KITTY, HUT, 30, "EUR")]
        case _:
            return [
                c.SetApology("Sorry", HUT, 5),  # which is empty until somebody pays in
                c.Reserve(name("v", 1), CAR, 1),
                c.Reserve(name("v", 2), CAR, 1),
            ]


def sabotage(world: World, saga: Saga) -> None:
    """Make the step that is to fail fail, right before it is its turn."""
    at = next((n for n, step in enumerate(saga.steps) if step.state == "waiting"), None)
    if world.is_sabotaged or at != world.case.fails_at:
        return
    world.is_sabotaged = True
    match world.case.kind, at:
        case "booking", 0:
            world.ask(90, c.Reserve(name("v", 8), TENT, 1))
        case "booking", 1:
            world.ask(90, c.Reserve(name("v", 8), SEAT, 2))
        case "booking", 2:
            world.move(90, KITTY, POT, 40)
        case "booking", _:
            world.now_ms += HOUR_MS
            if world.case.undone_fails:  # the fee was posted early, and is spent when wanted back
                world.write([Resolved(f"{SAGA}/fee", "posted")])
                world.move(90, HUT, POT, 30)
        case _:
            world.move(90, KITTY, POT, 40)


def mend(world: World, saga: Saga) -> None:
    """Let the compensation pass once it has failed as often as it is to."""
    failed = max((step.attempts for step in saga.steps), default=0) - (
        0 if world.case.kind == "compensation" else 1
    )
    is_time = failed >= world.case.undone_fails or saga.state == "stuck"
    if world.is_mended or not world.case.undone_fails or not is_time:
        return
    world.is_mended = True
    world.move(91, POT, HUT, 30)
    if saga.state == "stuck":
        assert world.ask(92, c.RetrySaga(saga.id)).ok


def to_the_end(world: World, twice: bool) -> list[str]:
    """Let jobs run and time pass until all has ended; what stands then, without times."""
    for _ in range(PASSES_MAX):
        saga = world.saga()
        if saga is not None:
            mend(world, saga)
            if saga.state in ("completed", "compensated"):
                return told(world)
            sabotage(world, saga)
        try:
            with world.db.watched():
                passed = world.authority.jobs.run()
                if twice:
                    for key, command in enumerate(begins(world.case), start=50):
                        world.ask(key, command)
        except CutOff:
            world.start()
            continue
        check_books(world.db.conn)
        if not passed.done:
            world.now_ms = max(world.now_ms + 1, passed.next_ms)
    raise AssertionError(f"it does not end: {world.saga()}")


def told(world: World) -> list[str]:
    facts = snapshot(world.db.conn, SPACE)
    times = ("at_ms", "expires_at_ms", "next_at_ms", "deadline_ms", "version")
    return sorted(without(fact, *times) for fact in facts)


FAILURES: Final = (0, 1, 3, ATTEMPTS_MAX)
CASES: Final = [
    Case("booking"),
    *(Case("booking", at) for at in range(3)),
    *(Case("booking", 3, failures) for failures in FAILURES),
    Case("transfer"),
    Case("transfer", 1),
    *(Case("compensation", None, failures) for failures in FAILURES[1:]),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_wherever_it_is_cut_off_it_ends_the_same(case: Case) -> None:
    whole = begun(case)
    expected = to_the_end(whole, twice=False)
    saga = whole.saga()
    assert saga is not None
    wanted = "completed" if case.fails_at is None else "compensated"
    assert saga.state == wanted, saga
    assert whole.db.commits >= 1

    for twice, is_after in product((False, True), (False, True)):
        for writes in range(whole.db.commits):
            world = begun(case)
            world.db.cut_off(writes, is_after=is_after)
            with closing(world.db.conn):
                assert to_the_end(world, twice) == expected, (writes, is_after, twice)
            assert world.starts == 2, "it was not cut off"
