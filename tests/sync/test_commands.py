"""The door to the authority: what an answer is worth, asking twice is once, whom acts reach."""

import asyncio
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from store.database.connection import Database
from store.database.roles import SERVER
from store.domain.ledger import commands as c
from store.domain.ledger.facts import Decided
from store.ledger.books import snapshot
from store.ledger.codec import decode_act, decode_row, row_hash
from store.ledger.record import LedgerAt, keep_at, ledger_at
from store.ledger.signing import is_signed
from store.log import LogWriter, create_space
from sync.errors import Refused
from sync.protocol import entering, routes
from sync.protocol.ledger import LedgerPlace
from sync.server import decisions
from tests.support.acts import take_in
from tests.support.asking import Member, acts, refused
from tests.support.asking import create_space as create_there
from tests.support.ledger_ids import new
from tests.support.long_polls import until_waiting
from tests.support.memory_server import MemoryServer, memory_server
from tests.support.people import StillClock
from tests.sync.commanding import facts_of, item

DAY_MS = 86_400_000


@pytest.fixture
def server(still_server: MemoryServer) -> MemoryServer:
    return still_server


# -- an answer -------------------------------------------------------------------------------------


async def test_what_is_accepted_shows_in_everybodys_feed_up_to_the_act_that_the_answer_names(
    alice: Member, bob: Member, vera: Member
) -> None:
    tent = await item(alice, "pessimistic")
    (decision,) = await bob.command(c.Reserve(new("v"), tent, 2))

    hello = await vera.hello()
    assert hello.ledger is not None
    for who in (alice, bob, vera):
        rows = await acts(who)
        place = decode_act(decode_row(rows[-1].raw).body)[0]
        assert (place.generation, place.n) == (decision.generation, decision.n)
        assert (hello.ledger.generation, hello.ledger.n) == (decision.generation, decision.n)
        assert hello.ledger.hash == rows[-1].hash == row_hash(rows[-1].raw)


async def test_acts_are_signed_with_the_key_that_the_server_shows_from_the_beginning(
    server: MemoryServer, alice: Member
) -> None:
    hello = await alice.hello()
    assert hello.ledger is not None
    assert (hello.ledger.generation, hello.ledger.n) == (b"", 0)
    invited = await alice.ask(routes.CREATE_INVITE, entering.CreateInvite(alice.space, "editor"))

    await item(alice, "cas")

    (row,) = await acts(alice)
    signed = decode_row(row.raw)
    assert is_signed(hello.ledger.key, alice.space, signed.body, signed.signature)
    assert invited.ledger_key == hello.ledger.key
    (kept,) = server.db.path.parent.glob("ledger.key")
    assert kept.stat().st_mode & 0o777 == 0o600


async def test_a_no_is_an_answer_with_a_reason_and_stands_in_the_feed_too(
    alice: Member, bob: Member
) -> None:
    tent = await item(alice, "pessimistic", 1)
    wanted = c.Reserve(new("v"), tent, 2)

    (decision,) = await bob.command(wanted)

    assert (decision.ok, decision.type) == (False, "insufficient")
    assert decision.detail.endswith(".")
    told = facts_of(await acts(alice))[-1]
    assert isinstance(told, Decided)
    assert (told.ok, told.type, told.detail) == (False, decision.type, decision.detail)
    assert (told.subject, told.replica) == (wanted.id, bob.replica)


async def test_each_of_a_batch_is_decided_by_itself_in_its_order(alice: Member) -> None:
    tent = await item(alice, "pessimistic", 3)
    counts = [2, 2, 0, 1, 1]

    decided = await alice.command(*(c.Reserve(new("v"), tent, count) for count in counts))

    assert [(one.ok, one.type) for one in decided] == [
        (True, ""),
        (False, "insufficient"),
        (False, "invalid-value"),
        (True, ""),
        (False, "insufficient"),
    ]


REASONS: list[tuple[str, Callable[[str], c.Command]]] = [
    ("not-found", lambda _: c.Reserve(new("v"), new("i"), 1)),
    ("invalid-value", lambda tent: c.Reserve("v1", tent, 1)),
    ("invalid-value", lambda tent: c.Reserve(new("v"), tent, -1)),
    ("insufficient", lambda tent: c.TakeQuota(new("x"), tent, 4)),
    ("refused", lambda _: c.SetApology("Sorry")),
    ("refused", lambda tent: c.WriteOff(tent, "r" + "a" * 26)),
    ("not-found", lambda tent: c.MoveQuota(new("x"), tent, 1, "r" + "a" * 26)),
    ("not-found", lambda _: c.Confirm(new("v"))),
    ("not-found", lambda _: c.Deposit(new("x"), new("b"), 1, "EUR")),
    ("invalid-value", lambda _: c.AddBudget(new("b"), "Food", "euros")),
]


