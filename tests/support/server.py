"""A real server as a process of its own, on a free port of this computer, ended by its id."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support import processes

READY_S_MAX = 30.0
STOP_S_MAX = 15.0


@dataclass(frozen=True)
class RunningServer:
    """A server that said that it is ready.

    Attributes:
        url: where it listens.
        setup_code: for the first space; None once that has an owner.
        data: its folder.
        ready_line: as it was written on standard output.
        ready_s: seconds from its start to that line.
    """

    url: str
    setup_code: str | None
    data: Path
    ready_line: str
    ready_s: float
    process: "subprocess.Popen[bytes]" = field(repr=False)
    log_path: Path = field(repr=False)

    @property
    def port(self) -> int:
        """The port that it listens at."""
        return int(self.url.partition("#")[0].rpartition(":")[2])

    def log(self) -> str:
        """What it wrote on standard error so far."""
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    def stop(self) -> int:
        """Tell it to end, as a service manager would; give back its exit status."""
        self.process.terminate()
        return self.process.wait(STOP_S_MAX)

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self.process.kill()
        self.process.wait(STOP_S_MAX)


@contextmanager
def running_server(
    tmp_path: Path,
    *,
    data: Path | None = None,
    listen: str = "127.0.0.1:0",
    options: tuple[str, ...] = (),
) -> Iterator[RunningServer]:
    """Start a server, wait until it is ready, and end it with the block.

    Args:
        tmp_path: a folder of the test.
        data: the server's folder; `tmp_path/server` where it is left out, so that a second server
            of the same test goes on where the first one ended.
        listen: where it listens.
        options: more of its command line, such as `--tls`.
    """
    data = data if data is not None else tmp_path / "server"
    log_path = tmp_path / f"server-{time.monotonic_ns()}.log"
    began_s = time.perf_counter()
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "sync.server"),
                *("--listen", listen, "--data", str(data), "--json", *options),
            ],
            stdout=subprocess.PIPE,
            stderr=log,
            stdin=subprocess.DEVNULL,
        )
    try:
        line = _ready_line(process, log_path)
        ready_s = time.perf_counter() - began_s
        said = json.loads(line)
        yield RunningServer(said["url"], said["setup_code"], data, line, ready_s, process, log_path)
    finally:
        processes.end(process, STOP_S_MAX)


def _ready_line(process: "subprocess.Popen[bytes]", log_path: Path) -> str:
    line = processes.first_line(process, READY_S_MAX)
    if not line:
        processes.end(process, STOP_S_MAX)  # its log is whole then
        raise AssertionError(f"the server did not get ready:\n{log_path.read_text()}")
    return line.rstrip("\n")
