"""TLS by a certificate that the server makes itself, known by the fingerprint in the invite."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from store.domain.errors import InvalidValue
from sync.client.link import InviteLink, build_link, parse_link, server_url
from sync.errors import Unreachable
from sync.protocol import routes
from sync.protocol.address import join_address, shown_address, split_address
from sync.server.certificate import FILE, kept_certificate
from sync.server.http import build_app
from sync.server.listening import CannotServe, bind, read_address
from sync.server.running import BoundedServer, config_of
from sync.transport.http import HttpTransport
from tests.support.asking import ask, create_space, join
from tests.support.memory_server import MemoryServer, memory_server
from tests.support.pushes import change, some_space
from tests.support.server import RunningServer, running_server

PIN = "ab" * 32
NOW_MS = 1_790_000_000_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running_server(tmp_path_factory.mktemp("tls"), options=("--tls",)) as running:
        yield running
        assert "Traceback" not in running.log()


async def test_a_pinned_server_is_spoken_to_and_a_space_shared_on_it(server: RunningServer) -> None:
    address = split_address(server.url)
    assert address.url.startswith("https://127.0.0.1:")
    assert address.pin is not None
    way = HttpTransport(server.url)

    alice = await create_space(way, server.setup_code)
    bob = await join(alice, "Bob", transport=HttpTransport(server.url))
    made = change()
    await alice.push(made)

    assert [row.hash for row in (await bob.pull()).rows] == [made.hash]
    for each in (way, bob.transport):
        await each.aclose()


async def test_somebody_else_at_the_address_hears_nothing(
    server: RunningServer, tmp_path: Path
) -> None:
    # The real server plays the stranger: it notes each request that it gets to read.
    lines_before = server.log().count("method=")
    way = HttpTransport(join_address(split_address(server.url).url, PIN))

    with pytest.raises(Unreachable, match="is not the server that the invite was for") as refused:
        await ask(way, routes.HEALTH, token="a token that must not leave")
    await way.aclose()

    assert refused.value.type == "wrong-certificate"
    assert server.log().count("method=") == lines_before


async def test_without_a_fingerprint_the_authorities_decide(server: RunningServer) -> None:
    """Whoever leaves the fingerprint out when they type the address is told so."""
    lines_before = server.log().count("method=")
    way = HttpTransport(split_address(server.url).url)

    with pytest.raises(Unreachable, match=r"Nobody vouches for .* with #sha256=") as refused:
        await ask(way, routes.HEALTH, token="a token that must not leave")
    await way.aclose()

    assert refused.value.type == "wrong-certificate"
    assert server.log().count("method=") == lines_before


async def test_plain_http_gets_no_answer_from_a_server_with_tls(server: RunningServer) -> None:
    way = HttpTransport(f"http://127.0.0.1:{server.port}")

    with pytest.raises(Unreachable):
        await ask(way, routes.HEALTH)
    await way.aclose()


def test_the_certificate_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    made = kept_certificate(tmp_path, NOW_MS)

    assert kept_certificate(tmp_path, NOW_MS + 1) == made
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
    other = kept_certificate(tmp_path.parent, NOW_MS)
    (tmp_path.parent / FILE).unlink()
    assert other.pin != made.pin


@pytest.mark.parametrize("content", [b"", b"rubbish", b"half"])
def test_a_file_that_is_no_certificate_stops_the_server_with_a_sentence(
    tmp_path: Path, content: bytes
) -> None:
    path = kept_certificate(tmp_path, NOW_MS).path
    path.write_bytes(path.read_bytes()[:200] if content == b"half" else content)

    with pytest.raises(CannotServe) as no:
        kept_certificate(tmp_path, NOW_MS)

    assert str(path) in no.value.detail
    assert (no.value.type, no.value.exit_status) == ("certificate", 1)


def test_without_tls_only_this_computer_is_served() -> None:
    for listen in ("0.0.0.0:1", "192.168.1.5:1", "[::]:1", "example.org:1"):
        with pytest.raises(CannotServe, match="add --tls") as no:
            read_address(listen)
        assert no.value.exit_status == 2
    assert read_address("127.0.0.1:1").url == "http://127.0.0.1:1"


def test_with_tls_any_address_is_served_and_named_so_that_others_reach_it() -> None:
    assert read_address("192.168.1.5:1", tls=True).host == "192.168.1.5"
    everywhere = read_address("0.0.0.0:1", tls=True)
    assert "0.0.0.0" not in everywhere.url


@pytest.mark.parametrize(
    "text",
    [
        f"https://hut.example:8787#sha256={PIN}",
        f"HTTPS://Hut.example:8787/#SHA256={PIN.upper()}",
        "https://hut.example:8787#sha256=" + ":".join(["AB"] * 32),
    ],
)
def test_an_address_is_kept_in_one_form_with_its_fingerprint(text: str) -> None:
    kept = server_url(text)

    assert kept == f"https://hut.example:8787#sha256={PIN}"
    assert shown_address(kept) == "https://hut.example:8787"
    link = InviteLink(kept, some_space(), "secret", "Hut")
    assert parse_link(build_link(link)) == link


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("http://192.168.1.5:8787", "use https"),
        ("http://hut.example", "use https"),
        (f"http://127.0.0.1:8787#sha256={PIN}", "https"),
        ("https://hut.example#top", "fingerprint"),
        (f"https://hut.example#sha256={PIN[:-1]}", "fingerprint"),
        (f"https://hut.example#md5={PIN}", "fingerprint"),
        (f"https://hut.example#sha256={PIN[:-1]}g", "fingerprint"),
    ],
)
def test_an_address_that_would_not_be_safe_is_one_sentence(text: str, says: str) -> None:
    with pytest.raises(InvalidValue, match=says):
        server_url(text)


async def test_the_certificate_is_the_same_after_a_restart(tmp_path: Path) -> None:
    with running_server(tmp_path, options=("--tls",)) as first:
        pin = split_address(first.url).pin
        assert first.stop() == 0
    with running_server(tmp_path, options=("--tls",)) as second:
        assert split_address(second.url).pin == pin


@asynccontextmanager
async def served_here(server: MemoryServer, folder: Path, handshake_s: float) -> AsyncIterator[int]:
    """Serve with TLS within this loop, with little time for handshakes."""
    ready = asyncio.Event()
    config = config_of(build_app(server.endpoint), kept_certificate(folder, NOW_MS))
    config.load()
    running = BoundedServer(
        config, ready.set, server.service.wakeups.stop, handshake_s_max=handshake_s
    )
    with bind(read_address("127.0.0.1:0", tls=True)) as sock:
        serving = asyncio.create_task(running.serve(sockets=[sock]))
        await ready.wait()
        yield sock.getsockname()[1]
        running.should_exit = True
        await serving


@pytest.mark.parametrize("hello", [b"", b"\x16\x03\x01\x02\x00\x01"])
async def test_a_handshake_that_stalls_is_cut_and_nobody_waits_for_it(
    tmp_path: Path, hello: bytes
) -> None:
    with memory_server(tmp_path / "data") as server:
        async with served_here(server, tmp_path, 2.0) as port, asyncio.timeout(20):
            stalled = [await asyncio.open_connection("127.0.0.1", port) for _ in range(20)]
            for _, writer in stalled:
                writer.write(hello)
            way = HttpTransport(
                join_address(f"https://127.0.0.1:{port}", kept_certificate(tmp_path, NOW_MS).pin)
            )

            assert (await ask(way, routes.HEALTH)).ok  # all workers are there for it
            for reader, writer in stalled:
                with contextlib.suppress(ConnectionResetError):
                    assert await reader.read() == b""  # hung up by the server
                writer.close()
            await way.aclose()
