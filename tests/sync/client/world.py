"""A server and people with a home each, who reach it through a network that the test breaks.

Everything is real but the network and the clocks: `Replica`, SQLite, the server's `Service` and its
examining child. A `Person` is one home; its network may lose, repeat or damage what the test says.
"""

import os
import shutil
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from store import log, peers
from store.commands.patches import NewTask, Patch
from store.documents.inspect import inspect_change
from store.documents.trial import TrialLoader
from store.domain.ids import DocId, SpaceId
from store.domain.membership import Role
from store.log.reading import CHANGE
from store.replica import Replica
from sync.client.engine import Engine
from sync.client.membership import Membership
from sync.client.results import SyncResult
from sync.errors import Unreachable
from sync.protocol import codec
from sync.protocol.cursor import decode_cursor, encode_cursor
from sync.protocol.messages import LogPosition
from sync.protocol.wire import WireRequest, WireResponse, expanded
from sync.server import member_rows
from sync.server.hosted_list import HostedList
from sync.transport.base import Transport
from sync.transport.memory import Exchange, MemoryTransport
from tests.support.memory_server import MemoryServer, memory_server
from tests.support.people import Clock, entropy_of
from tests.support.rounds import one_round

URL = "http://127.0.0.1:8100"
ROUNDS_MAX = 4  # of everybody, after which all must be alike

T = TypeVar("T")

Fault = Callable[[WireRequest, Exchange], Awaitable[WireResponse]]


@dataclass
class Network:
    """One person's way to the server.

    Attributes:
        is_down: nothing gets through.
        fault: stands in for the network where it is set.
        asked: paths of all requests so far.
    """

    world: "World"
    is_down: bool = False
    fault: Fault | None = None
    asked: list[str] = field(default_factory=list)

    def transport(self, url: str) -> Transport:
        """A connection by way of this network."""
        assert url == URL
        return MemoryTransport(self._carry)

    async def _carry(self, request: WireRequest) -> WireResponse:
        self.asked.append(request.path.rpartition("/")[2])
        if self.is_down:
            raise Unreachable("The network is down.")
        exchange = self.world.server.endpoint.exchange
        if self.fault is not None:
            return await self.fault(request, exchange)
        return await exchange(request)


class Examiner:
    """The server's real examining child, which the test may make refuse certain changes."""

    def __init__(self, trial: TrialLoader) -> None:
        self.refuses: set[bytes] = set()
        self._trial = trial

    def check(self, doc: DocId, base: Sequence[bytes], new: Sequence[bytes]) -> tuple[Any, ...]:
        verdicts = self._trial.check(doc, base, new)
        return tuple(
            replace(verdict, ok=False, detail="It can't be loaded.")
            if inspect_change(raw).hash in self.refuses
            else verdict
            for raw, verdict in zip(new, verdicts, strict=True)
        )


