"""`cairn serve`: the process of a server, from binding its address to its graceful end.

One line on standard output says that it is ready, and nothing comes after it. All else goes to
standard error: a line per request, without secrets.
"""

import json
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Final

import uvicorn
from starlette.applications import Starlette

from store.database.connection import Database
from store.database.roles import SERVER
from store.documents.trial import TrialLoader
from store.errors import StoreError
from sync.server import limits
from sync.server.connection import BoundedConnection
from sync.server.endpoint import Endpoint
from sync.server.examination import Examiners, examiners_wanted
from sync.server.folder_lock import only_server_of
from sync.server.http import build_app
from sync.server.lanes import Lanes
from sync.server.ledger_key import check_key, kept_seed
from sync.server.listening import Address, CannotServe, bind, read_address
from sync.server.service import Service, now_ms

if TYPE_CHECKING:
    from sync.server.certificate import Certificate

DATABASE_FILE: Final = "server.db"
KEEP_ALIVE_S: Final = 30  # longer than the client's, so that it is the client who hangs up
STOP_S: Final = 3  # for requests under way, once long polls have ended

log = logging.getLogger("cairn.server")


def serve(listen: str, data: Path, *, json_ready: bool, tls: bool = False) -> int:
    """Run a server until it is told to stop (SIGINT, SIGTERM).

    Args:
        listen: `HOST:PORT`; without TLS only this computer's own addresses; port 0 = any free one.
        data: the folder of its database; made where it is not there.
        json_ready: write the ready line, and an error, as JSON.
        tls: speak TLS, with a certificate that is made at the first start and kept in `data`.

    Returns:
        The exit status: 0 stopped as asked, 1 it can't run here and now, 2 it can't run that way.
    """
    _log_to_stderr()
    try:
        address = read_address(listen, tls=tls)
        with only_server_of(data), closing(bind(address)) as sock:
            certificate = _certificate(data) if tls else None
            pin = None if certificate is None else certificate.pin
            real = Address(address.host, sock.getsockname()[1], pin)
            with _opened(data) as (service, lanes):
                code = service.setup_code()
                app = build_app(Endpoint(service, lanes))
                on_ready = partial(_say_ready, real, code, json_ready)
                _run(config_of(app, certificate), sock, on_ready, service.wakeups.stop)
    except CannotServe as no:
        _say_error(no.type, no.title, no.detail, json_ready)
        return no.exit_status
    except StoreError as failure:
        _say_error(failure.type, failure.title, failure.detail, json_ready)
        return 1
    return 0


def _certificate(data: Path) -> "Certificate":
    from sync.server.certificate import kept_certificate  # what only TLS needs takes 60 ms

    return kept_certificate(data, now_ms())


class _Server(uvicorn.Server):
    """uvicorn, which says when it is ready, ends long polls first, and leaves with status 0."""

    def __init__(
        self, config: uvicorn.Config, on_ready: Callable[[], None], on_stop: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._on_ready = on_ready
        self._on_stop = on_stop

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._on_stop()
        await super().shutdown(sockets)

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
def _opened(data: Path) -> Iterator[tuple[Service, Lanes]]:
    """Open the database, and get ready to work; end all of it in the reverse order."""
    with ExitStack() as stack:
        db = Database(data / DATABASE_FILE, SERVER)
        stack.callback(db.close)
        trials = [TrialLoader() for _ in range(examiners_wanted())]
        examiners = Examiners(trials)
        stack.callback(examiners.close)
        lanes = Lanes()
        stack.callback(lanes.close)
        for trial in trials:
            stack.callback(trial.close)  # first, so that nobody waits for what it examines
        seed = kept_seed(data, os.urandom)
        check_key(db, seed)
        service = Service(db, examiners, ledger_seed=seed)
        assert service.authority is not None, "it has a seed"
        stack.callback(service.authority.runner.stop)
        service.authority.runner.start()
        yield service, lanes


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


def _run(
    config: uvicorn.Config,
    sock: socket.socket,
    on_ready: Callable[[], None],
    on_stop: Callable[[], None],
) -> None:
    _Server(config, on_ready, on_stop).run(sockets=[sock])


def _say_ready(address: Address, setup_code: str | None, as_json: bool) -> None:
    """Write the one line on standard output."""
    if as_json:
        ready = {"ready": True, "url": address.url, "setup_code": setup_code}
        line = json.dumps(ready, separators=(",", ":"))
    elif setup_code is None:
        line = f"Cairn serves at {address.url}"
    else:
        line = f"Cairn serves at {address.url} - the first space takes the setup code {setup_code}"
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _say_error(type_: str, title: str, detail: str, as_json: bool) -> None:
    """Write one line on standard error, as the command line's contract says."""
    error = {"error": {"type": type_, "title": title, "detail": detail}}
    sys.stderr.write(f"{json.dumps(error, ensure_ascii=False) if as_json else detail}\n")


def _log_to_stderr() -> None:
    handler = logging.StreamHandler(sys.stderr)
    formatter = logging.Formatter("%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s %(message)s")
    formatter.datefmt = "%Y-%m-%dT%H:%M:%S"
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    log.setLevel(logging.INFO)
