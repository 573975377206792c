"""The Chromium that the browser tests drive: found, or installed, or the tests do not start."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Callable

from interpreters import is_root_on_debian
from stop import Stop, output_of

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
INSTALL_TIMEOUT_S = 900.0  # about 150 MB with its libraries
PLAYWRIGHTS_OWN = """
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print("cairn " + playwright.chromium.executable_path)
"""
Say = Callable[[str], None]


def choose_ways(*, root_on_debian: bool) -> tuple[str, ...]:
    """Which ways of installing are tried, in order. The system's package brings its libraries."""
    return ("apt", "playwright") if root_on_debian else ("playwright",)


def what_helps(*, apt_at_hand: bool) -> str:
    """The command for a person where no way worked."""
    if apt_at_hand:
        return "sudo apt-get install chromium"
    return ".venv/bin/playwright install chromium"


def ensure_chromium(python: Path, say: Say) -> str:
    """Return the path of a Chromium, installing one if there is none; stop if that fails."""
    path = find_chromium(python)
    for way in () if path else choose_ways(root_on_debian=is_root_on_debian()):
        say(f"installing Chromium for the browser tests with {way} (once)")
        install(way, python)
        path = find_chromium(python)
        if path:
            break
    if not path:
        command = what_helps(apt_at_hand=shutil.which("apt-get") is not None)
        raise Stop(f"the tests need Chromium and it could not be installed; run: {command}")
    return path


def find_chromium(python: Path) -> str | None:
    """The one that the person names, one on PATH, or the one that Playwright keeps."""
    named = os.environ.get("CAIRN_CHROMIUM")
    if named:
        if not Path(named).exists():
            raise Stop(f"CAIRN_CHROMIUM names {named}, which is not there")
        return named
    on_path = next(filter(None, map(shutil.which, NAMES)), None)
    if on_path:
        return on_path
    _, output = output_of([python, "-c", PLAYWRIGHTS_OWN], timeout_s=60.0)
    kept = [line[6:] for line in output.splitlines() if line.startswith("cairn ")]
    return kept[0] if kept and Path(kept[0]).exists() else None


def install(way: str, python: Path) -> None:
    """Try one way. Whether it worked is seen by looking for the browser, not by exit codes."""
    if way == "apt":
        env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        # libatomic1: the Node inside Playwright's package links to it; a bare system lacks it.
        packages = ["chromium", "fonts-noto-core", "fonts-noto-color-emoji", "libatomic1"]
        output_of(["apt-get", "update", "-qq"], timeout_s=INSTALL_TIMEOUT_S, env=env)
        command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
        output_of(command, timeout_s=INSTALL_TIMEOUT_S, env=env)
    else:
        command = [str(python), "-m", "playwright", "install", "chromium"]
        output_of(command, timeout_s=INSTALL_TIMEOUT_S)
