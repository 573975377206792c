"""An authority's desk without a network: real books in SQLite, a clock, members who ask.

What is decided is folded at once, and the books' rules are looked at after every decision.
"""

import itertools
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from random import Random

from store.database.connection import Database
from store.database.roles import SERVER
from store.domain.ledger import commands as c
from store.domain.ledger.accounts import Account
from store.domain.ledger.caller import Caller
from store.domain.ledger.deciding import decide
from store.domain.ledger.facts import Fact, Item, Reservation, Saga
from store.domain.ledger.ids import new_ledger_id, stock_account
from store.domain.ledger.policies import Policy, PolicyName
from store.domain.ledger.reserving import expired
from store.domain.ledger.sagas import advance
from store.ledger.books import SqlBooks

SPACE = "s" + "a" * 26
START_MS = 1_790_000_000_000


def device(letter: str) -> str:
    """A replica id made of one letter."""
    return "r" + letter * 26


ANN = Caller(device("a"), "Ann", "owner", frozenset({device("b"), device("c")}))
BEA = Caller(device("b"), "Bea", "editor", frozenset({device("a"), device("c")}))
CEM = Caller(device("c"), "Cem", "editor", frozenset({device("a"), device("b")}))
VERA = Caller(device("e"), "Vera", "viewer")


class Desk:
    """One space's ledger and who asks it."""

    def __init__(self, conn: sqlite3.Connection, seed: int = 0) -> None:
        self.conn = conn
        self.books = SqlBooks(conn, SPACE)
        self.now_ms = START_MS
        self.told: list[Fact] = []
        self._rng = Random(seed)

    def new(self, letter: str) -> str:
        """A new id."""
        return new_ledger_id(letter, self._rng.randbytes(16))

    def ask(self, who: Caller, command: c.Command) -> list[Fact]:
        """Decide a command and fold what follows; raises DomainError."""
        return self.fold(decide(self.books, who, command, self.now_ms))

    def fold(self, told: Sequence[Fact]) -> list[Fact]:
        """Fold facts, and see that the books still add up."""
        self.books.apply(told)
        self.told += told
        self.check()
        return list(told)

    # -- short ways ----------------------------------------------------------------------------

    def item(self, policy: PolicyName, count: int = 10, name: str = "Tent", **numbers: int) -> str:
        """Put an item in stock; gives its id."""
        item = self.new("i")
        self.ask(ANN, c.AddItem(item, name, count, Policy(policy, **numbers)))
        return item

    def budget(self, name: str, amount: int = 0, currency: str = "EUR") -> str:
        """Open a budget with some money in it; gives its id."""
        budget = self.new("b")
        self.ask(ANN, c.AddBudget(budget, name, currency))
        if amount:
            self.ask(ANN, c.Deposit(self.new("x"), budget, amount, currency))
        return budget

    def reserve(self, who: Caller, item: str, count: int = 1, **how: object) -> str:
        """Reserve; gives the reservation's id."""
        reservation = self.new("v")
        self.ask(who, c.Reserve(reservation, item, count, **how))  # type: ignore[arg-type]
        return reservation

    def run_sagas(self, steps_max: int = 1_000) -> None:
        """Take all sagas on until none is due."""
        for _ in range(steps_max):
            due = [saga for saga in self.sagas() if saga.state in ("running", "compensating")]
            moved = [self.fold(advance(self.books, saga, self.now_ms)) for saga in due]
            if not any(moved):
                return
        raise AssertionError("the sagas do not come to an end")

    def expire(self) -> None:
        """End what has run out."""
        for one in self.reservations():
            self.fold(expired(self.books, one, self.now_ms))

    # -- looks ---------------------------------------------------------------------------------

    def left(self, item: str) -> int:
        """What is available of an item."""
        return self.account(stock_account(item)).available

    def account(self, account: str) -> Account:
        found = self.books.account(account)
        assert found is not None
        return found

    def the_item(self, item: str) -> Item:
        found = self.books.item(item)
        assert found is not None
        return found

    def reservation(self, reservation: str) -> Reservation:
        found = self.books.reservation(reservation)
        assert found is not None
        return found

    def saga(self, saga: str) -> Saga:
        found = self.books.saga(saga)
        assert found is not None
        return found

    def reservations(self) -> list[Reservation]:
        ids = self.conn.execute("SELECT id FROM reservation ORDER BY asked").fetchall()
        return [self.reservation(one) for (one,) in ids]

    def sagas(self) -> list[Saga]:
        ids = self.conn.execute("SELECT id FROM saga ORDER BY rowid").fetchall()
        return [self.saga(one) for (one,) in ids]

    def accounts(self) -> list[Account]:
        ids = self.conn.execute("SELECT id FROM account").fetchall()
        return [self.account(one) for (one,) in ids]

    def check(self) -> None:
        """What holds after every decision, whatever was decided."""
        check_books(self.conn)


def check_books(conn: sqlite3.Connection) -> None:
    """Sums are conserved, equal to the transfers, and above every floor."""
    for name, each in check_sums(conn).items():
        assert each.floor is None or each.available >= each.floor, name


def check_sums(conn: sqlite3.Connection) -> dict[str, Account]:
    """Sums are conserved, and equal to the transfers; gives the accounts."""
    accounts = {
        row[0]: Account(*row)
        for row in conn.execute(
            "SELECT id, kind, name, unit, floor, posted, pending_out, pending_in FROM account"
        )
    }
    for unit in {each.unit for each in accounts.values()}:
        of_unit = [each for each in accounts.values() if each.unit == unit]
        assert sum(each.posted for each in of_unit) == 0
        assert sum(each.pending_out - each.pending_in for each in of_unit) == 0
    sums = dict.fromkeys(accounts, 0)
    pending = dict.fromkeys(accounts, 0)
    for debit, credit, amount, state in conn.execute(
        "SELECT debit, credit, amount, state FROM transfer"
    ):
        if state == "posted":
            sums[debit] -= amount
            sums[credit] += amount
        elif state == "pending":
            pending[debit] += amount
    for name, each in accounts.items():
        assert (each.posted, each.pending_out) == (sums[name], pending[name]), name
    return accounts


def open_desk(folder: Path) -> Desk:
    """A desk on a database of its own, in one transaction that is never committed."""
    return Desk(fresh_connection(folder))


_numbers = itertools.count()


def fresh_connection(folder: Path) -> sqlite3.Connection:
    """A server's database in memory."""
    path = folder / f"desk-{next(_numbers)}.db"
    Database(path, SERVER).close()
    conn = sqlite3.connect(":memory:", isolation_level=None)
    source = sqlite3.connect(path)
    source.backup(conn)
    source.close()
    return conn