@pytest.mark.parametrize(("type_", "wrong"), REASONS)
async def test_a_no_says_why_by_a_stable_word(
    alice: Member, bob: Member, type_: str, wrong: Callable[[str], c.Command]
) -> None:
    tent = await item(alice, "escrow", 3)

    (decision,) = await bob.command(wrong(tent))

    assert (decision.ok, decision.type) == (False, type_)


async def test_whoever_was_slower_hears_which_version_the_item_has_now(
    alice: Member, bob: Member
) -> None:
    tent = await item(alice, "cas")
    await bob.command(c.Reserve(new("v"), tent, 1, version=1))

    (decision,) = await alice.command(c.Reserve(new("v"), tent, 1, version=1))

    assert (decision.ok, decision.type, decision.version) == (False, "version-moved", 2)


async def test_a_batch_that_compares_and_sets_is_not_its_own_rival(
    alice: Member, bob: Member
) -> None:
    tent = await item(alice, "cas", 9)
    seen = [c.Reserve(new("v"), tent, 1, version=1) for _ in range(3)]

    assert [one.ok for one in await bob.command(*seen)] == [True, True, True]

    late = [c.Reserve(new("v"), tent, 1, version=2), c.Reserve(new("v"), tent, 1, version=4)]
    behind, current = await bob.command(*late)
    assert (behind.ok, behind.type, behind.version) == (False, "version-moved", 4)
    assert current.ok
    (again,) = await alice.command(c.Reserve(new("v"), tent, 1, version=4))
    assert not again.ok


# -- asking again ----------------------------------------------------------------------------------


async def test_the_same_key_gets_the_same_answer_and_has_no_further_effect(
    alice: Member, bob: Member
) -> None:
    tent = await item(alice, "pessimistic", 5)
    yes, no = c.Reserve(new("v"), tent, 3), c.Reserve(new("v"), tent, 4)
    keys = [new("k"), new("k")]
    first = await bob.command(yes, no, keys=keys)
    before = await acts(alice)

    again = await bob.command(no, yes, keys=keys[::-1])

    assert again == first[::-1]
    assert await acts(alice) == before


async def test_twice_in_one_batch_is_once(alice: Member) -> None:
    tent = await item(alice, "pessimistic", 5)
    one, key = c.Reserve(new("v"), tent, 3), new("k")

    first, second = await alice.command(one, one, keys=[key, key])

    assert first == second
    assert first.ok


async def test_an_answer_survives_the_server(tmp_path: Path, clock: StillClock) -> None:
    asked, key = c.AddBudget(new("b"), "Food", "EUR"), new("k")
    with memory_server(tmp_path / "server", clock_ms=clock) as server:
        alice = await create_there(server.transport(), server.setup_code)
        first = await alice.command(asked, keys=[key])
    with memory_server(tmp_path / "server", clock_ms=clock) as server:
        alice = Member(server.transport(), alice.space, alice.token, alice.replica)
        assert await alice.command(asked, keys=[key]) == first


async def test_a_key_stands_for_one_command_and_a_batch_with_another_one_is_not_decided(
    alice: Member,
) -> None:
    tent = await item(alice, "pessimistic", 5)
    key = new("k")
    await alice.command(c.Reserve(new("v"), tent, 1), keys=[key])
    before = await acts(alice)

    batches: list[list[tuple[str, c.Command]]] = [
        [(key, c.Reserve(new("v"), tent, 1))],
        [(new("k"), c.Reserve(new("v"), tent, 1)), (key, c.Settle(tent))],
        [("k" + "a" * 26, c.Settle(tent)), ("k" + "a" * 26, c.RetrySaga(new("g")))],
    ]
    for batch in batches:
        keys = [one for one, _ in batch]
        await refused(
            "key-reused", Refused, partial(alice.command, *(one for _, one in batch), keys=keys)
        )

    assert await acts(alice) == before


async def test_another_device_that_asks_under_the_key_gets_the_answer(
    alice: Member, bob: Member
) -> None:
    """A copied home asks on under its new replica id."""
    tent, key = await item(alice, "pessimistic", 1), new("k")
    asked = c.Reserve(new("v"), tent, 1)

    first = await alice.command(asked, keys=[key])

    assert await bob.command(asked, keys=[key]) == first


