"""A home that serves for real: TLS, an address of its own, and a code tried at who is found."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from store.commands.patches import NewTask
from store.domain.errors import DomainError
from store.replica import Replica
from sync.client.engine import Engine
from sync.client.membership import Membership
from sync.errors import Unreachable
from sync.peer.discovery import Found
from sync.peer.host import PeerHost, code_of_served, serving_url
from sync.peer.joining import Looking, join_by_code, join_given
from sync.protocol.address import join_address, split_address
from sync.server.certificate import FILE
from sync.server.listening import CannotServe
from sync.server.running import BoundedServer
from sync.transport.http import HttpTransport
from tests.support.long_polls import until_waiting
from tests.sync.peer.homes import PIN, peers_of, person

HERE = "127.0.0.1:0"


@asynccontextmanager
async def hosting(replica: Replica, listen: str = HERE) -> AsyncIterator[PeerHost]:
    host = PeerHost(replica, announce=False)
    await host.start(listen)
    try:
        yield host
    finally:
        await host.stop()


@pytest.fixture
def ann(tmp_path: Path) -> "Replica":
    return person(tmp_path, "ann")


@pytest.fixture
def ben(tmp_path: Path) -> "Replica":
    return person(tmp_path, "ben")


async def joined(ben: Replica, host: PeerHost) -> None:
    assert host.served is not None
    code = await asyncio.to_thread(host.show_code, "Personal")
    await Membership(ben, HttpTransport).join_device(code.code, host.served.url)


async def synced(replica: Replica) -> None:
    engine = Engine(replica, HttpTransport)
    try:
        result = await engine.sync_until_quiet()
        assert result.error is None, result.error
    finally:
        await engine.aclose()


async def test_a_home_serves_over_tls_and_what_is_written_meets(ann: Replica, ben: Replica) -> None:
    async with hosting(ann) as host:
        await joined(ben, host)
        space = ben.space().id
        ann.add_task(NewTask(title="Buy rope"))
        ben.add_task(NewTask(title="Pack the stove"))

        await synced(ben)

        titles = [sorted(row.title for row in who.tasks(space=space)) for who in (ann, ben)]
        assert titles == [["Buy rope", "Pack the stove"]] * 2
        assert ann.digest(space) == ben.digest(space)


async def test_a_wait_is_woken_by_what_the_home_itself_writes(ann: Replica, ben: Replica) -> None:
    async with hosting(ann) as host:
        await joined(ben, host)
        await synced(ben)
        (peer,) = [one for one in peers_of(ben) if one.url]
        engine = Engine(ben, HttpTransport)
        waiting = asyncio.create_task(engine.has_news(peer.id, timeout_s=20))
        async with asyncio.timeout(20):
            assert host._service is not None, "it serves"
            await until_waiting(host._service.wakeups, ben.identity.replica_id)
            await asyncio.to_thread(ann.add_task, NewTask(title="Buy rope"))

            assert await waiting
        await engine.aclose()


async def test_another_certificate_at_the_address_is_not_spoken_to(
    ann: Replica, ben: Replica, tmp_path: Path
) -> None:
    async with hosting(ann) as host:
        await joined(ben, host)
        assert host.served is not None
        port = host.served.port
    (ann.home / FILE).unlink()  # a device set up anew, or somebody else
    ben.add_task(NewTask(title="Secret"))
    async with hosting(ann, f"127.0.0.1:{port}"):
        engine = Engine(ben, HttpTransport)
        result = await engine.sync_until_quiet(timeout_s=3)
        await engine.aclose()

    assert isinstance(result.error, Unreachable)
    assert result.error.type == "wrong-certificate"
    assert [row.title for row in ann.tasks()] == []
    assert (result.state, ben.status().pending) == ("offline", 1)


async def test_a_home_is_served_once_and_its_address_is_known_while_it_is(ann: Replica) -> None:
    assert serving_url(ann) is None
    async with hosting(ann) as host:
        assert host.served is not None
        assert serving_url(ann) == host.served.url
        shown, url = await asyncio.to_thread(code_of_served, ann, "Personal", role="editor")
        assert (url, len(shown.code)) == (host.served.url, 9)
        with pytest.raises(CannotServe, match="Another server uses"):
            await PeerHost(ann, announce=False).start(HERE)
    assert serving_url(ann) is None


@pytest.mark.parametrize(
    ("fault", "says"),
    [(None, "took too long"), (OSError(24, "Too many open files"), "Too many open files")],
)
async def test_a_home_that_can_not_begin_to_serve_says_so_and_can_be_shared_later(
    ann: Replica, monkeypatch: pytest.MonkeyPatch, fault: OSError | None, says: str
) -> None:
    async def stuck(self: BoundedServer, sockets: object = None) -> None:
        if fault is not None:
            raise fault
        await asyncio.Event().wait()

    with monkeypatch.context() as patched:
        patched.setattr(BoundedServer, "startup", stuck)
        with pytest.raises(CannotServe, match=says) as no:
            await PeerHost(ann, announce=False, start_s_max=0.2).start(HERE)
        assert no.value.type == "start"
        assert serving_url(ann) is None

    async with hosting(ann) as host:
        assert host.served is not None


async def test_a_home_keeps_its_port_and_certificate(ann: Replica) -> None:
    first, second = PeerHost(ann, announce=False), PeerHost(ann, announce=False)
    served = await first.start()
    await first.stop()
    again = await second.start()
    await second.stop()

    assert (again.port, again.pin) == (served.port, served.pin)


async def test_a_code_is_tried_at_those_who_are_found_until_one_knows_it(
    ann: Replica, ben: Replica, tmp_path: Path
) -> None:
    cid = person(tmp_path, "cid")
    async with hosting(ann) as other, hosting(cid) as right:
        assert other.served is not None
        assert right.served is not None
        await asyncio.to_thread(other.show_code, "Personal")
        code = await asyncio.to_thread(right.show_code, "Personal")
        nowhere = join_address("https://127.0.0.1:1", PIN)
        urls = [nowhere, other.served.url, right.served.url]

        row = await join_by_code(
            Membership(ben, HttpTransport, timeout_s=5), code.code, None, looking=heard(*urls)
        )

        assert row.name == "Personal (cids laptop)"


async def test_what_was_given_is_a_link_or_a_code(ann: Replica, ben: Replica) -> None:
    members = Membership(ben, HttpTransport)
    async with hosting(ann) as right:
        assert right.served is not None
        code = await asyncio.to_thread(right.show_code, "Personal")
        looking = heard(right.served.url)

        joined = await join_given(members, f" {code.code.lower()} ", looking=looking)

        assert joined.name == "Personal (anns laptop)"
    with pytest.raises(DomainError, match="begins with cairn://join"):
        await join_given(members, "rubbish", looking=heard())


async def test_looking_has_ended_when_a_code_has_let_in(
    ann: Replica, ben: Replica, tmp_path: Path
) -> None:
    """It was left to the garbage: "aclose(): asynchronous generator is already running"."""
    over: list[str] = []
    async with hosting(ann) as right:
        assert right.served is not None
        code = await asyncio.to_thread(right.show_code, "Personal")
        looking = heard(right.served.url, over=over)

        await join_by_code(Membership(ben, HttpTransport), code.code, None, looking=looking)

        assert over == ["over"]


async def test_nobody_who_knows_a_code_is_one_sentence(ann: Replica, ben: Replica) -> None:
    members = Membership(ben, HttpTransport, timeout_s=0.5)

    with pytest.raises(Unreachable, match="--at"):
        await join_by_code(members, "K7QM-3TXA", None, looking=heard(), find_s=0.05)
    with pytest.raises(Unreachable, match="can't be searched"):
        await join_by_code(members, "K7QM-3TXA", None, looking=_NoNetwork)


def heard(*urls: str, over: list[str] | None = None) -> Looking:
    """Somebody who announces these addresses, and nobody else; `over` is told of the end."""

    @asynccontextmanager
    async def looking() -> "AsyncIterator[asyncio.Queue[Found]]":
        queue: asyncio.Queue[Found] = asyncio.Queue()
        for url in urls:
            queue.put_nowait(Found("somebody", url, split_address(url).pin or ""))
        try:
            yield queue
        finally:
            await asyncio.sleep(0)
            if over is not None:
                over.append("over")

    return looking


class _NoNetwork:
    """A network that takes no multicast."""

    async def __aenter__(self) -> "asyncio.Queue[Found]":
        raise OSError(101, "Network is unreachable")

    async def __aexit__(self, *_: object) -> None:
        """Nothing was begun."""
