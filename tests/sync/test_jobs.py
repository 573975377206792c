"""What falls due by itself: done once, whoever's turn it is, and never done half."""

import asyncio
import os
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from store.database.connection import Database
from store.domain.errors import Refused
from store.domain.ledger import commands as c
from store.domain.ledger.facts import (
    Decided,
    Fact,
    Item,
    ItemSet,
    Noticed,
    Reservation,
    ReservationSet,
    Saga,
    SagaSet,
)
from store.domain.ledger.ids import lease_account, stock_account
from store.domain.ledger.policies import GRACE_MS, LEASE_MS, Policy, PolicyName
from store.domain.ledger.sagas import ATTEMPTS_MAX
from store.errors import HomeBusy, StorageFull
from store.ledger.books import SqlBooks
from store.ledger.codec import decode_act, decode_row
from sync.errors import Busy
from sync.server import job_kinds, limits
from sync.server.job_runner import JobRunner
from sync.server.jobs import Jobs, Passed
from sync.server.ledgers import Ledgers
from sync.transport.http import HttpTransport
from tests.support.asking import Member, create_space, join
from tests.support.desk import check_books
from tests.support.ledger_ids import new
from tests.support.memory_server import MemoryServer, memory_server
from tests.support.people import StillClock
from tests.support.server import running_server

MINUTE_MS = 60_000


@pytest.fixture
def servers(tmp_path: Path, clock: StillClock) -> Iterator[tuple[MemoryServer, MemoryServer]]:
    """Two servers on one database."""
    with ExitStack() as stack:
        first, second = (
            stack.enter_context(memory_server(tmp_path / "server", clock_ms=clock))
            for _ in range(2)
        )
        yield first, second


@pytest.fixture
def server(servers: tuple[MemoryServer, MemoryServer]) -> MemoryServer:
    return servers[0]


def jobs_of(server: MemoryServer) -> Jobs:
    assert server.service.authority is not None
    return server.service.authority.jobs


async def item(who: Member, policy: PolicyName, count: int = 3, **numbers: int) -> str:
    made = new("i")
    await who.command(c.AddItem(made, f"Tent {made[-5:]}", count, Policy(policy, **numbers)))
    return made


async def reserve(who: Member, item: str, count: int = 1, **how: object) -> str:
    made = new("v")
    (decision,) = await who.command(c.Reserve(made, item, count, **how))  # type: ignore[arg-type]
    assert decision.ok, decision
    return made


async def budget(who: Member, amount: int = 0) -> str:
    made = new("b")
    await who.command(c.AddBudget(made, f"Food {made[-5:]}", "EUR"))
    if amount:
        await who.command(c.Deposit(new("x"), made, amount, "EUR"))
    return made


def available(db: Database, space: str, account: str) -> int:
    with db.read() as conn:
        check_books(conn)
        found = SqlBooks(conn, space).account(account)
    assert found is not None
    return found.available


def reservation(db: Database, space: str, name: str) -> Reservation:
    with db.read() as conn:
        found = SqlBooks(conn, space).reservation(name)
    assert found is not None
    return found


def saga_state(db: Database, space: str, name: str) -> str:
    with db.read() as conn:
        found = SqlBooks(conn, space).saga(name)
    assert found is not None
    return found.state


def notices(db: Database) -> list[Noticed]:
    with db.read() as conn:
        rows = conn.execute("SELECT bytes FROM log WHERE type = 'notice' ORDER BY seq").fetchall()
    told = [fact for (raw,) in rows for fact in decode_act(decode_row(raw).body)[1]]
    return [fact for fact in told if isinstance(fact, Noticed)]


# -- each kind -------------------------------------------------------------------------------------


async def test_a_hold_ends_when_its_time_is_up_and_not_before(
    server: MemoryServer, clock: StillClock
) -> None:
    alice = await create_space(server.transport(), server.setup_code)
    tent = await item(alice, "reservation", 1)
    hold = await reserve(alice, tent)

    clock.now_ms += 10 * MINUTE_MS - 1
    assert jobs_of(server).run() == Passed(0, clock.now_ms + 1)
    clock.now_ms += 1
    assert jobs_of(server).run().done == 1

    assert reservation(server.db, alice.space, hold).state == "expired"
    assert available(server.db, alice.space, stock_account(tent)) == 1


