"""One device of a world: a home, the program that has it open, and what it was told is saved."""

import asyncio
import contextlib
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, TypeVar

from store import log, peers
from store.database.meta import read_meta
from store.documents.trial import TrialLoader
from store.domain.errors import DomainError, NotFound
from store.domain.ids import DocId
from store.errors import HomeBusy, StoreError
from store.replica import Replica
from store.replica.core import DATABASE
from sync.client.engine import Engine
from sync.client.handoff import sync_home
from sync.client.membership import Membership
from sync.client.results import SyncResult
from sync.client.scheduler import Scheduler
from sync.client.surroundings import Surroundings
from sync.errors import SyncError
from tests.simulation.clocks import WallClock
from tests.simulation.lan import PeerDoor
from tests.simulation.network import Network
from tests.simulation.storage import Disk, Killed, PlainRead

if TYPE_CHECKING:
    from tests.simulation.world import World

T = TypeVar("T")


class Device:
    """Somebody's device.

    Attributes:
        replica: the open home; None while the program doesn't run.
        network: the way to the server.
        disk: of the process that runs now.
        saved: changes that this device was told are saved, by hash, with what they were.
        drafts: texts that it was told are saved, until they become changes.
        looked: titles in place of which somebody types others.
        unsure: items of which it was told that a text is not saved, and it may be all the same.
        states: what the scheduler said it does.
        door: where others reach it; None if it doesn't serve.
    """

    def __init__(
        self, world: "World", name: str, home: Path, network: Network, clock: WallClock
    ) -> None:
        self.world = world
        self.name = name
        self.home = home
        self.network = network
        self.clock = clock
        self.saved: dict[bytes, str] = {}
        self.drafts: dict[DocId, str] = {}
        self.looked: dict[DocId, str] = {}
        self.unsure: set[DocId] = set()
        self.states: list[str] = []
        self.replica: Replica | None = None
        self.scheduler: Scheduler | None = None
        self.door: PeerDoor | None = None
        self._task: asyncio.Task[None] | None = None
        self._seen_seq = 0

    # -- the program ---------------------------------------------------------------------------

    def start(self) -> Replica:
        """Start the program, without the background sync."""
        assert self.replica is None
        is_new = not self.home.exists()
        self.disk = Disk()
        self.replica = Replica.open(
            self.home,
            clock_ms=self.clock,
            entropy=self.world.new_rng().randbytes,
            connection=self.disk.connection_class(),
        )
        if is_new:
            self.replica.set_identity(self.name.capitalize(), f"{self.name}s device")
        loop = asyncio.get_running_loop()
        self.engine = Engine(
            self.replica,
            self.network.transport,
            clock=loop.time,
            now_ms=self.clock,
            rng=self.world.new_rng(),
            entropy=self.world.new_rng().randbytes,
        )
        self.members = Membership(
            self.replica,
            self.network.transport,
            clock=loop.time,
            now_ms=self.clock,
            rng=self.world.new_rng(),
            entropy=self.world.new_rng().randbytes,
        )
        self._seen_seq = self._last_seq()
        if self.door is not None:
            self.door.open(self.replica)
        return self.replica

    def open_app(self) -> None:
        """Let the background sync run, as it does while the app is open."""
        assert self.replica is not None
        assert self._task is None
        loop = asyncio.get_running_loop()
        self.scheduler = Scheduler(
            self.replica,
            self.engine,
            on_transition=lambda state: self.states.append(state.phase),
            clock=loop.time,
            now_ms=self.clock,
            rng=self.world.new_rng(),
            surroundings=Surroundings(
                loop.time, self.clock, lambda: () if self.network.is_down else (self.name,)
            ),
        )
        self._task = loop.create_task(self.scheduler.run())

    @property
    def is_app_open(self) -> bool:
        """Whether the background sync runs."""
        return self._task is not None

    async def close_app(self) -> None:
        """Stop the background sync, wherever its round is."""
        task, self._task = self._task, None
        if task is None:
            return
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, Killed):
            await task
        self.scheduler = None

    async def stop(self) -> None:
        """End the program in order."""
        await self.close_app()
        if self.replica is not None:
            self._close_door()
            self.replica.close()
            self.replica = None

    async def kill(self) -> None:
        """End the program at once; what was not committed is gone."""
        self.disk.crash()
        await self.close_app()
        self._close_door()
        self.replica = None

    def serve(self, trial: TrialLoader) -> "PeerDoor":
        """Let others reach this device without the server, from now on."""
        assert self.replica is not None
        self.door = PeerDoor(self, trial, self.world.new_rng())
        self.door.open(self.replica)
        return self.door

    def _close_door(self) -> None:
        if self.door is not None:
            with contextlib.suppress(Killed):
                self.door.close()

    async def reap(self) -> bool:
        """Notice that the program died; tells whether it did."""
        if self.replica is None or not self.disk.is_dead:
            return False
        await self.kill()
        return True

    # -- what is done on it --------------------------------------------------------------------

    def do(
        self,
        what: str,
        act: Callable[[Replica], T],
        *,
        see: Callable[[Replica, T], bool] = lambda _replica, _result: True,
    ) -> T | None:
        """Do something at once; note what was told to be saved, and only that.

        A refusal by a rule, a failing disk and a death are legal outcomes.

        Args:
            what: for the trace.
            act: does it.
            see: tells whether the home shows what the act was for, once it was told to be saved.
        """
        assert self.replica is not None
        before = self._last_seq()
        try:
            result = act(self.replica)
        except DomainError as no:
            self.world.trace.say(f"{self.name} {what}: {type(no).__name__}")
            return None
        except HomeBusy:
            raise  # nobody else is at work: somebody has left a lock behind
        except StoreError as failure:
            self.world.trace.say(f"{self.name} {what}: {failure.type}")
            self.world.note_untold(what)
            return None
        except Killed:
            self.world.trace.say(f"{self.name} {what}: killed")
            self.world.note_untold(what)
            return None
        self.world.trace.say(f"{self.name} {what}: done")
        written = self._note_saved(what, after=before)
        with contextlib.suppress(StoreError, Killed, NotFound):  # a disk may fail at this look too
            assert see(self.replica, result), f"{self.name} does not see what was saved: {what}"
            early = [doc for doc in written if self.replica.item(doc).sync == "synced"]
            assert not early, f"{self.name} marks {early[0]} as synced, and it was not sent yet"
        return result

    def _note_saved(self, what: str, *, after: int = 0) -> list[DocId]:
        """Remember the changes that are new since the last act; gives the documents of late ones.

        Changes of an act that was told to have failed, or of a script, are among them.
        """
        with self.plain_read() as conn:
            rows = conn.execute(
                "SELECT seq, hash, doc FROM log WHERE space = ? AND seq > ? AND origin IS NULL"
                " AND type = 'change' ORDER BY seq",
                (self.world.space, self._seen_seq),
            ).fetchall()
        for seq, change, _ in rows:
            self._seen_seq = max(self._seen_seq, seq)
            self.saved[change] = what
        return [DocId(doc) for doc in dict.fromkeys(doc for seq, _, doc in rows if seq > after)]

    def _last_seq(self) -> int:
        with self.plain_read() as conn:
            row = conn.execute(
                "SELECT coalesce(max(seq), 0) FROM log WHERE space = ?", (self.world.space,)
            ).fetchone()
        return int(row[0])

    async def sync(self) -> SyncResult | None:
        """`cairn sync`: here, or by the engine that runs for this home."""
        if self.replica is None:  # the program ended before its turn came
            return None
        loop, restores = asyncio.get_running_loop(), self.world.server.restores
        try:
            result = await sync_home(self.replica, self.engine, clock=loop.time)
        except (Killed, StoreError) as failure:
            self.world.trace.say(f"{self.name} sync: {type(failure).__name__}")
            return None
        said = "well" if result.error is None else result.error.type
        self.world.trace.say(f"{self.name} sync: {said} in {result.rounds}")
        is_told_the_truth = not self.network.lies and restores == self.world.server.restores
        if result.error is None and is_told_the_truth:
            self._check_marks()
        return result

    def _check_marks(self) -> None:
        """What is marked as synced is at the server."""
        if self.replica is None or self.peer() is None:
            return
        with contextlib.suppress(StoreError, Killed):
            marked = {
                row.id
                for rows in (self.replica.tasks(), self.replica.notes())
                for row in rows
                if row.sync == "synced"
            }
            there = self.world.server.hashes()
            with self.plain_read() as conn:
                logged = conn.execute(
                    "SELECT doc, hash FROM log WHERE space = ? AND type = 'change'",
                    (self.world.space,),
                ).fetchall()
            early = [doc for doc, change in logged if doc in marked and change not in there]
            assert not early, f"{self.name} marks {early[0]} as synced, and the server lacks it"

    # -- what is looked at from outside ----------------------------------------------------------

    def plain_read(self) -> PlainRead:
        """Look into the home past the disk that may fail."""
        return PlainRead(self.home / DATABASE)

    def hashes(self) -> set[bytes]:
        """The hashes of all changes that the home holds, those taken back left out."""
        with self.plain_read() as conn:
            found = conn.execute(
                "SELECT hash FROM log WHERE space = ? AND type = 'change'", (self.world.space,)
            )
            return {row[0] for row in found}

    def replica_id(self) -> str:
        """The replica id under which it comes in."""
        with self.plain_read() as conn:
            return read_meta(conn, "replica_id") or ""

    def peer(self) -> peers.Peer | None:
        """What the home keeps of its server."""
        with self.plain_read() as conn:
            return peers.server_of(conn, self.world.space)

    def position(self) -> log.Position:
        """Where its log ends."""
        with self.plain_read() as conn:
            return log.position(conn, self.world.space)

    # -- backups -------------------------------------------------------------------------------

    def back_up(self, place: Path) -> Path:
        """Copy the home while it is in use."""
        place.mkdir(parents=True)
        with self.plain_read() as conn:
            conn.execute("VACUUM INTO ?", (str(place / DATABASE),))
        return place

    def put_back(self, backup: Path) -> None:
        """Put a copy in the place of the home; the program doesn't run."""
        assert self.replica is None
        shutil.rmtree(self.home)
        shutil.copytree(backup, self.home)

    async def rejoin(self, link: str) -> None:
        """Enter the space again by an invite."""
        try:
            await self.members.join(link)
        except SyncError as error:
            raise AssertionError(f"{self.name} can't come back: {error}") from error


def rng_of(seed: object) -> Random:
    """Chance that a text repeats, in every process alike."""
    return Random(f"cairn {seed}")
