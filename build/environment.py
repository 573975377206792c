"""`.venv`: made once, filled from the lock files with hashes, and known again by a stamp.

The stamp is a digest of all that the content follows from. While it fits, a start costs two small
reads and no network; it is written last, so an interrupted set-up is simply done again.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Callable

import interpreters
from stop import Stop, last_line, output_of

FORMAT = b"1"  # Raise it to have every environment filled anew.
LOCKS = {False: "requirements.lock", True: "requirements-dev.lock"}
INSTALL_TIMEOUT_S = 1800.0  # about 150 MB: a slow line is no reason to give up
VENV_TIMEOUT_S = 600.0  # may fetch a Python
WINDOW_TIMEOUT_S = 120.0  # the app works without it, so it may not keep anyone waiting
WINDOW_PROBE = """
import socket
socket.setdefaulttimeout(10)
import flet_desktop
flet_desktop.ensure_client_cached()
"""
UNREACHABLE = ("NewConnectionError", "NameResolutionError", "Max retries", "timed out", "SSLError")
Say = Callable[[str], None]


def script(root: Path, name: str) -> Path:
    """Where the environment keeps a program."""
    windows = os.name == "nt"
    return root / ".venv" / ("Scripts" if windows else "bin") / (name + ".exe" * windows)


def python_of(root: Path) -> Path:
    """The environment's Python."""
    return script(root, "python")


def stamp(root: Path, *, dev: bool) -> str:
    """A digest of what the environment follows from: locks, project, its Python, its place.

    The place counts because programs in an environment name it in full.
    """
    digest = hashlib.sha256(FORMAT + os.fsencode(str(root)))
    sources = [root / "pyproject.toml", root / ".venv" / "pyvenv.cfg", root / LOCKS[False]]
    for source in [*sources, *([root / LOCKS[True]] if dev else [])]:
        content = source.read_bytes() if source.exists() else b""
        digest.update(b"%d\0" % len(content) + content)
    return digest.hexdigest()


def remembered(root: Path) -> dict[str, str]:
    """What the last set-up wrote down; empty if it never ended well."""
    try:
        noted = json.loads(stamp_path(root).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(key): str(value) for key, value in noted.items()} if isinstance(noted, dict) else {}


def stamp_path(root: Path) -> Path:
    """The file that the set-up writes last."""
    return root / ".venv" / "cairn-setup.json"


def remember(root: Path, **changed: str) -> None:
    """Write the stamps down, whole or not at all."""
    draft = stamp_path(root).with_suffix(".draft")
    draft.write_text(json.dumps({**remembered(root), **changed}), encoding="utf-8")
    draft.replace(stamp_path(root))


def is_ready(root: Path, *, dev: bool) -> bool:
    """Whether nothing needs to be done. The test tools come on top, so `dev` serves both."""
    if not python_of(root).exists():  # also False if the Python it was made of is gone
        return False
    noted = remembered(root)
    if noted.get("dev") == stamp(root, dev=True):
        return True
    return not dev and noted.get("runtime") == stamp(root, dev=False)


def ensure(root: Path, *, dev: bool, say: Say) -> None:
    """Bring `.venv` to what the lock says; does nothing, quickly, when it is there already."""
    if is_ready(root, dev=dev):
        return
    if not has_fitting_python(root):
        make(root, say)
    say(f"installing the packages of {LOCKS[dev]} (once; a minute or two)")
    fill(root, dev=dev)
    remember(root, **{"dev" if dev else "runtime": stamp(root, dev=dev)})


def has_fitting_python(root: Path) -> bool:
    """Whether the environment that is there can be kept."""
    python = interpreters.probe(str(python_of(root))) if python_of(root).exists() else None
    return bool(python and python.version in interpreters.SUPPORTED and python.has_pip)


def make(root: Path, say: Say) -> None:
    """Make an empty `.venv` with a Python that fits, by whatever means this machine has."""
    clear(root)
    current = interpreters.current()
    found = interpreters.found_on_path()
    chosen = interpreters.choose_interpreter(current, found)
    pips = [python.command for python in [current, *found] if python and python.has_pip]
    uv = shutil.which("uv")
    maker = interpreters.choose_venv_maker(
        chosen,
        uv_at_hand=bool(uv),
        pip_at_hand=bool(pips),
        virtualenv_at_hand=shutil.which("virtualenv") is not None,
    )
    if maker is None:
        raise Stop(interpreters.advice(chosen, apt_at_hand=shutil.which("apt-get") is not None))
    if chosen is None:
        say("no Python 3.11 or 3.12 here; fetching one with uv (once)")
    with tempfile.TemporaryDirectory(prefix="cairn-") as folder:
        if maker == "fetched uv":
            uv = fetch_uv(root, pips[0], Path(folder))
        command = venv_command(root, maker, uv, chosen)
        code, output = output_of(command, timeout_s=VENV_TIMEOUT_S)
    if code != 0:
        clear(root)
        raise Stop(f"could not make .venv ({last_line(output)}); {remedy(chosen)}")