async def test_a_quota_comes_back_when_its_time_and_the_grace_are_over(
    server: MemoryServer, clock: StillClock
) -> None:
    alice = await create_space(server.transport(), server.setup_code)
    tent = await item(alice, "escrow", 5)
    await alice.command(c.TakeQuota(new("x"), tent, 4))
    await reserve(alice, tent, 1, is_certain=True)

    clock.now_ms += LEASE_MS + GRACE_MS - 1
    assert server.run_jobs() == 0
    clock.now_ms += 1
    assert server.run_jobs() == 1

    assert available(server.db, alice.space, lease_account(tent, alice.replica)) == 0
    assert available(server.db, alice.space, stock_account(tent)) == 4
    assert server.run_jobs() == 0


async def test_a_lost_devices_quota_comes_back_after_it_was_shut_out(
    server: MemoryServer, clock: StillClock
) -> None:
    alice = await create_space(server.transport(), server.setup_code)
    bob = await join(alice, "Bob")
    tent = await item(alice, "escrow", 5)
    await bob.command(c.TakeQuota(new("x"), tent, 4))
    await alice.revoke(bob.replica)

    assert server.run_jobs() == 0
    clock.now_ms += LEASE_MS + GRACE_MS
    assert server.run_jobs() == 1

    assert available(server.db, alice.space, stock_account(tent)) == 5


async def test_a_device_that_was_shut_out_far_away_gets_no_more_quotas(
    server: MemoryServer,
) -> None:
    alice = await create_space(server.transport(), server.setup_code)
    bob = await join(alice, "Bob")
    tent = await item(alice, "escrow", 5)
    await bob.command(c.TakeQuota(new("x"), tent, 2))
    await alice.command(c.TakeQuota(new("x"), tent, 2))
    assert server.run_jobs() == 0
    with server.db.write() as conn:  # as the list says that an owner has signed among devices
        conn.execute("UPDATE token SET key = zeroblob(32) WHERE replica = ?", (bob.replica,))
        conn.execute(
            "INSERT INTO member VALUES (?, zeroblob(32), ?, 'Bob', 'phone', 'editor', 1, 2, 0, 0)",
            (alice.space, bob.replica),
        )

    assert server.run_jobs() == 1
    (moved,) = await alice.command(c.MoveQuota(new("x"), tent, 1, bob.replica))

    assert (moved.ok, moved.type) == (False, "not-found")
    with server.db.read() as conn:
        leases = dict(conn.execute("SELECT holder, state FROM lease").fetchall())
    assert leases == {alice.replica: "open", bob.replica: "revoked"}
    assert server.run_jobs() == 0


async def test_an_owner_writes_a_quota_off_at_once(server: MemoryServer) -> None:
    alice = await create_space(server.transport(), server.setup_code)
    bob = await join(alice, "Bob")
    tent = await item(alice, "escrow", 5)
    await bob.command(c.TakeQuota(new("x"), tent, 4))
    await alice.revoke(bob.replica)

    (decision,) = await alice.command(c.WriteOff(tent, bob.replica))

    assert decision.ok
    assert available(server.db, alice.space, stock_account(tent)) == 5


async def test_what_was_oversold_is_made_good_once_nobody_asked_for_some_time(
    server: MemoryServer, clock: StillClock
) -> None:
    alice = await create_space(server.transport(), server.setup_code)
    bob = await join(alice, "Bob")
    kitty = await budget(alice, 100)
    await alice.command(c.SetApology("We are sorry.", kitty, 7))
    tent = await item(alice, "oversell", 2, oversell_percent=100, settle_after_ms=MINUTE_MS)
    kept = [await reserve(bob, tent), await reserve(alice, tent)]
    gone = await reserve(bob, tent)

    clock.now_ms += MINUTE_MS - 1
    assert server.run_jobs() == 0
    clock.now_ms += 1
    assert server.run_jobs() == 2  # the cancellation, and the credit

    states = [reservation(server.db, alice.space, one).state for one in (*kept, gone)]
    assert states == ["confirmed", "confirmed", "compensated"]
    (told,) = notices(server.db)
    assert (told.about, told.holder, told.apology) == (gone, bob.replica, "We are sorry.")
    assert (told.credit, told.currency) == (7, "EUR")
    assert available(server.db, alice.space, kitty) == 93
    assert available(server.db, alice.space, f"credit/{bob.replica}/EUR") == 7
    assert server.run_jobs() == 0


