"""Clocks that are off, jump, or stand still: they are shown, and decide nothing (D1, promise 2)."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from store.commands.patches import Patch
from store.documents.trial import TrialLoader
from store.domain.ids import DocId
from sync.errors import InviteRefused
from sync.protocol.wire import WireRequest, WireResponse
from sync.transport.memory import Exchange
from tests.support.people import Clock
from tests.sync.client.world import Person, World

HOUR_MS = 3_600_000
YEAR_MS = 365 * 24 * HOUR_MS
JUMPS = [
    jump
    for far in (1_000, HOUR_MS, 2 * HOUR_MS, YEAR_MS, 10 * YEAR_MS)  # hours: summer time, wrongly
    for jump in (far, -far)
]


class Wrong:
    """A clock that is off by so much; `stands` keeps it where it is."""

    def __init__(self, right: Clock) -> None:
        self.off_ms = 0
        self.stands_at: int | None = None
        self._right = right

    def __call__(self) -> int:
        return self._right() + self.off_ms if self.stands_at is None else self.stands_at


class ClocksApart(World):
    """A world in which everybody has a clock of their own; the server's is `clock`."""

    def clock_of(self, name: str) -> Callable[[], int]:
        return Wrong(self.clock)


@pytest.fixture
def here(tmp_path: Path, trial: TrialLoader) -> Iterator[World]:
    made = ClocksApart(tmp_path, trial)
    yield made
    made.stop()


def clock(person: Person) -> Wrong:
    assert isinstance(person.clock, Wrong)
    return person.clock


def shown(person: Person, doc: DocId) -> tuple[str, str, list[list[object]]]:
    """What somebody sees: title, state, and the sides of conflicts in their order."""
    task = person.replica.task(doc)
    rows = person.replica.conflicts(space=person.space, remember=False)
    return task.title, task.state, [[side.value for side in row.sides] for row in rows]


async def history(made: World, alice: Person, bob: Person, jump_ms: int) -> list[object]:
    """Edits one after the other, then some apart, while Alice's clock jumps; what both see."""
    doc = alice.add("First")
    clock(alice).off_ms += jump_ms
    alice.retitle(doc, "Second")
    alice.replica.transition(doc, "start")
    clock(alice).off_ms -= 2 * jump_ms
    alice.retitle(doc, "Third")
    await made.settle()
    in_order = shown(alice, doc)
    alice.retitle(doc, "By Alice")
    clock(bob).off_ms -= jump_ms
    bob.retitle(doc, "By Bob")
    bob.replica.edit(doc, Patch(fields={"priority": "high"}))
    bob.replica.transition(doc, "done")
    await made.settle()
    assert shown(alice, doc) == shown(bob, doc)
    return [in_order, shown(alice, doc)]


async def test_no_clock_decides_what_comes_after_what_or_what_is_shown(
    tmp_path: Path, trial: TrialLoader
) -> None:
    """The same edits under every clock: the same winner, the same sides in the same order."""
    seen = {}
    for jump_ms in (0, *JUMPS):
        place = tmp_path / f"by {jump_ms}"
        place.mkdir()
        made = ClocksApart(place, trial)
        ann = await made.found("alice")
        ben = await made.invite("bob", by=ann)
        seen[jump_ms] = await history(made, ann, ben, jump_ms)
        made.stop()

    expected = seen[0]
    assert expected[0] == ("Third", "started", [])
    assert {jump: found for jump, found in seen.items() if found != expected} == {}


async def test_changes_of_one_moment_are_in_their_order_everywhere(
    here: World, alice: Person, bob: Person
) -> None:
    for person in (alice, bob):
        clock(person).stands_at = 1_790_000_000_000
    doc = alice.add("First")
    alice.retitle(doc, "Second")
    await here.settle()
    bob.retitle(doc, "Third")
    await here.settle()

    assert shown(alice, doc) == shown(bob, doc) == ("Third", "open", [])


@pytest.mark.parametrize("jump_ms", JUMPS)
async def test_a_clock_that_jumps_within_a_round_costs_no_edit_and_no_round(
    here: World, alice: Person, bob: Person, jump_ms: int
) -> None:
    for number in range(3):
        alice.add(f"Alice {number}")
        bob.add(f"Bob {number}")
    await bob.sync()

    async def jumping(request: WireRequest, send: Exchange) -> WireResponse:
        answer = await send(request)
        clock(alice).off_ms += jump_ms  # at every message, so that it ends up far away
        return answer

    alice.network.fault = jumping
    result = await alice.sync()

    assert (result.state, result.pushed, result.pulled) == ("synced", 3, 3)
    alice.network.fault = None
    await here.settle()


@pytest.mark.parametrize("off_ms", [10 * YEAR_MS, -10 * YEAR_MS])
async def test_an_invite_ends_by_the_servers_clock_alone(
    here: World, alice: Person, off_ms: int
) -> None:
    clock(alice).off_ms = off_ms
    good, late = [await alice.members.invite(here.space, expires_in_s=3_600) for _ in range(2)]
    bob, eve = here.person("bob"), here.person("eve")
    for person in (bob, eve):
        clock(person).off_ms = -off_ms

    await bob.members.join(good.link)
    here.clock.at_ms += 2 * HOUR_MS
    with pytest.raises(InviteRefused) as no:
        await eve.members.join(late.link)

    assert no.value.type == "invite-expired"
