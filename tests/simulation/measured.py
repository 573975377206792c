"""A world whose measures are known: it notes itself, by its true time, what happens to whom.

Everything of the product runs on virtual time: apps with their schedulers, long polls and probes,
the server with its authority. The network takes as long as it is told, and is down when it is told.
"""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from store.change_set import ChangeSet
from store.database.connection import Database
from store.database.roles import SERVER
from store.documents.trial import TrialLoader
from store.domain.ids import DocId, SpaceId
from store.measures.readings import Readings
from sync.errors import Unreachable
from sync.protocol import routes
from sync.protocol.wire import REQUEST_ID_HEADER, WireRequest, WireResponse
from sync.server.endpoint import Endpoint
from sync.server.examination import Examiners
from sync.server.lanes import Lanes
from sync.server.service import Service
from sync.transport.memory import MemoryTransport
from tests.simulation.clocks import WallClock
from tests.simulation.device import Device, rng_of
from tests.simulation.inline import Inline
from tests.simulation.network import Network
from tests.simulation.server import Server
from tests.simulation.trace import Trace
from tests.simulation.virtual_time import VirtualLoop

SEED = bytes(range(32))  # of the authority


class OffClock(WallClock):
    """A clock that is off by a fixed time."""

    def __init__(self, loop: VirtualLoop, ahead_ms: int) -> None:
        super().__init__(loop.time, Random(0), is_right=True)
        self.ahead_ms = ahead_ms

    def __call__(self) -> int:
        return super().__call__() + self.ahead_ms


class AuthorityServer(Server):
    """A server that decides about supplies and money, but does its jobs only when it is told."""

    @contextmanager
    def _open(self) -> Iterator[None]:
        self._folder.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            self.db = Database(self._folder / "server.db", SERVER)
            stack.callback(self.db.close)
            examiners = Examiners([self._trial])
            examiners._examiners = [(self._trial, Inline())]  # type: ignore[list-item]
            lanes = Lanes()
            stack.callback(lanes.close)
            self.service = Service(
                self.db,
                examiners,
                clock_ms=self.clock,
                clock_s=asyncio.get_running_loop().time,
                entropy=Random(7).randbytes,
                ledger_seed=SEED,
            )
            stack.callback(self.service.wakeups.stop)
            self.endpoint = Endpoint(self.service, lanes)
            yield

    def do_jobs(self) -> None:
        """Do all that is due."""
        assert self.service.authority is not None
        while self.service.authority.jobs.run().done:
            pass


@dataclass
class KnownNetwork(Network):
    """A network that takes as long as it is told, and notes what rounds went over it.

    Attributes:
        hop_s: how long a message is on its way, one way.
        answered: when each round began and when its last answer came, by its id.
        cut: ids of rounds that were cut off because it was down.
    """

    hop_s: float = 0.05
    answered: dict[str, list[float]] = field(default_factory=dict)
    cut: set[str] = field(default_factory=set)

    def transport(self, url: str) -> MemoryTransport:
        return MemoryTransport(self._carried)

    async def _carried(self, request: WireRequest) -> WireResponse:
        loop = asyncio.get_running_loop()
        name = request.headers.get(REQUEST_ID_HEADER, "").rpartition("-")[0]
        is_round = bool(name) and request.path != routes.WAIT.path
        times = self.answered.setdefault(name, [loop.time()]) if is_round else []
        await asyncio.sleep(self.hop_s)
        self._check(name, is_round=is_round)
        response = await self.server.exchange(request)
        await asyncio.sleep(self.hop_s)
        self._check(name, is_round=is_round)
        times.append(loop.time())
        return response

    def _check(self, name: str, *, is_round: bool) -> None:
        if self.is_down:
            if is_round:
                self.cut.add(name)
            raise Unreachable("The network is down.")

    def durations_s(self) -> list[float]:
        """How long the rounds took that were not cut off, from the first request to the last."""
        return sorted(
            times[-1] - times[0] for name, times in self.answered.items() if name not in self.cut
        )


class MeasuredWorld:
    """Alice and Bob, whose apps are open, and what is known of what happens to them.

    Attributes:
        lags_s: from each commit of Alice's to its being visible at Bob's, by the true time.
    """

    def __init__(self, folder: Path, trial: TrialLoader, loop: VirtualLoop) -> None:
        self.folder = folder
        self.loop = loop
        self.trace = Trace(loop.time)
        self.space = SpaceId("")
        self.lags_s: list[float] = []
        self._rngs = rng_of("measured")
        self._committed: dict[str, float] = {}
        self.server = AuthorityServer(
            folder / "server", trial, OffClock(loop, 0), Random(1), self.trace
        )

    def new_rng(self) -> Random:
        """Chance of its own for somebody."""
        return Random(self._rngs.getrandbits(64))

    def _device(self, name: str, ahead_ms: int) -> tuple[Device, KnownNetwork]:
        network = KnownNetwork(self.server, self.trace, name, self.new_rng())
        clock = OffClock(self.loop, ahead_ms)
        device = Device(self, name, self.folder / name, network, clock)  # type: ignore[arg-type]
        replica = device.start()
        replica.readings = Readings(self.loop.time, Random(2))
        return device, network

    async def begin(self, *, alice_ahead_ms: int, bob_ahead_ms: int) -> None:
        """Let both come in and open their apps."""
        self.alice, self.hers = self._device("alice", alice_ahead_ms)
        self.bob, self.his = self._device("bob", bob_ahead_ms)
        code = self.server.service.setup_code()
        row = await self.alice.members.create_space("Hut", self.server.url, code)
        self.space = SpaceId(row.id)
        invited = await self.alice.members.invite(self.space)
        await self.bob.members.join(invited.link)
        for device in (self.alice, self.bob):
            device.open_app()
        await asyncio.sleep(10)
        assert self.bob.replica is not None
        self.bob.replica.watch(self._seen_at_bobs)

    async def end(self) -> None:
        """Close the apps, and stop."""
        for device in (self.alice, self.bob):
            await device.stop()
        self.server.stop()

    def commits(self, doc: DocId) -> None:
        """Alice has just committed something on this item."""
        self._committed[doc] = self.loop.time()

    def _seen_at_bobs(self, changed: ChangeSet) -> None:
        for doc in changed.docs & self._committed.keys():
            self.lags_s.append(self.loop.time() - self._committed.pop(doc))
