"""The program of a release, as whoever installed it has it: commands typed, a server run."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

COMMAND_S_MAX: Final = 60
STOP_S_MAX: Final = 20


class Program:
    """A release's program, with homes and a server's data in one folder."""

    def __init__(self, cairn: Path, folder: Path) -> None:
        self.cairn = cairn
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        # Nothing of who builds a release may get into what it keeps.
        self.env = {**os.environ, "LOGNAME": "ann", "TZ": "UTC"}

    def __call__(
        self, who: str, *words: str, given: str | None = None, expect: tuple[int, ...] = (0,)
    ) -> Any:
        """Type a command; give what it prints as JSON.

        Raises:
            SystemExit: it ended with another status than was expected.
        """
        done = subprocess.run(
            [str(self.cairn), "--home", str(self.folder / who), "--json", *words],
            capture_output=True,
            text=True,
            input=given,
            timeout=COMMAND_S_MAX,
            check=False,
            env=self.env,
            cwd=self.folder,
        )
        if done.returncode not in expect:
            raise SystemExit(f"cairn {' '.join(words)}: {done.stderr}")
        return json.loads(done.stdout) if done.stdout.strip() else None

    @contextmanager
    def serving(self) -> Iterator[dict[str, Any]]:
        """Run its server until the block ends; gives its address and setup code.

        Raises:
            SystemExit: it did not end well.
        """
        process = subprocess.Popen(
            [
                *(str(self.cairn), "--json", "serve", "--listen", "127.0.0.1:0"),
                *("--data", str(self.folder / "server")),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=self.env,
            cwd=self.folder,
        )
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()
            process.communicate(timeout=STOP_S_MAX)
        if process.returncode != 0:
            raise SystemExit(f"The server ended with {process.returncode}.")
