"""The stage of the demo: a server, homes of people, and lines that hold or don't."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_COMMAND_S_MAX = 60
_READY_S_MAX = 20


class LineFailed(AssertionError):
    """A line of the demo does not hold."""


class Person:
    """Somebody with a home, who types commands."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.home = folder / name.lower()
        self.run("whoami", "--name", name, "--device", f"{name}'s laptop")

    def run(self, *words: str, given: str | None = None, expect: tuple[int, ...] = (0,)) -> Any:
        """Type a command; gives what it prints as JSON."""
        command = [sys.executable, "-m", "app", "--home", str(self.home), "--json", *words]
        done = subprocess.run(
            command,
            input=given,
            capture_output=True,
            text=True,
            timeout=_COMMAND_S_MAX,
            check=False,
        )
        if done.returncode not in expect:
            raise LineFailed(
                f"{self.name}: cairn {' '.join(words)} ended with {done.returncode}: {done.stderr}"
            )
        return json.loads(done.stdout) if done.stdout.strip() else None

    def sync(self) -> dict[str, Any]:
        """One `cairn sync`; conflicts that wait for a person are no failure of it."""
        result: dict[str, Any] = self.run("sync", expect=(0, 4))
        say(f"{self.name} syncs: {result['pushed']} out, {result['pulled']} in, {result['state']}")
        return result

    def conflicts(self, *, settled: bool = False) -> list[dict[str, Any]]:
        """Open (or settled) conflicts by id."""
        rows: list[dict[str, Any]] = self.run("conflicts", *(["--settled"] if settled else []))
        return sorted(rows, key=lambda row: str(row["id"]))


def say(text: str) -> None:
    """Print a line of the story."""
    print(f"  {text}", flush=True)


def act(title: str) -> None:
    """Print the title of an act."""
    print(f"\n{title}", flush=True)


def check(holds: bool, claim: str) -> None:
    """Print a line that must hold, and stop if it doesn't."""
    print(f"  {'✔' if holds else '✘'} {claim}", flush=True)
    if not holds:
        raise LineFailed(claim)


@contextmanager
def server(data: Path, port: int = 0) -> Iterator[dict[str, Any]]:
    """A real server on loopback while the block lasts; gives its ready line."""
    with (data.parent / "server.log").open("ab") as errors:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "app", "--json", "serve"),
                *("--listen", f"127.0.0.1:{port}", "--data", str(data)),
            ],
            stdout=subprocess.PIPE,
            stderr=errors,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
    try:
        assert process.stdout is not None, "it is a pipe"
        os.set_blocking(process.stdout.fileno(), True)
        line = process.stdout.readline()
        if not line:
            raise LineFailed(
                f"the server did not start: {(data.parent / 'server.log').read_text()}"
            )
        yield json.loads(line)
    finally:
        process.terminate()
        process.wait(_READY_S_MAX)
        if process.stdout is not None:
            process.stdout.close()
