"""A proxy for TCP that spoils connections, each as a seed decides; HTTP as far as it fakes it.

refused    closed as soon as it is open        reset       after some bytes, to or from the server
hung up    after some requests, as servers do  trickle     a few bytes at a time
silent     says nothing, and ends
altered    one bit of what passes              repeated    what was sent arrives once more, apart
gateway    a 502 page                          portal      a page that answers 200
"""

import asyncio
import socket
import struct
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from random import Random
from typing import Final

FATES: Final = (
    ("refused", 2),
    ("reset on the way in", 3),
    ("reset on the way out", 4),
    ("silent", 1),
    ("trickle", 2),
    ("altered on the way in", 2),
    ("altered on the way out", 2),
    ("repeated", 3),
    ("gateway", 2),
    ("portal", 1),
)
CHUNK: Final = 16 << 10
SILENT_S: Final = 1.5
REQUESTS_MAX: Final = 6  # on one connection, while any are spoilt
_PAGES: Final = {"gateway": (502, "Bad gateway"), "portal": (200, "Welcome on board")}


class FaultProxy:
    """Stands between clients and one server of this computer.

    Args:
        server_port: where the server listens.
        rng: decides.

    Attributes:
        port: where the proxy listens.
        share: of connections that are spoilt, 0 to 1.
        fates: what became of connections so far.
    """

    def __init__(self, server_port: int, rng: Random) -> None:
        self.port = 0
        self.share = 0.0
        self.fates: Counter[str] = Counter()
        self._server_port = server_port
        self._rng = rng
        self._open: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Its address, as a server's."""
        return f"http://127.0.0.1:{self.port}"

    @asynccontextmanager
    async def running(self) -> AsyncIterator["FaultProxy"]:
        """Listen until the block ends."""
        server = await asyncio.start_server(self._accepted, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in self._open:
                task.cancel()
            await asyncio.gather(*self._open, return_exceptions=True)

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        task.add_done_callback(self._open.discard)
        fate = self._fate()
        self.fates[fate] += 1
        try:
            await self._carry(fate, reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the other side is gone, or the proxy ends: this task ends with it
        finally:
            writer.close()

    def _fate(self) -> str:
        if self._rng.random() >= self.share:
            return "well"
        return self._rng.choices([fate for fate, _ in FATES], [weight for _, weight in FATES])[0]

    async def _carry(
        self, fate: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        _no_delay(writer)
        if fate == "refused":
            return
        if fate == "silent":
            await asyncio.sleep(SILENT_S)
            return
        if fate in _PAGES:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(_page(*_PAGES[fate]))
            await writer.drain()
            return
        there, to_server = await asyncio.open_connection("127.0.0.1", self._server_port)
        _no_delay(to_server)
        try:
            inwards = asyncio.create_task(self._pass_on(fate, "in", reader, to_server))
            outwards = asyncio.create_task(self._pass_on(fate, "out", there, writer))
            await asyncio.wait((inwards, outwards), return_when=asyncio.FIRST_COMPLETED)
            for task in (inwards, outwards):
                task.cancel()
            await asyncio.gather(inwards, outwards, return_exceptions=True)
        finally:
            to_server.close()

    async def _pass_on(
        self, fate: str, way: str, source: asyncio.StreamReader, target: asyncio.StreamWriter
    ) -> None:
        """Carry bytes one way until they end or their fate comes."""
        is_meant = fate.endswith(f"way {way}")
        left = self._rng.randint(1, 3_000) if is_meant else 1 << 60
        chunks = self._rng.randint(1, REQUESTS_MAX) if self.share and way == "in" else 1 << 60
        while chunk := await source.read(CHUNK):
            if is_meant and fate.startswith("reset") and len(chunk) >= left:
                target.write(chunk[: left - 1])
                await target.drain()
                _reset(target)
                return
            if is_meant and fate.startswith("altered") and len(chunk) >= left:
                chunk = _altered(chunk, left - 1, self._rng.randrange(8))
            left, chunks = left - len(chunk), chunks - 1
            if fate == "repeated" and way == "in":
                await self._repeat(chunk)
            await _write(target, chunk, is_slow=fate == "trickle")
            if not chunks:
                self.fates["hung up"] += 1
                return

    async def _repeat(self, chunk: bytes) -> None:
        """Let the server hear it once more, on a connection of its own."""
        with suppress(OSError):
            _, again = await asyncio.open_connection("127.0.0.1", self._server_port)
            again.write(chunk)
            await again.drain()
            await asyncio.sleep(0.05)  # so that it is read before the connection ends
            again.close()


async def _write(target: asyncio.StreamWriter, chunk: bytes, *, is_slow: bool) -> None:
    size = max(1, len(chunk) // 8) if is_slow else len(chunk)
    for start in range(0, len(chunk), size):
        target.write(chunk[start : start + size])
        await target.drain()
        if is_slow:
            await asyncio.sleep(0.02)


def _altered(chunk: bytes, at: int, bit: int) -> bytes:
    return chunk[:at] + bytes([chunk[at] ^ (1 << bit)]) + chunk[at + 1 :]


def _no_delay(writer: asyncio.StreamWriter) -> None:
    _socket(writer).setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _reset(writer: asyncio.StreamWriter) -> None:
    """End a connection as a crash does: the other side gets a reset, not an end."""
    _socket(writer).setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def _socket(writer: asyncio.StreamWriter) -> socket.socket:
    found: socket.socket = writer.get_extra_info("socket")
    return found


def _page(status: int, words: str) -> bytes:
    body = f"<h1>{words}</h1>".encode()
    head = f"HTTP/1.1 {status} {words}\r\nContent-Type: text/html\r\nContent-Length: {len(body)}"
    return f"{head}\r\nConnection: close\r\n\r\n".encode() + body
