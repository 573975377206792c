"""The container file of the server: what it copies is there, and its health check tells the truth.

Building it needs an engine and a base image: `docs/packages.md` says how far that was done.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import project
from tests.support.server import running_server

FILE = project.ROOT / "build/server/Containerfile"
TEXT = FILE.read_text(encoding="utf-8")
# Docker, podman and buildah find it by this name.
LET_THROUGH = FILE.with_name(f"{FILE.name}.dockerignore")
STEPS = re.sub(r"\\\n\s*", "", re.sub(r"^\s*#.*\n", "", TEXT, flags=re.M)).splitlines()
LAST = STEPS[[n for n, step in enumerate(STEPS) if step.startswith("FROM")][-1] :]


def steps(kind: str, among: list[str] = STEPS) -> list[str]:
    return [step.partition(" ")[2] for step in among if step.startswith(kind + " ")]


def test_what_it_copies_is_there_and_let_through() -> None:
    let_through = LET_THROUGH.read_text(encoding="utf-8").splitlines()
    copied = [words.split()[:-1] for words in steps("COPY") if not words.startswith("--from")]

    assert len(copied) > 1
    for name in (name for names in copied for name in names):
        assert (project.ROOT / name).exists(), name
        assert any(line.startswith(f"!{name}") for line in let_through), name


def test_it_runs_as_nobody_in_particular_on_a_volume() -> None:
    assert steps("USER", LAST) == ["cairn"]
    assert steps("VOLUME", LAST) == ["/data"]
    assert any("--uid 10001" in step for step in steps("RUN", LAST))
    assert "slim" in steps("ARG")[0]


def test_whom_others_reach_encrypts() -> None:
    (environment,) = steps("ENV", LAST)

    assert "CAIRN_LISTEN=0.0.0.0:8787" in environment
    assert "CAIRN_TLS=1" in environment


def test_its_health_check_is_healthy_while_the_server_is_and_not_after(tmp_path: Path) -> None:
    (check,) = steps("HEALTHCHECK", LAST)
    command = json.loads(check.partition("CMD ")[2])
    assert command[0].startswith("/opt/cairn/")

    def healthy(port: int) -> bool:
        here = [sys.executable, command[1], command[2].replace(":8787/", f":{port}/")]
        done = subprocess.run(here, capture_output=True, check=False, timeout=60, env=os.environ)
        return done.returncode == 0

    with running_server(tmp_path, options=("--tls",)) as server:
        port = server.port
        assert healthy(port)
    assert not healthy(port)
