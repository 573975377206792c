"""A server whose data was restored: what devices were told comes back before anything is decided.

The table of DECISIONS D24: who is behind offers its acts, they are entered again once, and what was
given away twice by then is made good.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

from store.database.connection import Database
from store.database.roles import SERVER
from store.domain.ledger import commands as c
from store.domain.ledger.ids import new_ledger_id, stock_account
from store.domain.ledger.policies import Policy
from store.ledger.books import SqlBooks, snapshot
from store.ledger.record import LedgerAt, keep_at, ledger_at
from store.log import LogWriter, create_space
from sync.errors import Refused
from sync.protocol import routes
from sync.protocol.ledger import LedgerPlace, Offered, OfferTaken
from sync.server import restoring
from tests.support.acts import take_in
from tests.support.asking import Member, acts, join, refused
from tests.support.asking import create_space as create_there
from tests.support.desk import check_books, check_sums
from tests.support.ledger_ids import new
from tests.support.memory_server import MemoryServer, memory_server
from tests.support.people import StillClock


@dataclass
class Device:
    """A device that folds what it pulls, as far as it has pulled."""

    member: Member
    db: Database
    pulled: list[bytes] = field(default_factory=list)

    async def pull(self) -> None:
        """Take in the ledger's whole feed; what is known changes nothing."""
        rows = await acts(self.member)
        space = self.member.space
        with self.db.write() as conn:
            if ledger_at(conn, space) is None:
                hello = await self.member.hello()
                assert hello.ledger is not None
                create_space(conn, space, "Hut", b"log", 1, "hosted")
                keep_at(conn, space, LedgerAt(hello.ledger.key, b""))
            with LogWriter(conn, space, now_ms=1) as log:
                take_in(conn, space, [(row.type, row.raw) for row in rows], log, origin="p")

    def place(self) -> LedgerPlace:
        with self.db.read() as conn:
            at = ledger_at(conn, self.member.space)
        assert at is not None
        return LedgerPlace(at.generation, at.n, at.hash)

    def acts(self) -> list[bytes]:
        with self.db.read() as conn:
            rows = conn.execute("SELECT bytes FROM log WHERE doc = 'ledger' ORDER BY seq")
            return [raw for (raw,) in rows]

    async def offer(self, part: slice = slice(None)) -> OfferTaken:
        asked = Offered(self.member.space, self.acts()[part])
        taken: OfferTaken = await self.member.ask(routes.OFFER, asked)
        return taken

    def available(self, account: str) -> int:
        with self.db.read() as conn:
            found = SqlBooks(conn, self.member.space).account(account)
        assert found is not None
        return found.available


