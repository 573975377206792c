"""What is done about what falls due by itself: each kind in its time, all of it or none of it."""

import pytest

from store.database.connection import Database
from store.domain.errors import Refused
from store.domain.ledger import commands as c
from store.domain.ledger.ids import lease_account, stock_account
from store.domain.ledger.policies import GRACE_MS, LEASE_MS
from store.domain.ledger.sagas import ATTEMPTS_MAX
from store.errors import StorageFull
from sync.errors import Busy
from sync.server import job_kinds, limits
from sync.server.jobs import Passed
from tests.support.asking import create_space, join
from tests.support.ledger_ids import new
from tests.support.memory_server import MemoryServer
from tests.support.people import StillClock
from tests.sync.dealings import (
    available,
    budget,
    item,
    jobs_of,
    notices,
    reservation,
    reserve,
    saga_state,
)

MINUTE_MS = 60_000


@pytest.fixture
def server(servers: tuple[MemoryServer, MemoryServer]) -> MemoryServer:
    return servers[0]


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
