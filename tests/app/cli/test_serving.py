"""`cairn serve`: where it listens, how it is encrypted and set up, and why it could not begin."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.app.cli.conftest import Cairn, Person, both_sync
from tests.app.cli.serving import ANY_PORT, Serving, serving


def test_a_server_that_cannot_start_says_why_on_one_line(server: Serving, tmp_path: Path) -> None:
    taken = server.url.removeprefix("http://")
    for listen, status in ((taken, 1), ("nonsense", 2), ("0.0.0.0:0", 2)):
        failed = subprocess.run(
            [sys.executable, "-m", "app", "serve", "--listen", listen, "--json"],
            env={**os.environ, "CAIRN_HOME": str(tmp_path / "other")},
            capture_output=True,
            check=False,
        )
        assert failed.returncode == status
        assert failed.stdout == b""
        assert set(json.loads(failed.stderr)["error"]) == {"type", "title", "detail"}


def test_a_server_with_tls_is_known_by_the_fingerprint_that_the_link_carries(
    cairn: Cairn, tmp_path: Path
) -> None:
    with serving(tmp_path / "server", *ANY_PORT, "--tls") as server:
        ann, ben = Person(cairn, tmp_path / "ann"), Person(cairn, tmp_path / "ben")
        code = server.ready["setup_code"]
        ann("space", "create", "Hut", "--server", server.url, "--setup-code", code)
        ann("add", "Buy rope")
        link = ann("invite", "--json").value["link"]
        assert "%23sha256%3D" in link
        ben("join", link)
        both_sync(ann, ben)

        assert [task["title"] for task in ben("tasks", "--json").value] == ["Buy rope"]
        assert "sha256" not in ann("status").out


def test_a_server_is_configured_by_its_environment_too(tmp_path: Path) -> None:
    data = tmp_path / "data"
    environment = {"CAIRN_LISTEN": "127.0.0.1:0", "CAIRN_DATA": str(data), "CAIRN_TLS": "1"}
    with serving(tmp_path / "home", **environment) as server:
        assert server.url.startswith("https://127.0.0.1:")
        assert {"server.db", "tls.pem"} <= {path.name for path in data.iterdir()}


def test_the_help_of_serve_names_options_and_environment(cairn: Cairn) -> None:
    told = cairn("serve", "--help").out

    for name in ("CAIRN_LISTEN", "CAIRN_DATA", "CAIRN_TLS", "/healthz", "SIGTERM"):
        assert name in told
