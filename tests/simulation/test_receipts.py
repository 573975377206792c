"""Whatever happens in a world, no device says that an item is where it is not.

After each step every device is asked where its items are, and what it says is held against what the
others really have. Networks, disks, clocks and programs fail; but no home is copied, no backup is
restored and no answer is a lie, as then a place in a log stands for what is gone until the next
contact.
"""

import asyncio
import shutil
from pathlib import Path

from store.documents.trial import TrialLoader
from store.domain.ids import DocId
from store.queries import confirmed
from tests.simulation.device import Device, rng_of
from tests.simulation.virtual_time import VirtualLoop, run_virtually
from tests.simulation.world import World

WORLDS = 8
CLAIMS_MIN = 300  # of each sort, in all of them
STEPS = 70
FIRST = 500  # seeds that no other test uses


# What may happen here: all that replaces no history.
_HAPPENINGS = (
    (World._act, 50),
    (World._quarrel, 6),
    (World._sync, 14),
    (World._app, 6),
    (World._network, 6),
    (World._kill, 3),
    (World._restart, 2),
    (World._disk, 4),
    (World._clock, 3),
    (World._server_dies, 2),
)


class TellingWorld(World):
    """A world that holds what devices say against what is so.

    Attributes:
        claims: how often somebody said that an item is on the server, or on another device.
    """

    def __init__(self, folder: Path, trial: TrialLoader, seed: int, loop: VirtualLoop) -> None:
        super().__init__(folder, trial, seed, loop)
        self.claims = {"server": 0, "device": 0}

    async def step(self) -> None:
        (happening,) = self.rng.choices(
            [what for what, _ in _HAPPENINGS], [weight for _, weight in _HAPPENINGS]
        )
        await happening(self)
        for device in tuple(self.devices.values()):
            device.network.lie_share = 0.0
            await device.reap()
            if device.replica is None:
                self._start(device)
        if not self.server.is_up:
            self.server.start()
        await asyncio.sleep(self._pause_s())
        self.check()

    def check(self) -> None:
        """Ask everybody whose program runs and whose disk is well."""
        there = {device.replica_id(): device.hashes() for device in self.devices.values()}
        for device in self.devices.values():
            if device.replica is not None and not device.disk.is_dead:
                self._check(device, self.server.hashes(), there)

    def _check(self, device: Device, server: set[bytes], there: dict[str, set[bytes]]) -> None:
        assert device.replica is not None
        with device.plain_read() as conn:
            rows = conn.execute(
                "SELECT doc, hash FROM log WHERE space = ? AND type = 'change'", (self.space,)
            ).fetchall()
        changes: dict[str, set[bytes]] = {}
        for doc, change in rows:
            changes.setdefault(doc, set()).add(bytes(change))
        with device.plain_read() as conn:
            for doc, its in changes.items():
                found = confirmed(conn, DocId(doc))
                if found.is_on_server:
                    self.claims["server"] += 1
                    assert its <= server, f"{device.name} says that {doc} is on the server"
                for holder in found.devices:
                    if holder.has_latest and holder.id in there:
                        self.claims["device"] += 1
                        said = f"{device.name} says that {holder.person} has {doc}"
                        assert its <= there[holder.id], said


def lived(folder: Path, trial: TrialLoader, seed: int) -> TellingWorld:
    """Let the world of a seed live, and give it back."""
    worlds: list[TellingWorld] = []

    async def main(loop: VirtualLoop) -> tuple[str, ...]:
        worlds.append(TellingWorld(folder, trial, seed, loop))
        return await worlds[0].live(STEPS)

    try:
        assert run_virtually(main, rng_of(f"{seed} threads")) == (), seed
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return worlds[0]


def test_nobody_says_that_an_item_is_where_it_is_not(tmp_path: Path, trial: TrialLoader) -> None:
    claims = {"server": 0, "device": 0}
    for seed in range(FIRST, FIRST + WORLDS):
        for what, count in lived(tmp_path / str(seed), trial, seed).claims.items():
            claims[what] += count
    # They do say it, often: a device that says nothing is never wrong.
    assert min(claims.values()) > CLAIMS_MIN, claims
