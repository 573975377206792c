"""A hundred devices on one space, each editing once a second for a minute, against a real server.

The devices are made of the protocol alone: what is measured is the server. Two of them also follow
the space by long polls, as everybody's app does, and must have seen every change at the end.
"""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sync.transport.http import HttpTransport
from tests.benchmarks.measuring import Figure, percentile
from tests.benchmarks.syncing import children, resident_mb
from tests.support.asking import Member, create_space, join
from tests.support.pushes import Made, change
from tests.support.server import RunningServer, running_server

DEVICES: Final = 100
FOLLOWERS: Final = 2
SECONDS: Final = 60
SAMPLE_S: Final = 1.0


@dataclass
class Load:
    """What a run came to: push times, memory once a second, what was sent and what was seen."""

    push_ms: list[float] = field(default_factory=list)
    memory_mb: list[float] = field(default_factory=list)
    sent: set[bytes] = field(default_factory=set)
    seen: list[set[bytes]] = field(default_factory=list)

    @property
    def lost(self) -> int:
        """How many acknowledged changes somebody who follows has not seen."""
        return max(len(self.sent - seen) for seen in self.seen)

    @property
    def growth_mb(self) -> float:
        """How much more memory the last third of the time took than the second one."""
        third = len(self.memory_mb) // 3
        return max(self.memory_mb[-third:]) - max(self.memory_mb[third : 2 * third])


def figures(folder: Path) -> list[Figure]:
    """Run it once, as it takes a minute."""
    folder.mkdir(parents=True, exist_ok=True)
    with running_server(folder) as server:
        load = asyncio.run(_run(server))
    what = f"{DEVICES} devices, an edit a second each, for {SECONDS} s"
    return [
        Figure(
            f"{what}: one push",
            "ms",
            {"p50": percentile(load.push_ms, 0.5), "p99": percentile(load.push_ms, 0.99)},
            {"p99": 250},
            len(load.push_ms),
        ),
        Figure(
            f"{what}: acknowledged changes lost", "changes", {"lost": load.lost}, {"lost": 0}, 1
        ),
        Figure(
            f"{what}: server memory",
            "MB",
            {"at the end": load.memory_mb[-1], "growth of the last third": load.growth_mb},
            {"growth of the last third": 10},
            1,
            notes="server and its child",
        ),
    ]


async def _run(server: RunningServer) -> Load:
    owner = await create_space(HttpTransport(server.url), server.setup_code)
    devices = [
        await join(owner, f"Device {number}", transport=HttpTransport(server.url))
        for number in range(DEVICES)
    ]
    load = Load(seen=[set() for _ in range(FOLLOWERS)])
    followers = [
        await join(owner, f"Follower {number}", transport=HttpTransport(server.url))
        for number in range(FOLLOWERS)
    ]
    begin = asyncio.get_running_loop().time()
    background = [asyncio.create_task(_sample(server.process.pid, load))]
    background += [
        asyncio.create_task(_follow(one, seen))
        for one, seen in zip(followers, load.seen, strict=True)
    ]
    await asyncio.gather(
        *(_edit(one, begin + number / DEVICES, load) for number, one in enumerate(devices))
    )
    async with asyncio.timeout(60):
        # Nothing but looking tells when those who follow have seen all.
        while load.lost:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    for task in background:
        task.cancel()
    await asyncio.gather(*background, return_exceptions=True)
    for each in (owner, *devices, *followers):
        await each.transport.aclose()
    return load


async def _edit(device: Member, begin: float, load: Load) -> None:
    """Edit once a second, at a moment of its own."""
    loop = asyncio.get_running_loop()
    for second, made in zip(range(SECONDS), _edits(), strict=False):
        await asyncio.sleep(max(0.0, begin + second - loop.time()))
        began = time.perf_counter()
        reply = await device.push(made)
        load.push_ms.append((time.perf_counter() - began) * 1000)
        assert reply.accepted == 1, reply
        load.sent.add(made.hash)


def _edits() -> Iterator[Made]:
    """A new task, then an edit of it, and so on."""
    while True:
        task = change()
        yield task
        yield change(after=task, key="priority", title="high")


async def _follow(device: Member, seen: set[bytes]) -> None:
    cursor = ""
    while True:
        await device.wait(cursor, timeout_s=20)
        page = await device.pull(cursor)
        cursor = page.cursor
        seen.update(row.hash for row in page.rows)


async def _sample(pid: int, load: Load) -> None:
    while True:
        load.memory_mb.append(sum(resident_mb(each) for each in (pid, *children(pid))))
        await asyncio.sleep(SAMPLE_S)
