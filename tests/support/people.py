"""People with a home each, on a clock and a randomness of the test's own, who meet when told to."""

import itertools
import random
from collections.abc import Callable, Iterable
from pathlib import Path

from store import log
from store.documents.inspect import InspectedChange, inspect_change
from store.domain.ids import DocId, SpaceId
from store.replica import Replica
from store.rows import ConflictRow
from tests.support.spaces import share_space

START_MS = 1_790_000_000_000


class Clock:
    """Moves a second with every look at it, unless told otherwise."""

    def __init__(self, at_ms: int = START_MS) -> None:
        self.at_ms = at_ms

    def __call__(self) -> int:
        self.at_ms += 1_000
        return self.at_ms


class StillClock:
    """Unix milliseconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now_ms = START_MS

    def __call__(self) -> int:
        return self.now_ms


def entropy_of(seed: int) -> Callable[[int], bytes]:
    """Randomness that is the same in every run."""
    return random.Random(seed).randbytes


class Camp:
    """Some people who share one space without a server: they hand each other their logs."""

    def __init__(
        self, folder: Path, *names: str, clock: Clock | None = None, seed: int = 0
    ) -> None:
        self.clock = clock = clock or Clock()
        self.people: dict[str, Replica] = {}
        for number, name in enumerate(names):
            entropy = entropy_of(seed * 100 + number)
            replica = Replica.open(folder / name, clock_ms=clock, entropy=entropy)
            replica.set_identity(name.capitalize(), f"{name}s laptop")
            self.people[name] = replica
        first = self.people[names[0]]
        self.space = SpaceId(first.space().id)
        for name in names[1:]:
            share_space(self.people[name], self.space, "Trip")

    def __getitem__(self, name: str) -> Replica:
        return self.people[name]

    def rows(self, name: str) -> list[tuple[DocId, InspectedChange]]:
        """Everything in somebody's log, as a peer would send it."""
        with self[name].db.read() as conn:
            found = log.rows_after(conn, self.space, 0, rows_max=1_000_000, bytes_max=1 << 40)
        return [(row.doc, inspect_change(row.bytes)) for row in found if row.bytes is not None]

    def give(self, giver: str, taker: str) -> None:
        """One hands the other all that is in their log."""
        self[taker].apply_remote(self.space, self.rows(giver), origin=giver)

    def meet(self, *names: str) -> None:
        """All of these come to know what each of them knows."""
        present = names or tuple(self.people)
        for giver, taker in itertools.permutations(present, 2):
            self.give(giver, taker)
        for giver, taker in itertools.permutations(present, 2):
            self.give(giver, taker)

    def conflicts(self, name: str, kind: str | None = None) -> list[ConflictRow]:
        """Somebody's open conflicts by id, without noting that they were looked at."""
        rows = self[name].conflicts(remember=False)
        return sorted((r for r in rows if kind in (None, r.kind)), key=lambda row: row.id)

    def close(self) -> None:
        for replica in self.people.values():
            replica.close()


def sides(row: ConflictRow) -> list[tuple[object, str]]:
    """What stands against each other: (value, author) in order."""
    return [(side.value, side.author) for side in row.sides]


def shuffled(
    rows: Iterable[tuple[DocId, InspectedChange]], seed: int
) -> list[tuple[DocId, InspectedChange]]:
    """The same changes in another order, some of them twice."""
    mixed = list(rows)
    rng = random.Random(seed)
    mixed += rng.sample(mixed, len(mixed) // 2)
    rng.shuffle(mixed)
    return mixed
