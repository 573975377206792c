"""People with a home each who meet without a server: some serve, others ask them.

Everything is real but the network: replicas, the service of a home that serves with its examining
child, engines. Who is asked is found by the address that was joined.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path
from random import Random

from store import peers
from store.commands.patches import NewTask
from store.domain.ids import DocId, SpaceId
from store.domain.membership import Role
from store.members.reading import Member, members
from store.replica import Replica
from store.rows import SpaceRow
from sync.client.engine import Engine
from sync.client.membership import Membership
from sync.client.own_members import give_role
from sync.client.results import SyncResult
from sync.errors import Unreachable
from sync.protocol.wire import WireRequest, WireResponse
from sync.transport.base import Transport
from sync.transport.memory import Exchange, FaultHook, MemoryTransport
from tests.support.memory_peer import MemoryPeer, serving
from tests.support.memory_server import MemoryServer
from tests.support.people import Clock, entropy_of
from tests.sync.client.world import URL, Time

ROUNDS_MAX = 5


class Neighbour:
    """Somebody with a home.

    Attributes:
        host: their home as it serves; None while it doesn't.
        fault: stands in for their way to other devices.
        is_offline: the server is out of reach.
    """

    def __init__(self, lan: "Lan", name: str, home: Path, seed: int) -> None:
        self.lan = lan
        self.name = name
        self.home = home
        self.host: MemoryPeer | None = None
        self.fault: FaultHook | None = None
        self.is_offline = False
        self._serving = ExitStack()
        self._seed = seed
        self.open()

    def open(self) -> None:
        """Start their program."""
        self._seed += 1_000
        time = Time()
        self.replica = Replica.open(
            self.home, clock_ms=self.lan.clock, entropy=entropy_of(self._seed)
        )
        self.replica.set_identity(self.name.capitalize(), f"{self.name}s laptop")
        self.engine = Engine(
            self.replica,
            self.transport,
            clock=time.clock,
            now_ms=self.lan.clock,
            rng=Random(self._seed),
            sleep=time.sleep,
            entropy=entropy_of(self._seed + 1),
        )
        self.members = Membership(
            self.replica,
            self.transport,
            clock=time.clock,
            now_ms=self.lan.clock,
            rng=Random(self._seed),
            sleep=time.sleep,
            entropy=entropy_of(self._seed + 2),
        )

    def close(self) -> None:
        """End it."""
        self.hide()
        self.replica.close()

    # -- serving ------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        return f"https://{self.name}.example:1#sha256={self.pin}"

    @property
    def pin(self) -> str:
        return sha256(self.name.encode()).hexdigest()

    def serve(self) -> MemoryPeer:
        """Begin to serve the current space."""
        self.host = self._serving.enter_context(
            serving(self.replica, pin=self.pin, clock_ms=self.lan.clock, clock_s=Time().clock)
        )
        return self.host

    def hide(self) -> None:
        """Serve no more."""
        self.host = None
        self._serving.close()

    # -- asking -------------------------------------------------------------------------------

    def transport(self, url: str) -> Transport:
        if url == URL and self.lan.server is not None:
            return self.lan.server.transport(self._reach_server)

        async def carry(request: WireRequest) -> WireResponse:
            host = self.lan.found(url)
            if host is None:
                raise Unreachable("Nobody is there.")
            exchange = host.endpoint.exchange
            if self.fault is None:
                return await exchange(request)
            return await self.fault(request, exchange)

        return MemoryTransport(carry)

    async def _reach_server(self, request: WireRequest, send: Exchange) -> WireResponse:
        if self.is_offline:
            raise Unreachable("The network is down.")
        return await send(request)

    async def join(self, other: "Neighbour", role: Role = "editor") -> SpaceRow:
        """Join what somebody serves, by a code that they show."""
        assert other.host is not None, "they serve"
        return await self.members.join_device(other.host.code(role), other.url)

    async def sync(self) -> SyncResult:
        """Run rounds until all is quiet; nothing may go wrong."""
        result = await self.engine.sync_until_quiet(self.lan.space)
        assert result.error is None, result.error
        return result

    def add(self, title: str) -> DocId:
        return self.replica.add_task(NewTask(title=title), space=self.lan.space)

    def titles(self) -> list[str]:
        return sorted(row.title for row in self.replica.tasks(space=self.lan.space))

    def digest(self) -> tuple[str, str]:
        found = self.replica.digest(self.lan.space)
        return found.heads, found.view

    def listed(self) -> dict[str, str]:
        """Who belongs to the space, as this home has it: device names and roles."""
        return {one.device: one.role for one in self._members() if not one.is_revoked}

    def _members(self) -> list[Member]:
        with self.replica.db.read() as conn:
            return members(conn, self.lan.space)

    def peers(self) -> list[peers.Peer]:
        with self.replica.db.read() as conn:
            return peers.peers(conn, self.lan.space)

    def parked(self) -> set[bytes]:
        with self.replica.db.read() as conn:
            return peers.parked_hashes(conn, self.lan.space)


class Lan:
    """Everybody who is nearby, and a server where there is one."""

    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        self.server: MemoryServer | None = None
        self.space = SpaceId("")
        self._folder = folder
        self._people: dict[str, Neighbour] = {}

    def person(self, name: str, home: Path | None = None) -> Neighbour:
        """Somebody with a new home, or with a copied one."""
        seed = (len(self._people) + 1) * 10
        made = Neighbour(self, name, home or self._folder / name, seed)
        self._people[name] = made
        return made

    def founder(self, name: str) -> Neighbour:
        """Somebody whose private space is about to be shared."""
        made = self.person(name)
        self.space = SpaceId(made.replica.space().id)
        return made

    def found(self, url: str) -> MemoryPeer | None:
        """Who serves at an address."""
        for person in self._people.values():
            if person.url == url:
                return person.host
        return None

    async def settle(self, *everybody: Neighbour) -> None:
        """All sync until nobody has news, a few times at most; then all have the same."""
        for _ in range(ROUNDS_MAX):
            for person in everybody:
                await person.sync()
        assert len({person.digest() for person in everybody}) == 1
        assert len({str(sorted(person.listed().items())) for person in everybody}) == 1

    def close(self) -> None:
        for person in self._people.values():
            person.close()


@contextmanager
def lan(folder: Path) -> Iterator[Lan]:
    """Begin a neighbourhood, and end it with the block."""
    made = Lan(folder)
    try:
        yield made
    finally:
        made.close()


def make(here: Lan, by: Neighbour, whom: Neighbour, role: Role) -> None:
    """An owner gives somebody another role."""
    now = give_role(by.replica, whom.replica.identity.replica_id, role, here.space)
    assert now.role == role
