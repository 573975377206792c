"""Whose turn it is to do what falls due, what wakes who does it, and that it is done once."""

import asyncio
import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from store.domain.ledger import commands as c
from store.domain.ledger.facts import (
    Decided,
    Fact,
    Item,
    ItemSet,
    Reservation,
    ReservationSet,
    Saga,
    SagaSet,
)
from store.domain.ledger.policies import Policy
from store.errors import HomeBusy
from store.ledger.codec import decode_act, decode_row
from sync.server import job_kinds, limits
from sync.server.job_runner import JobRunner
from sync.server.jobs import Passed
from sync.server.ledgers import Ledgers
from sync.transport.http import HttpTransport
from tests.support.asking import Member, create_space
from tests.support.desk import check_books
from tests.support.ledger_ids import new
from tests.support.memory_server import MemoryServer, memory_server
from tests.support.people import StillClock
from tests.support.server import running_server
from tests.sync.dealings import item, jobs_of, reserve, saga_state

MINUTE_MS = 60_000


# -- whose turn it is ------------------------------------------------------------------------------


async def test_two_servers_on_one_database_do_each_job_once(
    servers: tuple[MemoryServer, MemoryServer], clock: StillClock
) -> None:
    first, second = servers
    alice = await create_space(first.transport(), first.setup_code)
    tent = await item(alice, "reservation", 200)
    for _ in range(20):
        await reserve(alice, tent)
    clock.now_ms += 10 * MINUTE_MS
    done: list[int] = []

    def work(server: MemoryServer) -> None:
        done.extend([jobs_of(server).run().done for _ in range(50)])

    threads = [threading.Thread(target=work, args=(each,)) for each in servers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(done) == 20
    with second.db.read() as conn:
        check_books(conn)
        ((acts, distinct),) = conn.execute(
            "SELECT count(*), count(DISTINCT actor_seq) FROM log WHERE type = 'ledger'"
        ).fetchall()
    assert acts == distinct == 1 + 20 + 20


async def test_the_lease_is_held_and_taken_over_when_its_holder_is_gone(
    servers: tuple[MemoryServer, MemoryServer], clock: StillClock
) -> None:
    first, second = servers
    alice = await create_space(first.transport(), first.setup_code)
    tent = await item(alice, "reservation", 5, hold_ms=1_000)
    await reserve(alice, tent)
    clock.now_ms += 1_000
    assert jobs_of(first).run().done == 1
    lease_ends_ms = clock.now_ms + limits.JOB_LEASE_S * 1_000

    await reserve(alice, tent)
    clock.now_ms += 1_000
    assert jobs_of(second).run() == Passed(0, lease_ends_ms)  # it comes back when that one ends
    clock.now_ms = lease_ends_ms
    assert jobs_of(second).run().done == 1


async def test_a_server_that_ends_gracefully_leaves_the_jobs_at_once(
    servers: tuple[MemoryServer, MemoryServer], clock: StillClock
) -> None:
    first, second = servers
    alice = await create_space(first.transport(), first.setup_code)
    tent = await item(alice, "reservation", 5, hold_ms=1_000)
    await reserve(alice, tent)
    await reserve(alice, tent, until_ms=clock.now_ms + 2_000)
    clock.now_ms += 1_000
    assert jobs_of(first).run().done == 1
    clock.now_ms += 1_000

    jobs_of(first).give_up()

    assert jobs_of(second).run().done == 1


async def test_a_lease_that_a_wrong_clock_wrote_counts_for_nothing(
    servers: tuple[MemoryServer, MemoryServer], clock: StillClock
) -> None:
    first, second = servers
    alice = await create_space(first.transport(), first.setup_code)
    tent = await item(alice, "reservation", 5, hold_ms=1_000)
    now_ms = clock.now_ms
    await reserve(alice, tent)
    await reserve(alice, tent, until_ms=now_ms + 10 * 365 * 86_400_000)
    clock.now_ms = now_ms + 5 * 365 * 86_400_000  # the first server's clock is five years ahead
    assert jobs_of(first).run().done >= 1
    clock.now_ms = now_ms
    await reserve(alice, tent, until_ms=now_ms + 1_000)
    clock.now_ms += 1_000

    assert jobs_of(second).run().done == 1


# -- the thread that does them ---------------------------------------------------------------------


class Failing:
    """Jobs that fail some times, then do nothing; says when they were tried."""

    def __init__(self, failures: int, clock: StillClock) -> None:
        self.failures = failures
        self.tried = 0
        self.given_up = 0
        self.enough = threading.Event()
        self.ledgers = Ledgers(bytes(32), clock, os.urandom)

    def run(self) -> Passed:
        self.tried += 1
        if self.tried <= self.failures:
            raise HomeBusy(Path("server.db"))
        self.enough.set()
        return Passed(0, self.ledgers.clock_ms() + 60_000)

    def give_up(self) -> None:
        self.given_up += 1


def test_the_thread_goes_on_after_failures_and_ends_when_it_is_told(clock: StillClock) -> None:
    jobs = Failing(2, clock)
    runner = JobRunner(jobs)  # type: ignore[arg-type]
    runner.start()
    while not jobs.enough.wait(0.01):
        runner.wake()

    runner.stop()

    assert jobs.tried >= 3
    assert jobs.given_up == 1


def test_a_thread_that_is_told_to_end_at_once_ends(clock: StillClock) -> None:
    jobs = Failing(0, clock)
    runner = JobRunner(jobs)  # type: ignore[arg-type]
    runner.start()
    runner.stop()

    assert jobs.given_up == 1


def test_a_thread_that_never_began_can_be_stopped(clock: StillClock) -> None:
    JobRunner(Failing(0, clock)).stop()  # type: ignore[arg-type]


# -- woken by need ---------------------------------------------------------------------------------


async def test_a_booking_goes_on_at_once_and_not_by_the_timer(tmp_path: Path) -> None:
    with memory_server(tmp_path / "server") as server:
        assert server.service.authority is not None
        alice = await create_space(server.transport(), server.setup_code)
        tent = await item(alice, "escrow", 5)
        cursor = (await alice.pull()).cursor
        runner = server.service.authority.runner
        runner.start()
        try:
            plan = c.Book(new("g"), "Trip", (c.Wanted(tent, 2),))
            await alice.command(plan)
            async with asyncio.timeout(limits.JOBS_LOOK_S / 2):
                while saga_state(server.db, alice.space, plan.id) == "running":
                    await alice.wait(cursor)
                    cursor = (await alice.pull(cursor)).cursor
        finally:
            runner.stop()

        assert saga_state(server.db, alice.space, plan.id) == "completed"


NOW_MS = 1_790_000_000_000
HELD = Reservation("v", "i", 1, "confirmed", "r", "Ann", 1, 1)
SAGA = Saga("g", "booking", "Trip", "running", "r", "Ann", 1, (), NOW_MS)
OVERSOLD = Item("i", "Tent", Policy("oversell", settle_after_ms=1_000), 1)


@pytest.mark.parametrize(
    ("fact", "wakes"),
    [
        (SagaSet(SAGA), True),
        (SagaSet(replace(SAGA, state="compensating")), True),
        (SagaSet(replace(SAGA, state="completed")), False),
        (SagaSet(replace(SAGA, state="stuck")), False),
        (ReservationSet(HELD), False),
        (ReservationSet(replace(HELD, expires_at_ms=NOW_MS + 59_999)), True),
        (ReservationSet(replace(HELD, expires_at_ms=NOW_MS + 60_000)), False),
        (ItemSet(OVERSOLD), False),
        (ItemSet(replace(OVERSOLD, oversold_at_ms=NOW_MS)), True),
        (ItemSet(replace(OVERSOLD, oversold_at_ms=NOW_MS + 59_000)), False),
        (Decided("k", b"", "r", ok=True), False),
    ],
    ids=repr,
)
def test_only_what_falls_due_before_the_timer_wakes_the_jobs(fact: Fact, wakes: bool) -> None:
    assert job_kinds.falls_due(fact, NOW_MS) == wakes


# -- a server that was away ------------------------------------------------------------------------


async def test_what_fell_due_while_no_server_ran_is_done_when_one_starts(tmp_path: Path) -> None:
    """With real processes: the first one ends before the hold does."""
    with running_server(tmp_path) as first:
        way = HttpTransport(first.url)
        alice = await create_space(way, first.setup_code)
        tent = await item(alice, "reservation", 1, hold_ms=1_000)
        hold = await reserve(alice, tent)
        await way.aclose()
        assert first.stop() == 0

    with running_server(tmp_path) as second:
        way = HttpTransport(second.url)
        alice = Member(way, alice.space, alice.token, alice.replica)
        async with asyncio.timeout(limits.JOBS_LOOK_S / 2):
            cursor = ""
            while True:
                page = await alice.pull(cursor)
                cursor = page.cursor
                if any(hold in ended_in(row.raw) for row in page.rows if row.doc == "ledger"):
                    break
                await alice.wait(cursor)
        (again,) = await alice.command(c.Reserve(new("v"), tent, 1))
        await way.aclose()

    assert again.ok


def ended_in(raw: bytes) -> set[str]:
    """The reservations that an act has ended."""
    told = decode_act(decode_row(raw).body)[1]
    return {
        fact.reservation.id
        for fact in told
        if isinstance(fact, ReservationSet) and fact.reservation.state == "expired"
    }
