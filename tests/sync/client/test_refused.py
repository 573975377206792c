"""What a server refuses is set aside with what hangs on it, and everything else flows (D20)."""

import sqlite3
from dataclasses import replace

import pytest
from msgspec import structs

from store.commands.patches import NewTask
from store.domain.ids import DocId
from store.domain.limits import PUSH_ROWS
from store.log.entries import MEMBER
from store.peers import DEPENDS_ON_REFUSED
from sync.errors import AuthRefused, TooLarge, Unreachable
from sync.protocol import codec
from sync.protocol.messages import MissingDeps, Push, PushReply, RefusedRow
from sync.protocol.problems import refuse
from sync.protocol.wire import WireRequest, WireResponse
from sync.server.endpoint import problem_response
from sync.transport.memory import Exchange
from tests.sync.client.world import Person, World, edited, sent


def _last_change(person: Person, doc: DocId) -> bytes:
    return person.log(doc)[-1].hash


async def _refused_edit(here: World, alice: Person) -> tuple[DocId, bytes]:
    """Let Alice edit a task that all have: the task, and her change, which the server refuses."""
    rope = alice.add("Buy rope")
    await here.settle()
    alice.retitle(rope, "Buy 60 m of rope")
    bad = _last_change(alice, rope)
    here.examiner.refuses.add(bad)
    return rope, bad


def _reasons(person: Person) -> dict[bytes, str]:
    with person.replica.db.read() as conn:
        return dict(conn.execute("SELECT hash, reason FROM parked").fetchall())


async def test_a_refused_change_parks_what_follows_it_and_others_flow(
    here: World, alice: Person, bob: Person
) -> None:
    tent = alice.add("Pitch the tent")
    rope, bad = await _refused_edit(here, alice)
    alice.retitle(rope, "Buy 70 m of rope")
    follows = _last_change(alice, rope)
    alice.retitle(tent, "Pitch both tents")

    result = await alice.sync()

    assert _reasons(alice) == {bad: "not-loadable", follows: DEPENDS_ON_REFUSED}
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
    follows = _last_change(alice, rope)

    async def narrow(request: WireRequest, send: Exchange) -> WireResponse:
        if request.path.endswith("push") and len(sent(request, Push).rows) > 1:
            return problem_response(refuse("too-large", "One at a time, please.").problem)
        return await send(request)

    alice.network.fault = narrow
    await alice.sync()

    assert _reasons(alice)[follows] == DEPENDS_ON_REFUSED
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
    assert _reasons(alice)[_last_change(alice, rope)] == DEPENDS_ON_REFUSED
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
    bad = _last_change(alice, rope)
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
    change = _last_change(alice, rope)

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
    change = _last_change(alice, rope)
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


async def test_a_body_that_is_too_large_is_halved_until_it_passes(
    here: World, alice: Person, bob: Person
) -> None:
    for number in range(40):
        alice.add(f"Task {number}")
    sizes: list[int] = []

    async def narrow(request: WireRequest, send: Exchange) -> WireResponse:
        if request.path.endswith("push"):
            sizes.append(len(sent(request, Push).rows))
            if sizes[-1] > 10:
                return problem_response(refuse("too-large", "Less at once, please.").problem)
        return await send(request)

    alice.network.fault = narrow
    await alice.sync()

    assert sizes[:3] == [40, 20, 10]
    assert len(sizes) <= 10
    assert alice.parked() == set()
    await bob.sync()
    here.assert_alike(alice, bob)


async def test_a_single_change_that_is_too_large_is_parked_and_others_flow(
    here: World, alice: Person, bob: Person
) -> None:
    await here.settle()
    large = alice.add("Buy rope")
    alice.add("Pack")
    bad = _last_change(alice, large)

    async def narrow(request: WireRequest, send: Exchange) -> WireResponse:
        if request.path.endswith("push"):
            rows = sent(request, Push).rows
            if any(row.hash == bad for row in rows):
                return problem_response(refuse("too-large", "Less at once, please.").problem)
        return await send(request)

    alice.network.fault = narrow
    await alice.sync()

    assert _reasons(alice) == {bad: TooLarge.default_type}
    await bob.sync()
    assert bob.titles() == ["Pack"]


