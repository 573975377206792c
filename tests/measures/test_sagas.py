"""Sagas in the measures: what an authority's acts begin, complete and take back, and what is stuck.

The authority decides by the real rules; a device takes its acts in and measures them.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.domain.ids import SpaceId
from store.domain.ledger import commands as c
from store.domain.ledger.ids import new_ledger_id
from store.domain.ledger.policies import Policy
from store.domain.measures.health import Health, RateReading
from store.domain.measures.windows import DAY_MS
from store.replica import Replica
from tests.support.authority import Authority
from tests.support.desk import BEA, START_MS
from tests.support.people import entropy_of

HOUR_MS = 3_600_000


class World:
    """A device, and who decides about its space."""

    def __init__(self, folder: Path) -> None:
        self.now_ms = START_MS
        self.replica = Replica.open(
            folder / "home", clock_ms=lambda: self.now_ms, entropy=entropy_of(1)
        )
        self.space = SpaceId(self.replica.space().id)
        self.authority = Authority(folder / "authority.db", self.space)
        self.replica.believe_authority(self.space, self.authority.key)
        self._number = 0

    def new(self, letter: str) -> str:
        """A new id."""
        self._number += 1
        return new_ledger_id(letter, bytes([self._number] * 16))

    def passes(self, ms: int) -> None:
        """Let time pass everywhere."""
        self.now_ms += ms
        self.authority.now_ms += ms

    def pull(self) -> Health:
        """Take in all that was decided, and measure."""
        self.replica.apply_remote(self.space, [], origin="pserver", acts=self.authority.acts())
        return self.replica.health()

    def close(self) -> None:
        self.replica.close()
        self.authority.db.close()

    # -- short ways ----------------------------------------------------------------------------

    def budget(self, amount: int) -> str:
        budget = self.new("b")
        self.authority.ask(c.AddBudget(budget, f"Budget {budget}", "EUR"))
        if amount:
            self.authority.ask(c.Deposit(self.new("x"), budget, amount, "EUR"))
        return budget

    def oversold(self) -> str:
        """Something of which one piece was given away twice."""
        tent = self.new("i")
        policy = Policy("oversell", oversell_percent=100)
        self.authority.ask(c.AddItem(tent, "Tent", 1, policy))
        for _ in range(2):
            self.authority.ask(c.Reserve(self.new("v"), tent, 1), BEA)
        return tent


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


def rate(health: Health, name: str, window: str = "24h") -> tuple[int, int, dict[str, int]]:
    reading: RateReading = health.rates[name][window]
    return reading.part, reading.whole, dict(reading.by)


def test_where_nothing_was_decided_nothing_is_measured(tmp_path: Path) -> None:
    with Replica.open(tmp_path) as replica:
        health = replica.health()

    assert health.now.sagas is None
    assert "compensation_rate" not in health.rates


def test_transfers_that_go_through_complete(world: World) -> None:
    kitty, hut = world.budget(100), world.budget(0)
    for _ in range(3):
        world.authority.ask(c.TransferMoney(world.new("g"), kitty, hut, 10, "EUR"))
    world.authority.run_sagas()

    health = world.pull()

    assert rate(health, "saga_completion_rate") == (3, 3, {"transfer": 3})
    assert rate(health, "compensation_rate") == (0, 3, {})
    assert health.now.sagas is not None
    assert (health.now.sagas.pending, health.now.sagas.stuck) == (0, 0)


def test_what_is_taken_back_is_counted_by_type(world: World) -> None:
    kitty, hut, tent = world.budget(10), world.budget(0), world.oversold()
    fee = c.Fee(kitty, hut, 900, "EUR")
    rope = world.new("i")
    world.authority.ask(c.AddItem(rope, "Rope", 5, Policy("pessimistic")))
    world.authority.ask(c.Book(world.new("g"), "Dear", (c.Wanted(rope, 1),), fee), BEA)
    world.authority.run_sagas()
    world.authority.ask(c.Settle(tent))
    world.authority.run_sagas()

    health = world.pull()

    # Two reservations and a booking were promised; one of the two and the booking were taken back.
    assert rate(health, "compensation_rate") == (2, 3, {"booking": 1, "reservation": 1})
    assert rate(health, "saga_completion_rate") == (0, 1, {})


def test_the_same_acts_once_more_count_nothing(world: World) -> None:
    kitty, hut = world.budget(100), world.budget(0)
    world.authority.ask(c.TransferMoney(world.new("g"), kitty, hut, 10, "EUR"))
    world.authority.run_sagas()
    world.pull()

    health = world.pull()

    assert rate(health, "saga_completion_rate") == (1, 1, {"transfer": 1})


def test_a_saga_is_pending_and_stuck_after_an_hour(world: World) -> None:
    kitty, hut = world.budget(100), world.budget(0)
    for _ in range(11):
        world.authority.ask(c.TransferMoney(world.new("g"), kitty, hut, 1, "EUR"))
    world.passes(HOUR_MS)
    health = world.pull()
    assert health.now.sagas is not None
    assert (health.now.sagas.pending, health.now.sagas.stuck) == (11, 0)
    assert world.replica.alerts(health) == ()

    world.passes(1_000)
    health = world.replica.health()
    assert health.now.sagas is not None
    assert (health.now.sagas.stuck, health.now.sagas.oldest_age_s) == (11, 3_601.0)
    (alert,) = world.replica.alerts(health)
    assert (alert.name, alert.severity, alert.value) == ("stuck_sagas", "high", 11)

    world.authority.run_sagas()
    health = world.pull()
    assert health.now.sagas is not None
    assert health.now.sagas.stuck == 0
    assert world.replica.alerts(health) == ()


def test_the_age_of_a_saga_is_by_the_clock_of_its_authority(world: World) -> None:
    kitty, hut = world.budget(100), world.budget(0)
    world.authority.now_ms += 10 * HOUR_MS  # its clock is ahead of the device's
    world.authority.ask(c.TransferMoney(world.new("g"), kitty, hut, 1, "EUR"))
    world.authority.now_ms += 5_000
    world.now_ms += 5_000
    with world.replica.db.write() as conn:
        conn.execute(
            "INSERT INTO meta (key, value) VALUES ('measures.clock', ?)",
            (f"{10 * HOUR_MS:.1f} 1.0",),
        )

    health = world.pull()

    assert health.now.sagas is not None
    assert health.now.sagas.oldest_age_s == 5.0


def test_who_joins_late_does_not_count_the_past_as_today(world: World) -> None:
    kitty, hut = world.budget(100), world.budget(0)
    world.authority.ask(c.TransferMoney(world.new("g"), kitty, hut, 10, "EUR"))
    world.authority.run_sagas()
    world.passes(DAY_MS + HOUR_MS)
    world.authority.ask(c.TransferMoney(world.new("g"), kitty, hut, 10, "EUR"))

    health = world.pull()

    assert rate(health, "saga_completion_rate", "30d") == (0, 1, {})
