"""A world: who lives in it, what happens to them step by step, and how it is mended at the end."""

import asyncio
import shutil
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from store.commands.patches import NewTask
from store.documents.trial import TrialLoader
from store.domain.errors import DomainError
from store.domain.ids import DocId, SpaceId, new_replica_id
from store.domain.ledger.policies import Policy
from store.replica import Replica
from sync.client.link import parse_link
from sync.client.results import SyncResult
from sync.errors import AuthRefused
from sync.protocol import routes
from sync.protocol.entering import Join
from sync.transport.memory import MemoryTransport
from tests.simulation import oracle
from tests.simulation.acts import (
    DEPOSIT,
    KITTY,
    REDO,
    TENTS,
    TENTS_THERE,
    UNDO,
    act_at_random,
    flush,
    is_within,
    quarrel,
)
from tests.simulation.clocks import WallClock
from tests.simulation.device import Device, rng_of
from tests.simulation.hostile import Mallory
from tests.simulation.lan import PeerDoor
from tests.simulation.network import Network
from tests.simulation.server import Server
from tests.simulation.storage import Failure, Killed
from tests.simulation.trace import Trace
from tests.simulation.virtual_time import VirtualLoop, run_virtually
from tests.support.asking import ask

NAMES = ("alice", "bob", "carol", "dan", "eve", "finn", "gwen")
STEPS = 100
PASSES_MAX = 6  # of everybody over a mended world, after which all must be alike
ROUNDS_MAX = 12  # of one device in one pass


@dataclass(frozen=True)
class Outcome:
    """How a world ended.

    Attributes:
        digest: of its whole trace.
        faults: what the oracle found; none if all is well.
        tail: the last lines of the trace.
        told: what came to pass in it, counted.
    """

    seed: int
    digest: str
    faults: tuple[str, ...]
    tail: tuple[str, ...]
    told: dict[str, int]


