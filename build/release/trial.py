"""Tries a wheel where nothing is installed: pipx makes it a place, and two people use it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

INSTALL_S_MAX = 900
COMMAND_S_MAX = 60


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

    def run(*words: str) -> Any:
        done = subprocess.run(
            [str(cairn), "--json", *words],
            check=True,
            capture_output=True,
            text=True,
            timeout=COMMAND_S_MAX,
            cwd=place,
        )
        return json.loads(done.stdout) if done.stdout.strip() else None

    ann, bea = ("--home", str(place / "ann")), ("--home", str(place / "bea"))
    expect(run("--version")["version"] == version, "the version is another one")
    served = [str(cairn), "--json", "serve", "--listen", "127.0.0.1:0", "--data"]
    with (
        (place / "server.log").open("w", encoding="utf-8") as log,
        subprocess.Popen(
            [*served, str(place / "server")],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            cwd=place,
        ) as server,
    ):
        assert server.stdout is not None
        try:
            ready = json.loads(server.stdout.readline())
            run(
                *ann,
                *("space", "create", "Trip", "--server", ready["url"]),
                "--setup-code",
                ready["setup_code"],
            )
            run(*ann, "add", "Wax the boots")
            run(*ann, "sync")
            run(*bea, "join", run(*ann, "invite")["link"])
            run(*bea, "sync")
            titles = [task["title"] for task in run(*bea, "tasks")]
            expect(titles == ["Wax the boots"], "what one wrote did not reach the other")
        finally:
            server.terminate()
    expect(server.returncode == 0, f"the server ended with {server.returncode}")


def expect(is_so: bool, otherwise: str) -> None:
    """Stop where something is not as it should be."""
    if not is_so:
        raise SystemExit(f"The release is not good: {otherwise}.")
