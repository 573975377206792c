"""What every package begins with: the checkout, its version, its commit's time, its wheel.

The version stands in pyproject.toml and nowhere else; times inside packages are the commit's, so
that one commit gives the same bytes whoever builds it and whenever.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
DIST: Final = ROOT / "dist"
# Flet's tools and PyInstaller delete and write `./build`, which is ours: they get a folder here.
STAGE: Final = DIST / "stage"


def settings() -> dict[str, Any]:
    """Read pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def version() -> str:
    """The version of this checkout."""
    number: str = settings()["project"]["version"]
    return number


def epoch() -> int:
    """When this commit was made, in seconds of Unix time; SOURCE_DATE_EPOCH where that is set."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    return int(given or said("git", "-C", str(ROOT), "log", "-1", "--format=%ct"))


def reproducible_env() -> dict[str, str]:
    """The environment of a step whose output is to depend on the commit alone."""
    return {**os.environ, "SOURCE_DATE_EPOCH": str(epoch()), "PYTHONHASHSEED": "0", "TZ": "UTC"}


def said(*command: str) -> str:
    """Run a program and give what it says; its failure is ours."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def build_python(folder: Path, target: str) -> Path:
    """Build the `sdist` or the `wheel` of this checkout into a folder; gives the file.

    By the backend that is installed with the other tools: no network, no isolated environment.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", place]
        subprocess.run(command, cwd=ROOT, env=reproducible_env(), check=True, capture_output=True)
        (built,) = Path(place).iterdir()
        return Path(shutil.copy(built, folder))


def unpack_wheel(folder: Path) -> None:
    """Put the program as a wheel has it (with its metadata, without the tests) into a folder."""
    with tempfile.TemporaryDirectory() as place:
        zipfile.ZipFile(build_python(Path(place), "wheel")).extractall(folder)


def write(path: Path, text: str, mode: int = 0o644) -> None:
    """Write a text file, with the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