class World:
    """Everybody, for one seed."""

    def __init__(self, folder: Path, trial: TrialLoader, seed: int, loop: VirtualLoop) -> None:
        self.folder = folder
        self.seed = seed
        self.loop = loop
        self.trace = Trace(loop.time)
        self.devices: dict[str, Device] = {}
        self.doors: dict[str, PeerDoor] = {}
        self._trial = trial
        self.space = SpaceId("")
        self.rng = rng_of(f"{seed} steps")
        self._rngs = rng_of(f"{seed} others")
        self.copied: set[str] = set()  # titles of items that somebody saved as new ones
        self.deposits: list[int] = []  # coins that somebody was told are asked for
        self.undone = 0  # coins of those that somebody took back before they were sent
        self.untold = 0  # coins of what was told to have failed, and may be done all the same
        self.untold_undone = 0  # the same of taking back
        self.is_set_back = False  # a home or the server was restored, or a home copied
        self._numbers = 0
        self._backups: list[tuple[str, Path]] = []
        self._server_backups: list[Path] = []
        self._no_longer_saved: set[bytes] = set()
        self._mallory: Mallory | None = None
        self._syncs: set[asyncio.Task[SyncResult | None]] = set()
        self.has_money = self.rng.random() < 0.5
        self.storm = self.rng.choice((0.0, 0.05, 0.15, 0.3, 0.5))
        clock = WallClock(loop.time, self.new_rng(), is_right=self.rng.random() < 0.5)
        self.server = Server(folder / "server", trial, clock, self.new_rng(), self.trace)

    # -- who and what --------------------------------------------------------------------------

    def new_rng(self) -> Random:
        """Chance of its own for somebody, that nobody else's drawing moves."""
        return Random(self._rngs.getrandbits(64))

    def new_number(self) -> int:
        """A number that is given once."""
        self._numbers += 1
        return self._numbers

    def new_title(self) -> str:
        """Words that nobody else writes."""
        return f"added {self.new_number()}"

    def saved(self) -> dict[bytes, str]:
        """The changes that somebody was told are saved, but for those that went with a backup."""
        return {
            change: what
            for device in self.devices.values()
            for change, what in device.saved.items()
            if change not in self._no_longer_saved
        }

    def _forget_what_is_gone(self) -> None:
        """What a restored backup took away from the last who had it can't be asked for any more."""
        there = self.server.hashes()
        for device in self.devices.values():
            there |= device.hashes()
        gone = self.saved().keys() - there
        self._no_longer_saved |= gone
        if gone:
            self.trace.say(f"{len(gone)} changes went with a backup")

    def note_untold(self, what: str) -> None:
        """An act was told to have failed, or nothing was told."""
        for kind in (DEPOSIT, REDO):
            if what.startswith(kind):
                self.untold += int(what.removeprefix(kind))
        if what.startswith(UNDO):
            self.untold_undone += int(what.removeprefix(UNDO))

    def note_undone(self, coins: int) -> None:
        """Somebody took coins back that were not sent, or put them back (then less than 0)."""
        self.undone += coins

    def note_taken_back(self, device: Device) -> None:
        """A person took changes back on purpose."""
        kept = device.hashes()
        self._no_longer_saved |= {one for one in device.saved if one not in kept}

    def _device(self, name: str, home: Path) -> Device:
        network = Network(self.server, self.trace, name, self.new_rng(), self.doors)
        clock = WallClock(self.loop.time, self.new_rng(), is_right=self.rng.random() < 0.4)
        device = self.devices[name] = Device(self, name, home, network, clock)
        return device

    # -- how it begins -------------------------------------------------------------------------

    async def set_out(self) -> None:
        """Alice founds the space, and everybody comes in, while nothing goes wrong yet."""
        count = self.rng.choice((2, 2, 3, 3, 3, 4, 5, 7))
        alice = self._device("alice", self.folder / "alice")
        alice.start()
        code = self.server.service.setup_code()
        row = await alice.members.create_space("Hut", self.server.url, code)
        self.space = SpaceId(row.id)
        for name in NAMES[1:count]:
            guest = self._device(name, self.folder / name)
            guest.start()
            invited = await alice.members.invite(self.space, role="owner")
            await guest.members.join(invited.link)
        for device in self.devices.values():
            result = await device.sync()
            assert result is not None
            assert result.error is None, result.error
        if self.has_money:
            await self._share(alice)
        if self.rng.random() < 0.4:
            await self._meet_on_a_lan()
        if self.rng.random() < 0.4:
            await self._let_mallory_in(alice)
        for device in self.devices.values():
            device.network.fault_share = self.storm
            device.network.lie_share = self.storm / 5 if self.rng.random() < 0.3 else 0.0
            if self.rng.random() < 0.7:
                device.open_app()

    async def _share(self, alice: Device) -> None:
        """There is a kitty, and some tents."""
        assert alice.replica is not None
        policy = Policy("reservation")
        alice.replica.add_item(TENTS, TENTS_THERE, policy, space=self.space)
        alice.replica.add_budget(KITTY, "EUR", space=self.space)
        for _ in range(2):  # the second time everybody has what the first one moved
            for device in self.devices.values():
                result = await device.sync()
                assert result is not None
                assert result.error is None, result.error

    async def _meet_on_a_lan(self) -> None:
        """One or two devices serve, and the others join them too, beside the server."""
        everybody = list(self.devices.values())
        for host in everybody[: self.rng.choice((1, 1, 2))]:
            door = host.serve(self._trial)
            self.doors[door.url] = door
            for guest in everybody:
                if guest is not host and guest.door is None and host.replica is not None:
                    code = door.code(host.replica, self.space)
                    await guest.members.join_device(code, door.url)
                    self.trace.say(f"{guest.name}: joins {host.name}")

    async def _let_mallory_in(self, alice: Device) -> None:
        rng = self.new_rng()
        link = parse_link((await alice.members.invite(self.space)).link)
        replica = new_replica_id(rng.randbytes(16))
        asked = Join(link.secret, self.space, "Mallory", "phone", replica)
        joined = await ask(MemoryTransport(self.server.exchange), routes.JOIN, asked)
        self._mallory = Mallory(self.server, joined.token, self.space, replica, rng)

    # -- what happens --------------------------------------------------------------------------

    async def step(self) -> None:
        """Let one thing happen, and some time pass."""
        happenings = _HAPPENINGS
        (happening,) = self.rng.choices(
            [what for what, _ in happenings], [weight for _, weight in happenings]
        )
        await happening(self)
        for device in tuple(self.devices.values()):
            if await device.reap():
                self.trace.say(f"{device.name}: died of {device.disk.fired[-1:]}")
            if device.replica is None and self.rng.random() < 0.3:
                self._start(device)
        if not self.server.is_up and self.rng.random() < 0.2:
            self.server.start()
            self.trace.say("server: up")
        await asyncio.sleep(self._pause_s())

    def _pause_s(self) -> float:
        kind = self.rng.random()
        if kind < 0.6:
            return self.rng.uniform(0.0, 0.2)
        if kind < 0.92:
            return self.rng.uniform(0.0, 2.0)
        return self.rng.uniform(0.0, 30.0) if kind < 0.99 else self.rng.uniform(0.0, 400.0)

    def _start(self, device: Device) -> None:
        replica = device.start()
        self.trace.say(f"{device.name}: starts")
        self._check_drafts(device, replica)
        if self.rng.random() < 0.7:
            device.open_app()

    def _check_drafts(self, device: Device, replica: Replica) -> None:
        """What was typed is there after the program died: as a draft, or as a change."""
        for doc, typed in device.drafts.items():
            text, _ = replica.text(doc)
            word = typed.split("added ")[-1].split()[0]
            # Where saving was said to have failed after it had been done, what was typed next may
            # stand in the middle of the word.
            is_there = is_within(word, text) if doc in device.unsure else word in text
            assert is_there or self._was_written(replica, doc, word), (
                f"{device.name} lost a draft of {doc}: {typed!r}, it says {text!r}"
            )

    def _was_written(self, replica: Replica, doc: DocId, word: str) -> bool:
        return any(word in replica.state_at(doc, row.version).body for row in replica.history(doc))

    def _running(self) -> list[Device]:
        """Those whose program is there; one that has just died may still hold its locks."""
        return [
            device
            for device in self.devices.values()
            if device.replica is not None and not device.disk.is_dead
        ]

    async def _act(self) -> None:
        running = self._running()
        if running:
            act_at_random(self.rng.choice(running), self.rng)

    async def _quarrel(self) -> None:
        """Some people lay hands on one thing before they hear of each other."""
        running = self._running()
        quarrel(self.rng.sample(running, min(len(running), self.rng.choice((2, 2, 3)))), self.rng)

    async def _act_of_a_script(self) -> None:
        """Another process does something on the home, beside the one that has it open."""
        running = self._running()
        if not running:
            return
        device = self.rng.choice(running)
        title = self.new_title()
        with Replica.open(
            device.home, clock_ms=device.clock, entropy=self.new_rng().randbytes
        ) as script:
            try:
                script.add_task(NewTask(title), space=self.space)
            except DomainError as no:  # a viewer
                self.trace.say(f"{device.name} script: {type(no).__name__}")
                return
        device._note_saved(f"script {title}")
        self.trace.say(f"{device.name} script: done")

    async def _sync(self) -> None:
        running = self._running()
        if running:
            device = self.rng.choice(running)
            task = self.loop.create_task(device.sync())
            self._syncs.add(task)
            task.add_done_callback(self._syncs.discard)

    async def _app(self) -> None:
        running = self._running()
        if running:
            device = self.rng.choice(running)
            if device.is_app_open:
                await device.close_app()
            else:
                device.open_app()
            self.trace.say(f"{device.name} app: {device.is_app_open}")

    async def _network(self) -> None:
        device = self.rng.choice(list(self.devices.values()))
        device.network.is_down = not device.network.is_down
        self.trace.say(f"{device.name} network down: {device.network.is_down}")

    async def _kill(self) -> None:
        running = self._running()
        if running:
            device = self.rng.choice(running)
            self.trace.say(f"{device.name}: killed")
            await device.kill()

    async def _restart(self) -> None:
        running = self._running()
        if running:
            device = self.rng.choice(running)
            self.trace.say(f"{device.name}: stops")
            await device.stop()

    async def _disk(self) -> None:
        running = self._running()
        failure = self.rng.choice(list(Failure))
        after = int(self.rng.random() ** 2 * 120)
        if self.rng.random() < 0.25 and self.server.is_up:
            self.trace.say(f"server disk: {failure} after {after}")
            self.server.disk.fail(failure, after=after, times=self.rng.choice((1, 1, 2, 30)))
        elif running:
            device = self.rng.choice(running)
            self.trace.say(f"{device.name} disk: {failure} after {after}")
            device.disk.fail(failure, after=after, times=self.rng.choice((1, 1, 2, 30)))

    async def _clock(self) -> None:
        clocks = [self.server.clock, *(device.clock for device in self.devices.values())]
        at = self.rng.randrange(len(clocks))
        self.trace.say(f"clock {at}: {clocks[at].jump()} ms off")

    async def _back_up(self) -> None:
        device = self.rng.choice(list(self.devices.values()))
        place = device.back_up(self.folder / f"backup-{self.new_number()}")
        self._backups.append((device.name, place))
        self.trace.say(f"{device.name}: backed up")

    async def _restore(self) -> None:
        if not self._backups:
            return
        self.is_set_back = True
        name, backup = self.rng.choice(self._backups)
        device = self.devices[name]
        await device.stop()
        device.put_back(backup)
        device.drafts.clear()
        self.trace.say(f"{name}: restored")
        self._forget_what_is_gone()
        self._start(device)

    async def _copy(self) -> None:
        """Somebody copies a home to another device, and both go on."""
        free = [name for name in NAMES if name not in self.devices]
        if not free:
            return
        self.is_set_back = True
        original = self.rng.choice(list(self.devices.values()))
        copy = self._device(free[0], original.back_up(self.folder / free[0]))
        copy.network.fault_share = self.storm
        self.trace.say(f"{original.name}: copied to {copy.name}")
        self._start(copy)

    async def _server_dies(self) -> None:
        if self.server.is_up:
            is_killed = self.rng.random() < 0.5
            self.trace.say(f"server: {'killed' if is_killed else 'stops'}")
            if is_killed:
                self.server.kill()
            else:
                self.server.stop()

    async def _server_backup(self) -> None:
        if self.server.is_up:
            self.server.disk.mend()
            place = self.folder / f"server-backup-{self.new_number()}"
            self._server_backups.append(self.server.back_up(place))
            self.trace.say("server: backed up")

    async def _server_restore(self) -> None:
        if self._server_backups:
            self.is_set_back = True
            self.server.restore(self.rng.choice(self._server_backups))
            self.trace.say("server: restored")
            self._forget_what_is_gone()

    async def _role(self) -> None:
        """An owner gives somebody another role; Alice stays one, so that there is one."""
        name = self.rng.choice([name for name in self.devices if name != "alice"])
        role = self.rng.choice(("viewer", "viewer", "editor", "owner"))
        replica = self.devices[name].replica_id()
        self.server.set_role(replica, role)
        self.trace.say(f"{name}: {role}")

    async def _hostile(self) -> None:
        if self._mallory is not None:
            with self.devices["alice"].plain_read() as conn:
                docs = [DocId(row[0]) for row in conn.execute("SELECT id FROM doc ORDER BY id")]
            self.trace.say(f"mallory: {await self._mallory.send(docs)}")

    # -- how it is mended ----------------------------------------------------------------------

    async def mend(self) -> None:
        """Put everything right but the clocks, and let everybody come in again."""
        self.trace.say("all is mended")
        if not self.server.is_up:
            self.server.start()
        self.server.disk.mend()
        for device in self.devices.values():
            device.network.fault_share = device.network.lie_share = 0.0
            device.network.is_down = False
            device.disk.mend()
        await self.server.let_late_ones_arrive()
        while self._syncs:
            await asyncio.gather(*self._syncs)
        for device in self.devices.values():
            await device.reap()
            await device.close_app()
            if device.replica is None:
                self._check_drafts(device, device.start())
        self.server.set_role(None, "owner")  # now that nothing old arrives any more
        await self._let_in()

    async def _let_in(self) -> None:
        """Who is not known any more (the server was set back) gets an invite, as people would."""
        out = []
        inside = None
        for device in self.devices.values():
            result = await device.sync()
            assert result is not None
            if isinstance(result.error, AuthRefused):
                out.append(device)
            else:
                assert result.error is None, f"{device.name}: {result.error}"
                inside = device
        assert inside is not None, "nobody is in the space any more"
        self.server.set_role(None, "owner")  # those who came brought what they had heard of roles
        for device in out:
            invited = await inside.members.invite(self.space, role="owner")
            await device.rejoin(invited.link)
            self.trace.say(f"{device.name}: joins again")

    async def settle(self) -> None:
        """Everybody syncs until nobody has news; a bounded number of rounds must do."""
        self.server.set_role(None, "owner")  # who came in again has the role of an old list
        for device in self.devices.values():
            flush(device, self.rng)
        for _ in range(PASSES_MAX):
            if not sum([await self._settle_one(device) for device in self.devices.values()]):
                return
        rows = {device.name: device.network.rows for device in self.devices.values()}
        raise AssertionError(f"after {PASSES_MAX} passes there is still something to move: {rows}")

    async def _settle_one(self, device: Device) -> int:
        """Sync one device; tells how much moved, counting rows that were no news too."""
        assert device.replica is not None
        parked = device.replica.parked(self.space)
        for row in parked:
            device.replica.retry_parked(DocId(row.doc_id))
        device.network.rows = 0
        result = await device.sync()
        assert result is not None
        assert result.error is None, f"{device.name}: {result.error}"
        assert result.rounds <= ROUNDS_MAX, f"{device.name} needs {result.rounds} rounds"
        return result.resets + len(parked) + device.network.rows

    async def live(self, steps: int) -> tuple[str, ...]:
        """The whole life of the world; gives what is wrong at its end."""
        try:
            await self.set_out()
            for _ in range(steps):
                await self.step()
            await self.mend()
            await self.settle()
            return tuple(oracle.faults(self))
        finally:
            for device in self.devices.values():
                await device.stop()
            if self.server.is_up:
                self.server.stop()


