"""A real device tells a server's operator, with its probe, what only it can see."""

import asyncio

import pytest

from sync.errors import Unreachable
from tests.measures.known_world import KnownWorld
from tests.support.scraping import samples_in


def scraped(here: KnownWorld) -> dict[str, float]:
    """What the operator sees."""
    return samples_in(here.server.service.metrics.text())


async def test_a_device_says_with_its_probe_what_it_saw(here: KnownWorld) -> None:
    alice = await here.found("alice")
    bob = await here.invite("bob", by=alice)
    rope = alice.add("Rope")
    await here.settle()
    alice.retitle(rope, "Long rope")
    bob.retitle(rope, "Short rope")
    await here.settle()

    async def nobody(_: float) -> None:
        await asyncio.sleep(0)

    for person in (alice, bob):
        await person.engine.probe(here.space, nobody)
        await person.engine.probe(here.space, nobody)  # says nothing twice

    found = scraped(here)
    health = [person.replica.health() for person in (alice, bob)]
    conflicts = [each.rates["conflict_rate"]["1h"] for each in health]
    assert found["sync_conflicts_total task.field"] == 2
    assert sum(each.part for each in conflicts) == 2
    assert found["sync_device_changes_total"] == sum(each.whole for each in conflicts)
    rounds = [each.times["anti_entropy"]["1h"].count for each in health]
    assert found["anti_entropy_duration_seconds_count"] == sum(rounds)


async def test_what_could_not_be_said_is_said_with_the_next_probe(here: KnownWorld) -> None:
    alice = await here.found("alice")
    alice.add("Rope")
    await alice.sync()
    before = scraped(here)["sync_device_changes_total"]

    async def nobody(_: float) -> None:
        await asyncio.sleep(0)

    alice.network.is_down = True
    with pytest.raises(Unreachable):
        await alice.engine.probe(here.space, nobody)
    alice.network.is_down = False
    await alice.engine.probe(here.space, nobody)

    assert (before, scraped(here)["sync_device_changes_total"]) == (0, 1)
