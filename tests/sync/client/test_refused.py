"""What a server refuses is set aside with what hangs on it, and everything else flows (D20)."""

import sqlite3

import pytest
from msgspec import structs

from store.commands.patches import NewTask
from store.domain.ids import DocId
from store.domain.limits import PUSH_ROWS
from store.peers import DEPENDS_ON_REFUSED
from sync.errors import Unreachable
from sync.protocol.messages import Push, PushReply, RefusedRow
from sync.protocol.problems import refuse
from sync.protocol.wire import WireRequest, WireResponse
from sync.server.endpoint import problem_response
from sync.transport.memory import Exchange
from tests.sync.client.parked import last_change, reasons
from tests.sync.client.world import Person, World, edited, sent


async def _refused_edit(here: World, alice: Person) -> tuple[DocId, bytes]:
    """Let Alice edit a task that all have: the task, and her change, which the server refuses."""
    rope = alice.add("Buy rope")
    await here.settle()
    alice.retitle(rope, "Buy 60 m of rope")
    bad = last_change(alice, rope)
    here.examiner.refuses.add(bad)
    return rope, bad


async def test_a_refused_change_parks_what_follows_it_and_others_flow(
    here: World, alice: Person, bob: Person
) -> None:
    tent = alice.add("Pitch the tent")
    rope, bad = await _refused_edit(here, alice)
    alice.retitle(rope, "Buy 70 m of rope")
    follows = last_change(alice, rope)
    alice.retitle(tent, "Pitch both tents")

    result = await alice.sync()

    assert reasons(alice) == {bad: "not-loadable", follows: DEPENDS_ON_REFUSED}
    assert (result.state, result.parked, result.pushed) == ("attention", 1, 1)
    assert result.needs_person
    await bob.sync()
    assert bob.titles() == ["Buy rope", "Pitch both tents"]
    assert alice.titles() == ["Buy 70 m of rope", "Pitch both tents"]


async def test_what_follows_is_parked_though_it_was_sent_in_another_part(
    here: World, alice: Person, bob: Person
) -> None:
    rope, _ = await _refused_edit(here, alice)
    alice.retitle(rope, "Buy 70 m of rope")
    follows = last_change(alice, rope)

    async def narrow(request: WireRequest, send: Exchange) -> WireResponse:
        if request.path.endswith("push") and len(sent(request, Push).rows) > 1:
            return problem_response(refuse("too-large", "One at a time, please.").problem)
        return await send(request)

    alice.network.fault = narrow
    await alice.sync()

    assert reasons(alice)[follows] == DEPENDS_ON_REFUSED
    assert alice.replica.status().pending == 0


async def test_what_is_written_on_top_of_a_parked_change_is_not_even_offered(
    here: World, alice: Person
) -> None:
    rope, _ = await _refused_edit(here, alice)
    await alice.sync()
    alice.retitle(rope, "Buy 70 m of rope")
    alice.network.asked.clear()

    result = await alice.sync()

    assert "push" not in alice.network.asked
    assert reasons(alice)[last_change(alice, rope)] == DEPENDS_ON_REFUSED
    assert result.parked == 1


async def test_a_retried_change_flows_once_the_server_takes_it(
    here: World, alice: Person, bob: Person
) -> None:
    rope, _ = await _refused_edit(here, alice)
    alice.retitle(rope, "Buy 70 m of rope")
    await alice.sync()
    here.examiner.refuses.clear()

    alice.replica.retry_parked(rope)
    await here.settle()

    assert alice.parked() == set()
    assert bob.titles() == ["Buy 70 m of rope"]


async def test_what_is_retried_while_something_else_is_pushed_is_pending_until_it_is_sent(
    here: World, alice: Person, bob: Person
) -> None:
    rope, _ = await _refused_edit(here, alice)
    await alice.sync()
    here.examiner.refuses.clear()
    alice.add("Pitch the tent")

    async def broken_off(request: WireRequest, send: Exchange) -> WireResponse:
        if request.path.endswith("pull"):
            raise Unreachable("The line broke.")
        if request.path.endswith("push"):
            alice.replica.retry_parked(rope)
        return await send(request)

    alice.network.fault = broken_off
    with pytest.raises(Unreachable):
        await alice.once()

    assert alice.replica.status().pending >= 1
    alice.network.fault = None
    await alice.sync()
    await bob.sync()
    assert alice.replica.status().pending == 0
    assert bob.titles() == ["Buy 60 m of rope", "Pitch the tent"]


