"""`GET /healthz` says whether the server can do its work: that its database takes a write."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from sync.errors import Busy
from sync.protocol import routes
from sync.server import limits
from tests.support.asking import ask
from tests.support.memory_server import memory_server


async def test_a_database_that_takes_no_write_is_not_healthy_and_recovers(tmp_path: Path) -> None:
    seconds = [100.0]
    with memory_server(tmp_path, clock_s=lambda: seconds[0]) as server:
        way = server.transport()
        assert (await ask(way, routes.HEALTH)).ok is True
        with server.db.write() as conn:
            writer = conn
        writer.execute("PRAGMA query_only=ON")  # as good as a disk that says no

        # A good look stands for a moment, so that asking costs the disk nothing.
        assert (await ask(way, routes.HEALTH)).ok is True
        seconds[0] += limits.HEALTH_GOOD_S
        with pytest.raises(Busy) as unwell:
            await ask(way, routes.HEALTH)
        assert (unwell.value.type, unwell.value.status) == ("storage", 503)

        writer.execute("PRAGMA query_only=OFF")
        assert (await ask(way, routes.HEALTH)).ok is True


async def test_it_really_writes_each_time_that_it_looks(tmp_path: Path) -> None:
    """SQLite writes nothing where a row stays as it is, and a full disk went unseen."""
    seconds = [100.0]
    with memory_server(tmp_path, clock_s=lambda: seconds[0]) as server:
        way = server.transport()
        with closing(sqlite3.connect(server.db.path)) as other:
            versions = []
            for _ in range(3):
                assert (await ask(way, routes.HEALTH)).ok is True
                seconds[0] += limits.HEALTH_GOOD_S
                # A number that moves with each commit of another connection that changed the file.
                versions += other.execute("PRAGMA data_version").fetchone()
        assert len(set(versions)) == 3