Happening = Callable[[World], Awaitable[None]]

_HAPPENINGS: tuple[tuple[Happening, int], ...] = (
    (World._act, 52),
    (World._quarrel, 8),
    (World._act_of_a_script, 2),
    (World._sync, 8),
    (World._app, 4),
    (World._network, 6),
    (World._kill, 3),
    (World._restart, 2),
    (World._disk, 5),
    (World._clock, 3),
    (World._back_up, 2),
    (World._restore, 2),
    (World._copy, 1),
    (World._server_dies, 2),
    (World._server_backup, 2),
    (World._server_restore, 1),
    (World._hostile, 4),
    (World._role, 2),
)


def run_world(seed: int, folder: Path, trial: TrialLoader, *, steps: int = STEPS) -> Outcome:
    """Let the world of a seed live in a folder, which is gone afterwards.

    Args:
        seed: decides everything.
        folder: where homes and the server are put; it must not be there yet.
        trial: the server's examining child, which worlds of different seeds share.
        steps: how much happens before all is mended.
    """
    worlds: list[World] = []

    async def main(loop: VirtualLoop) -> tuple[str, ...]:
        world = World(folder, trial, seed, loop)
        worlds.append(world)
        return await world.live(steps)

    try:
        found = run_virtually(main, rng_of(f"{seed} threads"))
    except (Exception, Killed) as failure:
        found = (f"{type(failure).__name__}: {failure}",)
        if not worlds:
            raise
        found = (*found, "".join(traceback.format_exception(failure)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    trace = worlds[0].trace
    told = {"steps": steps, "lines": trace.lines, "devices": len(worlds[0].devices)}
    return Outcome(seed, trace.digest(), found, tuple(trace.tail), told)
