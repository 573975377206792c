"""Connections that speak no HTTP, stop halfway, say nothing or ask without pause harm nobody."""

import os
import socket

import httpx
import pytest

from sync.protocol import codec
from sync.server import limits
from tests.support.pushes import some_replica, some_space
from tests.support.server import RunningServer
from tests.sync import rubbish
from tests.sync.rubbish import ANSWER_S_MAX

# The fixtures of this module, with a server of its own.
server = rubbish.server
owner = rubbish.owner
client = rubbish.client
still_works = rubbish.still_works


def test_headers_without_end_are_a_problem(server: RunningServer) -> None:
    head = b"GET /healthz HTTP/1.1\r\nhost: x\r\n"
    padding = b"".join(b"x-%d: %s\r\n" % (n, b"y" * 100) for n in range(1_000))

    answer = raw(server, head + padding + b"\r\n")

    assert answer.startswith(b"HTTP/1.1 4")
    assert codec.PROBLEM.encode() in answer


@pytest.mark.parametrize(
    "sent",
    [
        b"\r\n\r\n",
        b"hello\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\n\r\n",  # without a host
        b"GET /healthz HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
        b"POST /v1/join HTTP/1.1\r\nhost: x\r\ncontent-length: 9999999999999999999999\r\n\r\n",
        b"POST /v1/join HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello",
        b"POST /v1/join HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip\r\n\r\n",
        b"POST /v1/join HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
        b"transfer-encoding: chunked\r\n\r\nzz\r\n",
        b"GET /healthz HTTP/1.1\r\nhost: x\r\nx: a\x00b\r\n\r\n",
        b"\x00" * 100,
        b"GET " + b"/" * 20_000 + b" HTTP/1.1\r\nhost: x\r\n\r\n",
    ],
    ids=range(14),
)
def test_what_is_no_http_is_a_problem_or_hung_up_on(server: RunningServer, sent: bytes) -> None:
    answer = raw(server, sent)

    assert answer == b"" or answer.startswith(b"HTTP/1.1 4")
    assert answer == b"" or codec.PROBLEM.encode() in answer


def raw(server: RunningServer, sent: bytes) -> bytes:
    """Send bytes, end the sending, and read until the server hangs up."""
    answer = b""
    with socket.create_connection(("127.0.0.1", server.port), timeout=ANSWER_S_MAX) as connection:
        try:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            while part := connection.recv(65_536):
                answer += part
        except ConnectionError:  # it hung up while we were still sending
            return answer
    return answer


def test_a_request_that_stops_halfway_harms_nobody(
    server: RunningServer, client: httpx.Client
) -> None:
    head = b"POST /v1/sync/push HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\nhalf"
    halves = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(50)]
    for half in halves:
        half.sendall(head)

    assert client.get("/healthz").status_code == 200
    for half in halves:
        half.close()
    assert client.get("/healthz").status_code == 200


def test_a_connection_that_says_nothing_is_in_nobodys_way(
    server: RunningServer, client: httpx.Client
) -> None:
    silent = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(200)]

    assert client.get("/healthz").status_code == 200
    for one in silent:
        one.close()


def test_who_asks_without_pause_is_slowed_down_and_nobody_else(
    server: RunningServer, client: httpx.Client
) -> None:
    headers = {"authorization": f"Bearer {os.urandom(16).hex()}", "accept": codec.JSON}
    query = {"space": some_space(), "replica": some_replica()}
    with httpx.Client(base_url=server.url, headers=headers) as stranger:
        statuses = {
            stranger.get("/v1/sync/hello", params=query).status_code
            for _ in range(int(limits.REQUESTS_BURST) + 500)
        }

        slowed = stranger.get("/v1/sync/hello", params=query)

    assert statuses <= {401, 429}
    if slowed.status_code == 429:  # on a slow machine it never asks too fast
        assert int(slowed.headers["retry-after"]) >= 1
    assert client.get("/healthz").status_code == 200
