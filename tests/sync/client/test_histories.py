"""Restored and replaced servers get back what they lost, and whatever differs is found (D18)."""

import pytest

from sync.errors import AuthRefused
from sync.protocol.cursor import decode_cursor
from sync.protocol.wire import WireRequest, WireResponse
from sync.transport.memory import Exchange
from tests.sync.client.world import URL, Person, World


async def test_a_restored_server_is_offered_everything_again(
    here: World, alice: Person, bob: Person
) -> None:
    alice.add("Buy rope")
    await here.settle()
    backup = here.back_up_server()
    alice.add("Pack")
    bob.add("Pitch the tent")
    await here.settle()
    here.restore_server(backup)

    result = await alice.sync()
    await here.settle()

    assert result.resets == 1
    assert alice.titles() == bob.titles() == ["Buy rope", "Pack", "Pitch the tent"]


async def test_what_is_ours_is_offered_again_by_the_log_and_reads_as_pending_until_then(
    here: World, alice: Person
) -> None:
    backup = here.back_up_server()
    alice.add("Buy rope")
    await alice.sync()
    here.restore_server(backup)
    alice.network.asked.clear()

    await alice.sync()

    assert alice.network.asked == ["hello", "pull", "push", "pull", "wait"]
    here.assert_alike(alice)


async def test_a_restored_server_is_given_back_others_changes_though_something_is_parked(
    here: World, alice: Person, bob: Person
) -> None:
    bob.add("Refused")
    here.examiner.refuses.add(bob.log()[-1].hash)
    await bob.sync()
    backup = here.back_up_server()
    alice.add("Buy rope")
    await alice.sync()
    await bob.sync()
    here.people.pop("alice").replica.close()
    here.restore_server(backup)

    await bob.sync()

    assert {row.hash for row in bob.log()} - bob.parked() <= here.server_hashes()


async def test_what_only_came_from_the_server_is_given_back_to_it(
    here: World, alice: Person, bob: Person
) -> None:
    """Alice's home is gone, and so is what the server had of hers; Bob has read it."""
    backup = here.back_up_server()
    alice.add("Buy rope")
    await here.settle()
    here.people.pop("alice").replica.close()
    here.restore_server(backup)

    await bob.sync()

    assert {row.hash for row in bob.log()} <= here.server_hashes()
    here.assert_alike(bob)


async def test_what_a_restored_server_lost_waits_where_one_may_only_read(
    here: World, alice: Person, bob: Person
) -> None:
    """Bob can't give it back (seed 100161): it is synced again once Alice has."""
    here.set_role(bob, "viewer")
    kept = alice.add("Kept")
    await here.settle()
    backup = here.back_up_server()
    lost = alice.add("Lost")
    await here.settle()
    assert {row.sync for row in bob.replica.tasks()} == {"synced"}
    here.restore_server(backup)

    await bob.sync()

    assert {row.id: row.sync for row in bob.replica.tasks()} == {kept: "synced", lost: "pending"}
    assert bob.parked() == set()
    await here.settle()
    assert {row.sync for row in bob.replica.tasks()} == {"synced"}
    here.assert_alike(alice, bob)


async def test_a_server_restored_while_others_went_on_loses_nobodys_changes(
    here: World, alice: Person, bob: Person
) -> None:
    backup = here.back_up_server()
    alice.add("Before")
    await here.settle()
    here.restore_server(backup)
    bob.add("After")
    await bob.sync()  # the sequence numbers of the lost rows are given out again
    alice.add("Meanwhile")

    await here.settle()

    assert alice.titles() == ["After", "Before", "Meanwhile"]


async def test_an_emptied_server_gets_a_thousand_documents_back(
    here: World, alice: Person, bob: Person
) -> None:
    empty = here.back_up_server()
    for number in range(300):
        alice.add(f"Task {number}")
    await here.settle()
    here.people.pop("alice").replica.close()
    here.restore_server(empty)

    await bob.sync()

    here.assert_alike(bob)


async def test_both_sides_restored_lose_only_what_both_had_lost(
    here: World, alice: Person, bob: Person
) -> None:
    bob.add("In both backups")
    await here.settle()
    home, data = bob.back_up(), here.back_up_server()
    bob.add("Alice has read it")
    await here.settle()

    bob.restore(home)
    here.restore_server(data)
    await here.settle()

    assert bob.titles() == ["Alice has read it", "In both backups"]


async def test_a_server_set_back_behind_everybody_s_newest_token_lets_them_in_by_the_one_before(
    here: World, alice: Person, bob: Person
) -> None:
    """Nobody is left who could invite the others (world 500617)."""
    await here.settle()
    homes, data = (alice.back_up(), bob.back_up()), here.back_up_server()
    alice.add("By Alice, and lost")
    bob.add("By Bob, and lost")
    await here.settle()
    for person, home in zip((alice, bob), homes, strict=True):
        person.restore(home)
        person.add(f"By {person.name}")
    await here.settle()
    assert "By alice" in bob.titles()

    here.restore_server(data)
    await here.settle()

    assert {"By alice", "By bob"} <= set(alice.titles())
    here.assert_alike(alice, bob)


