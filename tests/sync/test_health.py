"""`GET /healthz` says whether the server can do its work: that its database takes a write."""

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
