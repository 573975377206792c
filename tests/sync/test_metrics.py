"""What a server tells its operator: exact counts, times by its clock, nothing of people."""

import asyncio
from collections.abc import Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from sync.errors import SyncError
from sync.protocol import messages as m
from sync.protocol import probes, routes
from sync.server.http import build_app
from sync.server.limits import REQUESTS_BURST
from sync.server.metrics import PATH
from tests.support.asking import Member, create_space, join
from tests.support.long_polls import until_waiting
from tests.support.memory_server import MemoryServer, memory_server
from tests.support.pushes import change, flipped

LOCAL = "127.0.0.1"
NOW_MS = 1_770_000_000_000


class Clock:
    """Unix milliseconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now_ms = NOW_MS

    def __call__(self) -> int:
        return self.now_ms


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server(tmp_path: Path, clock: Clock) -> Iterator[MemoryServer]:
    """A server whose clocks stand still, so that no rate is forgiven meanwhile."""
    with memory_server(tmp_path / "server", clock_ms=clock, clock_s=lambda: 0.0) as running:
        yield running


def visitor(server: MemoryServer, host: str = LOCAL) -> httpx.AsyncClient:
    """Somebody at an address, who speaks HTTP to the server."""
    way = httpx.ASGITransport(build_app(server.endpoint), client=(host, 1))
    return httpx.AsyncClient(transport=way, base_url="http://server")


async def scraped(server: MemoryServer) -> dict[str, float]:
    """The samples of a scrape: `name{label="value"}` to value."""
    async with visitor(server) as prometheus:
        answer = await prometheus.get(PATH)
    assert answer.status_code == httpx.codes.OK
    samples: dict[str, float] = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            labels = ",".join(f'{name}="{value}"' for name, value in sample.labels.items())
            samples[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return samples


@asynccontextmanager
async def connected(server: MemoryServer, member: Member) -> Any:
    """A device that waits for news."""
    cursor = (await member.pull()).cursor
    waiting = asyncio.create_task(member.wait(cursor))
    await until_waiting(server.service.wakeups, member.replica)
    yield
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)


async def test_every_pushed_change_counts_as_what_became_of_it(
    server: MemoryServer, alice: Member
) -> None:
    first, second, damaged = change(), change(), change()
    await alice.push(first, second)
    await alice.push(first)
    await alice.push(flipped(damaged.row))

    seen = await scraped(server)

    assert seen["sync_changes_total"] == 2
    assert seen["sync_changes_duplicate_total"] == 1
    refused = {name: n for name, n in seen.items() if name.startswith("sync_changes_refused_total")}
    assert sum(refused.values()) == 1
    with server.db.read() as conn:
        (rows,) = conn.execute("SELECT count(*) FROM log").fetchone()
    assert seen["sync_log_rows"] == rows == 2
    assert seen["sync_quarantined_changes"] == 1
    assert seen["sync_database_bytes"] > 0


async def test_the_way_of_a_change_to_the_server_is_timed_from_its_commit(
    server: MemoryServer, alice: Member, clock: Clock
) -> None:
    known, unknown = change(), change()
    rows = [known.row, unknown.row]
    await alice.ask(routes.PUSH, m.Push(alice.space, rows, [clock.now_ms - 7_000, 0]))

    seen = await scraped(server)

    assert seen["sync_push_lag_seconds_sum"] == pytest.approx(7)
    assert seen["sync_push_lag_seconds_count"] == 1


async def test_a_probe_is_timed_until_a_connected_device_confirms_it_once(
    server: MemoryServer, alice: Member, bob: Member, clock: Clock
) -> None:
    async with connected(server, bob):
        assert (await scraped(server))["sync_connected_devices"] == 1
        sent = await alice.ask(routes.PROBE, probes.SendProbe(alice.space, clock.now_ms))
    clock.now_ms += 4_000
    await bob.pull(probes=sent.stamp)
    clock.now_ms += 60_000
    await bob.pull(probes=sent.stamp)

    seen = await scraped(server)

    assert seen["sync_probes_awaited_total"] == 1
    assert seen["sync_replication_lag_seconds_count"] == 1
    assert seen["sync_replication_lag_seconds_sum"] == pytest.approx(4)
    assert seen['sync_replication_lag_seconds_bucket{le="5.0"}'] == 1
    assert seen['sync_replication_lag_seconds_bucket{le="2.5"}'] == 0
    assert seen["sync_connected_devices"] == 0


async def test_requests_count_by_route_and_status_and_no_address_is_a_new_label(
    server: MemoryServer,
) -> None:
    async with visitor(server) as asker:
        await asker.get(routes.HEALTH.path)
        await asker.get(routes.HELLO.path)
        for invented in ("/a", "/b", "/v1/" + "c" * 40):
            await asker.get(invented)

    seen = await scraped(server)

    assert seen['sync_requests_total{route="/healthz",status="200"}'] == 1
    assert seen[f'sync_requests_total{{route="{routes.HELLO.path}",status="401"}}'] == 1
    assert seen['sync_requests_total{route="other",status="404"}'] == 3
    assert seen['sync_request_duration_seconds_count{route="other"}'] == 3


async def test_who_is_told_to_wait_counts_as_a_retry_and_as_a_limit(server: MemoryServer) -> None:
    async with visitor(server) as asker:
        for _ in range(int(REQUESTS_BURST) + 3):
            last = await asker.get(routes.HEALTH.path)

    seen = await scraped(server)

    assert last.status_code == httpx.codes.TOO_MANY_REQUESTS
    assert seen['sync_retries_total{reason="slow-down"}'] == 3
    assert seen['sync_limits_hit_total{limit="slow-down"}'] == 3


async def test_a_cursor_of_another_history_counts(server: MemoryServer, alice: Member) -> None:
    async with visitor(server) as asker:
        answer = await asker.get(
            routes.PULL.path,
            params={"space": alice.space, "cursor": "not-a-cursor"},
            headers={"authorization": f"Bearer {alice.token}"},
        )

    assert answer.status_code == httpx.codes.CONFLICT
    assert (await scraped(server))["cursor_generation_resets_total"] == 1


@pytest.mark.parametrize("name", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
async def test_a_proxy_on_this_computer_gets_what_an_empty_address_gives(
    server: MemoryServer, name: str
) -> None:
    async with visitor(server) as proxy:
        answer = await proxy.get(PATH, headers={name: "192.0.2.7"})

    assert answer.status_code == httpx.codes.NOT_FOUND
    assert answer.json()["type"] == "urn:cairn:problem:not-found"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200),
        ("127.9.9.9", 200),
        ("::1", 200),
        ("192.0.2.7", 404),
        ("10.0.0.1", 404),
        ("2001:db8::1", 404),
        ("somewhere", 404),
    ],
)
async def test_only_this_computer_may_read(server: MemoryServer, host: str, status: int) -> None:
    async with visitor(server, host) as asker:
        assert (await asker.get(PATH)).status_code == status


async def test_nothing_in_it_says_who_or_what(
    server: MemoryServer, alice: Member, bob: Member
) -> None:
    made = change(title="Wax the boots")
    await alice.push(made)
    await bob.pull()
    with pytest.raises(SyncError):
        await alice.revoke("nobody-of-that-name")
    async with visitor(server) as asker:
        text = (await asker.get(PATH)).text

    secrets = (alice.space, alice.token, alice.replica, bob.token, bob.replica, made.doc)
    assert not [each for each in (*secrets, "Alice", "Bob", "boots") if str(each) in text]
    labels = {
        label
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        for label in sample.labels
    }
    assert labels <= {"route", "status", "reason", "limit", "le", "type", "sort"}


async def test_two_servers_never_add_up(server: MemoryServer, tmp_path: Path) -> None:
    with memory_server(tmp_path / "other") as other:
        owner = await create_space(other.transport(), other.setup_code)
        await join(owner, "Bob")
        await owner.push(change())

        assert (await scraped(other))["sync_changes_total"] == 1
        assert (await scraped(server))["sync_changes_total"] == 0
