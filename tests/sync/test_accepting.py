"""Handshakes are bounded in number: who says nothing holds no more than so many file handles."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sync.server.accepting import TlsAcceptor
from sync.server.certificate import kept_certificate
from sync.server.listening import bind, read_address

NOW_MS = 1_790_000_000_000


class Greeter(asyncio.Protocol):
    """Says one word to whoever has shaken hands, and hangs up."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        transport.write(b"hello")
        transport.close()


@asynccontextmanager
async def accepting(
    folder: Path, *, at_once: int = 100, from_one: int = 100
) -> AsyncIterator[tuple[TlsAcceptor, int]]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(kept_certificate(folder, NOW_MS).path)
    with bind(read_address("127.0.0.1:0", tls=True)) as sock:
        acceptor = TlsAcceptor(
            sock,
            context,
            Greeter,
            handshake_s_max=60.0,
            shutdown_s_max=1.0,
            at_once_max=at_once,
            from_one_max=from_one,
        )
        async with asyncio.timeout(20):
            yield acceptor, sock.getsockname()[1]
            acceptor.close()
            await until(acceptor, 0)


async def until(acceptor: TlsAcceptor, under_way: int) -> None:
    """Wait for a number of handshakes; nothing but looking tells it."""
    while acceptor.under_way != under_way:  # noqa: ASYNC110
        await asyncio.sleep(0)


async def hear(port: int) -> bytes:
    """Shake hands, and read what is said; nothing from who hangs up before."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with contextlib.suppress(OSError):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
        heard = await reader.read()
        writer.close()
        return heard
    return b""


@pytest.mark.parametrize("bounds", [{"at_once": 3}, {"from_one": 3}])
async def test_who_comes_beyond_the_bound_is_hung_up_on_and_let_in_later(
    tmp_path: Path, bounds: dict[str, int]
) -> None:
    async with accepting(tmp_path, **bounds) as (acceptor, port):
        silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
        await until(acceptor, 3)

        assert await hear(port) == b""
        assert acceptor.under_way == 3

        silent.pop()[1].close()
        await until(acceptor, 2)
        assert await hear(port) == b"hello"
        for _, writer in silent:
            writer.close()


async def test_what_is_no_handshake_and_who_hangs_up_leave_nothing_behind(tmp_path: Path) -> None:
    async with accepting(tmp_path) as (acceptor, port):
        for said in (b"", b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\x01"):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(said)
            writer.close()
        assert await hear(port) == b"hello"
        await until(acceptor, 0)


async def test_closing_cuts_who_is_shaking_hands_and_accepts_nobody(tmp_path: Path) -> None:
    async with accepting(tmp_path) as (acceptor, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await until(acceptor, 1)

        acceptor.close()

        with contextlib.suppress(ConnectionResetError):
            assert await reader.read() == b""
        writer.close()
