"""What worlds have found, as plain tests."""

import asyncio
import sqlite3
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from store.commands.patches import NewTask
from store.documents.trial import TrialLoader
from store.errors import StorageFailed
from store.replica import Replica
from sync.client.engine import Engine
from sync.client.scheduler import Scheduler
from sync.transport.http import HttpTransport
from tests.simulation.storage import Disk, Failure
from tests.simulation.virtual_time import VirtualLoop, run_virtually
from tests.simulation.world import run_world


def test_a_disk_that_fails_between_two_rounds_does_not_end_the_background_sync(
    tmp_path: Path,
) -> None:
    """Seed 3: the failure came while another one was noted, and the app synced no more."""
    disk = Disk()

    async def main(loop: VirtualLoop) -> bool:
        with Replica.open(tmp_path / "home", connection=disk.connection_class()) as replica:
            engine = Engine(replica, HttpTransport, clock=loop.time)
            scheduler = Scheduler(replica, engine, clock=loop.time, rng=Random(1))
            task = loop.create_task(scheduler.run())
            await asyncio.sleep(1)
            disk.fail(Failure.IO, after=0, times=3)
            await asyncio.sleep(30)
            is_running = not task.done()
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            return is_running

    assert run_virtually(main, Random(1))
    assert disk.fired


@pytest.mark.parametrize("seed", [296, 326, 100161])
def test_what_a_viewer_marks_as_synced_is_at_the_server(seed: int, tmp_path: Path) -> None:
    """They marked what a neighbour had brought or the server had lost, and couldn't push it."""
    with TrialLoader() as trial:
        assert run_world(seed, tmp_path, trial).faults == ()


def test_a_read_whose_end_fails_holds_up_no_writer(tmp_path: Path) -> None:
    """Seed 13: the connection was kept by the error's trace, and with it a lock on the home."""
    disk = Disk()
    with Replica.open(tmp_path / "home", connection=disk.connection_class()) as replica:
        with pytest.raises(StorageFailed) as kept:
            _read_that_ends_badly(replica, disk)

        replica.add_task(NewTask("Buy rope"))

    assert isinstance(kept.value.__cause__, sqlite3.OperationalError)


def _read_that_ends_badly(replica: Replica, disk: Disk) -> None:
    with replica.db.read() as conn:
        assert conn.execute("SELECT count(*) FROM log").fetchone() == (0,)
        disk.fail(Failure.IO, after=1)
