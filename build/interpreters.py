"""Which Python makes `.venv`, and with what. The choices are pure; only `probe` runs anything."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Iterable, NamedTuple

from stop import output_of

SUPPORTED = ((3, 12), (3, 11))  # newest first; the official Automerge binding has wheels for these
PROBE_TIMEOUT_S = 20.0  # a cold start on a busy laptop; a version manager's shim may be slow too
PROBE = """
import sys
from importlib.util import find_spec
print("cairn", sys.version_info[0], sys.version_info[1],
      int(bool(find_spec("venv") and find_spec("ensurepip"))), int(bool(find_spec("pip"))))
"""


class Interpreter(NamedTuple):
    """A Python that answered when it was asked."""

    command: str
    version: tuple[int, int]
    makes_venvs: bool  # Debian splits ensurepip off into python3-venv
    has_pip: bool


def choose_interpreter(
    current: Interpreter | None, found: Iterable[Interpreter]
) -> Interpreter | None:
    """The Python that `.venv` is made of; None where none fits and one must be fetched.

    The one that runs this comes first, then the others in their order; one that can make an
    environment by itself goes before one that needs help.
    """
    everyone = [*([current] if current else []), *found]
    fitting = [python for python in everyone if python.version in SUPPORTED]
    able = [python for python in fitting if python.makes_venvs]
    return next(iter([*able, *fitting]), None)


def choose_venv_maker(
    chosen: Interpreter | None,
    *,
    uv_at_hand: bool,
    pip_at_hand: bool,
    virtualenv_at_hand: bool = False,
) -> str | None:
    """How `.venv` is made: "venv", "uv", "virtualenv", "fetched uv" (by pip), or None: no way.

    uv stands in twice: it needs no ensurepip, and it can fetch a Python where none fits.
    """
    if chosen and chosen.makes_venvs:
        return "venv"
    if uv_at_hand:
        return "uv"
    if chosen and virtualenv_at_hand:
        return "virtualenv"
    return "fetched uv" if pip_at_hand else None


def advice(chosen: Interpreter | None, *, apt_at_hand: bool) -> str:
    """What a person installs where there is no way to make `.venv`."""
    if chosen is None:
        return "Cairn needs Python 3.11 or 3.12, and there is no pip to fetch one with; install it"
    version = ".".join(map(str, chosen.version))
    if apt_at_hand:
        return f"this Python cannot make environments; run: apt-get install python{version}-venv"
    return f"Python {version} here has neither ensurepip nor pip; install it with both"


def probe(command: str) -> Interpreter | None:
    """Ask a Python what it is; None if it does not answer (a shim without its version, say)."""
    code, output = output_of([command, "-c", PROBE], timeout_s=PROBE_TIMEOUT_S)
    answers = [line.split()[1:] for line in output.splitlines() if line.startswith("cairn ")]
    if code != 0 or not answers:
        return None
    major, minor, makes_venvs, has_pip = map(int, answers[-1])
    return Interpreter(command, (major, minor), bool(makes_venvs), bool(has_pip))


def found_on_path() -> list[Interpreter]:
    """Every supported Python that PATH names and that answers, newest first."""
    found = []
    for version in SUPPORTED:
        command = shutil.which("python{}.{}".format(*version))
        python = probe(command) if command else None
        if python and python.version == version:
            found.append(python)
    return found


def current() -> Interpreter | None:
    """The Python that runs this, or the one that its own environment was made of."""
    base = getattr(sys, "_base_executable", None) or sys.executable
    return probe(base if base and Path(base).exists() else sys.executable)


def is_root_on_debian() -> bool:
    """Whether packages of the system can be installed without asking anyone."""
    return hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get") is not None