async def test_a_booking_goes_to_its_end_and_one_that_fails_goes_back(server: MemoryServer) -> None:
    alice = await create_space(server.transport(), server.setup_code)
    tent, kitty, hut = await item(alice, "escrow", 5), await budget(alice, 50), await budget(alice)
    plans = [
        c.Book(new("g"), "Trip", (c.Wanted(tent, 2),), c.Fee(kitty, hut, fee, "EUR"))
        for fee in (30, 40)
    ]
    await alice.command(*plans)

    server.run_jobs()

    states = [saga_state(server.db, alice.space, plan.id) for plan in plans]
    assert states == ["completed", "compensated"]
    assert available(server.db, alice.space, stock_account(tent)) == 3
    assert available(server.db, alice.space, kitty) == 20
    (told,) = notices(server.db)
    assert told.about == plans[1].id


async def test_a_compensation_that_fails_is_tried_with_pauses_then_left_to_a_person(
    server: MemoryServer, clock: StillClock
) -> None:
    alice = await create_space(server.transport(), server.setup_code)
    kitty = await budget(alice)  # the owner promises a credit out of an empty budget
    await alice.command(c.SetApology("We are sorry.", kitty, 7))
    tent = await item(alice, "oversell", 1, oversell_percent=100, settle_after_ms=0)
    await reserve(alice, tent)
    await reserve(alice, tent)

    pauses = []
    for _ in range(ATTEMPTS_MAX - 1):
        assert server.run_jobs() >= 1
        with server.db.read() as conn:
            ((saga, state, next_ms),) = conn.execute("SELECT id, state, next_at_ms FROM saga")
        assert state == "running"
        pauses.append(next_ms - clock.now_ms)
        clock.now_ms = next_ms
    assert pauses == [1_000 << n for n in range(ATTEMPTS_MAX - 1)]
    assert server.run_jobs() == 1
    assert saga_state(server.db, alice.space, saga) == "stuck"

    await alice.command(c.Deposit(new("x"), kitty, 10, "EUR"), c.RetrySaga(saga))
    server.run_jobs()

    assert saga_state(server.db, alice.space, saga) == "completed"
    assert available(server.db, alice.space, kitty) == 3
    assert len(notices(server.db)) == 1


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


# -- what goes wrong -------------------------------------------------------------------------------


async def test_many_things_that_are_due_are_done_in_bounded_passes(
    server: MemoryServer, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "JOB_BATCH_MAX", 3)
    alice = await create_space(server.transport(), server.setup_code)
    tent = await item(alice, "reservation", 9)
    for _ in range(7):
        await reserve(alice, tent)
    clock.now_ms += 10 * MINUTE_MS

    passes = [jobs_of(server).run() for _ in range(4)]

    assert [one.done for one in passes] == [3, 3, 1, 0]
    assert passes[0].next_ms <= clock.now_ms < passes[2].next_ms


async def test_what_a_rule_refuses_holds_up_nothing_and_is_tried_again_later(
    server: MemoryServer, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "JOB_BATCH_MAX", 1)
    alice = await create_space(server.transport(), server.setup_code)
    tent = await item(alice, "reservation", 9)
    bad, good = await reserve(alice, tent), await reserve(alice, tent)
    clock.now_ms += 10 * MINUTE_MS
    kind = job_kinds.KINDS["expiry"]

    def facts(books: object, due: job_kinds.Due, now_ms: int) -> object:
        if due.thing == bad:
            raise Refused("No.")
        return kind.facts(books, due, now_ms)  # type: ignore[arg-type]

    broken = job_kinds.Kind(kind.due, kind.next_ms, facts)  # type: ignore[arg-type]
    with monkeypatch.context() as patched:
        patched.setitem(job_kinds.KINDS, "expiry", broken)
        done = [jobs_of(server).run().done for _ in range(4)]
        assert sum(done) == 1
    assert reservation(server.db, alice.space, good).state == "expired"
    assert reservation(server.db, alice.space, bad).state == "confirmed"

    clock.now_ms += limits.JOB_ASIDE_S * 1_000
    assert server.run_jobs() == 1
    assert reservation(server.db, alice.space, bad).state == "expired"


