"""Figures of two devices and a server on loopback: a first sync, an idle round, memory."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from store.domain.ids import SpaceId
from store.replica import Replica
from sync.client.engine import Engine
from sync.client.membership import Membership
from sync.client.results import SyncResult
from sync.transport.http import HttpTransport
from tests.benchmarks.material import tasks
from tests.benchmarks.measuring import Figure, percentile
from tests.support.rounds import one_round
from tests.support.server import RunningServer, running_server

_DOCS = 1_000
_MANY_DOCS = 10_000


@dataclass
class Pair:
    """What one run of two devices came to."""

    push: SyncResult
    pull: SyncResult
    idle_ms: list[float]

    @property
    def seconds(self) -> float:
        """Device → server → device, both ends durable."""
        return (self.push.duration_ms + self.pull.duration_ms) / 1000


def figures(folder: Path) -> list[Figure]:
    """All of them, in one go, as they need the same devices."""
    pairs = [_pair(folder / f"pair-{run}") for run in range(5)]
    seconds = [pair.seconds for pair in pairs]
    sent = max(pair.push.bytes_sent for pair in pairs) / 1000
    received = max(pair.pull.bytes_received for pair in pairs) / 1000
    idle = [ms for pair in pairs for ms in pair.idle_ms]
    return [
        Figure(
            "1,000 small docs, device → server → device",
            "s",
            {"p50": percentile(seconds, 0.5), "max": max(seconds)},
            {"p50": 1.0},
            len(seconds),
            notes=f"push {[p.push.duration_ms for p in pairs]} ms,"
            f" pull {[p.pull.duration_ms for p in pairs]} ms",
        ),
        Figure(
            "1,000 small docs on the wire",
            "kB",
            {"out": sent, "in": received},
            {"out": 300, "in": 300},
            len(seconds),
        ),
        Figure(
            "nothing to do: one sync round",
            "ms",
            {"p50": percentile(idle, 0.5), "p99": percentile(idle, 0.99)},
            {"p50": 30},
            len(idle),
        ),
        _memory(folder),
    ]


def _pair(folder: Path) -> Pair:
    folder.mkdir(parents=True)
    with running_server(folder) as server:
        return asyncio.run(_run(folder, server))


async def _run(folder: Path, server: RunningServer) -> Pair:
    with Replica.open(folder / "ann") as ann, Replica.open(folder / "bea") as bea:
        hosting, joining = Membership(ann, HttpTransport), Membership(bea, HttpTransport)
        space = SpaceId((await hosting.create_space("Trip", server.url, server.setup_code)).id)
        ann.import_items(space, tasks(_DOCS))
        await joining.join((await hosting.invite(space=space)).link)
        pushing, pulling = Engine(ann, HttpTransport), Engine(bea, HttpTransport)
        push = await pushing.sync_until_quiet(space)
        pull = await pulling.sync_until_quiet(space)
        assert ann.digest(space) == bea.digest(space), "both have the same"
        idle = [float((await one_round(pulling, bea, space)).duration_ms) for _ in range(20)]
        await pushing.aclose()
        await pulling.aclose()
    return Pair(push, pull, idle)


def _memory(folder: Path) -> Figure:
    home = folder / "memory"
    home.mkdir(parents=True)

    async def fill(server: RunningServer) -> None:
        with Replica.open(home / "ann") as ann:
            hosting = Membership(ann, HttpTransport)
            space = SpaceId((await hosting.create_space("Trip", server.url, server.setup_code)).id)
            ann.import_items(space, tasks(_MANY_DOCS))
            engine = Engine(ann, HttpTransport)
            result = await engine.sync_until_quiet(space)
            assert result.error is None, result.error
            await engine.aclose()

    with running_server(home) as server:
        asyncio.run(fill(server))
        main = resident_mb(server.process.pid)
        child = sum(resident_mb(pid) for pid in children(server.process.pid))
    return Figure(
        "server memory with 10,000 docs",
        "MB",
        {"server": main, "with its child": main + child},
        {"server": 100},
        1,
    )


def resident_mb(pid: int) -> float:
    """How much memory a process has now."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1000
    return 0.0


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    threads = Path(f"/proc/{pid}/task").iterdir()  # each of them may have started some
    return [int(p) for one in threads for p in (one / "children").read_text().split()]


def peak_mb(pid: int) -> float:
    """The most memory that a process had so far; 0 once it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except ProcessLookupError:
        return 0.0
    return next((int(line.split()[1]) / 1000 for line in lines if line.startswith("VmHWM")), 0.0)