async def test_a_server_set_back_behind_several_tokens_is_come_back_to_by_the_one_that_it_knows(
    here: World, alice: Person, bob: Person
) -> None:
    await here.settle()
    data = here.back_up_server()
    for number in range(3):
        homes = (alice.back_up(), bob.back_up())
        alice.add(f"By Alice, and lost {number}")
        bob.add(f"By Bob, and lost {number}")
        await here.settle()
        for person, home in zip((alice, bob), homes, strict=True):
            person.restore(home)
            person.add(f"By {person.name} {number}")
        await here.settle()

    here.restore_server(data)
    await here.settle()

    assert {"By alice 2", "By bob 2"} <= set(alice.titles())
    here.assert_alike(alice, bob)


async def test_who_was_shut_out_is_not_let_in_by_a_token_of_before(
    here: World, alice: Person, bob: Person
) -> None:
    home = bob.back_up()
    bob.add("After the backup")
    await here.settle()
    bob.restore(home)
    await here.settle()
    await alice.members.revoke(bob.replica.identity.replica_id, here.space)
    bob.network.asked.clear()

    with pytest.raises(AuthRefused):
        await bob.once()

    assert "rekey" not in bob.network.asked


async def test_a_server_set_back_behind_a_push_is_noticed_though_something_is_parked(
    here: World, alice: Person, bob: Person
) -> None:
    """Seed 1778: the cursor was still good, and the parked item explained all that differed."""
    rope = alice.add("Buy rope")
    await here.settle()
    alice.retitle(rope, "Buy 60 m of rope")
    here.examiner.refuses.add(alice.log(rope)[-1].hash)
    await alice.sync()
    await alice.sync()
    data = here.back_up_server()

    async def set_back_after_the_push(request: WireRequest, send: Exchange) -> WireResponse:
        response = await send(request)
        if request.path.endswith("push"):
            alice.network.fault = None
            here.restore_server(data)
        return response

    alice.network.fault = set_back_after_the_push
    alice.add("Pack")
    await alice.sync()

    assert here.server_hashes() >= {row.hash for row in alice.log()} - alice.parked()
    await bob.sync()
    assert bob.titles() == ["Buy rope", "Pack"]


async def test_what_is_parked_is_compared_once_and_not_with_every_round(
    here: World, alice: Person
) -> None:
    rope = alice.add("Buy rope")
    await alice.sync()
    alice.retitle(rope, "Buy 60 m of rope")
    here.examiner.refuses.add(alice.log(rope)[-1].hash)
    await alice.sync()
    await alice.sync()
    alice.network.asked.clear()

    for number in range(5):
        alice.add(f"Task {number}")
        await alice.sync()

    assert "heads" not in alice.network.asked
    assert alice.network.asked.count("push") == 5


async def test_cursors_that_missed_something_are_repaired_by_comparing(
    here: World, alice: Person, bob: Person
) -> None:
    """Whatever a fault of ours does to the cursors, the heads tell."""
    await here.settle()
    for number in range(150):
        alice.add(f"Alice {number}")
        bob.add(f"Bob {number}")
    await alice.sync()
    with here.server.db.read() as conn:
        (last,) = conn.execute("SELECT max(seq) FROM log WHERE space = ?", (here.space,)).fetchone()
    bob.skip_to(here.end_of_server_log(), push_seq=bob.end_of_log())
    assert decode_cursor(bob.peer().pull_cursor or "").seq == last

    await here.settle()

    assert len(bob.titles()) == 300
    assert "heads" in bob.network.asked


async def test_one_difference_among_many_is_found_by_few_questions(
    here: World, alice: Person, bob: Person
) -> None:
    for number in range(400):
        alice.add(f"Task {number}")
    await here.settle()
    bob.add("Missed")
    bob.skip_to(here.end_of_server_log(), push_seq=bob.end_of_log())
    bob.network.asked.clear()

    result = await bob.sync()

    assert bob.network.asked.count("heads") <= 3
    assert (result.rounds, result.is_quiet) == (2, True)
    here.assert_alike(bob)


async def test_a_server_at_another_address_with_the_same_space_is_offered_everything(
    here: World, alice: Person, bob: Person
) -> None:
    """The old server burnt down; a new one hosts the space again."""
    alice.add("Buy rope")
    await here.settle()
    here.replace_server()

    result = await alice.engine.sync_until_quiet(alice.space)
    assert result.error is not None
    assert result.state == "attention"
    row = await alice.members.publish(here.space, URL, here.server.setup_code)
    invited = await alice.members.invite(row.id)
    await alice.sync()
    await bob.engine.sync_until_quiet(bob.space)
    await bob.members.join(invited.link)
    await here.settle()

    assert bob.titles() == ["Buy rope"]
