"""The server of a world: the product's own, on a database that can fail, be killed and restored."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random

from store.database.connection import Database
from store.database.roles import SERVER
from store.documents.trial import TrialLoader
from sync.errors import Unreachable
from sync.protocol.wire import WireRequest, WireResponse
from sync.server import member_rows
from sync.server.endpoint import Endpoint
from sync.server.examination import Examiners
from sync.server.hosted_list import HostedList
from sync.server.lanes import Lanes
from sync.server.service import Service
from tests.simulation.clocks import WallClock
from tests.simulation.inline import Inline
from tests.simulation.storage import Disk, Killed, PlainRead
from tests.simulation.trace import Trace

LEDGER_SEED = bytes(range(32))  # of its key, which a backup of its folder holds too

Exchange = Callable[[WireRequest], Awaitable[WireResponse]]


class Server:
    """A server that can be down, killed, and set back.

    Attributes:
        url: where it is.
        clock: its wall clock.
        disk: of the process that runs now.
        is_up: it answers.
        starts: how often it was started.
        restores: how often it was set back to a backup.
    """

    url = "http://127.0.0.1:8100"

    def __init__(
        self, folder: Path, trial: TrialLoader, clock: WallClock, rng: Random, trace: Trace
    ) -> None:
        self.clock = clock
        self.is_up = False
        self.starts = 0
        self.restores = 0
        self._folder = folder
        self._trial = trial
        self._rng = rng
        self._trace = trace
        self._running = ExitStack()
        self._late: set[asyncio.Task[None]] = set()
        self.start()

    def start(self) -> None:
        """Start it on the data that are there."""
        assert not self.is_up
        self.disk = Disk()
        self.starts += 1
        self._running = ExitStack()
        self._running.enter_context(self._open())
        self.is_up = True

    @contextmanager
    def _open(self) -> Iterator[None]:
        self._folder.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            path = self._folder / "server.db"
            self.db = Database(path, SERVER, connection=self.disk.connection_class())
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
                entropy=Random(self._rng.random()).randbytes,
                ledger_seed=LEDGER_SEED,
            )
            stack.callback(self.service.wakeups.stop)
            self.endpoint = Endpoint(self.service, lanes)
            yield

    def stop(self) -> None:
        """End it as a service manager does."""
        self.is_up = False
        self._running.close()

    def kill(self) -> None:
        """End it as a power cut does."""
        self.is_up = False
        self.service.wakeups.stop()
        self.disk.crash()

    async def exchange(self, request: WireRequest) -> WireResponse:
        """Carry a request to it and its answer back, if it lives so long."""
        start = self.starts
        if not self.is_up:
            raise Unreachable("Nobody listens there.")
        try:
            response = await self.endpoint.exchange(request)
        except Killed:
            if self.starts == start and self.is_up:
                self._trace.say(f"server: killed by {self.disk.fired[-1:]}")
                self.kill()
            raise Unreachable("The connection broke.") from None
        if self.starts != start or not self.is_up:
            raise Unreachable("The connection broke.")
        return response

    def deliver_later(self, request: WireRequest, after_s: float, to: Exchange) -> None:
        """Let a request arrive when nobody waits for its answer any more."""

        async def deliver() -> None:
            await asyncio.sleep(after_s)
            try:
                response = await to(request)
            except Unreachable:
                return
            what = request.path.rpartition("/")[2]
            self._trace.say(f"server: late {what} {response.status} {len(response.body)}")

        task = asyncio.get_running_loop().create_task(deliver())
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    async def let_late_ones_arrive(self) -> None:
        """Wait until nothing is on its way any more."""
        while self._late:
            await asyncio.gather(*self._late)

    # -- backups -------------------------------------------------------------------------------

    def back_up(self, place: Path) -> Path:
        """Copy its data while it runs."""
        place.mkdir(parents=True)
        self.db.copy_to(place / "server.db")
        return place

    def restore(self, backup: Path) -> None:
        """Put a copy in the place of its data, and start it."""
        if self.is_up:
            self.stop()
        self.restores += 1
        shutil.rmtree(self._folder)
        shutil.copytree(backup, self._folder)
        self.start()

    def set_role(self, replica: str | None, role: str) -> None:
        """Give a member another role, or all of them."""
        with PlainRead(self._folder / "server.db") as conn:
            conn.execute(
                "UPDATE token SET role = ?1 WHERE ?2 IS NULL OR replica = ?2", (role, replica)
            )
            listed = HostedList(lambda count: bytes(count))  # its key is there
            for (space,) in conn.execute("SELECT id FROM space").fetchall():
                for row in member_rows.tokens_of(conn, space):
                    if replica in (None, row.replica) and row.revoked_at_ms is None:
                        listed.admitted(conn, row, row.created_at_ms)

    def hashes(self) -> set[bytes]:
        """The hashes of all changes that it has."""
        with PlainRead(self._folder / "server.db") as conn:
            return {row[0] for row in conn.execute("SELECT hash FROM log WHERE type = 'change'")}
