"""Whom an invite lets in, how often and how long, and how a copied home gets an id of its own."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from store.domain.membership import Role
from sync.errors import AuthRefused, InviteRefused, Refused
from sync.protocol import entering, routes
from sync.protocol import messages as m
from tests.support.asking import Member, ask, create_space, join
from tests.support.memory_server import memory_server
from tests.support.pushes import some_replica
from tests.sync.doors import Clock, refused_with

DAY_MS = 86_400_000


# -- invites ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["owner", "editor", "viewer"])
async def test_an_invite_gives_the_role_it_was_made_for(alice: Member, role: Role) -> None:
    kit = await join(alice, "Kit", role)

    assert (await kit.hello()).role == role


async def test_an_invite_is_good_for_a_week_unless_said_otherwise(tmp_path: Path) -> None:
    clock = Clock()
    with memory_server(tmp_path, clock_ms=clock) as server:
        alice = await create_space(server.transport(), server.setup_code)
        invite = await alice.ask(routes.CREATE_INVITE, entering.CreateInvite(alice.space, "editor"))

    assert invite.expires_at_ms == clock.now_ms + 7 * DAY_MS


async def test_an_invite_works_until_it_expires(tmp_path: Path) -> None:
    clock = Clock()
    with memory_server(tmp_path, clock_ms=clock) as server:
        alice = await create_space(server.transport(), server.setup_code)
        secrets = [await alice.invite(expires_in_s=60) for _ in range(2)]
        asked = [
            entering.Join(secret, alice.space, "Kit", "phone", some_replica()) for secret in secrets
        ]
        clock.now_ms += 59_999
        await ask(alice.transport, routes.JOIN, asked[0])
        clock.now_ms += 1

        await refused_with(
            "invite-expired", InviteRefused, lambda: ask(alice.transport, routes.JOIN, asked[1])
        )


async def test_an_invite_works_once(alice: Member) -> None:
    secret = await alice.invite()
    kit = entering.Join(secret, alice.space, "Kit", "phone", some_replica())
    mallory = entering.Join(secret, alice.space, "Mallory", "phone", some_replica())

    await ask(alice.transport, routes.JOIN, kit)

    await refused_with(
        "invite-used", InviteRefused, lambda: ask(alice.transport, routes.JOIN, mallory)
    )


async def test_an_invite_for_several_devices_lets_in_so_many(alice: Member) -> None:
    made = await alice.ask(
        routes.CREATE_INVITE, entering.CreateInvite(alice.space, "editor", 60, uses=2)
    )
    asked = [entering.Join(made.secret, alice.space, who, "phone", some_replica()) for who in "ABC"]

    lost = await ask(alice.transport, routes.JOIN, asked[0])
    again = await ask(alice.transport, routes.JOIN, asked[0])  # the reply was lost: the same use
    await ask(alice.transport, routes.JOIN, asked[1])

    assert lost.token == again.token
    await refused_with(
        "invite-used", InviteRefused, lambda: ask(alice.transport, routes.JOIN, asked[2])
    )
    assert len(await alice.devices()) == 3


async def test_an_invite_for_several_devices_expires_too(tmp_path: Path) -> None:
    clock = Clock()
    with memory_server(tmp_path, clock_ms=clock) as server:
        alice = await create_space(server.transport(), server.setup_code)
        made = await alice.ask(
            routes.CREATE_INVITE, entering.CreateInvite(alice.space, "editor", 60, uses=100)
        )
        clock.now_ms += 60_000
        asked = entering.Join(made.secret, alice.space, "Kit", "phone", some_replica())

        await refused_with(
            "invite-expired", InviteRefused, lambda: ask(alice.transport, routes.JOIN, asked)
        )


async def test_a_lost_reply_to_joining_can_be_asked_for_again_until_the_device_came_in(
    alice: Member,
) -> None:
    way = alice.transport
    secret = await alice.invite()
    kit = entering.Join(secret, alice.space, "Kit", "phone", some_replica())

    lost = await ask(way, routes.JOIN, kit)
    again = await ask(way, routes.JOIN, kit)

    assert lost.token == again.token
    await ask(way, routes.HELLO, m.SpaceQuery(alice.space), token=again.token)
    await refused_with("invite-used", InviteRefused, lambda: ask(way, routes.JOIN, kit))
    assert len(await alice.devices()) == 2


async def test_who_was_shut_out_and_comes_in_again_gets_another_token(alice: Member) -> None:
    made = await alice.ask(
        routes.CREATE_INVITE, entering.CreateInvite(alice.space, "editor", 60, uses=2)
    )
    kit = entering.Join(made.secret, alice.space, "Kit", "phone", some_replica())
    first = await ask(alice.transport, routes.JOIN, kit)
    await ask(alice.transport, routes.HELLO, m.SpaceQuery(alice.space), token=first.token)
    await alice.revoke(kit.replica)

    second = await ask(alice.transport, routes.JOIN, kit)

    assert second.token != first.token
    await refused_with(
        "revoked",
        AuthRefused,
        lambda: ask(alice.transport, routes.HELLO, m.SpaceQuery(alice.space), token=first.token),
    )


async def test_a_token_that_was_lost_dies_where_the_server_was_started_anew(
    tmp_path: Path,
) -> None:
    """Its key is nowhere but in the memory of the process."""
    with memory_server(tmp_path) as server:
        alice = await create_space(server.transport(), server.setup_code)
        secret = await alice.invite()
        kit = entering.Join(secret, alice.space, "Kit", "phone", some_replica())
        lost = await ask(server.transport(), routes.JOIN, kit)
    with memory_server(tmp_path) as server:
        way = server.transport()
        again = await ask(way, routes.JOIN, kit)

        assert again.token != lost.token
        await ask(way, routes.HELLO, m.SpaceQuery(alice.space), token=again.token)
        await refused_with(
            "unauthorized",
            AuthRefused,
            lambda: ask(way, routes.HELLO, m.SpaceQuery(alice.space), token=lost.token),
        )


async def test_an_unknown_invite_is_refused_and_so_is_one_of_another_space(
    alice: Member,
) -> None:
    second = await create_space(alice.transport, None, token=alice.token)
    secret = await alice.invite()

    for asked in (
        entering.Join("no-such-secret", alice.space, "Kit", "phone", some_replica()),
        entering.Join(secret, second.space, "Kit", "phone", some_replica()),
    ):
        await refused_with(
            "unknown-invite",
            InviteRefused,
            partial(ask, alice.transport, routes.JOIN, asked),
        )


async def test_nobody_joins_under_the_replica_id_of_a_member(alice: Member, bob: Member) -> None:
    secret = await alice.invite()
    asked = entering.Join(secret, alice.space, "Mallory", "phone", bob.replica)

    await refused_with("already-member", Refused, lambda: ask(alice.transport, routes.JOIN, asked))

    assert (await bob.hello()).role == "editor"
    # The invite is not used up by that.
    await ask(
        alice.transport,
        routes.JOIN,
        entering.Join(secret, alice.space, "Kit", "phone", some_replica()),
    )


# -- copied homes ----------------------------------------------------------------------------------


async def test_a_copied_home_takes_a_new_replica_id_and_the_other_copy_goes_on(
    bob: Member,
) -> None:
    asked = entering.RekeyDevice(bob.space, some_replica())

    joined = await bob.ask(routes.REKEY, asked)

    copy = replace(bob, token=joined.token, replica=joined.replica)
    assert (joined.role, joined.replica) == ("editor", asked.replica)
    assert (await copy.hello()).role == "editor"
    assert (await bob.hello()).role == "editor"


async def test_a_lost_reply_to_rekeying_can_be_asked_for_again(bob: Member) -> None:
    asked = entering.RekeyDevice(bob.space, some_replica())

    lost = await bob.ask(routes.REKEY, asked)
    again = await bob.ask(routes.REKEY, asked)

    assert lost.token == again.token
    assert (await replace(bob, token=again.token).hello()).role == "editor"
    await refused_with("already-member", Refused, lambda: bob.ask(routes.REKEY, asked))


async def test_nobody_takes_the_replica_id_of_somebody_else(alice: Member, bob: Member) -> None:
    asked = entering.RekeyDevice(bob.space, alice.replica)

    await refused_with("already-member", Refused, lambda: bob.ask(routes.REKEY, asked))
