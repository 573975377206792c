"""The app as a process of its own in browser mode, on a free port, ended by its id."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.support import processes

READY_S_MAX: Final = 60.0
STOP_S_MAX: Final = 20.0
_READY: Final = "Cairn is open at "
# What would make the app open something on the screen of whoever runs the tests.
_SCREENS: Final = ("DISPLAY", "WAYLAND_DISPLAY", "SSH_CONNECTION")


@dataclass(frozen=True)
class RunningApp:
    """An app that said where it is open.

    Attributes:
        url: its page, token and all.
        home: its replica.
    """

    url: str
    home: Path
    process: "subprocess.Popen[bytes]" = field(repr=False)
    log_path: Path = field(repr=False)

    def log(self) -> str:
        """What it wrote on standard error so far."""
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    def stop(self) -> int:
        """Tell it to end, as Ctrl+C would; give back its exit status."""
        self.process.terminate()
        return self.process.wait(STOP_S_MAX)


@contextmanager
def running_app(
    home: Path,
    *,
    environ: Mapping[str, str] | None = None,
    cairn: tuple[str, ...] = (sys.executable, "-m", "app"),
) -> Iterator[RunningApp]:
    """Start the app on a home, wait until a browser may come, and end it with the block.

    Args:
        home: the replica's folder.
        environ: put on top of the environment.
        cairn: the program; a packaged one in the tests of packages.
    """
    log_path = home.parent / f"{home.name}-app.log"
    home.parent.mkdir(parents=True, exist_ok=True)
    env = {key: value for key, value in os.environ.items() if key not in _SCREENS}
    with log_path.open("ab") as log:
        process = subprocess.Popen(
            [*cairn, "--home", str(home), "--browser"],
            stdout=subprocess.PIPE,
            stderr=log,
            stdin=subprocess.DEVNULL,
            env={**env, **(environ or {}), "PYTHONUNBUFFERED": "1"},
        )
    try:
        yield RunningApp(_url_of(process, log_path), home, process, log_path)
    finally:
        processes.end(process, STOP_S_MAX)


def _url_of(process: "subprocess.Popen[bytes]", log_path: Path) -> str:
    line = processes.first_line(process, READY_S_MAX)
    if not line.startswith(_READY):
        processes.end(process, STOP_S_MAX)  # its log is whole then
        raise AssertionError(f"the app did not open, but said {line!r}:\n{log_path.read_text()}")
    return line.removeprefix(_READY).strip()
