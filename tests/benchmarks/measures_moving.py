"""What measuring costs of rounds that move something: the same ones with it and without, in turns.

Without it the observer hears nothing, nothing is sampled in the transaction that takes changes in,
and nothing is written. CPU time of the device, so that a busy machine changes little.
"""

import statistics
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from store.commands import unit_of_work
from store.commands.patches import NewTask
from store.domain.ids import SpaceId
from store.replica import Replica
from sync.client import home
from sync.client.engine import Engine
from sync.client.membership import Membership
from sync.client.observing import Observer
from sync.transport.http import HttpTransport
from tests.benchmarks.measuring import Figure
from tests.support.rounds import one_round
from tests.support.server import RunningServer

CHANGES = 5  # that a round moves
ROUNDS = 8  # of a turn
TURNS = 16  # with, and as many without


def _nothing(*_: Any, **__: Any) -> None:
    """Take no notice."""


class _Deaf(Observer):
    """Hears nothing."""

    met_clock = took_in = caught_up = met_probes = ended = failed = counted = _nothing

    def committed_ms(self, row: object) -> int:
        return 0


@contextmanager
def _without_measuring() -> Iterator[None]:
    put: list[tuple[Any, str, object]] = [
        (home, "record", _nothing),
        (home, "Observer", _Deaf),
        (unit_of_work, "record", _nothing),
        (unit_of_work, "opened_conflicts", lambda *_: nullcontext()),
    ]
    kept = [(place, name, getattr(place, name)) for place, name, _ in put]
    for place, name, other in put:
        setattr(place, name, other)
    try:
        yield
    finally:
        for place, name, own in kept:
            setattr(place, name, own)


async def figures(folder: Path, server: RunningServer) -> list[Figure]:
    """A round that sends changes, and one that takes them in."""
    with Replica.open(folder / "ann") as ann, Replica.open(folder / "bea") as bea:
        hosting = Membership(ann, HttpTransport)
        space = SpaceId((await hosting.create_space("Trip", server.url, server.setup_code)).id)
        invited = await hosting.invite(space)
        await Membership(bea, HttpTransport).join(invited.link)
        turns = await _turns(ann, bea, space)
    return [
        _figure("sends", [(with_[0], without[0]) for with_, without in turns]),
        _figure("takes in", [(with_[1], without[1]) for with_, without in turns]),
    ]


Costs = tuple[float, float]


async def _turns(ann: Replica, bea: Replica, space: SpaceId) -> list[tuple[Costs, Costs]]:
    await _turn(ann, bea, space, nullcontext())  # warms up
    turns = []
    for number in range(TURNS):
        hows: list[AbstractContextManager[None]] = [nullcontext(), _without_measuring()]
        first, second = hows if number % 2 else reversed(hows)
        costs = [await _turn(ann, bea, space, first), await _turn(ann, bea, space, second)]
        turns.append((costs[0], costs[1]) if number % 2 else (costs[1], costs[0]))
    return turns


async def _turn(
    ann: Replica, bea: Replica, space: SpaceId, how: AbstractContextManager[None]
) -> Costs:
    """CPU time in ms of a round of Ann's that sends, and of one of Bea's that takes in."""
    with how:
        hers, others = Engine(ann, HttpTransport), Engine(bea, HttpTransport)
        await one_round(others, bea, space)
        sending = taking = 0.0
        for number in range(ROUNDS):
            for each in range(CHANGES):
                ann.add_task(NewTask(title=f"Task {number} {each}"), space=space)
            sending += await _cpu_ms(lambda: one_round(hers, ann, space))
            taking += await _cpu_ms(lambda: one_round(others, bea, space))
        await hers.aclose()
        await others.aclose()
    return sending / ROUNDS, taking / ROUNDS


async def _cpu_ms(act: Callable[[], Awaitable[object]]) -> float:
    began = time.process_time()
    await act()
    return (time.process_time() - began) * 1000


def _figure(what: str, costs: Sequence[Costs]) -> Figure:
    # Of each pair by itself: a machine that others use too is another one a minute later.
    with_ms = statistics.median(with_ for with_, _ in costs)
    differs_ms = statistics.median(with_ - without for with_, without in costs)
    return Figure(
        f"measuring, of a round that {what} {CHANGES} changes",
        "% of CPU time",
        {"median": differs_ms / with_ms * 100},
        {"median": 5},
        TURNS * ROUNDS,
        notes=f"{differs_ms:.2f} of {with_ms:.2f} ms, the median of {TURNS} pairs of turns",
    )
