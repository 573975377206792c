"""`cairn serve --peer`: a home that serves to devices nearby and syncs with others, as one process.

One line on standard output says that it is ready, with the code that lets one device in; nothing
comes after it. Logs go to standard error: a line per request, without secrets.
"""

import asyncio
import json
import logging
import signal
import sys
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from store.domain.membership import Role
from store.errors import StoreError
from sync.client.engine import Engine
from sync.client.scheduler import Scheduler
from sync.peer.host import PeerHost, Served
from sync.peer.neighbourhood import keep_looking
from sync.peer.pairings import Code
from sync.server.listening import CannotServe
from sync.server.running import logged_to_stderr, raise_file_limit, say_error
from sync.transport.http import HttpTransport

if TYPE_CHECKING:
    from store.replica import Replica

log = logging.getLogger("cairn.peer")
_OTHERS = (logging.getLogger("cairn.server"), logging.getLogger("cairn.sync"))


@dataclass(frozen=True, slots=True)
class Wanted:
    """How to serve.

    Attributes:
        listen: `HOST:PORT`; None = every interface, at the port of the last time.
        space: what the code opens, by name or id; None = the current one.
        role: what a device may do that is new to it.
        announce: whether the network is told.
        json_ready: write the ready line, and an error, as JSON.
    """

    listen: str | None
    space: str | None
    role: Role
    announce: bool
    json_ready: bool


def serve_home(replica: "Replica", wanted: Wanted) -> int:
    """Serve a home, and sync it with its other peers, until told to stop (SIGINT, SIGTERM).

    Returns:
        The exit status: 0 stopped as asked, 1 it can't run here and now, 2 it can't run that way.

    Raises:
        DomainError: this device may not share the space.
    """
    raise_file_limit()
    try:
        with logged_to_stderr(log, *_OTHERS):
            asyncio.run(_serve(replica, wanted))
    except CannotServe as no:
        say_error(no, as_json=wanted.json_ready)
        return no.exit_status
    except StoreError as failure:
        say_error(failure, as_json=wanted.json_ready)
        return 1
    return 0


async def _serve(replica: "Replica", wanted: Wanted) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stopped.set)
        except NotImplementedError:  # Windows: Ctrl+C raises KeyboardInterrupt there
            break
    async with AsyncExitStack() as stack:
        host = PeerHost(replica, announce=wanted.announce)
        stack.push_async_callback(host.stop)
        served = await host.start(wanted.listen)
        code = await asyncio.to_thread(host.show_code, wanted.space, role=wanted.role)
        engine = Engine(replica, HttpTransport)
        stack.push_async_callback(engine.aclose)
        for work in (Scheduler(replica, engine).run(), keep_looking(replica)):
            task = asyncio.create_task(work)
            stack.push_async_callback(_ended, task)
        _say_ready(served, code, replica.space(wanted.space).name, as_json=wanted.json_ready)
        await stopped.wait()


async def _ended(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def _say_ready(served: Served, code: Code, space: str, *, as_json: bool) -> None:
    """Write the one line on standard output."""
    until = datetime.fromtimestamp(code.expires_at_ms / 1000, UTC)
    if as_json:
        ready = {
            "ready": True,
            "url": served.url,
            "code": code.code,
            "space": space,
            "expires_at": until.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        line = json.dumps(ready, separators=(",", ":"), ensure_ascii=False)
    else:
        line = (
            f"Cairn shares {space} at {served.url} - one device may join with the code {code.code} "
            "within ten minutes"
        )
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