class World:
    """A server that can be set back, and two devices."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = StillClock()
        self.server: MemoryServer
        self.alice: Device
        self.bob: Device

    @contextmanager
    def serving(self) -> Iterator[MemoryServer]:
        with memory_server(self.folder / "server", clock_ms=self.clock) as self.server:
            if hasattr(self, "alice"):
                for each in (self.alice, self.bob):
                    m = each.member
                    each.member = Member(self.server.transport(), m.space, m.token, m.replica)
            yield self.server

    def copy(self) -> None:
        """As `cairn backup` does: the database and the key."""
        self.server.db.copy_to(self.folder / "copy.db")

    def restore(self) -> None:
        for name in ("server.db", "server.db-wal", "server.db-shm"):
            (self.folder / "server" / name).unlink(missing_ok=True)
        shutil.copy(self.folder / "copy.db", self.folder / "server" / "server.db")


@pytest.fixture
async def world(tmp_path: Path) -> Iterator[World]:  # type: ignore[misc]
    """Three tents and two budgets; then a copy is made, and people go on."""
    made = World(tmp_path)
    with ExitStack() as stack:
        with made.serving() as server:
            alice = await create_there(server.transport(), server.setup_code)
            bob = await join(alice, "Bob")
            for name, member in (("alice", alice), ("bob", bob)):
                db = Database(tmp_path / f"{name}.db", SERVER)
                stack.callback(db.close)
                setattr(made, name, Device(member, db))
            await alice.command(
                c.AddItem(TENT, "Tent", 3, Policy("pessimistic", settle_after_ms=0)),
                c.AddBudget(KITTY, "Kitty", "EUR"),
                c.AddBudget(HUT, "Hut", "EUR"),
                c.Deposit(new("x"), KITTY, 100, "EUR"),
            )
            await made.alice.pull()
            await made.bob.pull()
            made.copy()
        yield made


TENT, KITTY, HUT = (new_ledger_id(letter, bytes([n] * 16)) for n, letter in enumerate("ibb"))


async def go_on(world: World) -> str:
    """What happens after the copy, and is lost with the restore; gives what was asked under."""
    key = new("k")
    with world.serving():
        await world.bob.member.command(c.Reserve(LOST, TENT, 2), keys=[key])
        await world.bob.member.command(c.TransferMoney(new("g"), KITTY, HUT, 30, "EUR"))
        world.server.run_jobs()
        await world.bob.pull()
        await world.alice.member.command(c.Deposit(new("x"), KITTY, 5, "EUR"))
        await world.alice.pull()
    world.restore()
    return key


LOST = new_ledger_id("v", bytes(16))


async def test_who_has_acts_that_the_server_lost_gets_nothing_decided_before_they_are_back(
    world: World,
) -> None:
    await go_on(world)
    with world.serving():
        asking = partial(
            world.bob.member.command, c.Reserve(new("v"), TENT, 1), at=world.bob.place()
        )
        await refused("ledger-behind", Refused, asking)

        taken = await world.bob.offer()
        (decision,) = await asking()

    assert (taken.known, taken.entered) == (4, len(world.bob.acts()) - 4)
    assert decision.ok


async def test_what_came_back_is_what_was_lost_once_and_everybody_folds_the_same(
    world: World,
) -> None:
    key = await go_on(world)
    with world.serving() as server:
        await world.bob.offer()
        again = await world.bob.offer()
        (answer,) = await world.bob.member.command(c.Reserve(LOST, TENT, 2), keys=[key])
        await world.bob.pull()
        await world.alice.pull()

        assert again.entered == 0
        assert answer.ok  # the key came back too
        with server.db.read() as conn:
            check_books(conn)
            there = snapshot(conn, world.bob.member.space)
    for device in (world.bob, world.alice):
        with device.db.read() as conn:
            assert sorted(map(repr, snapshot(conn, device.member.space))) == sorted(
                map(repr, there)
            )
        assert device.available(stock_account(TENT)) == 1
        assert device.available(KITTY) == 70


async def test_the_other_device_brings_what_only_it_has_and_nothing_begins_anew_a_second_time(
    world: World,
) -> None:
    await go_on(world)
    with world.serving() as server:
        first = await world.bob.offer()
        hello = await world.alice.member.hello()
        assert hello.ledger is not None
        assert hello.ledger.generation == first.generation
        own = world.alice.place()
        assert own.generation == hello.ledger.before  # so it offers what lies beyond `upto`

        second = await world.alice.offer(slice(hello.ledger.upto, None))
        await world.alice.pull()
        await world.bob.pull()

        assert (second.entered, second.generation) == (1, first.generation)
        with server.db.read() as conn:
            check_books(conn)
    assert world.alice.available(KITTY) == world.bob.available(KITTY) == 75


async def test_what_was_given_away_twice_meanwhile_is_taken_back_told_and_made_good(
    world: World,
) -> None:
    await go_on(world)
    with world.serving() as server:
        # Carol has heard of nothing that was lost, so the server decides for her.
        carol = await join(world.alice.member, "Carol")
        (decision,) = await carol.command(c.Reserve(TWICE, TENT, 2))
        assert decision.ok

        await world.bob.offer()
        assert available(server, stock_account(TENT)) == -1
        (more,) = await carol.command(c.Reserve(new("v"), TENT, 1))
        assert not more.ok
        server.run_jobs()
        await world.bob.pull()

        with server.db.read() as conn:
            check_sums(conn)
            states = dict(conn.execute("SELECT id, state FROM reservation").fetchall())
            told = conn.execute("SELECT about FROM notice").fetchall()
    assert world.bob.available(stock_account(TENT)) == 1
    assert sorted([states[LOST], states[TWICE]]) == ["compensated", "confirmed"]
    gone = LOST if states[LOST] == "compensated" else TWICE
    assert told == [(gone,)]


TWICE = new_ledger_id("v", bytes([1] * 16))


async def test_a_second_restore_is_got_over_like_the_first(world: World) -> None:
    await go_on(world)
    with world.serving():
        await world.bob.offer()
        await world.bob.pull()
        await world.bob.member.command(c.Deposit(new("x"), HUT, 9, "EUR"), at=world.bob.place())
        await world.bob.pull()
    world.restore()
    with world.serving() as server:
        asking = partial(
            world.bob.member.command, c.Deposit(new("x"), HUT, 1, "EUR"), at=world.bob.place()
        )
        await refused("ledger-behind", Refused, asking)
        await world.bob.offer()
        await asking()
        await world.bob.pull()
        await world.alice.offer()
        await world.alice.pull()
        await world.bob.pull()

        with server.db.read() as conn:
            check_books(conn)
    for device in (world.bob, world.alice):
        assert device.available(HUT) == 40
        assert device.available(KITTY) == 75


async def test_a_large_ledger_begins_anew_in_several_acts_that_fold_to_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restoring, "FACTS_PER_ACT", 2)
    await go_on(world)
    with world.serving() as server:
        await world.bob.offer()
        await world.bob.pull()
        with server.db.read() as there, world.bob.db.read() as here:
            assert snapshot(here, world.bob.member.space) == snapshot(there, world.bob.member.space)


async def test_a_device_that_joins_afterwards_folds_the_whole_story(
    world: World, tmp_path: Path
) -> None:
    await go_on(world)
    with world.serving() as server:
        await world.bob.offer()
        carol = Device(
            await join(world.alice.member, "Carol"), Database(tmp_path / "carol.db", SERVER)
        )
        await carol.pull()
        with server.db.read() as there, carol.db.read() as here:
            assert snapshot(here, carol.member.space) == snapshot(there, carol.member.space)
        carol.db.close()


async def test_what_is_not_signed_by_this_server_for_this_space_is_refused_whole(
    world: World,
) -> None:
    await go_on(world)
    with world.serving() as server:
        good = world.bob.acts()
        space = world.bob.member.space
        with server.db.read() as conn:
            before = conn.execute("SELECT count(*) FROM log").fetchone()
        for bad in (os.urandom(100), b"", good[-1][:-1], bytes([*good[-1][:-1], good[-1][-1] ^ 1])):
            asked = Offered(space, [*good, bad])
            await refused("not-an-act", Refused, partial(world.bob.member.ask, routes.OFFER, asked))
        with server.db.read() as conn:
            assert conn.execute("SELECT count(*) FROM log").fetchone() == before


def available(server: MemoryServer, account: str) -> int:
    with server.db.read() as conn:
        (space,) = conn.execute("SELECT id FROM space").fetchone()
        found = SqlBooks(conn, space).account(account)
    assert found is not None
    return found.available