def venv_command(
    root: Path, maker: str, uv: str | None, chosen: interpreters.Interpreter | None
) -> list[str]:
    """The command that makes the environment. `--seed` puts pip in, which fills it."""
    place = str(root / ".venv")
    if maker == "venv" and chosen:
        return [chosen.command, "-m", "venv", place]
    if maker == "virtualenv" and chosen:
        return ["virtualenv", "--quiet", "--python", chosen.command, place]
    python = chosen.command if chosen else "3.12"
    return [str(uv), "venv", "--no-project", "--no-config", "--seed", "--python", python, place]


def remedy(chosen: interpreters.Interpreter | None) -> str:
    """What helps when making the environment failed half way."""
    if chosen is None:
        return "install Python 3.11 or 3.12 and run this again"
    return "check this Python and the network, then run this again"


def fetch_uv(root: Path, python: str, folder: Path) -> str:
    """Get the pinned uv into a throw-away folder; nothing of the system is touched."""
    lock = root / "build" / "tools.lock"
    command = [python, "-m", "pip", "install", "--quiet", "--require-hashes", "--no-deps"]
    code, output = output_of([*command, "--target", folder, "-r", lock], timeout_s=VENV_TIMEOUT_S)
    if code != 0:
        raise Stop(f"could not fetch uv, which would make .venv: {why_pip_failed(output)}")
    return str(folder / "bin" / ("uv.exe" if os.name == "nt" else "uv"))


def clear(root: Path) -> None:
    """Remove an environment that cannot be kept, and nothing that is not one."""
    place = root / ".venv"
    if place.is_dir() and any(place.iterdir()) and not (place / "pyvenv.cfg").exists():
        raise Stop(f"{place} is there but is no Python environment; move it away, then run again")
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(str(place))
    elif place.is_symlink() or place.exists():
        raise Stop(f"{place} is not a folder of this checkout; move it away, then run again")


def fill(root: Path, *, dev: bool) -> None:
    """Install the lock, each file checked against its hash, then this checkout in place.

    What is there already is not asked for again: with an unchanged lock this needs no network.
    """
    pip: list[str | Path] = [
        python_of(root),
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--no-input",
    ]
    steps = (
        ["install", "--require-hashes", "--only-binary", ":all:", "-r", str(root / LOCKS[dev])],
        ["install", "--no-index", "--no-deps", "--no-build-isolation", "-e", str(root)],
    )
    log = root / ".venv" / "setup.log"
    log.write_text("", encoding="utf-8")
    for step in steps:
        code, output = output_of([*pip, *step], timeout_s=INSTALL_TIMEOUT_S)
        with log.open("a", encoding="utf-8") as file:
            file.write(output)
        if code != 0:
            raise Stop(f"{why_pip_failed(output)} (all of it: {log})")


def why_pip_failed(output: str) -> str:
    """One line out of pip's many: what went wrong and what to do."""
    if "DO NOT MATCH THE HASHES" in output:
        return "a downloaded package is not the one that the lock names; do not use it, try again"
    if "No space left" in output:
        return "the disk is full; make room (about 1 GB), then run this again"
    if any(sign in output for sign in UNREACHABLE):
        return "the package index could not be reached; connect to the network, then run this again"
    errors = [line for line in output.splitlines() if line.startswith("ERROR:")]
    return f"pip could not install: {(errors or [last_line(output)])[0]}"


def ensure_window(root: Path, *, retry: bool, say: Say) -> None:
    """Fetch Flet's desktop client once. Without it the app opens in the browser: never stop.

    The outcome is noted, so that a start without a network does not wait for it each time.
    """
    noted = remembered(root).get("window")
    if noted == "ready" or (noted is not None and not retry):
        return
    if os.environ.get("FLET_VIEW_PATH"):  # the person brought a client
        return
    code, output = output_of(
        [python_of(root), "-u", "-c", WINDOW_PROBE], timeout_s=WINDOW_TIMEOUT_S
    )
    why = re.sub(r"^[\w.]+: |<urlopen error (?:\[.*?\] )?|>$", "", last_line(output))
    if code != 0:
        say(f"no desktop window, its client could not be fetched ({why}); a browser shows the app")
    remember(root, window="ready" if code == 0 else why)