class Time:
    """Seconds that pass when somebody waits."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


class Person:
    """Somebody with a home.

    Attributes:
        replica: the home.
        network: the way to the server.
        engine: syncs the home.
        rng: the engine's chance.
        members: enters spaces and lets others in.
    """

    def __init__(self, world: "World", name: str, home: Path, seed: int) -> None:
        self.world = world
        self.name = name
        self.home = home
        self.network = Network(world)
        self.clock = world.clock_of(name)
        self.time = world.time_of(name)
        self._seed = seed
        self._open()

    def _open(self) -> None:
        self._seed += 1_000
        self.replica = Replica.open(self.home, clock_ms=self.clock, entropy=entropy_of(self._seed))
        self.replica.set_identity(self.name.capitalize(), f"{self.name}s laptop")
        self.rng = Random(self._seed)
        self.engine = Engine(
            self.replica,
            self.network.transport,
            clock=self.time.clock,
            now_ms=self.clock,
            rng=self.rng,
            sleep=self.time.sleep,
            entropy=entropy_of(self._seed + 1),
        )
        self.members = Membership(
            self.replica,
            self.network.transport,
            clock=self.time.clock,
            now_ms=self.clock,
            rng=Random(self._seed),
            sleep=self.time.sleep,
            entropy=entropy_of(self._seed + 2),
        )

    def restart(self) -> None:
        """End the program and start it again."""
        self.replica.close()
        self._open()

    @property
    def space(self) -> SpaceId:
        return self.world.space

    async def once(self) -> SyncResult:
        """Run one round."""
        return await one_round(self.engine, self.replica, self.space)

    async def sync(self) -> SyncResult:
        """Run rounds until all is quiet; nothing may go wrong."""
        result = await self.engine.sync_until_quiet(self.space)
        assert result.error is None, result.error
        return result

    def add(self, title: str) -> DocId:
        return self.replica.add_task(NewTask(title=title), space=self.space)

    def retitle(self, doc: DocId, title: str) -> None:
        self.replica.edit(doc, Patch(fields={"title": title}))

    def titles(self) -> list[str]:
        return sorted(row.title for row in self.replica.tasks(space=self.space))

    def digest(self) -> tuple[str, str]:
        found = self.replica.digest(self.space)
        return found.heads, found.view

    def peer(self) -> peers.Peer:
        """What this home keeps of its server."""
        with self.replica.db.read() as conn:
            found = peers.server_of(conn, self.space)
        assert found is not None
        return found

    def parked(self) -> set[bytes]:
        with self.replica.db.read() as conn:
            return peers.parked_hashes(conn, self.space)

    def take_from(self, other: "Person", doc: DocId, *hashes: bytes) -> None:
        """Hear of some changes from somebody directly, not by way of the server."""
        rows = [row for row in other.log(doc) if row.hash in hashes]
        changes = [(doc, inspect_change(row.bytes)) for row in rows if row.bytes is not None]
        self.replica.apply_remote(self.space, changes, origin=other.name)

    def log(self, doc: DocId | None = None) -> list[log.LogRow]:
        """All changes, or those of one document."""
        with self.replica.db.read() as conn:
            rows = log.rows_after(conn, self.space, 0, rows_max=1_000_000, bytes_max=1 << 40)
        return [row for row in rows if row.type == CHANGE and doc in (None, row.doc)]

    def end_of_log(self) -> int:
        """The last sequence number of this home's log."""
        with self.replica.db.read() as conn:
            return log.position(conn, self.space).seq

    def skip_to(self, cursor: str, *, push_seq: int) -> None:
        """Believe that all of this was pulled and pushed, as a fault of ours might."""
        peer = self.peer().id
        with self.replica.db.write() as conn:
            peers.set_pull_cursor(conn, peer, cursor)
            peers.set_push_seq(conn, peer, push_seq)

    def back_up(self) -> Path:
        """Copy the home as it is now."""
        copy = self.home.with_name(f"{self.home.name}-backup-{self.world.next_number()}")
        copy.mkdir()
        self.replica.db.copy_to(copy / "cairn.db")
        return copy

    def restore(self, backup: Path) -> None:
        """Put a copy in the place of the home."""
        self.replica.close()
        shutil.rmtree(self.home)
        shutil.copytree(backup, self.home)
        self._open()


