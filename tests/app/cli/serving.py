"""`cairn serve` as a process of its own, ended as a service manager would."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ANY_PORT = ("--listen", "127.0.0.1:0")
_END_S_MAX = 30.0


@dataclass(frozen=True, slots=True)
class Serving:
    """A process that serves, and what its ready line says."""

    ready: dict[str, Any]
    process: "subprocess.Popen[bytes]"

    @property
    def url(self) -> str:
        """Where it listens."""
        return str(self.ready["url"])


@contextmanager
def serving(home: Path, *options: str, **environment: str) -> Iterator[Serving]:
    """Serve until the block ends; unless that stops it, it has to end well and say nothing more.

    Args:
        home: the home.
        options: of the command line, where it listens among them, unless the environment says it.
        environment: more of it.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "serve", "--json", *options],
        env={**os.environ, "CAIRN_HOME": str(home), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    try:
        yield Serving(json.loads(process.stdout.readline()), process)
        if process.poll() is None:
            process.terminate()
            assert process.wait(timeout=_END_S_MAX) == 0
            assert process.stdout.read() == b"", "something after the ready line"
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(timeout=_END_S_MAX)
        process.stdout.close()
