"""Writes the lock files anew: every version pinned, every published file's hash, no addresses.

One resolution serves Linux, macOS and Windows on 3.11 and 3.12; what is locked keeps its version
unless pyproject.toml forbids it or `--upgrade` asks for newer ones.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

import environment
from stop import Stop, last_line, output_of

TIMEOUT_S = 600.0
OPTIONS = [
    *("--universal", "--python-version", "3.11", "--generate-hashes", "--no-config"),
    *("--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links", "--quiet"),
]
RUNTIME = ["pyproject.toml", "--group", "build"]  # `build` puts the checkout itself in place


def write(root: Path, options: list[str]) -> None:
    """Write both lock files; the developers' one has the runtime's very versions in it."""
    with tempfile.TemporaryDirectory(prefix="cairn-") as folder:
        uv = shutil.which("uv") or environment.fetch_uv(root, sys.executable, Path(folder))
        compile_lock(root, uv, [*RUNTIME, *options], environment.LOCKS[False])
        pins = ["--group", "dev", "--group", "package", "--constraints", environment.LOCKS[False]]
        compile_lock(root, uv, [*RUNTIME, *pins, *options], environment.LOCKS[True])


def compile_lock(root: Path, uv: str, inputs: list[str], name: str) -> None:
    """Resolve one lock file. The settings of this machine's uv have no say in it."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("UV_")}
    command = [uv, "--directory", str(root), "pip", "compile", *inputs, *OPTIONS]
    code, output = output_of([*command, "--output-file", name], timeout_s=TIMEOUT_S, env=env)
    if code != 0:
        raise Stop(f"could not write {name}: {last_line(output)}")