async def test_answers_are_kept_for_longer_than_thirty_days_and_then_forgotten(
    server: MemoryServer, clock: StillClock, alice: Member
) -> None:
    tent, key = await item(alice, "pessimistic", 5), new("k")
    asked = c.Reserve(new("v"), tent, 1)
    first = await alice.command(asked, keys=[key])
    clock.now_ms += 31 * DAY_MS
    server.run_jobs()
    assert await alice.command(asked, keys=[key]) == first

    clock.now_ms += decisions.KEPT_MS
    server.run_jobs()
    (late,) = await alice.command(asked, keys=[key])

    assert (late.ok, late.type) == (False, "refused")  # the reservation's id is known for ever
    with server.db.read() as conn:
        assert conn.execute("SELECT count(*) FROM decision").fetchone() == (1,)


async def test_what_has_run_out_meanwhile_is_refused_cleanly(
    server: MemoryServer, clock: StillClock, alice: Member
) -> None:
    tent, hold = await item(alice, "reservation", 1), new("v")
    await alice.command(c.Reserve(hold, tent, 1))
    clock.now_ms += 11 * 60_000

    (before_the_job,) = await alice.command(c.Confirm(hold))
    assert server.run_jobs() == 1
    (after_it,) = await alice.command(c.Confirm(hold))
    (again,) = await alice.command(c.Reserve(new("v"), tent, 1))

    assert (before_the_job.ok, before_the_job.type) == (False, "refused")
    assert (after_it.ok, after_it.type) == (False, "refused")
    assert again.ok


async def test_two_servers_on_one_database_that_are_asked_at_once_decide_once(
    tmp_path: Path, clock: StillClock
) -> None:
    """As where a device tries again at the other one: number 15 of the list of faults."""
    folder = tmp_path / "server"
    with memory_server(folder, clock_ms=clock) as one, memory_server(folder, clock_ms=clock) as two:
        alice = await create_there(one.transport(), one.setup_code)
        tent = await item(alice, "pessimistic", 10)
        ways = [
            Member(server.transport(), alice.space, alice.token, alice.replica)
            for server in (one, two) * 4
        ]
        for _ in range(10):
            asked, key = c.Reserve(new("v"), tent, 1), new("k")
            answers = await asyncio.gather(*(way.command(asked, keys=[key]) for way in ways))
            assert answers == [answers[0]] * len(ways)
            assert answers[0][0].ok

        (after,) = await alice.command(c.Reserve(new("v"), tent, 1))
        assert after.type == "insufficient"
        told = [fact for fact in facts_of(await acts(alice)) if isinstance(fact, Decided)]
        assert len(told) == 1 + 10 + 1


# -- acts on their way -----------------------------------------------------------------------------


async def test_an_act_wakes_whoever_waits_its_author_too(
    server: MemoryServer, alice: Member, bob: Member
) -> None:
    tent = await item(alice, "pessimistic")
    cursor = (await bob.pull()).cursor
    waits = [asyncio.create_task(who.wait(cursor)) for who in (alice, bob)]
    for who in (alice, bob):
        await until_waiting(server.service.wakeups, who.replica)

    await alice.command(c.Reserve(new("v"), tent, 1))

    assert [(await wait).news for wait in waits] == [True, True]


async def test_a_device_folds_what_it_pulls_to_what_the_server_has(
    server: MemoryServer, tmp_path: Path, alice: Member, bob: Member
) -> None:
    tent = await item(alice, "escrow", 9)
    await bob.command(c.TakeQuota(new("x"), tent, 4), c.Reserve(new("v"), tent, 3, is_certain=True))
    hello = await bob.hello()
    assert hello.ledger is not None
    rows = await acts(bob)

    with closing(Database(tmp_path / "device.db", SERVER)) as db:
        with db.write() as conn:
            create_space(conn, alice.space, "Hut", b"log", 1, "hosted")
            keep_at(conn, alice.space, LedgerAt(hello.ledger.key, b""))
        with db.write() as conn, LogWriter(conn, alice.space, now_ms=1) as log:
            take_in(conn, alice.space, [(row.type, row.raw) for row in rows], log, origin="p")
        with db.read() as here, server.db.read() as there:
            assert snapshot(here, alice.space) == snapshot(there, alice.space)
            at = ledger_at(here, alice.space)
    assert at is not None
    place = LedgerPlace(at.generation, at.n, at.hash)
    (decision,) = await bob.command(c.Reserve(new("v"), tent, 1, is_certain=True), at=place)
    assert decision.ok
