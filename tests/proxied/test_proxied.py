"""Two homes and a server, each a process, over a proxy that spoils connections.

CAIRN_PROXIED says how many seeds, CAIRN_PROXIED_SEED which is the first.
"""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from random import Random

import pytest

from store.doctor.log_check import heads_problems, log_problems
from store.domain.ids import SpaceId
from store.replica import Replica
from sync.client.engine import Engine
from sync.client.membership import Membership
from sync.transport.http import HttpTransport
from tests.proxied.proxy import FATES, FaultProxy
from tests.support.server import running_server

SEEDS = int(os.environ.get("CAIRN_PROXIED", "2"))
FIRST = int(os.environ.get("CAIRN_PROXIED_SEED", "0"))
ACTS = 15
SHARE = 0.4
PASSES = 4  # of everybody once the network is mended


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", range(FIRST, FIRST + SEEDS))
async def test_real_processes_end_alike_whatever_became_of_their_connections(
    seed: int, tmp_path: Path
) -> None:
    homes = [tmp_path / "alice", tmp_path / "bob"]
    with running_server(tmp_path) as server:
        async with FaultProxy(server.port, Random(f"proxy {seed}")).running() as proxy:
            space = await _set_out(homes, proxy.url, server.setup_code)
            proxy.share = SHARE

            said = await asyncio.gather(*(_lived(home, f"{seed} {home.name}") for home in homes))

            proxy.share = 0.0
            hashes = [await _settled(home, space) for _ in range(PASSES) for home in homes][-2:]
            saved = {change for one in said for change in one}
            assert [saved - there for there in hashes] == [set(), set()]
            assert hashes[0] == hashes[1]
            assert await _digest(homes[0], space) == await _digest(homes[1], space)
            assert set(proxy.fates) & {fate for fate, _ in FATES}
    sys.stdout.write(f"seed {seed}: {dict(proxy.fates)}\n")


async def _set_out(homes: list[Path], url: str, setup_code: str | None) -> SpaceId:
    """Found the space and let everybody in, while nothing goes wrong yet."""
    with Replica.open(homes[0]) as alice, Replica.open(homes[1]) as bob:
        hosting, joining = Membership(alice, HttpTransport), Membership(bob, HttpTransport)
        space = SpaceId((await hosting.create_space("Hut", url, setup_code)).id)
        await joining.join((await hosting.invite(space=space)).link)
    return space


async def _lived(home: Path, seed: str) -> list[str]:
    """Let somebody live in a process of their own; give what they were told is saved."""
    command = (sys.executable, "-m", "tests.proxied.person", str(home), seed, str(ACTS))
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE)
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    saved: list[str] = json.loads(out)
    assert saved
    return saved


async def _settled(home: Path, space: SpaceId) -> set[str]:
    """Sync a home over the mended network; give the hashes that it has."""
    with Replica.open(home) as replica:
        engine = Engine(replica, HttpTransport)
        result = await engine.sync_until_quiet(space)
        await engine.aclose()
        assert result.error is None, result.error
        assert list(log_problems(replica.db, space)) == []
        assert list(heads_problems(replica.db, space)) == []
        with replica.db.read() as conn:
            return {row[0].hex() for row in conn.execute("SELECT hash FROM log")}


async def _digest(home: Path, space: SpaceId) -> tuple[str, str]:
    with Replica.open(home) as replica:
        found = replica.digest(space)
    return found.heads, found.view
