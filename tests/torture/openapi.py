"""Schemathesis against a running server, by the protocol's own OpenAPI document."""

import re
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import httpx

from sync.protocol import codec, routes
from tests.support.asking import creation
from tests.support.server import running_server
from tests.torture.results import Row

DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "openapi.json"
CHECKS: Final = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)


def run(seconds: int) -> Row:
    """Ask everything but for news, which waits, for so many seconds.

    Raises:
        SystemExit: Schemathesis is not installed.
    """
    if find_spec("schemathesis") is None:
        raise SystemExit("This needs Schemathesis: run `.venv/bin/pip install schemathesis`.")
    with tempfile.TemporaryDirectory() as folder, running_server(Path(folder)) as server:
        url = server.url.partition("#")[0]
        token = _token(url, server.setup_code)
        done = subprocess.run(
            [sys.executable, "-m", "schemathesis.cli", *_options(url, token, seconds)],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        log = server.log()
    tried = re.findall(r"(\d+ generated, \d+ passed.*)", done.stdout)
    is_well = done.returncode == 0 and "Traceback" not in log and "status=500" not in log
    failed = "" if is_well else done.stdout[-2_000:].replace("\n", " ")
    return Row(f"schemathesis for {seconds} s", " ".join(tried), failed, 0.0)


def _token(url: str, setup_code: str | None) -> str:
    joined = httpx.post(
        f"{url}{routes.CREATE_SPACE.path}",
        content=codec.encode(creation(setup_code), codec.JSON),
        headers={"content-type": codec.JSON, "accept": codec.JSON},
    )
    return str(joined.json()["token"])


def _options(url: str, token: str, seconds: int) -> list[str]:
    headers = ["-H", f"Authorization: Bearer {token}", "-H", f"Accept: {codec.JSON}"]
    bounds = ["--max-time", str(seconds), "--request-timeout", "30"]
    left_out = ["--exclude-path", routes.WAIT.path]
    checks = ["--checks", ",".join(CHECKS)]
    return ["run", str(DOCUMENT), "--url", url, *headers, *bounds, *left_out, *checks]
