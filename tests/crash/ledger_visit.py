"""What members ask a real server's authority for while it is killed, and what its replies said.

Two bookings (one works out, one fails at its fee and is taken back), a transfer, an item that is
oversold and made good with a credit, a quota that is spent, a hold that is confirmed and one that
runs out: all steps and jobs of those. Everything has a fixed id, and each thing is asked for when
the one before has come to its end, so that every run comes to the same end. Whatever got no reply
is asked again under its key.
"""

import asyncio
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from store.domain.ids import SpaceId
from store.domain.ledger import commands as c
from store.domain.ledger.facts import ReservationSet, SagaSet
from store.domain.ledger.policies import Policy
from store.ledger.books import snapshot
from store.ledger.codec import decode_act, decode_row
from sync.errors import Busy, Unreachable
from sync.protocol.ledger import Decision
from sync.transport.http import HttpTransport
from tests.support.asking import Member, create_space, join
from tests.support.desk import check_books
from tests.support.ledger_ids import name, without
from tests.support.memory_server import MemoryServer, memory_server

ENDS_S_MAX: Final = 60.0  # until something must have ended


TENT, CAR, SEAT, BOAT = (name("i", number) for number in range(1, 5))
KITTY, HUT = name("b", 1), name("b", 2)
SAGAS: Final = (name("g", 1), name("g", 2), name("g", 3))

BEGUN: Final[list[c.Command]] = [
    c.AddItem(TENT, "Tent", 9, Policy("escrow")),
    c.AddItem(CAR, "Car", 1, Policy("oversell", oversell_percent=100, settle_after_ms=0)),
    c.AddItem(SEAT, "Seat", 5, Policy("reservation")),
    c.AddItem(BOAT, "Boat", 5, Policy("reservation", hold_ms=1_000)),
    c.AddBudget(KITTY, "Kitty", "EUR"),
    c.AddBudget(HUT, "Hut", "EUR"),
    c.Deposit(name("x", 1), KITTY, 100, "EUR"),
    c.SetApology("Sorry", KITTY, 5),
]
ASKED: Final[list[c.Command]] = [
    c.Reserve(name("v", 1), CAR, 1),
    c.Reserve(name("v", 2), CAR, 1),
    c.Book(SAGAS[0], "Trip", (c.Wanted(TENT, 2), c.Wanted(SEAT, 1)), c.Fee(KITTY, HUT, 30, "EUR")),
    c.Book(SAGAS[1], "Dear", (c.Wanted(TENT, 1),), c.Fee(KITTY, HUT, 900, "EUR")),
    c.TransferMoney(SAGAS[2], KITTY, HUT, 10, "EUR"),
    c.TakeQuota(name("x", 2), TENT, 3),
    c.Reserve(name("v", 3), TENT, 2, is_certain=True),
    c.Reserve(name("v", 4), SEAT, 1),
    c.Confirm(name("v", 4)),
    c.Reserve(name("v", 5), SEAT, 99),  # more than there is: a no, for good
    c.Release(name("v", 3)),
]
FORGOTTEN: Final = c.Reserve(name("v", 9), BOAT, 1)
KEYS: Final = [name("k", number) for number in range(len(ASKED))]
ENDS: Final = {
    KEYS[1]: frozenset({name("v", 2), "credit"}),
    **{KEYS[2 + number]: frozenset({saga}) for number, saga in enumerate(SAGAS)},
}


@dataclass
class Heard:
    """What the replies said: decisions by key."""

    decisions: dict[str, Decision] = field(default_factory=dict)
    ended: bool = False


@dataclass(frozen=True)
class Base:
    """A server's folder to begin each run with, and whose device asks."""

    folder: Path
    space: str
    token: str
    replica: str


