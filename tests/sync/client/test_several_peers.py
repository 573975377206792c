"""A space with a server and other peers: all are asked, and what one has flows on to the others."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from store import peers
from store.peers import DEVICE
from sync.client.engine import Engine
from sync.errors import Unreachable
from sync.protocol import routes
from sync.protocol.entering import CreateSpace
from sync.transport.base import Transport
from tests.support.asking import ask
from tests.support.memory_server import MemoryServer, memory_server
from tests.sync.client.world import URL, Person, World

OTHER = "http://127.0.0.1:8200"


@pytest.fixture
def other(tmp_path: Path) -> Iterator[MemoryServer]:
    """Another holder of the space; it speaks the protocol as a device would."""
    with memory_server(tmp_path / "other", is_authority=False) as running:
        yield running


class Crossing:
    """Somebody's ways to the server and to the other holder."""

    def __init__(self, person: Person, other: MemoryServer) -> None:
        self.person = person
        self.other = other
        self.is_away = False

    def transport(self, url: str) -> Transport:
        if url == URL:
            return self.person.network.transport(url)

        async def fault(request: object, send: object) -> object:
            raise Unreachable("Nobody is there.")

        return self.other.transport(fault if self.is_away else None)  # type: ignore[arg-type]

    def engine(self) -> Engine:
        time = self.person.time
        return Engine(
            self.person.replica, self.transport, clock=time.clock, sleep=time.sleep, now_ms=_clock
        )


def _clock() -> int:
    return 1_790_000_000_000


async def with_other(here: World, person: Person, other: MemoryServer) -> Crossing:
    """Let somebody know the other holder as a peer of the space."""
    who = person.replica.identity
    setup = CreateSpace(here.space, "Hut", who.person, who.device, who.replica_id, other.setup_code)
    joined = await ask(other.transport(), routes.CREATE_SPACE, setup)
    with person.replica.db.write() as conn:
        peers.attach_peer(
            conn, "lan", here.space, url=OTHER, token=joined.token, role="editor", kind=DEVICE
        )
    return Crossing(person, other)


def hashes(server: MemoryServer) -> set[bytes]:
    with server.db.read() as conn:
        return {row[0] for row in conn.execute("SELECT hash FROM log WHERE type = 'change'")}


async def test_what_the_server_has_flows_on_to_a_peer_and_own_edits_reach_both(
    here: World, alice: Person, bob: Person, other: MemoryServer
) -> None:
    crossing = await with_other(here, bob, other)
    alice.add("From Alice")
    await alice.sync()
    bob.add("From Bob")
    engine = crossing.engine()

    result = await engine.sync_until_quiet(here.space)

    assert (result.error, result.state, result.pulled) == (None, "synced", 1)
    assert hashes(other) == here.server_hashes() == {row.hash for row in bob.log()}
    assert (await engine.sync_until_quiet(here.space)).pushed == 0  # nothing is sent back


async def test_a_peer_that_is_away_holds_nobody_up(
    here: World, bob: Person, other: MemoryServer
) -> None:
    crossing = await with_other(here, bob, other)
    crossing.is_away = True
    bob.add("From Bob")

    result = await crossing.engine().sync_until_quiet(here.space)

    assert (result.error, result.state, result.pushed) == (None, "synced", 1)
    status = bob.replica.status(here.space)
    assert {row.kind: row.state for row in status.peers} == {"server": "idle", "peer": "offline"}


async def test_a_server_that_is_away_is_told_though_a_peer_is_there(
    here: World, bob: Person, other: MemoryServer
) -> None:
    crossing = await with_other(here, bob, other)
    bob.network.is_down = True
    bob.add("From Bob")

    result = await crossing.engine().sync_until_quiet(here.space, timeout_s=2)

    assert isinstance(result.error, Unreachable)
    assert (result.state, bob.replica.status(here.space).pending) == ("offline", 1)
    assert len(hashes(other)) == 1


async def test_without_a_server_any_peer_that_has_it_makes_it_synced(
    here: World, bob: Person, other: MemoryServer
) -> None:
    crossing = await with_other(here, bob, other)
    with bob.replica.db.write() as conn:
        peers.detach_peer(conn, bob.peer().id)
        peers.attach_peer(conn, "gone", here.space, url="", token=None, role=None, kind=DEVICE)
    task = bob.add("From Bob")

    result = await crossing.engine().sync_until_quiet(here.space)

    assert (result.error, result.state) == (None, "synced")
    assert bob.replica.task(task).sync == "synced"
    assert bob.replica.space(here.space).role == "editor"  # as the signed list says
