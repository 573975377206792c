"""Who may only read from now on, or was removed, hears of it and keeps what they wrote."""

import pytest

from store.log.entries import MEMBER
from sync.errors import AuthRefused
from sync.protocol.problems import refuse
from sync.protocol.wire import WireRequest, WireResponse
from sync.server.endpoint import problem_response
from sync.transport.memory import Exchange
from tests.sync.client.parked import reasons
from tests.sync.client.world import Person, World


async def test_what_an_editor_wrote_before_becoming_a_viewer_is_set_aside_and_kept(
    here: World, alice: Person, bob: Person
) -> None:
    alice.add("Buy rope")
    await here.settle()
    bob.add("Pack")
    here.set_role(bob, "viewer")

    result = await bob.sync()

    assert set(reasons(bob).values()) == {"role"}
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

    assert set(reasons(bob).values()) == {"role"}


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
