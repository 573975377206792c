"""The one exception of the set-up, and how it runs other programs."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Sequence


class Stop(Exception):
    """The set-up cannot go on; the message is one line that says what to do."""


def output_of(
    command: Sequence[str | Path], *, timeout_s: float, env: dict[str, str] | None = None
) -> tuple[int, str]:
    """Run a program silently and return its exit code with all that it wrote.

    A program that cannot be started, or takes too long, is one that failed: code 127 or 124.
    """
    words = [str(word) for word in command]
    try:
        done = subprocess.run(
            words,
            check=False,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=timeout_s,
        )
    except subprocess.TimeoutExpired:
        return 124, f"no answer within {timeout_s:.0f} seconds"
    except OSError as error:
        return 127, str(error)
    return done.returncode, done.stdout.decode("utf-8", "replace")


def last_line(output: str) -> str:
    """The last line that says something: most programs put the reason there."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return lines[-1] if lines else "no reason given"
