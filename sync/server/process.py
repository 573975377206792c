"""`cairn serve`: the process of a server, from binding its address to its graceful end.

One line on standard output says that it is ready, and nothing comes after it. All else goes to
standard error: a line per request, without secrets.
"""

import json
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from store.clocks import system_now_ms
from store.database.connection import Database
from store.database.roles import SERVER
from store.documents.trial import TrialLoader
from store.errors import StoreError
from sync.server.endpoint import Endpoint
from sync.server.examination import Examiners, examiners_wanted
from sync.server.folder_lock import only_server_of
from sync.server.http import build_app
from sync.server.lanes import Lanes
from sync.server.ledger_key import kept_seed
from sync.server.listening import Address, CannotServe, bind, read_address
from sync.server.running import (
    SignalledServer,
    config_of,
    logged_to_stderr,
    raise_file_limit,
    say_error,
)
from sync.server.service import Service

if TYPE_CHECKING:
    from sync.server.certificate import Certificate

DATABASE_FILE: Final = "server.db"

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
    raise_file_limit()
    try:
        address = read_address(listen, tls=tls)
        with logged_to_stderr(log), only_server_of(data), closing(bind(address)) as sock:
            certificate = _certificate(data) if tls else None
            pin = None if certificate is None else certificate.pin
            real = Address(address.host, sock.getsockname()[1], pin)
            with _opened(data) as (service, lanes):
                code = service.setup_code()
                app = build_app(Endpoint(service, lanes))
                on_ready = partial(_say_ready, real, code, json_ready)
                server = SignalledServer(
                    config_of(app, certificate), on_ready, service.wakeups.stop
                )
                server.run(sockets=[sock])
    except CannotServe as no:
        say_error(no, as_json=json_ready)
        return no.exit_status
    except StoreError as failure:
        say_error(failure, as_json=json_ready)
        return 1
    return 0


def _certificate(data: Path) -> "Certificate":
    from sync.server.certificate import kept_certificate  # what only TLS needs takes 60 ms

    return kept_certificate(data, system_now_ms())


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
        service = Service(db, examiners, ledger_seed=kept_seed(db, os.urandom))
        assert service.authority is not None, "it has a seed"
        stack.callback(service.authority.runner.stop)
        service.authority.runner.start()
        yield service, lanes


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
