"""A server killed at every kind of moment: what its replies promised is there, and it goes on."""

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from store.database import SERVER, Database
from store.domain.ids import SpaceId
from sync.server.secrets import hash_of
from tests.crash import strace
from tests.crash.server_workload import Promised
from tests.crash.servers import log_faults, visited
from tests.crash.strace import Point
from tests.support.asking import Member, create_space
from tests.support.memory_server import memory_server
from tests.support.pushes import change

AT_ONCE = 2
KILLED = -signal.SIGKILL
POINTS = int(os.environ.get("CAIRN_CRASH_POINTS", "110"))  # a large number kills at all of them
MADE_WITHIN = 45  # calls of one kind that it takes to make a database


@dataclass(frozen=True)
class Outcome:
    """What came of one run: whether it was killed, and what is wrong afterwards."""

    was_killed: bool
    wrong: list[str]


def broken_promises(db: Database, promised: Promised) -> Iterator[str]:
    """Say what of the replies does not hold, and what is there in part."""
    with db.read() as conn:
        logged = dict(conn.execute("SELECT hash, bytes FROM log"))
        tokens = {row[0] for row in conn.execute("SELECT hash FROM token")}
        invites = {row[0] for row in conn.execute("SELECT hash FROM invite")}
        evidence = {row[0] for row in conn.execute("SELECT hash FROM quarantine")}
        out = {row[0] for row in conn.execute("SELECT replica FROM token WHERE revoked_at_ms > 0")}
    kept = {
        "a change is gone": all(logged.get(made.hash) == made.raw for made in promised.stored),
        "a token is gone": {hash_of(one) for one in promised.tokens.values()} <= tokens,
        "an invite is gone": {hash_of(one) for one in promised.invites} <= invites,
        "evidence is gone": set(promised.refused) <= evidence,
        "one who was shut out is in": set(promised.revoked) <= out,
        "a push is there in part": all(
            len({made.hash in logged for made in push}) == 1 for push in promised.pushed
        ),
    }
    yield from (what for what, holds in kept.items() if not holds)


async def trouble_going_on(data: Path, promised: Promised) -> list[str]:
    """Open the server again, send everything once more and something new."""
    with memory_server(data) as server:
        way = server.transport()
        alice = (
            Member(way, SpaceId(promised.space), promised.tokens["alice"], "alice")
            if promised.tokens
            else await create_space(way, server.setup_code)
        )
        again = [made for push in promised.pushed for made in push]
        reply = await alice.push(*again, change(title="After the kill"))
        if reply.accepted + reply.duplicate != len(again) + 1:
            return [f"it does not take what was sent before: {reply}"]
        if promised.tokens and reply.duplicate < len(promised.stored):
            return ["it does not know what it has stored"]
        return [*log_faults(server.db), *broken_promises(server.db, promised)]


def killed(point: Point, data: Path, *, is_fresh: bool) -> Outcome:
    """Kill a server at a point, look at what it left, and let it go on."""
    promised, status = (
        visited(data, trace=partial(strace.killed_at, point=point))
        if is_fresh
        else visited(data, trace_from_now=partial(strace.killed_from_now, point=point))
    )
    with closing(Database(data / "server.db", SERVER)) as db:
        wrong = [*log_faults(db), *broken_promises(db, promised)]
    if not promised.ended and status != KILLED:
        wrong.append(f"the server ended by itself ({status})")
    if not wrong:
        wrong = asyncio.run(trouble_going_on(data, promised))
    if not wrong:
        shutil.rmtree(data)
    return Outcome(status == KILLED, [f"{point}: {one}" for one in wrong])


def begun(data: Path) -> None:
    """Start a server once and end it, so that its database is there."""
    with memory_server(data):
        pass


def points_of_a_visit(data: Path, log: Path, *, is_fresh: bool) -> Sequence[Point]:
    """Count the system calls of a visit that nobody cuts off."""
    promised, status = (
        visited(data, trace=partial(strace.traced, log=log))
        if is_fresh
        else visited(data, trace_from_now=partial(strace.traced_from_now, log=log))
    )
    assert (promised.ended, status) == (True, 0)
    return strace.points_of(log)


@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("begins", ["with a database", "with nothing"])
def test_whatever_a_killed_server_had_acknowledged_is_stored_and_it_can_go_on(
    begins: str, tmp_path: Path
) -> None:
    is_fresh = begins == "with nothing"
    if not is_fresh:
        begun(tmp_path / "begun")

    def data(name: str) -> Path:
        place = tmp_path / name
        if not is_fresh:
            shutil.copytree(tmp_path / "begun", place)
        return place

    every = points_of_a_visit(data("whole"), tmp_path / "calls.log", is_fresh=is_fresh)
    if is_fresh:  # the first calls are those that make the database, on the main thread
        every = [point for point in every if point.number <= MADE_WITHIN]
    points = strace.shard(strace.chosen(every, POINTS // 4 if is_fresh else POINTS))

    with ThreadPoolExecutor(AT_ONCE) as runs:
        outcomes = list(
            runs.map(
                lambda point: killed(
                    point, data(f"{point.call}-{point.number}"), is_fresh=is_fresh
                ),
                points,
            )
        )

    kills = sum(outcome.was_killed for outcome in outcomes)
    sys.stdout.write(f"killed at {kills} of {len(every)} points\n")
    assert [wrong for outcome in outcomes for wrong in outcome.wrong] == []
    assert kills >= min(len(every), 20 if is_fresh else 100)
