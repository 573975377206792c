"""The app as a phone has it: its own entry, its data where the system says, shown by Flet itself.

On a phone Flet's shell runs this inside its process and draws it; here Flet's page server stands
for the shell, and Chromium, as a phone, for what draws. The system ends such an app without a word.
"""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

from tests.support import processes

HOST: Final = "127.0.0.1"
TRIES: Final = 300
TRY_S: Final = 0.2
STOP_S_MAX: Final = 20
_ENTRY: Final = "from app.ui.phone import main; main()"


@dataclass(frozen=True)
class RunningPhone:
    """The app on a phone.

    Attributes:
        url: where Chromium finds it.
    """

    url: str
    process: "subprocess.Popen[bytes]" = field(repr=False)

    def kill(self) -> None:
        """End it as a system does that wants its memory."""
        self.process.kill()
        self.process.wait(STOP_S_MAX)


@contextmanager
def running_phone(home: Path) -> Iterator[RunningPhone]:
    """Start the app on a phone whose data lie in a folder, until the block ends."""
    with socket.socket() as bound:
        bound.bind((HOST, 0))
        port = bound.getsockname()[1]
    kept = {key: value for key, value in os.environ.items() if key != "CAIRN_HOME"}
    environ = {
        **kept,
        "FLET_APP_STORAGE_DATA": str(home),
        "FLET_FORCE_WEB_SERVER": "true",
        "FLET_SERVER_IP": HOST,
        "FLET_SERVER_PORT": str(port),
    }
    log_path = home.with_name(f"{home.name}-phone.log")
    with log_path.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", _ENTRY], env=environ, stdout=log, stderr=log
        )
    try:
        url = f"http://{HOST}:{port}/"
        _wait_until_ready(process, url, log_path)
        yield RunningPhone(url, process)
    finally:
        processes.end(process, STOP_S_MAX)
    assert "Traceback" not in log_path.read_text(encoding="utf-8")


def _wait_until_ready(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    ended = "is still running"
    for _ in range(TRIES):
        try:
            if httpx.get(url).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass  # not yet
        try:
            ended = f"ended with {process.wait(TRY_S)}"
            break
        except subprocess.TimeoutExpired:
            pass
    raise AssertionError(f"the app {ended}, and did not open:\n{log.read_text()}")
