"""Rounds between two people and a server when nothing goes wrong."""

from store.commands.patches import NewTask
from tests.sync.client.world import Person, World


async def test_what_alice_writes_bob_reads(here: World, alice: Person, bob: Person) -> None:
    alice.add("Buy rope")

    pushed = await alice.sync()
    pulled = await bob.sync()

    assert bob.titles() == ["Buy rope"]
    assert pushed.pushed >= 1
    assert pulled.pulled == pushed.pushed
    here.assert_alike(alice, bob)


async def test_both_write_offline_and_agree_afterwards(
    here: World, alice: Person, bob: Person
) -> None:
    shared = alice.add("Buy rope")
    await here.settle()

    alice.retitle(shared, "Buy 60 m of rope")
    bob.retitle(shared, "Buy static rope")
    alice.add("Ask Kit")
    bob.add("Pack")
    await here.settle()

    assert len(alice.replica.conflicts()) == 1
    assert len(bob.replica.conflicts()) == 1
    assert len(alice.titles()) == 3


async def test_a_round_with_nothing_to_do_asks_two_things_and_tells_synced(alice: Person) -> None:
    await alice.sync()
    alice.network.asked.clear()

    result = await alice.once()

    assert alice.network.asked == ["hello", "pull"]
    assert (result.state, result.pushed, result.pulled) == ("synced", 0, 0)
    assert result.is_quiet


async def test_one_round_is_enough_where_only_one_wrote(here: World, alice: Person) -> None:
    alice.add("Buy rope")
    alice.network.asked.clear()

    result = await alice.sync()

    assert result.rounds == 1
    assert alice.network.asked == ["hello", "push", "pull", "wait"]  # the last for its receipt
    assert alice.peer().pull_cursor == here.end_of_server_log()


async def test_many_changes_travel_in_batches(here: World, alice: Person, bob: Person) -> None:
    for number in range(600):
        alice.replica.add_task(NewTask(title=f"Task {number}"), space=here.space)
    alice.network.asked.clear()
    rows = len(alice.log())

    pushed = await alice.sync()
    bob.network.asked.clear()
    pulled = await bob.sync()

    assert pushed.pushed == pulled.pulled == rows
    assert alice.network.asked.count("push") == -(-rows // 500)
    assert bob.network.asked.count("pull") == -(-rows // 500)
    here.assert_alike(alice, bob)


async def test_the_traffic_is_told(alice: Person) -> None:
    alice.add("Buy rope")

    result = await alice.sync()

    assert result.bytes_sent > 200
    assert result.bytes_received > 100


async def test_what_came_from_the_server_is_not_pushed_back(alice: Person, bob: Person) -> None:
    alice.add("Buy rope")
    await alice.sync()
    bob.network.asked.clear()

    await bob.sync()
    await bob.sync()

    assert "push" not in bob.network.asked


async def test_a_space_without_a_server_has_nothing_to_sync(here: World) -> None:
    kit = here.person("kit")

    result = await kit.engine.sync_until_quiet()

    assert (result.state, result.rounds, result.error) == ("local", 0, None)


async def test_a_home_syncs_all_its_spaces(here: World, alice: Person, bob: Person) -> None:
    alice.add("Buy rope")
    row = await alice.members.create_space("Camp", alice.peer().url)
    alice.replica.add_task(NewTask(title="Pitch the tent"), space=row.id)

    result = await alice.engine.sync_until_quiet()

    assert result.error is None
    assert result.rounds == 2
    assert (result.state, alice.replica.status().pending) == ("synced", 0)
