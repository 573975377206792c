"""Tries a wheel where nothing is installed: pipx makes it a place, and two people use it."""

import os
import subprocess
import sys
from pathlib import Path

from release.program import Program

INSTALL_S_MAX = 900


def install(wheel: Path, place: Path) -> Path:
    """Install a wheel by pipx into a folder, nothing of this environment in it; gives `cairn`."""
    env = {
        **{
            key: value
            for key, value in os.environ.items()
            if key not in ("PYTHONPATH", "VIRTUAL_ENV")
        },
        "PIPX_HOME": str(place / "pipx"),
        "PIPX_BIN_DIR": str(place / "bin"),
        "PIPX_MAN_DIR": str(place / "man"),
        "PIPX_DEFAULT_PYTHON": sys.executable,
    }
    command = [sys.executable, "-m", "pipx", "install", "--quiet", str(wheel)]
    subprocess.run(command, check=True, env=env, timeout=INSTALL_S_MAX, cwd=place)
    return place / "bin" / ("cairn.exe" if os.name == "nt" else "cairn")


def use(cairn: Path, place: Path, version: str) -> None:
    """Add, serve, sync: what one wrote, the other has.

    Raises:
        SystemExit: something is not as it should be.
    """
    run = Program(cairn, place)
    expect(run("ann", "--version")["version"] == version, "the version is another one")
    with run.serving() as ready:
        created = ("space", "create", "Trip", "--server", ready["url"])
        run("ann", *created, "--setup-code", ready["setup_code"])
        run("ann", "add", "Wax the boots")
        run("ann", "sync")
        run("bea", "join", run("ann", "invite")["link"])
        run("bea", "sync")
        titles = [task["title"] for task in run("bea", "tasks")]
    expect(titles == ["Wax the boots"], "what one wrote did not reach the other")


def expect(is_so: bool, otherwise: str) -> None:
    """Stop where something is not as it should be."""
    if not is_so:
        raise SystemExit(f"The release is not good: {otherwise}.")
