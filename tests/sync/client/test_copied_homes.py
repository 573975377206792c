"""Copied and restored homes: each takes an id of its own, once, and nothing is discarded (D18)."""

from sync.errors import Unreachable
from sync.protocol.wire import WireRequest, WireResponse
from sync.transport.memory import Exchange
from tests.sync.client.world import Person, World


async def copied(here: World, person: Person) -> Person:
    """A copy of somebody's home, who has gone on since."""
    copy = here.person("copy", person.back_up())
    person.add("By Bob")
    await person.sync()
    return copy


async def test_a_copied_home_takes_a_replica_id_of_its_own(
    here: World, alice: Person, bob: Person
) -> None:
    alice.add("Buy rope")
    await here.settle()
    copy = here.person("copy", bob.back_up())
    assert copy.replica.identity.replica_id == bob.replica.identity.replica_id

    bob.add("By Bob")
    await bob.sync()
    copy.add("By the copy")
    result = await copy.sync()
    await here.settle()

    assert result.resets == 1
    assert copy.replica.identity.replica_id != bob.replica.identity.replica_id
    assert alice.titles() == ["Buy rope", "By Bob", "By the copy"]
    devices = await alice.members.devices(here.space)
    assert len(devices) == 3


async def test_of_two_copies_only_one_takes_a_new_id_however_often_they_sync(
    here: World, alice: Person, bob: Person
) -> None:
    copy = here.person("copy", bob.back_up())
    for number in range(4):
        bob.add(f"Bob {number}")
        copy.add(f"Copy {number}")
        await bob.sync()
        await copy.sync()
    await here.settle()

    assert len(await alice.members.devices(here.space)) == 3
    assert len(alice.titles()) == 8


async def test_a_copy_that_wrote_nothing_still_reads_what_the_other_one_wrote(
    here: World, alice: Person, bob: Person
) -> None:
    copy = await copied(here, bob)

    await copy.sync()

    assert copy.titles() == ["By Bob"]


async def test_a_restored_home_gets_back_what_it_had_pushed(
    here: World, alice: Person, bob: Person
) -> None:
    bob.add("Before the backup")
    await bob.sync()
    backup = bob.back_up()
    bob.add("After the backup")
    await bob.sync()
    before = bob.replica.identity.replica_id

    bob.restore(backup)
    result = await bob.sync()
    await here.settle()

    assert result.resets == 1
    assert bob.replica.identity.replica_id != before
    assert bob.titles() == ["After the backup", "Before the backup"]


async def test_a_home_restored_to_the_last_stated_position_misses_nothing(
    here: World, alice: Person, bob: Person
) -> None:
    """Killed between push and pull: the server has the row, but remembers the log without it."""
    await bob.sync()
    backup = bob.back_up()
    bob.add("Pushed and lost")

    async def kill_before_the_pull(request: WireRequest, send: Exchange) -> WireResponse:
        if request.path.endswith("pull"):
            raise Unreachable("The power went.")
        return await send(request)

    bob.network.fault = kill_before_the_pull
    result = await bob.engine.sync_until_quiet(bob.space, timeout_s=1)
    assert result.error is not None
    bob.network.fault = None
    bob.restore(backup)

    await bob.sync()

    assert bob.titles() == ["Pushed and lost"]
    here.assert_alike(bob)


async def test_a_lost_reply_to_the_new_id_makes_no_second_device(
    here: World, alice: Person, bob: Person
) -> None:
    copy = await copied(here, bob)
    lost: list[str] = []

    async def lose_the_first_rekey(request: WireRequest, send: Exchange) -> WireResponse:
        response = await send(request)
        if request.path.endswith("rekey") and not lost:
            lost.append(request.path)
            raise Unreachable("The reply got lost.")
        return response

    copy.network.fault = lose_the_first_rekey
    await copy.sync()

    assert lost
    assert len(await alice.members.devices(here.space)) == 3
    assert copy.titles() == ["By Bob"]


async def lose_every_rekey(request: WireRequest, send: Exchange) -> WireResponse:
    """A fault: nobody hears of a device that wants a new id."""
    if request.path.endswith("rekey"):
        raise Unreachable("The request got lost.")
    return await send(request)


async def test_a_new_id_that_nobody_grants_is_given_up_like_any_silence(
    here: World, alice: Person, bob: Person
) -> None:
    """Each try counted as progress, so that the tries never came to an end."""
    copy = await copied(here, bob)
    copy.network.fault = lose_every_rekey
    began = copy.time.now
    result = await copy.engine.sync_until_quiet(copy.space, timeout_s=10)

    assert isinstance(result.error, Unreachable)
    assert copy.time.now - began <= 10
    assert copy.network.asked.count("rekey") < 30


async def test_two_copies_of_a_home_that_was_asking_for_a_new_id_get_one_each(
    here: World, alice: Person, bob: Person
) -> None:
    """Seed 1661: both proposed the id that was copied along, and one of them was shut out."""
    copy = await copied(here, bob)
    copy.network.fault = lose_every_rekey
    assert (await copy.engine.sync_until_quiet(copy.space, timeout_s=1)).error is not None
    second = here.person("second", copy.back_up())
    copy.network.fault = None
    copy.add("By the copy")
    second.add("By the second")

    await here.settle()

    assert len(await alice.members.devices(here.space)) == 4
    assert alice.titles() == ["By Bob", "By the copy", "By the second"]


async def test_a_home_killed_after_the_new_id_goes_on_with_it(
    here: World, alice: Person, bob: Person
) -> None:
    copy = await copied(here, bob)

    async def kill_after_rekey(request: WireRequest, send: Exchange) -> WireResponse:
        if copy.network.asked.count("rekey") and not request.path.endswith("rekey"):
            raise Unreachable("The power went.")
        return await send(request)

    copy.network.fault = kill_after_rekey
    assert (await copy.engine.sync_until_quiet(copy.space, timeout_s=1)).error is not None
    copy.network.fault = None
    copy.restart()
    copy.add("By the copy")
    await here.settle()

    assert copy.network.asked.count("rekey") == 1
    assert alice.titles() == ["By Bob", "By the copy"]
