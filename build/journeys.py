"""What each command of `bootstrap.py` does, step by step; the siblings do the steps."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Callable

import browser
import environment
import locks
from stop import Stop

__all__ = ["COMMANDS", "Stop"]

ROOT = Path(__file__).resolve().parent.parent
Say = Callable[[str], None]


def setup(arguments: list[str], say: Say) -> int:
    """Make `.venv`; with `--dev` also what the tests, the linters and the type checker need."""
    if [argument for argument in arguments if argument != "--dev"]:
        raise Stop("setup takes --dev and nothing else")
    dev = "--dev" in arguments
    environment.ensure(ROOT, dev=dev, say=say)
    if not dev:
        environment.ensure_window(ROOT, retry=True, say=say)
    return 0


def run(arguments: list[str], say: Say) -> int:
    """Start the app. A second start finds everything in place and asks no network."""
    environment.ensure(ROOT, dev=False, say=say)
    environment.ensure_window(ROOT, retry=False, say=say)
    return become([str(environment.script(ROOT, "cairn")), *arguments], os.environ.copy())


def test(arguments: list[str], say: Say) -> int:
    """Run the tests, with a Chromium for those that drive the app as a person would."""
    environment.ensure(ROOT, dev=True, say=say)
    python = environment.python_of(ROOT)
    chromium = browser.ensure_chromium(python, say)
    os.chdir(str(ROOT))
    command = [str(python), "-m", "pytest", *_on_all_cores(arguments), *arguments]
    return become(command, {**os.environ, "CAIRN_CHROMIUM": chromium})


def _on_all_cores(arguments: list[str]) -> list[str]:
    """Spread the whole suite over the cores; a choice of tests starts sooner without workers.

    By group, so that what is dear to make (a bundle) is made by one worker only.
    """
    return [] if arguments else ["--numprocesses", "auto", "--dist", "loadgroup"]


def lock(arguments: list[str], say: Say) -> int:
    """Write the lock files anew; `--upgrade` takes newer versions, `--upgrade-package X` one."""
    locks.write(ROOT, arguments)
    say("the lock files are written; run the tests, then keep them with pyproject.toml")
    return 0


def become(command: list[str], env: dict[str, str]) -> int:
    """Let the program take this process's place, so that signals and the exit code are its own."""
    sys.stdout.flush()
    if os.name == "posix":
        os.execve(command[0], command, env)
    return subprocess.call(command, env=env)  # Windows' exec returns to the shell at once


COMMANDS: dict[str, Callable[[list[str], Say], int]] = {
    "setup": setup,
    "run": run,
    "test": test,
    "lock": lock,
}
