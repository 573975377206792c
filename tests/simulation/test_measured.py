"""The measures of a world come out at what is known of it, within the error that is stated.

Alice's and Bob's clocks are years off. Alice writes while both are connected, over a network whose
delays change; both write the same title while Bob is away, a known number of times; Bob reads what
Alice has changed since; and the authority leaves transfers lying for over an hour.
"""

import asyncio
import math
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest

from store.commands.patches import NewTask, Patch
from store.documents.trial import TrialLoader
from store.domain.ids import DocId
from store.domain.measures.health import Health, TimeReading
from store.replica import Replica
from tests.measures.known_world import STATED_ERROR, YEAR_MS
from tests.simulation.device import Device
from tests.simulation.measured import MeasuredWorld
from tests.simulation.virtual_time import VirtualLoop, run_virtually

WRITTEN = 40
QUARRELS = 5
OUTAGES = 4
STALE_READS, FRESH_READS = 6, 18
TRANSFERS = 12
DAY = "24h"
THREADS_MS = 30  # work that a thread does on virtual time, a few times a round
CLOCK_MS = 5  # what the hello's answer leaves unknown of a symmetric way


def home(device: Device) -> Replica:
    assert device.replica is not None
    return device.replica


def nearest_rank(values: Sequence[float], part: float) -> float:
    """The quantile that the measures promise."""
    return sorted(values)[math.ceil(part * len(values)) - 1]


def assert_quantiles(found: TimeReading, known_s: Sequence[float], slack_ms: float) -> None:
    assert found.count == len(known_s)
    for value_ms, part in ((found.p50_ms, 0.50), (found.p95_ms, 0.95), (found.p99_ms, 0.99)):
        expected = nearest_rank(known_s, part) * 1000
        assert value_ms == pytest.approx(expected, rel=STATED_ERROR, abs=slack_ms)


async def lags(world: MeasuredWorld) -> None:
    """Alice writes, and the network becomes slower and slower."""
    for number in range(WRITTEN):
        world.hers.hop_s = world.his.hop_s = 0.02 + 0.02 * number
        doc = home(world.alice).add_task(NewTask(f"Task {number}"), space=world.space)
        world.commits(doc)
        await asyncio.sleep(30)
    world.hers.hop_s = world.his.hop_s = 0.05
    await asyncio.sleep(60)


async def quarrels(world: MeasuredWorld) -> None:
    """Both write the same titles while Bob is away."""
    docs = [
        home(world.alice).add_task(NewTask(f"Quarrel {number}"), space=world.space)
        for number in range(QUARRELS)
    ]
    await asyncio.sleep(60)
    world.his.is_down = True
    for doc in docs:
        home(world.alice).edit(doc, Patch(fields={"title": "as Alice says"}))
        home(world.bob).edit(doc, Patch(fields={"title": "as Bob says"}))
    await asyncio.sleep(20)
    world.his.is_down = False
    await asyncio.sleep(700)  # a backoff is 5 minutes at most


async def stale_reads(world: MeasuredWorld, docs: Sequence[DocId]) -> None:
    """Bob looks at items; of some Alice has written something that he has not got yet."""
    bob = home(world.bob)
    bob.readings.judge({}, 0.0)  # what was looked at so far is no matter
    for doc in docs[:FRESH_READS]:
        bob.readings.note(doc)
    world.his.is_down = True
    await asyncio.sleep(1)
    for doc in docs[:STALE_READS]:
        home(world.alice).edit(doc, Patch(fields={"priority": "high"}))
    await asyncio.sleep(30)
    for doc in docs[:STALE_READS]:
        bob.readings.note(doc)
    world.his.is_down = False
    await asyncio.sleep(700)


async def retries(world: MeasuredWorld) -> None:
    """Alice writes without a network, several times; each is one operation that is tried again."""
    for number in range(OUTAGES):
        world.hers.is_down = True
        home(world.alice).add_task(NewTask(f"Offline {number}"), space=world.space)
        await asyncio.sleep(40)
        world.hers.is_down = False
        await asyncio.sleep(700)


