"""A packaged Cairn, as a program to type commands into and to run a server and the app with."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

COMMAND_S_MAX: Final = 60
STOP_S_MAX: Final = 20
# Nothing of the checkout that the tests run in may be found by a program that has to stand alone.
_OURS: Final = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "DISPLAY", "WAYLAND_DISPLAY")


def alone() -> dict[str, str]:
    """The environment of a program that stands alone."""
    kept = {key: value for key, value in os.environ.items() if key not in _OURS}
    return {**kept, "PATH": "/usr/bin:/bin"}


@dataclass(frozen=True)
class Installed:
    """One packaged program.

    Attributes:
        program: its executable.
        folder: where it is started; nothing of ours lies there.
    """

    program: Path
    folder: Path

    def run(self, home: Path, *words: str, expect: tuple[int, ...] = (0,)) -> Any:
        """Type a command; give what it prints as JSON."""
        done = subprocess.run(
            [str(self.program), "--home", str(home), "--json", *words],
            capture_output=True,
            text=True,
            timeout=COMMAND_S_MAX,
            check=False,
            env=alone(),
            cwd=self.folder,
        )
        assert done.returncode in expect, f"cairn {' '.join(words)}: {done.stderr}"
        return json.loads(done.stdout) if done.stdout.strip() else None

    def said(self, *words: str) -> str:
        """Type a command that has no home; give what it prints."""
        command = [str(self.program), *words]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=COMMAND_S_MAX, check=True, env=alone()
        )
        return done.stdout.strip()

    @contextmanager
    def serving(self, data: Path, listen: str = "127.0.0.1:0") -> Iterator[dict[str, Any]]:
        """Run its server until the block ends; gives its address and setup code."""
        log = data.with_suffix(".log").open("ab")
        process = subprocess.Popen(
            [
                *(str(self.program), "--json", "serve"),
                *("--listen", listen, "--data", str(data)),
            ],
            stdout=subprocess.PIPE,
            stderr=log,
            env=alone(),
            cwd=self.folder,
        )
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()
            status = process.wait(STOP_S_MAX)
            process.stdout.close()
            log.close()
        assert status == 0, (
            f"the server ended with {status}: {data.with_suffix('.log').read_text()}"
        )


def share(cairn: Installed, server: dict[str, Any], owner: Path, other: Path) -> None:
    """Make the space Trip on a server, and let another home in."""
    owner_space = ("space", "create", "Trip", "--server", server["url"])
    cairn.run(owner, *owner_space, "--setup-code", server["setup_code"])
    cairn.run(other, "join", cairn.run(owner, "invite")["link"])


def modules_of(folder: Path) -> set[str]:
    """Name the files of the program below a folder: modules, and what they read."""
    return {
        str(path.relative_to(folder))
        for part in ("app", "store", "sync")
        for path in (folder / part).rglob("*")
        if path.suffix in (".py", ".sql", ".typed")
    }
