"""Bodies and connections that dawdle, hang up or pile up are bounded; no test waits for it."""

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn

from sync.protocol import codec
from sync.server.connection import BoundedConnection
from sync.server.http import Door, build_app
from sync.server.limits import UNKNOWN_BODY_BYTES_MAX
from tests.support.asking import Member, join
from tests.support.long_polls import long_polls, until_waiting
from tests.support.memory_server import MemoryServer
from tests.support.pushes import change


class Asked:
    """One request to a door, piece by piece, and what it answered."""

    def __init__(self, path: str, token: str | None, **headers: str) -> None:
        sent = {"content-type": codec.JSON, "accept": codec.JSON, **headers}
        if token is not None:
            sent["authorization"] = f"Bearer {token}"
        self.incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.sent: list[dict[str, Any]] = []
        path, _, query = path.partition("?")
        self.scope = {
            "type": "http",
            "method": "GET" if query else "POST",
            "path": path,
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
            "client": ("127.0.0.1", 1),
        }

    def piece(self, body: bytes, *, more: bool = True) -> None:
        """Send a piece of the body."""
        self.incoming.put_nowait({"type": "http.request", "body": body, "more_body": more})

    def hang_up(self) -> None:
        """Close the connection."""
        self.incoming.put_nowait({"type": "http.disconnect"})

    async def through(self, door: Door) -> dict[str, Any]:
        """Go through the door; give back the status and the body of the answer."""

        async def send(message: Any) -> None:
            self.sent.append(message)

        async with asyncio.timeout(20):
            await door(self.scope, self.incoming.get, send)
        if not self.sent:
            return {}
        return {"status": self.sent[0]["status"], **json.loads(self.sent[1]["body"])}


async def test_a_body_that_stops_arriving_is_given_up(server: MemoryServer, alice: Member) -> None:
    door = Door(server.endpoint, body_idle_s_max=0.05)
    asked = Asked("/v1/sync/push", alice.token)
    asked.piece(b'{"space": ')

    answer = await asked.through(door)

    assert (answer["status"], answer["type"]) == (408, "urn:cairn:problem:too-slow")
    assert answer["retryable"]


async def test_a_body_in_many_small_pieces_is_read(server: MemoryServer, alice: Member) -> None:
    asked = Asked("/v1/sync/push", alice.token)
    body = json.dumps({"space": alice.space, "rows": []}).encode()
    for byte in body:
        asked.piece(bytes([byte]))
        asked.piece(b"")
    asked.piece(b"", more=False)

    assert (await asked.through(Door(server.endpoint)))["status"] == 200


async def test_who_hangs_up_halfway_gets_no_answer_and_leaves_nothing_held(
    server: MemoryServer, alice: Member
) -> None:
    door = Door(server.endpoint, body_bytes_held_max=10_000)
    for _ in range(3):
        asked = Asked("/v1/sync/push", alice.token)
        asked.piece(b"x" * 6_000)
        asked.hang_up()

        assert await asked.through(door) == {}


async def test_too_many_bytes_on_their_way_in_make_the_server_busy(
    server: MemoryServer, alice: Member
) -> None:
    door = Door(server.endpoint, body_bytes_held_max=10_000)
    slow = Asked("/v1/sync/push", alice.token)
    slow.piece(b"x" * 6_000)
    dawdling = asyncio.ensure_future(slow.through(door))
    await asyncio.sleep(0)
    other = Asked("/v1/sync/push", alice.token)
    other.piece(b"y" * 6_000, more=False)

    answer = await other.through(door)

    assert (answer["status"], answer["retryable"]) == (503, True)
    slow.piece(b"", more=False)
    assert (await dawdling)["status"] == 400


async def test_a_stranger_is_stopped_before_a_large_body_is_read(server: MemoryServer) -> None:
    asked = Asked("/v1/sync/push", "nobody")
    asked.piece(b"x" * UNKNOWN_BODY_BYTES_MAX)
    asked.piece(b"x")
    asked.hang_up()

    assert (await asked.through(Door(server.endpoint)))["status"] == 401


async def test_a_long_poll_ends_with_its_connection(server: MemoryServer, alice: Member) -> None:
    asked = Asked(f"/v1/sync/wait?space={alice.space}", alice.token)
    asked.piece(b"", more=False)
    waiting = asyncio.ensure_future(asked.through(Door(server.endpoint)))
    await until_waiting(server.service.wakeups, alice.replica)

    asked.hang_up()

    assert await waiting == {}
    assert long_polls(server.service.wakeups, alice.replica) == 0


class Impatient(BoundedConnection):
    """A connection with hardly any time."""

    head_s_max = 0.1
    answer_idle_s_max = 0.1
    given_up = 0

    def _watch_answer(self, left_before: int | None) -> None:
        super()._watch_answer(left_before)
        Impatient.given_up += self.transport.is_closing()


@asynccontextmanager
async def listening(server: MemoryServer) -> AsyncIterator[int]:
    """Serve on a free port, within this loop, with impatient connections."""
    config = uvicorn.Config(
        build_app(server.endpoint), http=Impatient, ws="none", lifespan="off", log_config=None
    )
    config.load()
    state = uvicorn.server.ServerState()
    loop = asyncio.get_running_loop()
    served = await loop.create_server(lambda: Impatient(config, state, {}), "127.0.0.1", 0)
    try:
        yield served.sockets[0].getsockname()[1]
    finally:
        served.close()
        await served.wait_closed()


@pytest.mark.parametrize("head", [b"", b"GET /heal", b"GET /healthz HTTP/1.1\r\nhost: x\r\nx: "])
async def test_a_connection_that_does_not_finish_a_head_is_closed(
    server: MemoryServer, head: bytes
) -> None:
    async with listening(server) as port, asyncio.timeout(10):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head)

        assert await reader.read() == b""
        writer.close()


async def test_a_second_head_on_a_connection_has_no_more_time_than_the_first(
    server: MemoryServer,
) -> None:
    async with listening(server) as port, asyncio.timeout(10):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
        first = await reader.readuntil(b"}")
        writer.write(b"GET /healthz HTTP")

        assert first.startswith(b"HTTP/1.1 200")
        assert await reader.read() == b""
        writer.close()


async def test_an_answer_that_nobody_reads_is_given_up_and_holds_no_worker(
    server: MemoryServer, alice: Member
) -> None:
    for _ in range(8):  # more than the buffers of both ends take
        await alice.push(change(title=os.urandom(450_000).hex()))
    bob = await join(alice, "Bob")
    asked = f"GET /v1/sync/pull?space={bob.space} HTTP/1.1\r\nhost: x\r\n"
    asked += f"authorization: Bearer {bob.token}\r\n\r\n"
    loop = asyncio.get_running_loop()
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        deaf.setblocking(False)
        async with listening(server) as port, asyncio.timeout(60):
            await loop.sock_connect(deaf, ("127.0.0.1", port))
            await loop.sock_sendall(deaf, asked.encode())
            while Impatient.given_up == 0:
                assert (await bob.hello()).name == "Hut"  # the others are answered meanwhile
                await asyncio.sleep(0)