async def test_what_follows_it_is_not_parked_if_it_is_retried_while_something_else_is_pushed(
    here: World, alice: Person, bob: Person
) -> None:
    rope, _ = await _refused_edit(here, alice)
    await alice.sync()
    here.examiner.refuses.clear()
    alice.retitle(rope, "Buy 70 m of rope")
    alice.add("Pitch the tent")

    async def retried(request: WireRequest, send: Exchange) -> WireResponse:
        if request.path.endswith("push"):
            alice.network.fault = None
            alice.replica.retry_parked(rope)
        return await send(request)

    alice.network.fault = retried
    await here.settle()

    assert alice.parked() == set()
    assert bob.titles() == ["Buy 70 m of rope", "Pitch the tent"]


async def test_a_change_that_was_taken_back_is_not_offered_again(
    here: World, alice: Person, bob: Person
) -> None:
    rope, bad = await _refused_edit(here, alice)
    await alice.sync()

    alice.replica.take_back(rope)
    here.examiner.refuses.clear()
    alice.retitle(rope, "Buy static rope")
    await here.settle()

    assert bad not in here.server_hashes()
    assert bob.titles() == ["Buy static rope"]


async def test_a_document_flows_again_when_the_server_has_the_refused_change_after_all(
    here: World, alice: Person, bob: Person
) -> None:
    """Bob heard of it another way, and the server took it from him."""
    rope, bad = await _refused_edit(here, alice)
    alice.retitle(rope, "Buy 70 m of rope")
    await alice.sync()
    here.examiner.refuses.clear()
    bob.take_from(alice, rope, bad)
    await bob.sync()

    await alice.sync()
    await here.settle()

    assert alice.parked() == set()
    assert bob.titles() == ["Buy 70 m of rope"]


async def test_it_flows_again_too_where_the_disk_failed_in_the_moment_in_which_that_was_learnt(
    here: World, alice: Person, bob: Person
) -> None:
    rope = alice.add("Buy rope")
    await here.settle()
    alice.retitle(rope, "Buy 60 m of rope")
    bad = last_change(alice, rope)
    here.examiner.refuses.add(bad)
    await alice.sync()
    here.examiner.refuses.clear()
    bob.take_from(alice, rope, bad)
    await bob.sync()
    with alice.replica.db.write() as conn:
        conn.execute(
            "CREATE TRIGGER full BEFORE DELETE ON parked BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
    with pytest.raises(sqlite3.IntegrityError):
        await alice.once()
    with alice.replica.db.write() as conn:
        conn.execute("DROP TRIGGER full")

    await alice.sync()

    assert alice.parked() == set()


async def test_what_was_taken_back_comes_again_from_a_server_that_had_taken_it_in_truth(
    here: World, alice: Person, bob: Person
) -> None:
    """The server lied about the refusal (world 400371)."""
    rope = alice.add("Buy rope")
    await here.settle()
    alice.retitle(rope, "Buy 60 m of rope")
    change = last_change(alice, rope)

    async def lying(request: WireRequest, send: Exchange) -> WireResponse:
        response = await send(request)
        if request.path.endswith("push"):
            bad = RefusedRow(change, rope, "not-loadable", "It can't be loaded.")
            return edited(response, PushReply, lambda reply: structs.replace(reply, refused=[bad]))
        return response

    alice.network.fault = lying
    await alice.sync()
    alice.network.fault = None
    alice.replica.take_back(rope)
    assert alice.titles() == ["Buy rope"]

    await here.settle()

    assert alice.titles() == bob.titles() == ["Buy 60 m of rope"]
    alice.network.asked.clear()
    await alice.sync()
    assert "push" not in alice.network.asked


async def test_what_was_taken_back_and_comes_from_another_device_is_pending_until_it_is_sent(
    here: World, alice: Person, bob: Person
) -> None:
    """Whoever brings it has adopted it; the server still lacks it, at its old place in the log."""
    rope = alice.add("Buy rope")
    await here.settle()
    alice.retitle(rope, "Buy 60 m of rope")
    change = last_change(alice, rope)
    bob.take_from(alice, rope, change)
    here.examiner.refuses.add(change)
    await alice.sync()
    alice.replica.take_back(rope)
    alice.add("Pitch the tent")
    await alice.sync()
    here.examiner.refuses.clear()
    assert (alice.replica.status().pending, alice.replica.task(rope).sync) == (0, "synced")

    alice.take_from(bob, rope, change)

    assert alice.replica.task(rope).title == "Buy 60 m of rope"
    assert alice.replica.task(rope).sync == "pending"
    assert alice.replica.status().pending >= 1
    await alice.sync()
    assert change in here.server_hashes()
    assert alice.replica.status().pending == 0


async def test_more_changes_than_a_batch_around_a_refused_one_all_arrive(
    here: World, alice: Person, bob: Person
) -> None:
    first = alice.add("Bad")
    here.examiner.refuses.add(last_change(alice, first))
    for number in range(PUSH_ROWS + 20):
        alice.replica.add_task(NewTask(title=f"Task {number}"), space=here.space)

    await alice.sync()
    await bob.sync()

    assert len(bob.titles()) == PUSH_ROWS + 20