async def prepare(folder: Path) -> Base:
    """Make the space, its items and budgets; nothing is asked of them yet."""
    with memory_server(folder) as server:
        owner = await create_space(server.transport(), server.setup_code)
        await owner.command(*BEGUN)
        bob = await join(owner, "Bob")
    return Base(folder, bob.space, bob.token, bob.replica)


async def drive(url: str, base: Base, heard: Heard) -> None:
    """Ask for everything, one command after the other; wait until nothing is under way."""
    transport = HttpTransport(url)
    member = Member(transport, SpaceId(base.space), base.token, base.replica)
    try:
        feed = Feed(member)
        await _decided(member, name("k", 99), FORGOTTEN)  # runs out while the rest is asked for
        for key, command in zip(KEYS, ASKED, strict=True):
            heard.decisions[key] = await _decided(member, key, command)
            await feed.until(ENDS.get(key, frozenset()))
        await feed.until({FORGOTTEN.id})
        heard.ended = True
    except Unreachable:
        pass  # killed, which is what this is about
    finally:
        await transport.aclose()


async def go_on(folder: Path, base: Base, heard: Heard) -> list[str]:
    """Open the server again, ask for everything once more; say what does not hold."""
    with memory_server(folder, clock_ms=_later_ms) as server:
        member = Member(server.transport(), SpaceId(base.space), base.token, base.replica)
        wrong: list[str] = []
        for key, command in zip(KEYS, ASKED, strict=True):
            server.run_jobs()
            (again,) = await member.command(command, keys=[key])
            if heard.decisions.get(key, again) != again:
                wrong.append(f"an answer changed: {again}, {heard.decisions[key]}")
        server.run_jobs()
        with server.db.read() as conn:
            check_books(conn)
            (last,) = conn.execute("SELECT max(actor_seq) FROM log").fetchone()
        if any(one.n > last for one in heard.decisions.values()):
            wrong.append("an act that a reply named is gone")
        return wrong


def end(folder: Path, base: Base) -> list[str]:
    """All that stands in the books once everything has ended, without times and order of asking."""
    with memory_server(folder, clock_ms=_later_ms) as server:
        assert server.run_jobs() == 0, "not all had ended"
        return _told(server, base)


def _told(server: MemoryServer, base: Base) -> list[str]:
    with server.db.read() as conn:
        check_books(conn)
        facts = snapshot(conn, base.space)
    return sorted(
        without(fact, "at_ms", "expires_at_ms", "next_at_ms", "asked", "version")
        for fact in facts
        if FORGOTTEN.id not in repr(fact)
    )


async def _decided(member: Member, key: str, command: c.Command) -> Decision:
    while True:
        try:
            (decision,) = await member.command(command, keys=[key])
        except Busy as busy:
            await asyncio.sleep(busy.retry_after_s or 0)
        else:
            return decision


class Feed:
    """The space's feed, by which a device sees what has ended."""

    def __init__(self, member: Member) -> None:
        self._member = member
        self._cursor = ""
        self._seen: set[str] = set()

    async def until(self, wanted: Collection[str]) -> None:
        """Follow it until all of these have ended: sagas, reservations, `credit`."""
        async with asyncio.timeout(ENDS_S_MAX):
            while not self._seen.issuperset(wanted):
                await self._member.wait(self._cursor)
                page = await self._member.pull(self._cursor)
                self._cursor = page.cursor
                self._seen.update(mark for row in page.rows for mark in _marks(row.raw))


def _marks(raw: bytes) -> Iterator[str]:
    """What has ended by an act."""
    for fact in decode_act(decode_row(raw).body)[1]:
        if isinstance(fact, SagaSet) and fact.saga.state in ("completed", "compensated"):
            yield "credit" if fact.saga.kind == "compensation" else fact.saga.id
        if isinstance(fact, ReservationSet) and fact.reservation.state != "confirmed":
            yield fact.reservation.id


def _later_ms() -> int:
    """When the lease of a server that was killed, and the short hold, are over."""
    return _now_ms() + 60_000


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
