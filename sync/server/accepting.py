"""Accepting TLS connections: how many may be shaking hands at once, in all and from one address.

asyncio bounds the time of a handshake and not their number, so that a stranger who opens sockets
and says nothing could hold as many file handles as the system has. Who comes beyond the bound is
hung up on at once, and tries again as with any connection that broke.
"""

import asyncio
import errno
import logging
import socket
import ssl
from collections import Counter
from collections.abc import Callable
from typing import Final

from sync.server import limits

log = logging.getLogger("cairn.server")

_NO_ROOM: Final = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
_NO_ROOM_S: Final = 1.0  # before the next is accepted, where the system gives no more handles


class TlsAcceptor:
    """Accepts at a bound socket until it is closed.

    Args:
        sock: listens already; stays its owner's.
        context: has the certificate.
        protocol: makes what speaks over one connection.
        handshake_s_max: then a connection is cut.
        shutdown_s_max: likewise at its end.
        at_once_max: handshakes under way.
        from_one_max: those from one address.
    """

    def __init__(
        self,
        sock: socket.socket,
        context: ssl.SSLContext,
        protocol: Callable[[], asyncio.Protocol],
        *,
        handshake_s_max: float,
        shutdown_s_max: float,
        at_once_max: int = limits.HANDSHAKES_MAX,
        from_one_max: int = limits.HANDSHAKES_PER_ADDRESS_MAX,
    ) -> None:
        self._sock = sock
        self._context = context
        self._protocol = protocol
        self._handshake_s_max = handshake_s_max
        self._shutdown_s_max = shutdown_s_max
        self._at_once_max = at_once_max
        self._from_one_max = from_one_max
        self._shaking: set[asyncio.Task[None]] = set()
        self._from: Counter[str] = Counter()
        sock.setblocking(False)
        self._accepting = asyncio.ensure_future(self._accept())

    @property
    def under_way(self) -> int:
        """How many handshakes have not ended."""
        return len(self._shaking)

    def close(self) -> None:
        """Accept no more, and cut who is shaking hands."""
        self._accepting.cancel()
        for task in tuple(self._shaking):
            task.cancel()

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                conn, address = await loop.sock_accept(self._sock)
            except OSError as failure:
                if failure.errno not in _NO_ROOM:
                    continue  # that one hung up before it was accepted
                log.warning("no more connections are accepted for a moment: %s", failure.strerror)
                await asyncio.sleep(_NO_ROOM_S)
                continue
            self._take(conn, str(address[0]))

    def _take(self, conn: socket.socket, host: str) -> None:
        if len(self._shaking) >= self._at_once_max or self._from[host] >= self._from_one_max:
            conn.close()
            return
        self._from[host] += 1
        task = asyncio.ensure_future(self._shake_hands(conn))
        self._shaking.add(task)
        task.add_done_callback(lambda done: self._over(done, host))

    def _over(self, task: asyncio.Task[None], host: str) -> None:
        self._shaking.discard(task)
        self._from[host] -= 1
        if not self._from[host]:
            del self._from[host]

    async def _shake_hands(self, conn: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.connect_accepted_socket(
                self._protocol,
                conn,
                ssl=self._context,
                ssl_handshake_timeout=self._handshake_s_max,
                ssl_shutdown_timeout=self._shutdown_s_max,
            )
        except OSError as failure:  # a broken or a late handshake; ssl.SSLError is one too
            log.debug("handshake outcome=%s", type(failure).__name__)
