"""HTTP keeps the contract, against a server that is a process of its own."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sync.errors import Unreachable
from sync.protocol import routes
from sync.transport.http import HttpTransport
from tests.contract.transport_contract import TransportContract
from tests.support.asking import ask
from tests.support.server import RunningServer, running_server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    with running_server(tmp_path) as running:
        yield running
        assert "Traceback" not in running.log()


@pytest.fixture
async def transport(server: RunningServer) -> AsyncIterator[HttpTransport]:
    way = HttpTransport(server.url)
    yield way
    await way.aclose()


@pytest.fixture
def setup_code(server: RunningServer) -> str:
    assert server.setup_code is not None
    return server.setup_code


class TestHttpTransport(TransportContract):
    """The suite, over HTTP."""


async def test_nobody_there_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    transport = HttpTransport(f"http://127.0.0.1:{port}")

    with pytest.raises(Unreachable) as refused:
        await ask(transport, routes.HEALTH)
    await transport.aclose()

    assert "\n" not in refused.value.detail


Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], object]


@asynccontextmanager
async def answering(answer: bytes) -> AsyncIterator[HttpTransport]:
    """A transport to something that gives the same bytes to everybody and hangs up."""

    async def give(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(give, "127.0.0.1", 0)
    transport = HttpTransport(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    try:
        yield transport
    finally:
        await transport.aclose()
        server.close()
        await server.wait_closed()


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 5\r\n\r\nhello",
        b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/login\r\ncontent-length: 0\r\n\r\n",
        b"HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\ncontent-length: 3\r\n\r\n<p>",
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n[]",
        b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/problem+json\r\n"
        b"content-length: 2\r\n\r\n{}",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"",
    ],
    ids=["portal", "redirect", "gateway", "cut", "other-json", "odd-problem", "ssh", "silence"],
)
async def test_what_no_cairn_server_says_is_no_answer(answer: bytes) -> None:
    async with answering(answer) as transport:
        with pytest.raises(Unreachable):
            await ask(transport, routes.HEALTH, timeout_s=5)


async def test_an_answer_without_end_is_cut_off() -> None:
    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n")
        try:
            while True:
                writer.write(bytes(1 << 20))
                await writer.drain()
        except ConnectionError:
            writer.close()

    server = await asyncio.start_server(pour, "127.0.0.1", 0)
    transport = HttpTransport(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    try:
        with pytest.raises(Unreachable):
            await ask(transport, routes.HEALTH)
    finally:
        await transport.aclose()
        server.close()
        await server.wait_closed()

    assert transport.traffic.bytes_received < 20 << 20
