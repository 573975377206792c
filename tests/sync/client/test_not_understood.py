"""A push that is too large, not understood, or without its causes: what is at fault is found."""

from dataclasses import replace

import pytest
from msgspec import structs

from store.peers import DEPENDS_ON_REFUSED
from sync.errors import TooLarge
from sync.protocol import codec
from sync.protocol.messages import MissingDeps, Push, PushReply, RefusedRow
from sync.protocol.problems import refuse
from sync.protocol.wire import WireRequest, WireResponse
from sync.server.endpoint import problem_response
from sync.transport.memory import Exchange
from tests.sync.client.parked import last_change, reasons
from tests.sync.client.world import Person, World, edited, sent


def _with_missing(reply: PushReply, *missing: MissingDeps) -> PushReply:
    return PushReply(reply.accepted, reply.duplicate, reply.seq, reply.refused, list(missing))


def _repacked(request: WireRequest, message: Push) -> WireRequest:
    """The same request with another message in it."""
    body = codec.encode(message)
    headers = {**request.headers, codec.DIGEST_HEADER: codec.digest_of(body)}
    headers.pop("content-encoding", None)
    return replace(request, headers=headers, body=body)


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
    bad = last_change(alice, large)

    async def narrow(request: WireRequest, send: Exchange) -> WireResponse:
        if request.path.endswith("push"):
            rows = sent(request, Push).rows
            if any(row.hash == bad for row in rows):
                return problem_response(refuse("too-large", "Less at once, please.").problem)
        return await send(request)

    alice.network.fault = narrow
    await alice.sync()

    assert reasons(alice) == {bad: TooLarge.default_type}
    await bob.sync()
    assert bob.titles() == ["Pack"]


@pytest.mark.parametrize("status", [400, 422])
async def test_a_change_that_a_server_can_not_even_read_is_found_and_parked_and_others_flow(
    here: World, alice: Person, bob: Person, status: int
) -> None:
    """A fault of one of the programs: the batch halves until the one that is at fault is alone."""
    docs = [alice.add(f"Task {number}") for number in range(9)]
    bad = last_change(alice, docs[4])
    alice.retitle(docs[4], "Built on it")
    follows = last_change(alice, docs[4])

    async def puzzled(request: WireRequest, send: Exchange) -> WireResponse:
        if request.path.endswith("push") and bad in {r.hash for r in sent(request, Push).rows}:
            problem = structs.replace(refuse("malformed", "What?").problem, status=status)
            return problem_response(problem)
        return await send(request)

    alice.network.fault = puzzled
    result = await alice.sync()

    assert reasons(alice) == {bad: "malformed", follows: DEPENDS_ON_REFUSED}
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
    old = last_change(alice, rope)
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

    assert set(reasons(alice).values()) == {"missing-deps"}
    assert result.parked == 1
    assert result.rounds <= 3
