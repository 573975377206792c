"""The same engine against a real server process, over HTTP."""

import logging
import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from store import peers
from store.commands.patches import NewTask
from store.domain.ids import SpaceId
from store.replica import Replica
from sync.client.engine import Engine
from sync.client.membership import Membership
from sync.errors import Unreachable
from sync.transport.http import HttpTransport
from tests.support.rounds import one_round
from tests.support.server import RunningServer, running_server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    """A server process on a free port."""
    with running_server(tmp_path) as running:
        yield running


@pytest.fixture
def homes(tmp_path: Path) -> Iterator[tuple[Replica, Replica]]:
    """Alice's and Bob's home."""
    with ExitStack() as stack:
        alice, bob = (stack.enter_context(Replica.open(tmp_path / n)) for n in ("alice", "bob"))
        yield alice, bob


async def _meet(
    server: RunningServer, alice: Replica, bob: Replica
) -> tuple[SpaceId, Engine, Engine]:
    owner, guest = Membership(alice, HttpTransport), Membership(bob, HttpTransport)
    row = await owner.create_space("Hut", server.url, server.setup_code)
    await guest.join((await owner.invite()).link)
    return SpaceId(row.id), Engine(alice, HttpTransport), Engine(bob, HttpTransport)


async def test_two_people_meet_over_http(
    server: RunningServer, homes: tuple[Replica, Replica]
) -> None:
    alice, bob = homes
    space, hers, his = await _meet(server, alice, bob)
    for number in range(3):
        alice.add_task(NewTask(title=f"Alice {number}"))
        bob.add_note(f"Bob {number}")

    for engine in (hers, his, hers):
        result = await engine.sync_until_quiet()
        assert (result.state, result.error) == ("synced", None)
    await hers.aclose()
    await his.aclose()

    assert alice.digest(space) == bob.digest(space)
    assert len(bob.tasks(space=space)) == len(alice.notes(space=space)) == 3


async def test_a_server_that_is_killed_is_offline_and_goes_on_where_it_was(
    server: RunningServer, homes: tuple[Replica, Replica], tmp_path: Path
) -> None:
    alice, bob = homes
    space, hers, his = await _meet(server, alice, bob)
    alice.add_task(NewTask(title="Before"))
    assert (await hers.sync_until_quiet()).error is None

    server.kill()
    alice.add_task(NewTask(title="Meanwhile"))
    result = await hers.sync_until_quiet(timeout_s=0.5)
    assert isinstance(result.error, Unreachable)
    assert result.state == "offline"
    with running_server(tmp_path, data=server.data, listen=f"127.0.0.1:{server.port}"):
        assert (await hers.sync_until_quiet()).error is None
        assert (await his.sync_until_quiet()).error is None
        await hers.aclose()
        await his.aclose()

    assert alice.digest(space) == bob.digest(space)


async def test_a_hint_comes_over_http(
    server: RunningServer, homes: tuple[Replica, Replica]
) -> None:
    alice, bob = homes
    space, hers, his = await _meet(server, alice, bob)
    assert (await his.sync_until_quiet()).error is None
    with bob.db.read() as conn:
        (server_peer,) = peers.peers(conn, space)
    assert not await his.has_news(server_peer.id, timeout_s=0)

    alice.add_task(NewTask(title="Buy rope"))
    assert (await hers.sync_until_quiet()).error is None

    assert await his.has_news(server_peer.id, timeout_s=20)
    await hers.aclose()
    await his.aclose()


async def test_a_round_is_found_in_the_logs_of_both_sides_by_one_id(
    server: RunningServer, homes: tuple[Replica, Replica], caplog: pytest.LogCaptureFixture
) -> None:
    alice, bob = homes
    space, hers, his = await _meet(server, alice, bob)
    alice.add_task(NewTask(title="Buy rope"))

    with caplog.at_level(logging.INFO, "cairn.sync"):
        await one_round(hers, alice, space)
    await hers.aclose()
    await his.aclose()
    server.stop()

    (line,) = [record.message for record in caplog.records if record.message.startswith("round ")]
    found = re.match(r"round id=([0-9a-f]{16}) space=", line)
    assert found is not None
    there = re.findall(rf"path=(\S+) .* id={found[1]}-(\d+)$", server.log(), re.MULTILINE)
    assert [int(number) for _, number in there] == list(range(1, len(there) + 1))
    assert {"/v1/sync/hello", "/v1/sync/push", "/v1/sync/pull"} <= {path for path, _ in there}