class World:
    """A server with one space, and everybody's homes."""

    def __init__(
        self,
        folder: Path,
        trial: TrialLoader,
        clock: Clock | None = None,
        server_clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self.clock = clock or Clock()
        self._server_clock_s = server_clock_s
        self.people: dict[str, Person] = {}
        self._folder = folder
        self.examiner = Examiner(trial)
        self._number = 0
        self._running = ExitStack()
        self._data = folder / "server"
        self._serve()
        self.space = SpaceId("")

    def clock_of(self, name: str) -> Callable[[], int]:
        """Somebody's clock, Unix ms."""
        return self.clock

    def time_of(self, name: str) -> Time:
        """Seconds that only grow, as somebody's device counts them."""
        return Time()

    def next_number(self) -> int:
        self._number += 1
        return self._number

    def _serve(self) -> None:
        self.server: MemoryServer = self._running.enter_context(
            memory_server(
                self._data,
                clock_ms=self.clock,
                clock_s=self._server_clock_s,
                trial=self.examiner,
            )
        )

    def stop(self) -> None:
        self._running.close()
        for person in self.people.values():
            person.replica.close()

    # -- the server --------------------------------------------------------------------------

    def back_up_server(self) -> Path:
        copy = self._folder / f"server-backup-{self.next_number()}"
        copy.mkdir()
        self.server.db.copy_to(copy / "server.db")
        shutil.copy2(self._data / "ledger.key", copy / "ledger.key")
        return copy

    def restore_server(self, backup: Path) -> None:
        """Put a copy in the place of the server's data."""
        self._running.close()
        shutil.rmtree(self._data)
        shutil.copytree(backup, self._data)
        self._serve()

    def replace_server(self) -> None:
        """Lose the server with all its data; a new one is at its address."""
        self._running.close()
        shutil.rmtree(self._data)
        self._serve()

    def end_of_server_log(self) -> str:
        """The cursor of who has read all of it."""
        with self.server.db.read() as conn:
            end = log.position(conn, self.space)
        return encode_cursor(LogPosition(end.generation, end.seq, end.chain))

    def server_hashes(self) -> set[bytes]:
        """The hashes of all changes that the server has."""
        with self.server.db.read() as conn:
            return {row[0] for row in conn.execute("SELECT hash FROM log WHERE type = 'change'")}

    def server_digest(self) -> bytes:
        with self.server.db.read() as conn:
            return log.position(conn, self.space).heads_digest

    def set_role(self, person: Person, role: Role) -> None:
        """Give somebody another role, at once and whoever is out of reach."""
        replica = person.replica.identity.replica_id
        with self.server.db.write() as conn:
            conn.execute("UPDATE token SET role = ? WHERE replica = ?", (role, replica))
            for row in member_rows.tokens_of_replica(conn, self.space, replica):
                HostedList(os.urandom).admitted(conn, row, self.clock())

    def assert_cursor_is_honest(self, person: Person) -> None:
        """Whatever lies before somebody's pull cursor, they have."""
        cursor = person.peer().pull_cursor
        if cursor is None:
            return
        with self.server.db.read() as conn:
            before = conn.execute(
                "SELECT hash FROM log WHERE space = ? AND seq <= ? AND origin <> ?",
                (self.space, decode_cursor(cursor).seq, person.replica.identity.replica_id),
            ).fetchall()
        assert {row[0] for row in before} <= {row.hash for row in person.log()}

    # -- people ------------------------------------------------------------------------------

    def person(self, name: str, home: Path | None = None) -> Person:
        """Somebody with a new home, or with a copied one."""
        seed = self.next_number() * 10
        person = Person(self, name, home or self._folder / name, seed)
        self.people[name] = person
        return person

    async def found(self, name: str) -> Person:
        """Somebody creates the space, and comes in."""
        owner = self.person(name)
        row = await owner.members.create_space("Hut", URL, self.server.setup_code)
        self.space = SpaceId(row.id)
        await owner.sync()
        return owner

    async def invite(self, name: str, *, by: Person, role: Role = "editor") -> Person:
        """Somebody joins the space, and comes in."""
        guest = self.person(name)
        invited = await by.members.invite(self.space, role=role)
        await guest.members.join(invited.link)
        await guest.sync()
        return guest

    async def settle(self, *names: str) -> None:
        """Everybody syncs until nobody has news, a few times at most."""
        everybody = [self.people[name] for name in names] or list(self.people.values())
        for _ in range(ROUNDS_MAX):
            for person in everybody:
                await person.sync()
        self.assert_alike(*everybody)

    def assert_alike(self, *everybody: Person) -> None:
        """All of these, and the server, have the same heads, and show the same."""
        assert len({person.digest() for person in everybody}) == 1
        for person in everybody:
            with person.replica.db.read() as conn:
                assert log.position(conn, self.space).heads_digest == self.server_digest()
            assert person.replica.status(self.space).pending == 0


def sent(request: WireRequest, message: type[T]) -> T:
    """The message in a request."""
    body = request.body
    if request.headers.get("content-encoding") == "zstd":
        body = codec.expand(body, bytes_max=1 << 24)
    return codec.decode(body, message)


def edited(response: WireResponse, message: type[T], edit: Callable[[T], T]) -> WireResponse:
    """The same answer with another message in it."""
    body = codec.encode(edit(codec.decode(expanded(response, 1 << 24), message)))
    headers = {"content-type": codec.MSGPACK, codec.DIGEST_HEADER: codec.digest_of(body)}
    return WireResponse(response.status, headers, body)


@contextmanager
def world(
    folder: Path, trial: TrialLoader, server_clock_s: Callable[[], float] = time.monotonic
) -> Iterator[World]:
    """Begin a world, and end it with the block.

    Args:
        folder: where the server and the homes are.
        trial: examines what is pushed; the tests share one, as starting it takes a while.
        server_clock_s: by which the server lets devices wait.
    """
    made = World(folder, trial, server_clock_s=server_clock_s)
    try:
        yield made
    finally:
        made.stop()
