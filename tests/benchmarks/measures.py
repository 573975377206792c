"""What measuring costs: its part of a round, of an idle device, and of a disk in a year."""

import asyncio
import sqlite3
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from store.domain.ids import SpaceId
from store.domain.measures import names
from store.domain.measures.windows import MINUTE_MS
from store.measures.recording import record
from store.measures.samples import Samples
from store.replica import Replica
from sync.client.engine import Engine
from sync.client.membership import Membership
from sync.client.observing import Observer
from sync.client.probing import PROBE_EVERY_S
from sync.transport.http import HttpTransport
from tests.benchmarks import measures_moving
from tests.benchmarks.measuring import Figure
from tests.support.rounds import one_round
from tests.support.server import RunningServer, running_server

_ROUNDS = 60
_TURNS = 5
_DAYS = 400
_BATCH = 500
_LABELS = 12
_BEGIN_MS = 1_790_000_000_000


def figures(folder: Path) -> list[Figure]:
    """Rounds in CPU time of the device, so that a busy machine changes little."""
    with running_server(folder) as server:
        round_ms, measuring_ms = asyncio.run(_cpu_ms(folder, server))
    apart = folder / "moving"
    apart.mkdir()
    with running_server(apart) as server:
        moving = asyncio.run(measures_moving.figures(apart, server))
    return [
        *moving,
        _a_year(folder / "year"),
        Figure(
            "measuring, of a round in which nothing happens",
            "% of CPU time",
            {"mean": measuring_ms / round_ms * 100},
            {"mean": 5},
            _ROUNDS,
            notes=f"{measuring_ms:.3f} of {round_ms:.2f} ms",
        ),
        Figure(
            "measuring, of an idle device in a space of ten: a probe sent and nine received",
            "% of one core",
            # Each probe that comes in is a round, and sending one about as much.
            {"mean": 10 * round_ms / (PROBE_EVERY_S * 1000) * 100},
            {"mean": 1},
            _ROUNDS,
            notes="by arithmetic from the first",
        ),
    ]


def _a_year(folder: Path) -> Figure:
    """Sample all that can be sampled, each hour for as long as days are kept, then each minute."""
    with Replica.open(folder) as replica:
        before = _size(replica)
        minutes = [*range(0, _DAYS * 1_440, 60), *range(_DAYS * 1_440, (_DAYS + 1) * 1_440)]
        for first in range(0, len(minutes), _BATCH):
            with replica.db.write() as conn:
                for minute in minutes[first : first + _BATCH]:
                    record(conn, _all_kinds(minute), _BEGIN_MS + minute * MINUTE_MS)
        grown = _size(replica) - before
        with replica.db.read() as conn:
            (rows,) = conn.execute("SELECT count(*) FROM measure").fetchone()
    return Figure(
        "measures of more than a year on disk",
        "MiB",
        {"grown by": grown / (1 << 20)},
        {"grown by": 20 / 1.049},  # 20 MB
        1,
        notes=f"{rows} rows: {len(minutes)} times every kind, {_LABELS} labels each",
    )


def _all_kinds(minute: int) -> Samples:
    samples = Samples()
    for name in sorted(names.COUNTS):
        samples.count(name, f"label-{minute % _LABELS}")
    for name in sorted(names.DURATIONS):
        for step in range(5):
            samples.took(name, 3.0 * (1.7**step) * (1 + minute % 97))
    return samples


def _size(replica: Replica) -> int:
    with replica.db.read() as conn:
        (pages,) = conn.execute("PRAGMA page_count").fetchone()
        (page,) = conn.execute("PRAGMA page_size").fetchone()
    return int(pages) * int(page)


async def _cpu_ms(folder: Path, server: RunningServer) -> tuple[float, float]:
    """CPU time of a round, and of the measuring in it, in ms."""
    with Replica.open(folder / "home") as replica:
        hosting = Membership(replica, HttpTransport)
        row = await hosting.create_space("Trip", server.url, server.setup_code)
        engine = Engine(replica, HttpTransport)
        await engine.sync_until_quiet(SpaceId(row.id))
        began = time.process_time()
        for _ in range(_ROUNDS):
            await one_round(engine, replica, SpaceId(row.id))
        round_ms = (time.process_time() - began) * 1000 / _ROUNDS
        await engine.aclose()
        # With and without in turns, since the cost of a commit wanders by more than the difference.
        differences = [
            _cpu_ms_of(lambda: _measure(replica)) - _cpu_ms_of(lambda: _end(replica))
            for _ in range(_TURNS)
        ]
        return round_ms, statistics.median(differences)


def _cpu_ms_of(act: Callable[[], None]) -> float:
    began = time.process_time()
    for _ in range(_ROUNDS):
        act()
    return (time.process_time() - began) * 1000 / _ROUNDS


def _end(replica: Replica) -> None:
    """What the transaction that ends a round writes anyway."""
    with replica.db.write() as conn:
        _note_seen(conn)


def _note_seen(conn: sqlite3.Connection) -> None:
    conn.execute("UPDATE peer SET last_seen_at_ms = coalesce(last_seen_at_ms, 0) + 1")


def _measure(replica: Replica) -> None:
    """What is measured in a round in which nothing happens."""
    observer = Observer()
    now_ms = time.time_ns() // 1_000_000
    observer.met_clock(now_ms, 0.002, now_ms)
    observer.caught_up(replica.readings, now_ms)
    observer.ended(0.01, pushed=0, repairs=0)
    with replica.db.write() as conn:
        _note_seen(conn)
        record(conn, observer.take_samples(), now_ms)
