"""A server behind the proxies of `build/server/`: devices sync, wait, are refused through them."""

import contextlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from store import peers
from store.domain.limits import BODY_BYTES_MAX
from store.replica import Replica
from sync.client.scheduler import HINT_S_MAX
from sync.protocol import codec
from sync.protocol.routes import PUSH, WAIT
from tests.packages.proxies import EXAMPLES, PROXIES, Proxy
from tests.support.server import running_server

TRIES = 5


@dataclass(frozen=True)
class Device:
    """Somebody's home, behind a proxy."""

    home: Path
    proxy: Proxy

    def run(self, *words: str) -> Any:
        """Type a command; give back its JSON."""
        done = subprocess.run(
            [sys.executable, "-m", "app", "--home", str(self.home), "--json", *words],
            env={**os.environ, "SSL_CERT_FILE": str(self.proxy.certificate)},
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout)

    def space(self) -> tuple[str, dict[str, str]]:
        """The shared space's id, and the header that opens it."""
        with Replica.open(self.home) as replica, replica.db.read() as conn:
            (peer,) = peers.peers(conn)
        return peer.space, {"authorization": f"Bearer {peer.token}"}


@dataclass(frozen=True)
class Camp:
    """Two devices that share a space through a proxy."""

    proxy: Proxy
    ann: Device
    bea: Device


@pytest.fixture(params=sorted(PROXIES))
def camp(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Camp]:
    """A server, a proxy in front of it, and two devices that have joined."""
    with (
        running_server(tmp_path) as server,
        PROXIES[request.param](tmp_path / "proxy", server.port) as proxy,
    ):
        ann, bea = Device(tmp_path / "ann", proxy), Device(tmp_path / "bea", proxy)
        code = server.setup_code or ""
        ann.run("space", "create", "Trip", "--server", proxy.url, "--setup-code", code)
        bea.run("join", ann.run("invite")["link"])
        yield Camp(proxy, ann, bea)


def test_devices_sync_wait_and_are_refused_through_a_proxy(camp: Camp) -> None:
    """One test, as a proxy and a server take longer to start than all of it."""
    two_devices_have_the_same(camp)
    a_long_poll_is_answered_when_something_arrives(camp)
    a_body_of_the_largest_size_is_cairns_to_judge(camp)
    what_is_too_large_is_refused_as_that(camp)
    its_metrics_are_not_for_outside(camp)


def two_devices_have_the_same(camp: Camp) -> None:
    camp.ann.run("add", "Wax the boots")
    camp.ann.run("sync")
    camp.bea.run("sync")

    assert camp.bea.run("digest") == camp.ann.run("digest")
    assert [task["title"] for task in camp.bea.run("tasks")] == ["Wax the boots"]


def a_long_poll_is_answered_when_something_arrives(camp: Camp) -> None:
    space, header = camp.bea.space()
    with Replica.open(camp.bea.home) as replica, replica.db.read() as conn:
        cursor = peers.peers(conn)[0].pull_cursor or ""
    asked = {"space": space, "cursor": cursor, "timeout_s": f"{HINT_S_MAX}"}
    with camp.proxy.client() as client, ThreadPoolExecutor(1) as aside:
        header["accept"] = codec.JSON
        waiting = aside.submit(client.get, WAIT.path, params=asked, headers=header)
        camp.ann.run("add", "Fetch the stove")
        camp.ann.run("sync")
        answer = waiting.result()

    assert codec.decode(answer.content, WAIT.reply, codec.JSON).news


def a_body_of_the_largest_size_is_cairns_to_judge(camp: Camp) -> None:
    answer = _push(camp, b"x" * BODY_BYTES_MAX)

    assert answer.status_code == httpx.codes.BAD_REQUEST
    assert answer.headers["content-type"] == codec.PROBLEM


def what_is_too_large_is_refused_as_that(camp: Camp) -> None:
    for size in (BODY_BYTES_MAX + 1, 7 << 20):
        answer = _push(camp, b"x" * size)

        assert answer.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE
        assert answer.headers["content-type"] == codec.PROBLEM


def its_metrics_are_not_for_outside(camp: Camp) -> None:
    with camp.proxy.client() as client:
        assert client.get("/metrics").status_code == httpx.codes.NOT_FOUND


@pytest.mark.parametrize(
    ("example", "setting"),
    [
        ("nginx.conf", r"proxy_read_timeout (\d+)s"),
        ("Caddyfile", r"response_header_timeout (\d+)s"),
    ],
)
def test_a_proxy_waits_longer_than_a_long_poll_is_silent(example: str, setting: str) -> None:
    found = re.search(setting, (EXAMPLES / example).read_text())

    assert found is not None
    assert int(found[1]) > HINT_S_MAX + 5


def _push(camp: Camp, body: bytes) -> httpx.Response:
    """Push, again where the connection breaks.

    A proxy that still sends when it is answered may drop the answer half way; a device tries again.
    """
    _, header = camp.ann.space()
    headers = {**header, "content-type": codec.MSGPACK}
    with camp.proxy.client() as client:
        for _ in range(TRIES - 1):
            with contextlib.suppress(httpx.RemoteProtocolError):
                return client.post(PUSH.path, content=body, headers=headers)
        return client.post(PUSH.path, content=body, headers=headers)