async def test_an_excess_that_only_a_booking_under_way_could_give_back_is_waited_for(
    server: MemoryServer, clock: StillClock
) -> None:
    """Without making an act at every look meanwhile."""
    alice = await create_space(server.transport(), server.setup_code)
    tent = await item(alice, "oversell", 1, oversell_percent=100, settle_after_ms=0)
    kitty, hut = await budget(alice, 5), await budget(alice)
    await reserve(alice, tent)
    fee = c.Fee(kitty, hut, 5, "EUR")
    await alice.command(c.Book(new("g"), "Trip", (c.Wanted(tent, 1),), fee))
    with server.db.write() as conn:
        conn.execute("UPDATE saga SET next_at_ms = 0")
    jobs_of(server).run()  # it holds
    with server.db.write() as conn:
        conn.execute("UPDATE saga SET next_at_ms = ?", (clock.now_ms + MINUTE_MS,))
    with server.db.read() as conn:
        (before,) = conn.execute("SELECT count(*) FROM log").fetchone()

    assert [jobs_of(server).run().done for _ in range(3)] == [0, 0, 0]

    with server.db.read() as conn:
        assert conn.execute("SELECT count(*) FROM log").fetchone() == (before,)
    for _ in range(2):  # first the booking, then the excess
        clock.now_ms += limits.JOB_ASIDE_S * 1_000
        server.run_jobs()
    assert available(server.db, alice.space, stock_account(tent)) == 0


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


# -- a disk that is full ---------------------------------------------------------------------------


def fill(db: Database) -> None:
    """Let the database grow by no page more."""
    with db.write() as conn:
        (pages,) = conn.execute("PRAGMA page_count").fetchone()
        conn.execute(f"PRAGMA max_page_count={pages}")


def make_room(db: Database) -> None:
    with db.write() as conn:
        conn.execute("PRAGMA max_page_count=1000000")


async def test_on_a_full_disk_nothing_is_decided_and_the_same_key_is_once_there_is_room(
    server: MemoryServer, clock: StillClock
) -> None:
    alice = await create_space(server.transport(), server.setup_code)
    tent = await item(alice, "reservation", 900)
    await reserve(alice, tent)
    fill(server.db)
    asked = [c.Reserve(new("v"), tent, 1) for _ in range(50)]
    keys = [new("k") for _ in asked]
    with server.db.read() as conn:
        before = list(conn.iterdump())

    with pytest.raises(Busy) as busy:
        await alice.command(*asked, keys=keys)
    assert (busy.value.type, busy.value.status) == ("storage", 503)
    clock.now_ms += 10 * MINUTE_MS
    with server.db.read() as conn:
        assert [line for line in conn.iterdump() if '"token"' not in line] == [
            line for line in before if '"token"' not in line
        ]

    make_room(server.db)
    assert all(one.ok for one in await alice.command(*asked, keys=keys))
    assert server.run_jobs() == 1
    assert available(server.db, alice.space, stock_account(tent)) == 850


async def test_jobs_that_find_the_disk_full_have_done_nothing_and_do_it_later(
    server: MemoryServer, clock: StillClock
) -> None:
    alice = await create_space(server.transport(), server.setup_code)
    tent = await item(alice, "reservation", 900)
    await alice.command(*(c.Reserve(new("v"), tent, 1) for _ in range(50)))
    await alice.command(*(c.Reserve(new("v"), tent, 1) for _ in range(50)))
    fill(server.db)
    clock.now_ms += 10 * MINUTE_MS

    with pytest.raises(StorageFull):
        server.run_jobs()
    assert available(server.db, alice.space, stock_account(tent)) == 800

    make_room(server.db)
    assert server.run_jobs() == 100
    assert available(server.db, alice.space, stock_account(tent)) == 900


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
