"""Servers that are traced while a driver uses them: from their start, or once they are ready."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from select import select
from typing import Final

from store.database import Database
from store.doctor.log_check import heads_problems, log_problems, space_ids
from sync.transport.http import HttpTransport
from tests.crash.server_workload import Promised, Visit
from tests.support.processes import first_line

READY_S_MAX: Final = 60.0
STOP_S_MAX: Final = 30.0

Trace = Callable[[list[str]], list[str]]
TraceFromNow = Callable[[int], list[str]]


def command(data: Path) -> list[str]:
    """Write the command line of a server."""
    listen = ("--listen", "127.0.0.1:0", "--data", str(data), "--json")
    return [sys.executable, "-m", "sync.server", *listen]


def visited(
    data: Path, *, trace: Trace | None = None, trace_from_now: TraceFromNow | None = None
) -> tuple[Promised, int]:
    """Start a server, let the driver use it to its end or the server's, and end it.

    Args:
        data: the server's folder.
        trace: how to trace it from its start.
        trace_from_now: how to trace it once it is ready.

    Returns:
        What its replies promised, and its exit status.
    """
    promised = Promised()

    def drive(url: str, setup_code: str | None) -> Awaitable[None]:
        return Visit(HttpTransport(url), setup_code, promised).run()

    return promised, driven(data, drive, trace=trace, trace_from_now=trace_from_now)


def driven(
    data: Path,
    drive: Callable[[str, str | None], Awaitable[None]],
    *,
    trace: Trace | None = None,
    trace_from_now: TraceFromNow | None = None,
) -> int:
    """Start a server, await what uses it (by its address and setup code), and end it.

    Returns:
        Its exit status; otherwise as `visited`.
    """
    server = _started(trace(command(data)) if trace else command(data))
    running = [server]
    try:
        ready = first_line(server, READY_S_MAX)
        if ready:  # else it was killed before
            if trace_from_now:
                running.append(_started(trace_from_now(server.pid)))
                _wait_until_attached(running[-1])
            said = json.loads(ready)
            asyncio.run(_awaited(drive(said["url"], said["setup_code"])))
            server.terminate()
        return server.wait(STOP_S_MAX)
    finally:
        if server.poll() is None:
            server.kill()
        for process in running:
            process.communicate(timeout=STOP_S_MAX)  # to the end of its tracer too


async def _awaited(driving: Awaitable[None]) -> None:
    await driving


def _started(command: list[str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def _wait_until_attached(tracer: "subprocess.Popen[bytes]") -> None:
    assert tracer.stderr is not None
    said = b""
    while b"attached" not in said:
        readable, _, _ = select([tracer.stderr], [], [], READY_S_MAX)
        part = os.read(tracer.stderr.fileno(), 4096) if readable else b""
        assert part, f"strace did not attach: {said!r}"
        said += part


def log_faults(db: Database) -> Iterator[str]:
    """Say what is not sound in a server's database."""
    yield from db.integrity_problems()
    for space in space_ids(db):
        yield from log_problems(db, space)
        yield from heads_problems(db, space)
