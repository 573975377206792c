"""Probes measure how long it takes to reach the devices that are connected, and only those."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from store.domain.measures import names
from tests.measures.known_world import STATED_ERROR, YEAR_MS, KnownWorld, rate_of, time_of
from tests.support.long_polls import until_waiting
from tests.sync.client.world import Person


@asynccontextmanager
async def connected(here: KnownWorld, person: Person) -> AsyncIterator["asyncio.Task[bool]"]:
    """Somebody waits for news, as the app does while nothing happens."""
    waiting = asyncio.create_task(person.engine.has_news(person.peer().id, timeout_s=10))
    await until_waiting(here.server.service.wakeups, person.replica.identity.replica_id)
    yield waiting
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)


async def two_people(here: KnownWorld) -> tuple[Person, Person]:
    here.ahead_ms = {"alice": 2 * YEAR_MS, "bob": -YEAR_MS}
    alice = await here.found("alice")
    return alice, await here.invite("bob", by=alice)


async def test_a_probes_lag_is_measured_where_it_arrives(here: KnownWorld) -> None:
    alice, bob = await two_people(here)
    sent_ms = here.time.now_ms

    async def meanwhile(seconds: float) -> None:
        """Bob's app hears of it, takes a while, runs a round, and waits for news again."""
        assert seconds == 30
        assert await waiting
        here.time.pass_ms(4_000)
        await bob.sync()
        known_ms.append(here.time.now_ms - sent_ms)
        await bob.sync()  # confirms, as waiting for news would

    known_ms: list[int] = []
    async with connected(here, bob) as waiting:
        devices = await alice.engine.probe(here.space, meanwhile)
    await alice.sync()
    await bob.sync()

    found = time_of(bob, names.PROBE_LAG)
    assert (devices, found.count) == (1, 1)
    assert found.p50_ms == pytest.approx(known_ms[0], rel=STATED_ERROR)
    timeouts = rate_of(alice, "probe_timeout_rate")
    assert (timeouts.part, timeouts.whole) == (0, 1)


async def test_a_connected_device_that_does_not_confirm_in_time_is_a_time_out(
    here: KnownWorld,
) -> None:
    alice, bob = await two_people(here)

    async def nothing_happens(seconds: float) -> None:
        here.time.pass_ms(round(seconds * 1000))

    async with connected(here, bob):
        await alice.engine.probe(here.space, nothing_happens)
    await alice.sync()

    timeouts = rate_of(alice, "probe_timeout_rate")
    assert (timeouts.part, timeouts.whole) == (1, 1)


async def test_a_device_that_is_away_is_not_awaited(here: KnownWorld) -> None:
    alice, bob = await two_people(here)

    async def never(_: float) -> None:
        raise AssertionError("there is nobody to wait for")

    assert await alice.engine.probe(here.space, never) == 0
    here.time.pass_ms(3_600_000)
    await bob.sync()
    await alice.sync()

    assert time_of(bob, names.PROBE_LAG).count == 0
    assert rate_of(alice, "probe_timeout_rate").whole == 0


async def test_the_lag_alert_fires_on_slow_probes_and_clears_an_hour_later(
    here: KnownWorld,
) -> None:
    alice, bob = await two_people(here)

    async def slowly(_: float) -> None:
        assert await waiting
        here.time.pass_ms(9_000)
        await bob.sync()

    for _ in range(3):
        async with connected(here, bob) as waiting:
            await alice.engine.probe(here.space, slowly)
    await bob.sync()
    assert [one.name for one in bob.replica.alerts(bob.replica.health())] == ["replication_lag"]

    here.time.pass_ms(3_600_000)

    assert bob.replica.alerts(bob.replica.health()) == ()


async def test_a_probe_leaves_nothing_in_log_or_digest(here: KnownWorld) -> None:
    alice, bob = await two_people(here)
    alice.add("Rope")
    await here.settle()
    before = (alice.digest(), len(alice.log()), here.server_digest())

    async def heard(_: float) -> None:
        assert await waiting
        await bob.sync()

    async with connected(here, bob) as waiting:
        await alice.engine.probe(here.space, heard)
    await here.settle()

    assert (alice.digest(), len(alice.log()), here.server_digest()) == before
