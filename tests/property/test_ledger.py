"""Whatever members, devices and failures do in whatever order: what the ledger promises holds.

Devices promise offline out of quotas as they know them, commands arrive late, twice and out of
order, time passes, sagas are cut off after any step, and devices are lost.
"""

import sqlite3
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from store.domain.errors import DomainError
from store.domain.ledger import commands as c
from store.domain.ledger.caller import Caller
from store.domain.ledger.facts import Noticed, Saga
from store.domain.ledger.policies import NAMES, Policy, PolicyName
from store.domain.ledger.quotas import is_reclaimable, reclaimed
from store.domain.ledger.sagas import ATTEMPTS_MAX, advance
from store.domain.ledger.taking_back import settled
from tests.support.desk import ANN, BEA, CEM, Desk, check_books, fresh_connection

PEOPLE = (ANN, BEA, CEM)
COUNT = 6
people = st.sampled_from(PEOPLE)
policies = st.sampled_from(NAMES)
counts = st.integers(1, 4)


class Ledgers(RuleBasedStateMachine):
    """Three people with a device each share one item of every policy, a van and two budgets."""

    empty: ClassVar[sqlite3.Connection | None] = None

    @initialize()
    def open(self) -> None:
        if Ledgers.empty is None:
            with tempfile.TemporaryDirectory() as folder:
                Ledgers.empty = fresh_connection(Path(folder))
        conn = sqlite3.connect(":memory:", isolation_level=None)
        Ledgers.empty.backup(conn)
        self.desk = Desk(conn)
        self.items: dict[str, str] = {
            name: self.desk.item(name, COUNT, name, oversell_percent=50) for name in NAMES
        }
        self.van = self.desk.item("oversell", COUNT, "Van", oversell_percent=50)
        self.kitty, self.hut = self.desk.budget("Kitty", 500), self.desk.budget("Hut", 100)
        self.desk.ask(ANN, c.SetApology("Sorry", self.hut, 150))
        self.under_way: list[tuple[Caller, c.Command]] = []
        self.sent: list[tuple[Caller, c.Command]] = []
        self.promised: dict[str, int] = {}

    def teardown(self) -> None:
        if hasattr(self, "desk"):
            self.desk.conn.close()

    # -- what people do ------------------------------------------------------------------------

    @rule(who=people, policy=policies, count=counts, late=st.booleans())
    def ask_for(self, who: Caller, policy: PolicyName, count: int, late: bool) -> None:
        item = self.items[policy]
        asked = c.Reserve(
            self.desk.new("v"),
            item,
            count,
            version=self.desk.the_item(item).version,
            is_promised=policy == "probabilistic" and count <= self.desk.left(item),
            until_ms=self.desk.now_ms + 50_000 if late and policy == "escrow" else None,
        )
        self._send(who, asked, late)

    @rule(who=people, count=counts, late=st.booleans())
    def promise_out_of_a_quota(self, who: Caller, count: int, late: bool) -> None:
        """A device says that it is certain only of what its quota covers, as it knows it."""
        item = self.items["escrow"]
        account = self.desk.books.account(f"lease/{item}/{who.replica}")
        held = (account.available if account else 0) - self.promised.get(who.replica, 0)
        if count <= held:
            self.promised[who.replica] = self.promised.get(who.replica, 0) + count
            self._send(who, c.Reserve(self.desk.new("v"), item, count, is_certain=True), late)

    @rule(who=people, count=counts, what=st.sampled_from(["take", "return", "move"]))
    def change_a_quota(self, who: Caller, count: int, what: str) -> None:
        item, name = self.items["escrow"], self.desk.new("x")
        to = next(each for each in PEOPLE if each is not who).replica
        commands: dict[str, c.Command] = {
            "take": c.TakeQuota(name, item, count),
            "return": c.ReturnQuota(name, item, count),
            "move": c.MoveQuota(name, item, count, to),
        }
        if what == "take" or not self.promised.get(who.replica):
            self._send(who, commands[what], late=False)

    @rule(who=people, amount=st.integers(1, 300), back=st.booleans())
    def move_money(self, who: Caller, amount: int, back: bool) -> None:
        debit, credit = (self.hut, self.kitty) if back else (self.kitty, self.hut)
        self._send(who, c.TransferMoney(self.desk.new("g"), debit, credit, amount, "EUR"), False)

    @rule(
        who=people,
        named=st.lists(st.sampled_from((*NAMES, "Van")), min_size=1, max_size=4, unique=True),
        count=counts,
        amount=st.none() | st.integers(1, 300),
    )
    def book(self, who: Caller, named: list[str], count: int, amount: int | None) -> None:
        self._book(who, [self.items.get(name, self.van) for name in named], count, amount)

    @rule(who=people, count=counts, amount=st.integers(1, 300))
    def book_what_is_oversold_twice(self, who: Caller, count: int, amount: int) -> None:
        self._book(who, [self.items["oversell"], self.van], count, amount)

    def _book(self, who: Caller, items: list[str], count: int, amount: int | None) -> None:
        fee = None if amount is None else c.Fee(self.kitty, self.hut, amount, "EUR")
        wanted = tuple(c.Wanted(item, count) for item in items)
        deadline = self.desk.now_ms + 30_000
        self._send(who, c.Book(self.desk.new("g"), "Trip", wanted, fee, deadline), late=False)

    @precondition(lambda self: self.desk.reservations())
    @rule(data=st.data(), release=st.booleans())
    def end_one(self, data: Any, release: bool) -> None:
        one = data.draw(st.sampled_from(self.desk.reservations()))
        who = next(each for each in PEOPLE if each.replica == one.holder)
        self._send(who, c.Release(one.id) if release else c.Confirm(one.id), late=False)

    # -- what goes wrong -----------------------------------------------------------------------

    @precondition(lambda self: self.under_way)
    @rule(data=st.data())
    def a_late_one_arrives(self, data: Any) -> None:
        who, command = data.draw(st.sampled_from(self.under_way))
        self.under_way.remove((who, command))
        self._arrive(who, command)

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def one_arrives_again(self, data: Any) -> None:
        """Under another key even: what it makes has its id."""
        who, command = data.draw(st.sampled_from(self.sent))
        before, was_done = self.desk.conn.total_changes, self.done
        if isinstance(command, c.Reserve | c.TransferMoney | c.Book | c.TakeQuota):
            with suppress(DomainError):
                self.desk.ask(who, command)
            if command.id in was_done:
                assert self.desk.conn.total_changes == before

    @rule(seconds=st.sampled_from([1, 20, 60, 700]))
    def time_passes(self, seconds: int) -> None:
        self.desk.now_ms += seconds * 1_000

    @rule()
    def jobs_run(self) -> None:
        self.desk.expire()
        for saga in self.desk.sagas():
            self.desk.fold(advance(self.desk.books, saga, self.desk.now_ms))

    @rule(lost=people)
    def a_device_is_lost(self, lost: Caller) -> None:
        item = self.items["escrow"]
        lease = self.desk.books.lease(item, lost.replica)
        if lease is not None and is_reclaimable(lease, self.desk.now_ms + 15 * 86_400_000):
            self.desk.fold(reclaimed(self.desk.books, lease, self.desk.now_ms))

    @rule()
    def the_excess_is_cancelled(self) -> None:
        for name in (self.items["oversell"], self.van):
            item = self.desk.the_item(name)
            self.desk.fold(settled(self.desk.books, item, self.desk.now_ms))

    @precondition(lambda self: any(one.state == "stuck" for one in self.desk.sagas()))
    @rule(who=people)
    def a_person_tries_again(self, who: Caller) -> None:
        for one in self.desk.sagas():
            if one.state == "stuck":
                self.desk.ask(who, c.RetrySaga(one.id))

    # -- what holds ----------------------------------------------------------------------------

    @invariant()
    def nothing_is_below_its_bound(self) -> None:
        for name, item in getattr(self, "items", {}).items():
            left = self.desk.left(item)
            assert left >= Policy(name, oversell_percent=50).floor(COUNT)

    def end(self) -> None:
        """Everything arrives, all time passes: every saga ends, and who was cancelled is told."""
        for who, command in self.under_way:
            self._arrive(who, command)
        self._let_sagas_end()
        self.the_excess_is_cancelled()
        self._let_sagas_end()
        self.desk.expire()
        self._put_right_what_is_stuck()
        assert all(one.state in ("completed", "compensated") for one in self.desk.sagas())
        assert all(one.is_final for one in self.desk.reservations())
        assert all(self.desk.left(item) >= 0 for item in (*self.items.values(), self.van))
        self._check_who_is_told()
        for one in self.desk.sagas():
            self._check_fee(one)

    def _let_sagas_end(self) -> None:
        for _ in range(ATTEMPTS_MAX + 2):
            self.desk.run_sagas()
            self.desk.now_ms += 400_000

    def _put_right_what_is_stuck(self) -> None:
        """Once there is money again, a person lets them go on, and they end."""
        for budget in (self.kitty, self.hut):
            self.desk.ask(ANN, c.Deposit(self.desk.new("x"), budget, 100_000, "EUR"))
        for one in self.desk.sagas():
            if one.state == "stuck":
                self.desk.ask(ANN, c.RetrySaga(one.id))
        self._let_sagas_end()

    def _check_who_is_told(self) -> None:
        notices = [fact for fact in self.desk.told if isinstance(fact, Noticed)]
        told = {fact.about for fact in notices}
        assert len(told) == len(notices), "nobody is told twice"
        assert all(fact.reason for fact in notices), "and everybody is told why"
        for one in self.desk.reservations():
            if one.state == "compensated":
                assert one.id in told or one.saga in told

    def _check_fee(self, saga: Saga) -> None:
        """A booking's fee is paid once, and returned once where something of it was cancelled."""
        if not any(step.kind == "pay" for step in saga.steps):
            return
        paid = self.desk.books.transfer(f"{saga.id}/fee")
        is_back = self.desk.books.transfer(f"{saga.id}/fee/back") is not None
        if saga.state == "compensated":
            assert paid is None or paid.state == "voided"
            assert not is_back
            return
        mine = [one for one in self.desk.reservations() if one.saga == saga.id]
        assert paid is not None
        assert paid.state == "posted"
        assert is_back == any(one.state == "compensated" for one in mine)

    # -- inside --------------------------------------------------------------------------------

    @property
    def done(self) -> set[str]:
        """Ids of what commands have made."""
        tables = ("reservation", "saga", "transfer")
        return {
            row[0] for table in tables for row in self.desk.conn.execute(f"SELECT id FROM {table}")
        }

    def _send(self, who: Caller, command: c.Command, late: bool) -> None:
        if late:
            self.under_way.append((who, command))
        else:
            self._arrive(who, command)

    def _arrive(self, who: Caller, command: c.Command) -> None:
        self.sent.append((who, command))
        if isinstance(command, c.Reserve) and command.is_certain:
            self.promised[who.replica] -= command.count
        with suppress(DomainError):
            self.desk.ask(who, command)
        check_books(self.desk.conn)


class EndingLedgers(Ledgers):
    """The same, and the end is looked at."""

    def teardown(self) -> None:
        try:
            if hasattr(self, "desk"):
                self.end()
        finally:
            super().teardown()


TestLedgers = EndingLedgers.TestCase
TestLedgers.settings = settings(
    max_examples=60,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