async def stuck_transfers(world: MeasuredWorld) -> tuple[Health, Health]:
    """The authority leaves transfers lying for over an hour, and does them then."""
    alice = home(world.alice)
    for name in ("Food", "Hut"):
        alice.add_budget(name, "EUR", space=world.space)
    alice.deposit("Food", "500", space=world.space)
    await asyncio.sleep(20)
    for _ in range(TRANSFERS):
        alice.transfer("Food", "Hut", "1", space=world.space)
    await asyncio.sleep(3_700)
    lying = home(world.bob).health()
    world.server.do_jobs()
    await asyncio.sleep(60)
    return lying, home(world.bob).health()


def test_what_is_measured_is_what_is_known(tmp_path: Path, trial: TrialLoader) -> None:
    async def main(loop: VirtualLoop) -> None:
        world = MeasuredWorld(tmp_path, trial, loop)
        await world.begin(alice_ahead_ms=3 * YEAR_MS, bob_ahead_ms=-2 * YEAR_MS)
        try:
            await live(world)
        finally:
            await world.end()

    run_virtually(main, Random(5))


async def live(world: MeasuredWorld) -> None:
    alice, bob = home(world.alice), home(world.bob)

    # replication lag, and the duration of rounds
    await lags(world)
    assert len(world.lags_s) == WRITTEN
    assert_quantiles(
        bob.health().times["replication_lag"][DAY], world.lags_s, CLOCK_MS + THREADS_MS
    )
    assert_quantiles(
        alice.health().times["anti_entropy"][DAY], world.hers.durations_s(), THREADS_MS
    )

    # conflicts, on both devices
    before = [each.health().rates["conflict_rate"][DAY] for each in (alice, bob)]
    await quarrels(world)
    after = [each.health().rates["conflict_rate"][DAY] for each in (alice, bob)]
    assert [each.part for each in before] == [0, 0]
    assert [dict(each.by) for each in after] == [{"task.field.title": QUARRELS}] * 2
    # Changes are counted where they are taken in: of all that was written, each has everything.
    assert [each.whole for each in after] == [WRITTEN + 3 * QUARRELS] * 2

    # stale readings
    titles = [DocId(row.id) for row in bob.tasks(space=world.space)]
    known = bob.health().rates["stale_read_rate"][DAY]
    await stale_reads(world, titles)
    found = bob.health().rates["stale_read_rate"][DAY]
    assert found.part - known.part == STALE_READS
    assert found.whole - known.whole == FRESH_READS + STALE_READS

    # retries
    rounds, cut = len(world.hers.answered), len(world.hers.cut)
    known = alice.health().rates["retry_rate"][DAY]
    await retries(world)
    found = alice.health().rates["retry_rate"][DAY]
    went_well = (len(world.hers.answered) - rounds) - (len(world.hers.cut) - cut)
    assert found.part - known.part == OUTAGES
    assert found.whole - known.whole == went_well
    assert dict(found.by) == {"unreachable": OUTAGES}


def test_stuck_sagas_are_what_the_authority_left_lying(tmp_path: Path, trial: TrialLoader) -> None:
    async def main(loop: VirtualLoop) -> tuple[Health, Health, tuple[str, ...], tuple[str, ...]]:
        world = MeasuredWorld(tmp_path, trial, loop)
        await world.begin(alice_ahead_ms=-YEAR_MS, bob_ahead_ms=4 * YEAR_MS)
        try:
            lying, done = await stuck_transfers(world)
            bob = home(world.bob)
            alerts = [tuple(each.name for each in bob.alerts(one)) for one in (lying, done)]
            return lying, done, alerts[0], alerts[1]
        finally:
            await world.end()

    lying, done, alerts, none = run_virtually(main, Random(6))

    assert lying.now.sagas is not None
    assert (lying.now.sagas.pending, lying.now.sagas.stuck) == (TRANSFERS, TRANSFERS)
    assert lying.now.sagas.oldest_age_s == pytest.approx(3_700, rel=STATED_ERROR)
    assert "stuck_sagas" in alerts
    assert done.now.sagas is not None
    assert (done.now.sagas.pending, done.now.sagas.stuck) == (0, 0)
    completed = done.rates["saga_completion_rate"][DAY]
    assert (completed.part, completed.whole) == (TRANSFERS, TRANSFERS)
    assert "stuck_sagas" not in none
