"""The server as a process: how it starts, what it prints, what it logs, and how it ends."""

import asyncio
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from sync.errors import Busy, Unreachable
from sync.protocol import codec, routes
from sync.server.listening import Address, CannotServe, bind
from sync.transport.http import HttpTransport
from tests.support.asking import Member, ask, create_space, creation, join
from tests.support.pushes import change
from tests.support.server import RunningServer, running_server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    with running_server(tmp_path) as running:
        yield running
        assert "Traceback" not in running.log()


@pytest.fixture
async def way(server: RunningServer) -> AsyncIterator[HttpTransport]:
    transport = HttpTransport(server.url)
    yield transport
    await transport.aclose()


def run_to_its_end(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run a server that can't start."""
    return subprocess.run(
        [sys.executable, "-m", "sync.server", *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


# -- starting --------------------------------------------------------------------------------------


def test_one_ready_line_says_where_it_is_and_how_to_begin(server: RunningServer) -> None:
    said = json.loads(server.ready_line)

    assert said["ready"] is True
    assert re.fullmatch(r"http://127\.0\.0\.1:[1-9]\d+", said["url"])
    assert re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}", said["setup_code"])


async def test_nothing_comes_after_the_ready_line(
    server: RunningServer, way: HttpTransport
) -> None:
    await create_space(way, server.setup_code)

    server.stop()

    assert server.process.stdout is not None
    assert server.process.stdout.read() == b""


def test_without_json_the_ready_line_is_a_sentence(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "sync.server", "--listen", "127.0.0.1:0", "--data", str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
    finally:
        process.terminate()
        rest, _ = process.communicate(timeout=15)

    assert re.fullmatch(
        r"Cairn serves at http://127\.0\.0\.1:\d+ .*[0-9A-Z]{4}-[0-9A-Z]{4}\n", line
    )
    assert rest == ""
    assert process.returncode == 0


async def test_once_there_is_an_owner_no_setup_code_is_given(
    tmp_path: Path, server: RunningServer, way: HttpTransport
) -> None:
    await create_space(way, server.setup_code)
    server.stop()

    with running_server(tmp_path) as again:
        assert again.setup_code is None


def test_the_server_never_loads_automerge_nor_what_only_clients_need() -> None:
    program = (
        "import sys; import sync.server.process;"
        "print(sorted({name.partition('.')[0] for name in sys.modules}"
        " & {'automerge', 'httpx', 'typer', 'rich', 'flet', 'sqlite_utils', 'tenacity'}))"
    )

    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True
    )

    assert loaded.stdout.strip() == "[]"


# -- what it can't do ------------------------------------------------------------------------------


@pytest.mark.parametrize("listen", ["0.0.0.0:0", "192.0.2.1:0", "[::]:0", "example.org:80"])
def test_it_listens_on_this_computer_only(tmp_path: Path, listen: str) -> None:
    ended = run_to_its_end("--listen", listen, "--data", str(tmp_path))

    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.count("\n") == 1
    assert "--tls" in ended.stderr


@pytest.mark.parametrize(
    "listen", ["", "nonsense", "127.0.0.1:", "127.0.0.1:-1", "127.0.0.1:65536"]
)
def test_an_address_that_is_none_is_one_sentence(tmp_path: Path, listen: str) -> None:
    ended = run_to_its_end(f"--listen={listen}", "--data", str(tmp_path))

    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.count("\n") == 1


def test_an_address_in_use_is_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        ended = run_to_its_end("--listen", listen, "--data", str(tmp_path), "--json")

    error = json.loads(ended.stderr)["error"]
    assert (ended.returncode, ended.stdout) == (1, "")
    assert set(error) == {"type", "title", "detail"}
    assert "in use" in error["detail"]


def test_an_address_is_taken_before_anybody_is_answered_there() -> None:
    with bind(Address("127.0.0.1", 0)) as first, pytest.raises(CannotServe, match="in use"):
        bind(Address("127.0.0.1", first.getsockname()[1]))


def test_a_data_folder_that_cannot_be_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    ended = run_to_its_end("--listen", "127.0.0.1:0", "--data", str(tmp_path / "file" / "data"))

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.count("\n") == 1


def test_a_database_that_is_none_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "server.db").write_bytes(b"no database" * 1_000)

    ended = run_to_its_end("--listen", "127.0.0.1:0", "--data", str(tmp_path))

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.count("\n") == 1


def test_two_servers_never_share_a_data_folder(server: RunningServer) -> None:
    ended = run_to_its_end("--listen", "127.0.0.1:0", "--data", str(server.data))

    assert (ended.returncode, ended.stdout) == (1, "")
    assert "Another server" in ended.stderr


# -- ending ----------------------------------------------------------------------------------------


async def test_it_ends_at_once_and_well_though_somebody_waits(
    server: RunningServer, way: HttpTransport
) -> None:
    alice = await create_space(way, server.setup_code)
    waiting = asyncio.ensure_future(alice.wait())
    await _until_logged(server, way)

    status = await asyncio.to_thread(server.stop)

    assert status == 0
    with pytest.raises((Busy, Unreachable)):
        await waiting


async def _until_logged(server: RunningServer, way: HttpTransport) -> None:
    """Ask something after the long poll began, so that the server has read that one."""
    await ask(way, routes.HEALTH)


async def test_what_was_acknowledged_is_there_after_a_crash(
    tmp_path: Path, server: RunningServer, way: HttpTransport
) -> None:
    alice = await create_space(way, server.setup_code)
    made = [change() for _ in range(50)]
    await alice.push(*made)

    server.kill()

    with running_server(tmp_path) as again:
        transport = HttpTransport(again.url)
        bob = await join(Member(transport, alice.space, alice.token, alice.replica), "Bob")
        pulled = await bob.pull()
        await transport.aclose()
    assert [row.hash for row in pulled.rows] == [one.hash for one in made]


# -- what it says ----------------------------------------------------------------------------------


async def test_each_request_is_one_line_in_the_log_and_no_line_holds_a_secret(
    server: RunningServer, way: HttpTransport
) -> None:
    alice = await create_space(way, server.setup_code)
    secret = await alice.invite()
    await alice.push(change(title="my secret title"))
    server.stop()

    log = server.log()
    lines = [line for line in log.splitlines() if "method=" in line]
    assert len(lines) == 4
    for line in lines:
        assert re.search(
            r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INFO cairn\.server\.requests "
            r"method=(GET|POST) path=/v1/\S+ status=200 ms=\d+\.\d in=\d+ out=\d+ id=\S+$",
            line,
        )
    for hidden in (alice.token, secret, str(server.setup_code), "my secret title", alice.space):
        assert hidden not in log


def test_an_address_cannot_forge_a_line_of_the_log(server: RunningServer) -> None:
    httpx.get(f"{server.url}/x%0d%0a2026-01-01T00:00:00.000Z%20INFO%20forged")
    server.stop()

    assert not [line for line in server.log().splitlines() if line.startswith("2026-01-01")]


def test_every_answer_names_its_request(server: RunningServer) -> None:
    with httpx.Client(base_url=server.url) as client:
        named = client.get("/healthz", headers={"x-request-id": "kit-3-17"})
        problem = client.get("/nowhere", headers={"x-request-id": "kit 3\t17"})

    assert named.headers["x-request-id"] == "kit-3-17"
    assert problem.headers["x-request-id"] == problem.json()["request_id"] != "kit 3\t17"


def test_a_person_reads_the_health_with_any_tool(server: RunningServer) -> None:
    answer = httpx.get(f"{server.url}/healthz")

    assert answer.json() == {"ok": True, "protocol": 1}


async def test_json_is_spoken_to_who_asks_for_it(server: RunningServer) -> None:
    transport = HttpTransport(server.url, media_type=codec.JSON)
    alice = await create_space(transport, server.setup_code)
    bob = await join(alice, "Bob")
    rope = change()

    await alice.push(rope)
    pulled = await bob.pull()
    await transport.aclose()

    assert pulled.rows == [rope.row]


def test_a_large_answer_is_compressed_only_for_who_can_read_it(
    server: RunningServer,
) -> None:
    body = creation(server.setup_code)
    with httpx.Client(base_url=server.url, headers={"accept": codec.JSON}) as client:
        joined = client.post(
            "/v1/spaces",
            content=codec.encode(body, codec.JSON),
            headers={"content-type": codec.JSON},
        ).json()
        bearer = {"authorization": f"Bearer {joined['token']}"}
        push = {"space": joined["space"], "rows": []}
        client.post("/v1/sync/push", json=push, headers=bearer)
        plain = client.get(
            f"/v1/devices?space={joined['space']}", headers={**bearer, "accept-encoding": "gzip"}
        )

    assert "content-encoding" not in plain.headers
    assert plain.json()["devices"][0]["person"] == "Alice"


async def test_many_devices_at_once_all_get_their_changes_in(
    server: RunningServer, way: HttpTransport
) -> None:
    alice = await create_space(way, server.setup_code)
    members = [await join(alice, f"P{number}") for number in range(8)]
    transports = [HttpTransport(server.url) for _ in members]
    crowd = [
        Member(transport, member.space, member.token, member.replica)
        for transport, member in zip(transports, members, strict=True)
    ]

    answers = await asyncio.gather(
        *[member.push(*[change() for _ in range(20)]) for member in crowd for _ in range(3)]
    )
    for transport in transports:
        await transport.aclose()

    assert sum(answer.accepted for answer in answers) == 8 * 3 * 20
    assert (await alice.hello()).server.seq == 480


def test_the_data_folder_is_for_its_owner_only(server: RunningServer) -> None:
    assert server.data.stat().st_mode & 0o077 == 0
    assert os.name == "nt" or (server.data / "server.db").stat().st_mode & 0o002 == 0


def test_answers_on_a_kept_connection_come_at_once(server: RunningServer) -> None:
    """With Nagle's algorithm each would wait 40 ms for the other side's delayed acknowledgement."""
    with httpx.Client(base_url=server.url) as client:
        client.get("/healthz")
        took_s = sorted(_seconds(client) for _ in range(21))

    assert took_s[10] < 0.030


def _seconds(client: httpx.Client) -> float:
    began_s = time.perf_counter()
    client.get("/healthz")
    return time.perf_counter() - began_s