@pytest.mark.parametrize("status", [400, 422])
async def test_a_change_that_a_server_can_not_even_read_is_found_and_parked_and_others_flow(
    here: World, alice: Person, bob: Person, status: int
) -> None:
    """A fault of one of the programs: the batch halves until the one that is at fault is alone."""
    docs = [alice.add(f"Task {number}") for number in range(9)]
    bad = _last_change(alice, docs[4])
    alice.retitle(docs[4], "Built on it")
    follows = _last_change(alice, docs[4])

    async def puzzled(request: WireRequest, send: Exchange) -> WireResponse:
        if request.path.endswith("push") and bad in {r.hash for r in sent(request, Push).rows}:
            problem = structs.replace(refuse("malformed", "What?").problem, status=status)
            return problem_response(problem)
        return await send(request)

    alice.network.fault = puzzled
    result = await alice.sync()

    assert _reasons(alice) == {bad: "malformed", follows: DEPENDS_ON_REFUSED}
    assert (result.state, result.parked) == ("attention", 1)
    await bob.sync()
    assert len(bob.titles()) == 8


async def test_a_request_whose_head_the_network_damaged_parks_nothing(
    here: World, alice: Person
) -> None:
    """Its digest tells a damaged body; a damaged head makes a request that nobody understands."""
    answers = [problem_response(refuse("malformed", "Which encoding?").problem)]

    async def once(request: WireRequest, exchange: Exchange) -> WireResponse:
        if "push" in request.path and answers:
            return answers.pop()
        return await exchange(request)

    task = alice.add("Buy rope")
    alice.network.fault = once

    result = await alice.sync()

    assert (result.parked, answers) == (0, [])
    assert alice.replica.task(task).sync == "synced"


async def test_where_no_push_at_all_is_understood_nothing_is_parked(alice: Person) -> None:
    """A server of another kind, or a fault that concerns all: the round says so."""
    alice.add("Buy rope")
    alice.add("Pack")

    async def puzzled(request: WireRequest, send: Exchange) -> WireResponse:
        if request.path.endswith("push"):
            return problem_response(refuse("malformed", "What is this?").problem)
        return await send(request)

    alice.network.fault = puzzled
    result = await alice.engine.sync_until_quiet()

    assert result.error is not None
    assert result.error.type == "malformed"
    assert (alice.parked(), alice.replica.status().pending) == (set(), 2)


async def test_a_server_that_lacks_the_causes_is_offered_the_whole_document(
    here: World, alice: Person, bob: Person
) -> None:
    rope = alice.add("Buy rope")
    backup = here.back_up_server()
    await here.settle()
    here.restore_server(backup)
    alice.retitle(rope, "Buy 60 m of rope")

    await alice.sync()

    assert {row.hash for row in alice.log(rope)} <= here.server_hashes()
    assert alice.parked() == set()


async def test_what_a_server_says_of_changes_it_was_not_sent_is_not_believed(
    here: World, alice: Person
) -> None:
    rope = alice.add("Buy rope")
    await alice.sync()
    old = _last_change(alice, rope)
    alice.add("Pack")

    async def lying(request: WireRequest, send: Exchange) -> WireResponse:
        response = await send(request)
        if request.path.endswith("push"):
            lacking = MissingDeps(old, rope, [b"x" * 32])
            bad = RefusedRow(old, rope, "not-loadable", "It can't be loaded.")
            return edited(
                response,
                PushReply,
                lambda reply: PushReply(reply.accepted, 0, reply.seq, [bad], [lacking]),
            )
        return response

    alice.network.fault = lying
    result = await alice.sync()

    assert result.parked == 0
    assert result.state == "synced"


async def test_a_server_that_lacks_causes_for_ever_is_shown_and_not_asked_for_ever(
    here: World, alice: Person
) -> None:
    rope = alice.add("Buy rope")
    alice.add("Pack")

    async def forgetful(request: WireRequest, send: Exchange) -> WireResponse:
        if not request.path.endswith("push"):
            return await send(request)
        rows = sent(request, Push).rows
        lacking = [MissingDeps(row.hash, row.doc, [b"x" * 32]) for row in rows if row.doc == rope]
        kept = [row for row in rows if row.doc != rope]
        response = await send(_repacked(request, Push(here.space, kept)))
        return edited(response, PushReply, lambda reply: _with_missing(reply, *lacking))

    alice.network.fault = forgetful
    result = await alice.sync()

    assert set(_reasons(alice).values()) == {"missing-deps"}
    assert result.parked == 1
    assert result.rounds <= 3


