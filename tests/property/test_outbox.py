"""Devices that ask an authority, whatever gets lost, late, repeated, cut off or runs out meanwhile.

Each wish has one effect, each device shows it once, what it called certain is kept, and in the end
all of them and the authority have the same books.
"""

import shutil
import tempfile
from collections import Counter as Tally
from contextlib import suppress
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from store.commands.asking import Plan, PlanFee
from store.domain.errors import DomainError
from store.domain.ledger.on_device import Reading
from store.domain.ledger.policies import NAMES, Policy, PolicyName
from store.ledger import outbox
from store.ledger.books import snapshot
from tests.support.counter import Counter
from tests.support.desk import check_books

COUNT = 5
who = st.integers(0, 1)
policies = st.sampled_from(NAMES)
counts = st.integers(1, 3)


class Wishes(RuleBasedStateMachine):
    """Ann and Bea share one item of every policy and two budgets."""

    @initialize()
    def open(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        ann = Counter(self.folder, 1)
        for name in NAMES:
            ann.replica.add_item(name, COUNT, Policy(name, oversell_percent=40))
        for budget in ("Food", "Hut"):
            ann.replica.add_budget(budget, "EUR")
        ann.replica.deposit("Food", "10")
        ann.sync()
        bea = Counter(self.folder, 2, person="Bea", authority=ann.authority)
        bea.pull()
        for device in (ann, bea):
            device.replica.take_quota("escrow", 2)
            device.sync()
        self.devices = (ann, bea)
        self.promised: set[str] = set()
        self.taken_back: set[str] = set()
        self.made: tuple[set[str], set[str]] = (set(), set())

    def teardown(self) -> None:
        if hasattr(self, "devices"):
            self.end()
            self.devices[1].replica.close()
            self.devices[0].close()
            shutil.rmtree(self.folder)

    # -- what people ask for -------------------------------------------------------------------

    @rule(at=who, policy=policies, count=counts)
    def reserve(self, at: int, policy: PolicyName, count: int) -> None:
        self._reserve(at, policy, count)

    @rule(at=who, count=st.integers(1, 2))
    def hand_out(self, at: int, count: int) -> None:
        """Out of the quota, as long as it lasts."""
        self._reserve(at, "escrow", count)

    def _reserve(self, at: int, policy: PolicyName, count: int) -> None:
        replica = self.devices[at].replica
        with suppress(DomainError):
            made = replica.reserve(policy, count)
            self.made[at].add(made)
            if replica.reservation(made).state == "certain":
                self.promised.add(made)

    @rule(at=who, count=counts, back=st.booleans())
    def change_the_quota(self, at: int, count: int, back: bool) -> None:
        replica = self.devices[at].replica
        with suppress(DomainError):
            (replica.return_quota if back else replica.take_quota)("escrow", count)

    @rule(at=who, pick=st.integers(0, 99), confirms=st.booleans())
    def confirm_or_give_back(self, at: int, pick: int, confirms: bool) -> None:
        replica = self.devices[at].replica
        mine = replica.reservations(only_mine=True)
        if mine:
            one = mine[pick % len(mine)].id
            with suppress(DomainError):
                (replica.confirm if confirms else replica.release)(one)
                if not confirms:
                    self.taken_back.add(one)

    @rule(at=who, count=counts, paid=st.sampled_from(["1", "8"]))
    def book(self, at: int, count: int, paid: str) -> None:
        plan = Plan("Trip", (("oversell", count), ("escrow", 1)), PlanFee("Food", "Hut", paid))
        with suppress(DomainError):
            self.devices[at].replica.book(plan)

    # -- what happens to it --------------------------------------------------------------------

    @rule(at=who, heard=st.booleans())
    def send(self, at: int, heard: bool) -> None:
        self.devices[at].send(hear=heard)

    @rule(at=who)
    def pull(self, at: int) -> None:
        self.devices[at].pull()

    @rule(at=who)
    def give_up_what_needs_an_answer(self, at: int) -> None:
        device = self.devices[at]
        device.replica.give_up_unanswered(device.space)

    @rule(at=who)
    def restart(self, at: int) -> None:
        self.devices[at].restart()

    @rule(minutes=st.integers(1, 15))
    def time_passes(self, minutes: int) -> None:
        for device in self.devices:
            now, ms = device.reading, minutes * 60_000
            device.reading = Reading(now.boot, now.elapsed_ms + ms, now.wall_ms + ms)
        authority = self.devices[0].authority
        authority.now_ms += minutes * 60_000
        authority.expire()
        authority.run_sagas()

    # -- what holds ----------------------------------------------------------------------------

    @invariant()
    def each_wish_is_shown_once_and_nothing_below_nothing(self) -> None:
        for device in getattr(self, "devices", ()):
            shown = Tally(row.id for row in device.replica.reservations())
            assert not [name for name, times in shown.items() if times > 1]
            made = self.made[self.devices.index(device)]
            assert made - self.taken_back <= shown.keys(), "a wish is shown, or what became of it"
            assert all(row.quota >= 0 for row in device.replica.supplies())
            with device.replica.db.read() as conn:
                check_books(conn)

    def end(self) -> None:
        """All of them sync until nobody has anything left to ask."""
        for _ in range(12):
            for device in self.devices:
                device.sync()
            self.devices[0].authority.run_sagas()
        books = []
        for device in self.devices:
            with device.replica.db.read() as conn:
                assert outbox.waiting(conn, device.space) == 0
                assert not outbox.intents(conn, states=("accepted",))
                books.append(snapshot(conn, device.space))
        assert books[0] == books[1]
        with self.devices[0].authority.db.read() as conn:
            assert snapshot(conn, self.devices[0].space) == books[0]
        self._check_what_was_promised()

    def _check_what_was_promised(self) -> None:
        states = {row.id: row.state for row in self.devices[0].replica.reservations()}
        for name in self.promised - self.taken_back:
            assert states[name] == "confirmed", "what was certain is kept"
        for name in self.taken_back:
            assert states.get(name) != "confirmed", "what was given back is not held"
        for row in self.devices[0].replica.supplies():
            given = sum(
                each.count
                for each in self.devices[0].replica.reservations(item=row.id)
                if each.state == "confirmed"
            )
            most = COUNT + 2 if row.name == "oversell" else COUNT
            assert given <= most, "no more is given away than the policy allows"
        assert all(
            saga.state not in ("running", "compensating")
            for saga in self.devices[0].replica.bookings()
        )
        money = {row.name: row.available + row.pending for row in self.devices[0].replica.budgets()}
        assert sum(money.values()) == 1_000, "money is neither lost nor doubled"


Wishes.TestCase.settings = settings(
    max_examples=40,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TestWishes = Wishes.TestCase
