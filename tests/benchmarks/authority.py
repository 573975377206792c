"""What the authority costs: sagas through its door and its jobs, and a reservation over HTTP."""

import asyncio
import os
import time
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Final

from store.database.connection import Database
from store.database.meta import write_meta
from store.database.roles import SERVER
from store.domain.ids import SpaceId
from store.domain.ledger import commands as c
from store.domain.ledger.ids import new_ledger_id
from store.domain.ledger.policies import Policy
from store.ledger.command_codec import asked_form
from store.log import create_space
from sync.protocol.ledger import COMMANDS_MAX, Asked, Commands
from sync.server.authority import Authority
from sync.server.callers import Caller
from sync.server.ledgers import Ledgers
from sync.transport.http import HttpTransport
from tests.benchmarks.measuring import Figure, percentile, timed_ms
from tests.support.asking import Member, join
from tests.support.asking import create_space as create_there
from tests.support.desk import SPACE
from tests.support.ledger_ids import name
from tests.support.server import RunningServer, running_server

SAGAS: Final = 2_000
DECISIONS: Final = 300
BOB: Final = Caller(SPACE, "r" + "b" * 26, "Bob", "phone", "editor", "r" + "b" * 26)
ITEM, KITTY, HUT = (new_ledger_id(letter, bytes([n] * 16)) for n, letter in enumerate("ibb"))


def figures(folder: Path) -> list[Figure]:
    """Sagas of three steps in one process, and single reservations against a real server."""
    folder.mkdir(parents=True, exist_ok=True)
    sagas = _sagas(folder)
    with (
        running_server(folder) as server,
        closing(Database(folder / "bare.db", SERVER)) as db,
    ):
        before_ms = _cpu_ms(server)
        decided_ms, bare_ms = asyncio.run(_reservations(server, db))
        cpu_ms = (_cpu_ms(server) - before_ms) / DECISIONS
    return [
        sagas,
        Figure(
            "A reservation decided by the authority, over HTTP on this computer",
            "ms",
            {
                "p50": percentile(decided_ms, 0.5),
                "p95": percentile(decided_ms, 0.95),
                "server cpu": cpu_ms,
            },
            {"p50": 5.0},
            DECISIONS,
            "one device, one command a request, each durable before its answer; a transaction that "
            f"writes one small row took p50 {percentile(bare_ms, 0.5):.1f} ms in turns with them",
        ),
    ]


def _cpu_ms(server: RunningServer) -> float:
    """CPU time of the server's process so far, to ten milliseconds."""
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def _sagas(folder: Path) -> Figure:
    """Ask for bookings in full batches, and let the jobs take them to their ends."""
    with closing(Database(folder / "authority.db", SERVER)) as db:
        with db.write() as conn:
            create_space(conn, SpaceId(SPACE), "Hut", b"log", 1, "hosted")
        authority = Authority(
            db,
            Ledgers(bytes(32), lambda: time.time_ns() // 1_000_000, os.urandom),
            lambda _: None,
        )
        _ask(
            authority,
            c.AddItem(ITEM, "Seat", 10**6, Policy("pessimistic")),
            c.AddBudget(KITTY, "Kitty", "EUR"),
            c.AddBudget(HUT, "Hut", "EUR"),
            c.Deposit(name("x", 0), KITTY, 10**6, "EUR"),
        )
        fee = c.Fee(KITTY, HUT, 1, "EUR")
        plans = [
            c.Book(name("g", n), "Trip", (c.Wanted(ITEM, 1),), fee) for n in range(1, SAGAS + 1)
        ]
        began, began_cpu = time.perf_counter(), time.process_time()
        for at in range(0, SAGAS, COMMANDS_MAX):
            _ask(authority, *plans[at : at + COMMANDS_MAX])
        asked, asked_cpu = time.perf_counter() - began, time.process_time() - began_cpu
        while authority.jobs.run().done:
            pass
        took, took_cpu = time.perf_counter() - began, time.process_time() - began_cpu
        with db.read() as conn:
            (done,) = conn.execute("SELECT count(*) FROM saga WHERE state = 'completed'").fetchone()
    assert done == SAGAS, f"only {done} sagas are complete"
    run, run_cpu = took - asked, took_cpu - asked_cpu
    return Figure(
        "A saga of three steps taken to its end by the authority's jobs, FULL durability",
        "ms",
        {
            "wall": run * 1000 / SAGAS,
            "cpu": run_cpu * 1000 / SAGAS,
            "with asking": took * 1000 / SAGAS,
        },
        {"wall": 1.0, "cpu": 1.0},
        SAGAS,
        f"{SAGAS / run:.0f} sagas/s by the wall, {SAGAS / run_cpu:.0f} by CPU time; asked for in "
        f"batches of {COMMANDS_MAX}, a transaction each, it is {SAGAS / took_cpu:.0f} by CPU time",
    )


def _ask(authority: Authority, *commands: c.Command) -> None:
    asked = [Asked(new_ledger_id("k", os.urandom(16)), asked_form(one)) for one in commands]
    answers = authority.decide(BOB, Commands(SPACE, asked)).decisions
    assert all(one.ok for one in answers), answers


async def _reservations(server: RunningServer, db: Database) -> tuple[list[float], list[float]]:
    """Reserve again and again from one device, with bare transactions in turns; both in ms."""
    transport = HttpTransport(server.url)
    try:
        owner = await create_there(transport, server.setup_code)
        bob = await join(owner, "Bob")
        await owner.command(c.AddItem(ITEM, "Seat", 10**6, Policy("pessimistic")))
        decided_ms, bare_ms = [], []
        for number in range(DECISIONS):
            decided_ms.append(await _reserved(bob))
            bare_ms.append(timed_ms(partial(_bare, db, number)))
        return decided_ms, bare_ms
    finally:
        await transport.aclose()


def _bare(db: Database, number: int) -> None:
    """The least that a durable transaction can be, to compare with."""
    with db.write() as conn:
        write_meta(conn, "bench", str(number))


async def _reserved(member: Member) -> float:
    asked = c.Reserve(new_ledger_id("v", os.urandom(16)), ITEM, 1)
    began = time.perf_counter()
    (decision,) = await member.command(asked)
    took_ms = (time.perf_counter() - began) * 1000
    assert decision.ok, decision
    return took_ms
