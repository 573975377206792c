"""After a repair the next sync brings back what was lost, and tells the others what they lack."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from store import doctor
from store.documents.trial import TrialLoader
from tests.store.damage import blank, damage_change
from tests.sync.client.world import Person, World, world


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    """A server, and nobody yet."""
    with TrialLoader() as trial, world(tmp_path, trial) as made:
        yield made


@pytest.fixture
async def alice(here: World) -> Person:
    """The owner of the space, with some tasks that are synced."""
    owner = await here.found("alice")
    for number in range(6):
        owner.add(f"Task {number}")
    await owner.sync()
    return owner


@pytest.fixture
async def bob(here: World, alice: Person) -> Person:
    """An editor of the space, who has everything."""
    return await here.invite("bob", by=alice)


async def test_a_damaged_change_comes_back_from_the_server(
    here: World, alice: Person, bob: Person
) -> None:
    before, replica_id = alice.digest(), alice.replica.identity.replica_id
    damage_change(alice.home, 3)

    assert doctor.repair(alice.replica).ok
    assert alice.titles() == [f"Task {number}" for number in (0, 1, 3, 4, 5)]
    await here.settle()

    assert alice.digest() == before
    assert doctor.examine(alice.replica).ok
    # Its log is another history now, and so it is another replica to the server.
    assert alice.replica.identity.replica_id != replica_id


async def test_what_was_written_since_the_last_sync_outlives_the_damage(
    here: World, alice: Person, bob: Person
) -> None:
    doc = alice.replica.find(alice.log()[0].doc)
    alice.retitle(doc, "Retitled offline")
    damage_change(alice.home, 1)  # what the new title follows

    assert doctor.repair(alice.replica).ok
    await here.settle()

    assert bob.replica.task(doc).title == "Retitled offline"
    assert doctor.examine(alice.replica).ok


async def test_an_item_that_only_this_device_had_reaches_the_others_as_it_was_shown(
    here: World, alice: Person, bob: Person
) -> None:
    alice.add("Never synced")
    damage_change(alice.home, 7)

    assert doctor.repair(alice.replica).ok
    await here.settle()

    assert "Never synced" in bob.titles()


@pytest.mark.parametrize("what", ["log", "doc", "space", "peer"])
async def test_a_home_that_was_saved_from_its_file_goes_on_syncing(
    what: str, here: World, alice: Person, bob: Person
) -> None:
    alice.add("Not synced yet")
    alice.replica.close()
    blank(alice.home, what)

    doctor.repair_home(alice.home)
    alice.restart()
    if what != "peer":  # without the row of its server it has to join once more
        await here.settle()
        assert "Not synced yet" in bob.titles()

    assert "Not synced yet" in alice.titles()
    assert doctor.examine(alice.replica).ok
