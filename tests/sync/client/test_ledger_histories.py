"""Random histories of supplies and money with real homes and a server that is set back to copies.

Whoever syncs, in whatever order, while the server is restored to older and older copies of itself:
in the end everybody's books are the server's, sums are conserved, nobody's wish is left without an
answer, and what a device was told is there, or was taken back and told. `CAIRN_HISTORIES` says how
many are tried.
"""

import os
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from store.commands.asking import Plan, PlanFee
from store.domain.errors import DomainError
from store.domain.ledger.policies import NAMES, Policy
from store.domain.ledger.sagas import ATTEMPTS_MAX
from store.ledger import outbox
from store.ledger.refolding import rows_of_books
from tests.support.desk import check_sums
from tests.sync.client.world import Person, World

HISTORIES = int(os.environ.get("CAIRN_HISTORIES", "6"))
STEPS = 30
HOUR_MS = 3_600_000


class History:
    """What people do and what befalls the server, by a seed."""

    def __init__(self, here: World, people: list[Person], seed: int) -> None:
        self.here = here
        self.people = people
        self.rng = Random(seed)
        self.copies: list[Path] = []
        self.told: dict[str, set[str]] = {person.name: set() for person in people}

    async def begin(self) -> None:
        """Items of every policy, and two budgets, that everybody knows."""
        owner = self.people[0]
        for name in NAMES:
            owner.replica.add_item(name, 6, Policy(name, oversell_percent=50, settle_after_ms=0))
        owner.replica.add_budget("Kitty", "EUR")
        owner.replica.add_budget("Hut", "EUR")
        await owner.sync()
        owner.replica.deposit("Kitty", "50")
        await self.everybody()
        self.copies.append(self.here.back_up_server())

    async def step(self) -> None:
        """One thing happens."""
        person = self.rng.choice(self.people)
        match self.rng.randrange(12):
            case 0 | 1 | 2 | 3 | 4:
                with suppress(DomainError):
                    self.act(person)
            case 5 | 6 | 7:
                await person.sync()
                self.listen(person)
            case 8:
                self.here.server.run_jobs()
            case 9:
                self.here.clock.at_ms += self.rng.choice([1_000, 700_000])
            case 10:
                self.copies.append(self.here.back_up_server())
            case _:
                self.here.restore_server(self.rng.choice(self.copies))

    def act(self, person: Person) -> None:
        """Somebody wants something."""
        replica, rng = person.replica, self.rng
        match rng.randrange(9):
            case 0 | 1 | 2:
                replica.reserve(rng.choice(NAMES), rng.randint(1, 3))
            case 3:
                replica.take_quota("escrow", rng.randint(1, 3))
            case 4:
                replica.deposit(rng.choice(["Kitty", "Hut"]), str(rng.randint(1, 9)))
            case 5:
                out, into = rng.sample(["Kitty", "Hut"], 2)
                replica.transfer(out, into, str(rng.randint(1, 30)))
            case 6 | 7:
                wanted = tuple((name, rng.randint(1, 2)) for name in rng.sample(NAMES, 2))
                fee = PlanFee("Kitty", "Hut", str(rng.randint(1, 40)))
                replica.book(Plan("Trip", wanted, fee if rng.random() < 0.7 else None))
            case _:
                known = [row for row in replica.reservations() if row.state == "confirmed"]
                if known:
                    replica.release(rng.choice(known).id)

    def listen(self, person: Person) -> None:
        """Note which reservations a device shows as promised for good."""
        self.told[person.name] |= {
            row.id
            for row in person.replica.reservations()
            if row.state in ("certain", "confirmed") and row.is_final
        }

    async def everybody(self) -> None:
        for person in self.people:
            await person.sync()
            self.listen(person)
        self.here.server.run_jobs()

    async def end(self) -> None:
        """All time passes, and everybody hears of everything."""
        for _ in range(ATTEMPTS_MAX + 4):
            await self.everybody()
            self.here.clock.at_ms += 400_000
        await self.everybody()
        for person in self.people:
            await person.sync()


@pytest.mark.parametrize("seed", range(HISTORIES))
async def test_however_often_the_server_is_set_back_all_agree_in_the_end(
    here: World, alice: Person, bob: Person, seed: int
) -> None:
    history = History(here, [alice, bob], seed)
    await history.begin()
    for _ in range(STEPS):
        await history.step()
    await history.end()

    with here.server.db.read() as conn:
        check_sums(conn)
        there = rows_of_books(conn, here.space)
        known = {row[0] for row in conn.execute("SELECT id FROM reservation")}
        open_sagas = conn.execute(
            "SELECT id, state FROM saga WHERE state IN ('running', 'compensating')"
        ).fetchall()
        # Quotas that two stories have granted lack until they are spent or their time is over.
        lacking = conn.execute(
            "SELECT name, posted - pending_out FROM account AS stock WHERE kind = 'stock'"
            " AND posted - pending_out + (SELECT coalesce(sum(posted), 0) FROM account"
            "  WHERE kind = 'lease' AND id LIKE 'lease/' || substr(stock.id, 7) || '/%') < 0"
        ).fetchall()
    assert lacking == []
    assert open_sagas == []
    for person in (alice, bob):
        with person.replica.db.read() as conn:
            assert rows_of_books(conn, here.space) == there
            assert outbox.waiting(conn, here.space) == 0
        lost = history.told[person.name] - known
        assert not lost, f"{person.name} was told of reservations that are gone"
