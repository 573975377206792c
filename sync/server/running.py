"""uvicorn as it runs here: one bound socket, a bounded TLS handshake, long polls ended first.

uvicorn leaves handshakes to asyncio, which gives any number of silent strangers a minute of one of
our file handles each. So the listening is set up here, the rest stays uvicorn's.
"""

import asyncio
import json
import logging
import signal
import socket
import ssl
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Final

import uvicorn
from starlette.applications import Starlette

from store.errors import StoreError
from sync.server import limits
from sync.server.accepting import TlsAcceptor
from sync.server.connection import BoundedConnection
from sync.server.listening import CannotServe

if TYPE_CHECKING:
    from sync.server.certificate import Certificate

KEEP_ALIVE_S: Final = 30  # longer than the client's, so that it is the client who hangs up
STOP_S: Final = 3  # for requests under way, once long polls have ended
_OTHER_FILES: Final = 500  # beside connections: databases, children, pipes; handshakes under way


def config_of(app: Starlette, certificate: "Certificate | None") -> uvicorn.Config:
    """Say how uvicorn serves: within our bounds, and with TLS where there is a certificate."""
    pem = None if certificate is None else certificate.path
    return uvicorn.Config(
        app,
        http=BoundedConnection,
        loop="asyncio",
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        h11_max_incomplete_event_size=limits.HEADER_BYTES_MAX,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=STOP_S,
        ssl_certfile=pem,
        ssl_keyfile=pem,
    )


class BoundedServer(uvicorn.Server):
    """uvicorn, which says when it is ready and ends long polls first. Signals are left alone.

    Args:
        config: of `config_of`.
        on_ready: called once it listens.
        on_stop: called before it waits for requests under way.
        handshake_s_max: how long a TLS handshake may take; then the connection is cut.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        on_ready: Callable[[], None],
        on_stop: Callable[[], None],
        *,
        handshake_s_max: float = limits.HANDSHAKE_S_MAX,
    ) -> None:
        super().__init__(config)
        self._on_ready = on_ready
        self._on_stop = on_stop
        self._handshake_s_max = handshake_s_max
        self._acceptors: list[TlsAcceptor] = []
        self.servers = []

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen at sockets that are bound already."""
        assert sockets, "an address is bound before anything else starts"
        await self.lifespan.startup()
        if self.config.ssl is None:
            loop = asyncio.get_running_loop()
            self.servers = [
                await loop.create_server(self._connection, sock=sock, backlog=self.config.backlog)
                for sock in sockets
            ]
        else:
            self._acceptors = [self._acceptor(sock, self.config.ssl) for sock in sockets]
        self.started = True
        self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End long polls, then what is under way; who doesn't let go in time is cut off."""
        self._on_stop()
        for acceptor in self._acceptors:
            acceptor.close()
        await asyncio.sleep(0)  # in which they let go of their sockets
        await super().shutdown(sockets)
        for connection in tuple(self.server_state.connections):
            connection.transport.abort()
        await asyncio.sleep(0)  # in which they hear of it

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to whoever runs the program."""
        yield

    def _acceptor(self, sock: socket.socket, context: ssl.SSLContext) -> TlsAcceptor:
        return TlsAcceptor(
            sock,
            context,
            self._connection,
            handshake_s_max=self._handshake_s_max,
            shutdown_s_max=STOP_S,
        )

    def _connection(self) -> asyncio.Protocol:
        made: asyncio.Protocol = self.config.http_protocol_class(  # type: ignore[call-arg]
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return made


class SignalledServer(BoundedServer):
    """A server that is its whole process: it leaves with status 0 on SIGINT and SIGTERM."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on a signal, without raising it again at the end as uvicorn does."""

        def stop(_number: int, _frame: FrameType | None) -> None:
            self.force_exit = self.should_exit  # the second time without waiting
            self.should_exit = True

        before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


@contextmanager
def logged_to_stderr(*loggers: logging.Logger) -> Iterator[None]:
    """Write these loggers' lines, and everybody's warnings, to standard error, with UTC times."""
    handler = logging.StreamHandler(sys.stderr)
    formatter = logging.Formatter("%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s %(message)s")
    formatter.datefmt = "%Y-%m-%dT%H:%M:%S"
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    root = logging.getLogger()
    before = root.handlers, [(log, log.level) for log in (root, *loggers)]
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    for log in loggers:
        log.setLevel(logging.INFO)
    try:
        yield
    finally:
        root.handlers, levels = before
        for log, level in levels:
            log.setLevel(level)


def say_error(failure: CannotServe | StoreError, *, as_json: bool) -> None:
    """Write one line on standard error, as the command line's contract says."""
    error = {"type": failure.type, "title": failure.title, "detail": failure.detail}
    line = json.dumps({"error": error}, ensure_ascii=False) if as_json else failure.detail
    sys.stderr.write(f"{line}\n")


def raise_file_limit() -> None:
    """Allow as many open files as connections need, as far as the system lets us."""
    if sys.platform == "win32":  # there sockets are no files
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = limits.CONNECTIONS_MAX + _OTHER_FILES
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
