"""Fifty threads buy at one authority while its jobs run and holds run out under their commits.

Number 12 of the list of faults, for each policy: what it promises holds at every look, and at the
end. `CAIRN_BUYS` says how many buys; a thousand are run before a release.
"""

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Final

import pytest

from store.database.connection import Database
from store.database.roles import SERVER
from store.domain.ids import SpaceId
from store.domain.ledger import commands as c
from store.domain.ledger.ids import new_ledger_id, stock_account
from store.domain.ledger.policies import CAS_TRIES_MAX, NAMES, Policy, PolicyName
from store.ledger.books import SqlBooks
from store.ledger.command_codec import asked_form
from store.log import create_space
from sync.protocol.ledger import Asked, Commands, Decision
from sync.server.authority import Authority
from sync.server.callers import Caller
from sync.server.ledgers import Ledgers
from tests.support.desk import SPACE, START_MS, check_books

THREADS: Final = 50
BUYS: Final = int(os.environ.get("CAIRN_BUYS", "150"))
UNITS: Final = 40
ITEM: Final = new_ledger_id("i", bytes(16))
POLICY: Final = {"hold_ms": 1_000, "oversell_percent": 10, "settle_after_ms": 500}


class Shop:
    """An authority on a disk, and a clock that goes on while people buy."""

    def __init__(self, db: Database, name: PolicyName) -> None:
        self.db = db
        self.name = name
        self.now_ms = START_MS
        ledgers = Ledgers(bytes(32), lambda: self.now_ms, os.urandom)
        self.authority = Authority(db, ledgers, lambda _: None)
        self.is_closed = False

    def ask(self, who: int, command: c.Command, key: str | None = None) -> Decision:
        """Ask as one of the devices; what it owns decides."""
        replica = f"r{'abcdefghijklmnopqrstuvwxyz'[who % 26] * 26}"
        caller = Caller(SPACE, replica, f"P{who % 26}", "phone", "editor", replica)
        asked = Asked(key or new_ledger_id("k", os.urandom(16)), asked_form(command))
        (decision,) = self.authority.decide(caller, Commands(SPACE, [asked])).decisions
        return decision

    def buy(self, who: int) -> bool:
        """Buy one; whoever holds one confirms it or not; some commands arrive twice."""
        rng = Random(who)
        key, version = None, 1
        wanted = new_ledger_id("v", rng.randbytes(16))
        if self.name == "escrow":
            quota = self.ask(who, c.TakeQuota(new_ledger_id("x", rng.randbytes(16)), ITEM, 1))
            if not quota.ok:
                return False  # a device says that it is certain only of what its quota covers
        for _ in range(CAS_TRIES_MAX):
            key = new_ledger_id("k", rng.randbytes(16))
            command = c.Reserve(
                wanted,
                ITEM,
                1,
                version=version,
                is_certain=self.name == "escrow",
            )
            answer = self.ask(who, command, key)
            if rng.random() < 0.3:
                assert self.ask(who, command, key) == answer
            if answer.type != "version-moved":
                break
            version = answer.version
        if answer.ok and self.name == "reservation":
            return rng.random() < 0.7 and self.ask(who, c.Confirm(wanted)).ok
        return answer.ok

    def go_on(self) -> None:
        """Time passes and the jobs run, under everybody's commits."""
        while not self.is_closed:
            self.now_ms += 50
            self.authority.jobs.run()
            with self.db.read() as conn:
                check_books(conn)

    def left(self) -> int:
        with self.db.read() as conn:
            account = SqlBooks(conn, SPACE).account(stock_account(ITEM))
        assert account is not None
        return account.available


def opened(folder: Path, name: PolicyName) -> Database:
    db = Database(folder / "server.db", SERVER)
    with db.write() as conn:
        create_space(conn, SpaceId(SPACE), "Hut", b"log", START_MS, "hosted")
    shop = Shop(db, name)
    assert shop.ask(0, c.AddItem(ITEM, "Ticket", UNITS, Policy(name, **POLICY))).ok
    return db


@pytest.mark.parametrize("name", NAMES)
def test_whatever_fifty_threads_buy_the_policys_promise_holds(
    name: PolicyName, tmp_path: Path
) -> None:
    with closing(opened(tmp_path, name)) as db:
        shop = Shop(db, name)
        failed: list[BaseException] = []
        time_passes = threading.Thread(target=_reporting(shop.go_on, failed))
        time_passes.start()
        try:
            with ThreadPoolExecutor(THREADS) as people:
                bought = list(people.map(shop.buy, range(BUYS)))
        finally:
            shop.is_closed = True
            time_passes.join()
        assert failed == []
        for _ in range(4):
            shop.now_ms += 120_000
            while shop.authority.jobs.run().done:
                pass

        with db.read() as conn:
            check_books(conn)
            states = dict(
                conn.execute("SELECT state, count(*) FROM reservation GROUP BY state").fetchall()
            )
            (quotas,) = conn.execute(
                "SELECT coalesce(sum(posted), 0) FROM account WHERE kind = 'lease'"
            ).fetchone()
            open_holds = conn.execute(
                "SELECT count(*) FROM reservation WHERE state = 'confirmed' AND NOT is_final"
            ).fetchone()
        sold, given = states.get("confirmed", 0), sum(bought)
        assert sold <= UNITS
        assert shop.left() + sold + quotas == UNITS
        assert open_holds == (0,)
        match name:
            case "oversell":
                assert given > UNITS  # how far beyond at once, every look has checked
                assert (sold, states.get("compensated")) == (UNITS, given - UNITS)
            case "reservation":
                assert given == sold
            case "cas":
                assert given == sold > 0
            case _:
                assert given == sold == UNITS


def _reporting(act: Callable[[], None], failed: list[BaseException]) -> Callable[[], None]:
    """What goes wrong in a thread is for the test to say."""

    def run() -> None:
        try:
            act()
        except BaseException as failure:  # noqa: BLE001 -- given to the test, whatever it is
            failed.append(failure)

    return run