async def test_what_an_editor_wrote_before_becoming_a_viewer_is_set_aside_and_kept(
    here: World, alice: Person, bob: Person
) -> None:
    alice.add("Buy rope")
    await here.settle()
    bob.add("Pack")
    here.set_role(bob, "viewer")

    result = await bob.sync()

    assert set(_reasons(bob).values()) == {"role"}
    assert (result.state, result.parked) == ("attention", 1)
    assert bob.peer().role == "viewer"
    assert bob.titles() == ["Buy rope", "Pack"]
    assert "push" not in bob.network.asked[-3:]

    here.set_role(bob, "editor")
    assert (await bob.sync()).parked == 0
    await alice.sync()
    assert alice.titles() == ["Buy rope", "Pack"]


async def test_a_viewer_still_reads(here: World, alice: Person) -> None:
    vera = await here.invite("vera", by=alice, role="viewer")
    alice.add("Buy rope")
    await alice.sync()

    result = await vera.sync()

    assert vera.titles() == ["Buy rope"]
    assert result.state == "synced"


async def test_losing_the_right_to_write_between_hello_and_push_parks_too(
    here: World, alice: Person, bob: Person
) -> None:
    bob.add("Pack")

    async def demoted(request: WireRequest, send: Exchange) -> WireResponse:
        if request.path.endswith("push"):
            here.set_role(bob, "viewer")
        return await send(request)

    bob.network.fault = demoted
    await bob.once()

    assert set(_reasons(bob).values()) == {"role"}


async def test_what_others_signed_is_handed_on_after_losing_the_right_to_write(
    here: World, alice: Person, bob: Person
) -> None:
    """World 101554: a statement about members was parked, and nobody can retry such a thing."""
    await here.settle()
    backup = here.back_up_server()
    await alice.members.change_role("bobs laptop", "owner")
    await here.settle()
    here.restore_server(backup)
    doc = bob.add("Pack")
    statements = [row.hash for row in bob.log() if row.type == MEMBER]

    pushes: list[WireRequest] = []

    async def demoted(request: WireRequest, send: Exchange) -> WireResponse:
        pushes.extend([request] if request.path.endswith("push") else [])
        if len(pushes) == 2 and request is pushes[1]:  # the one that offers everything again
            return problem_response(refuse("role", "You may only read.").problem)
        return await send(request)

    bob.network.fault = demoted
    await bob.sync()

    assert {row.doc_id for row in bob.replica.parked()} == {doc}
    assert set(statements) <= here.server_hashes()


async def test_a_revoked_device_hears_it_in_words_and_keeps_what_it_wrote(
    here: World, alice: Person, bob: Person
) -> None:
    bob.add("Pack")
    await alice.members.revoke(bob.replica.identity.replica_id)

    with pytest.raises(AuthRefused):
        await bob.once()

    assert bob.replica.status().state == "attention"
    assert bob.peer().error is not None
    assert "removed" in (bob.peer().error or "")
    assert bob.titles() == ["Pack"]

    invited = await alice.members.invite(here.space)
    await bob.members.join(invited.link)
    await here.settle()
    assert alice.titles() == ["Pack"]


async def test_more_changes_than_a_batch_around_a_refused_one_all_arrive(
    here: World, alice: Person, bob: Person
) -> None:
    first = alice.add("Bad")
    here.examiner.refuses.add(_last_change(alice, first))
    for number in range(PUSH_ROWS + 20):
        alice.replica.add_task(NewTask(title=f"Task {number}"), space=here.space)

    await alice.sync()
    await bob.sync()

    assert len(bob.titles()) == PUSH_ROWS + 20


def _with_missing(reply: PushReply, *missing: MissingDeps) -> PushReply:
    return PushReply(reply.accepted, reply.duplicate, reply.seq, reply.refused, list(missing))


def _repacked(request: WireRequest, message: Push) -> WireRequest:
    """The same request with another message in it."""
    body = codec.encode(message)
    headers = {**request.headers, codec.DIGEST_HEADER: codec.digest_of(body)}
    headers.pop("content-encoding", None)
    return replace(request, headers=headers, body=body)


async def test_a_revoked_device_is_told_keeps_its_data_and_neither_pushes_nor_pulls(
    here: World, alice: Person, bob: Person
) -> None:
    bob.add("Buy rope")
    await here.settle()
    await alice.members.revoke(bob.replica.identity.replica_id, here.space)
    alice.add("After he was gone")
    await alice.sync()
    bob.add("Written afterwards")

    result = await bob.engine.sync_until_quiet(here.space)

    assert isinstance(result.error, AuthRefused)
    assert result.error.type == "revoked"
    assert (result.state, result.pushed, result.pulled) == ("attention", 0, 0)
    assert bob.titles() == ["Buy rope", "Written afterwards"]
    assert bob.log()[-1].hash not in here.server_hashes()
