"""A task that repeats, finished by two who don't know of each other."""

from datetime import date, timedelta

import pytest

from store.commands.patches import NewTask, Patch
from tests.sync.client.world import Person, World

DAY_MS = 24 * 3_600_000


@pytest.mark.parametrize("knows_more", [False, True], ids=["same", "other text"])
async def test_what_follows_is_there_once_whatever_each_knew_of_the_task(
    here: World, alice: Person, bob: Person, *, knows_more: bool
) -> None:
    """World 101498: other text, equal fields, one actor for both: neither took the other's."""
    task = alice.replica.add_task(
        NewTask("Water", due="2026-11-23", repeat="FREQ=DAILY"), space=here.space
    )
    await here.settle()
    if knows_more:
        alice.replica.edit(task, Patch(body="The cactus, too"))

    alice.replica.transition(task, "done")
    bob.replica.transition(task, "done")
    await here.settle()

    for person in (alice, bob):
        (following,) = person.replica.tasks(state="open")
        assert (following.title, following.due) == ("Water", "2026-11-24")
        assert person.parked() == set()
    here.assert_alike(alice, bob)


async def test_without_a_due_date_it_comes_back_counted_from_the_day_it_was_finished(
    here: World, alice: Person, bob: Person
) -> None:
    """A rule that nobody gave a day to said `every day`, and never came back."""
    task = alice.replica.add_task(NewTask("Water", repeat="FREQ=DAILY"), space=here.space)
    await here.settle()

    alice.replica.transition(task, "done")
    here.clock.at_ms += DAY_MS
    bob.replica.transition(task, "done")
    await here.settle()

    for person in (alice, bob):
        (following,) = person.replica.tasks(state="open")
        (conflict,) = person.replica.conflicts()
        first, second = sorted(date.fromisoformat(str(side.value)) for side in conflict.sides)
        assert (following.title, following.repeat) == ("Water", "FREQ=DAILY")
        assert (conflict.field, second - first) == ("due", timedelta(1))
    here.assert_alike(alice, bob)
