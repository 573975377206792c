"""What a member may do by its role, who changes that, and how the door is closed again."""

from dataclasses import replace
from functools import partial

from sync.errors import AuthRefused, Refused, RoleRefused
from sync.protocol import entering, routes
from tests.support.asking import Member, ask, join
from tests.support.pushes import change, some_replica
from tests.sync.doors import refused_with

# -- roles -----------------------------------------------------------------------------------------


async def test_a_viewer_pushes_nothing(vera: Member, alice: Member) -> None:
    await refused_with("role", RoleRefused, lambda: vera.push(change()))

    assert (await alice.hello()).server.seq == 0


async def test_a_viewer_reads_everything(vera: Member, alice: Member) -> None:
    rope = change()
    await alice.push(rope)

    assert (await vera.pull()).rows == [rope.row]


async def test_only_an_owner_invites_and_revokes(bob: Member, vera: Member) -> None:
    for member in (bob, vera):
        await refused_with("role", RoleRefused, member.invite)
        await refused_with("role", RoleRefused, partial(member.revoke, member.replica))
        await refused_with(
            "role", RoleRefused, partial(member.change_role, member.replica, "owner")
        )


async def test_every_member_sees_who_is_in(alice: Member, bob: Member, vera: Member) -> None:
    for member in (alice, bob, vera):
        listed = await member.devices()

        assert [(one.person, one.device, one.role) for one in listed] == [
            ("Alice", "Alice's laptop", "owner"),
            ("Bob", "Bob's phone", "editor"),
            ("Vera", "Vera's phone", "viewer"),
        ]
        assert [one.id for one in listed] == [alice.replica, bob.replica, vera.replica]


# -- closing the door ------------------------------------------------------------------------------


async def test_a_revoked_device_is_told_so_and_what_it_wrote_stays(
    alice: Member, bob: Member
) -> None:
    rope = change(author="Bob")
    await bob.push(rope)

    await alice.revoke(bob.replica)

    await refused_with("revoked", AuthRefused, bob.pull)
    await refused_with("revoked", AuthRefused, lambda: bob.push(change()))
    assert (await alice.pull()).rows == [rope.row]
    assert [one.revoked for one in await alice.devices()] == [False, True]


async def test_revoking_twice_is_the_same_as_once(alice: Member, bob: Member) -> None:
    await alice.revoke(bob.replica)
    await alice.revoke(bob.replica)

    assert [one.revoked for one in await alice.devices()] == [False, True]


async def test_a_revoked_device_comes_back_with_a_new_invite(alice: Member, bob: Member) -> None:
    await alice.revoke(bob.replica)
    secret = await alice.invite("viewer")

    joined = await ask(
        alice.transport,
        routes.JOIN,
        entering.Join(secret, alice.space, "Bob", "phone", bob.replica),
    )

    back = replace(bob, token=joined.token)
    assert (await back.hello()).role == "viewer"
    await refused_with("revoked", AuthRefused, bob.hello)


async def test_the_last_owner_stays(alice: Member, bob: Member) -> None:
    await refused_with("last-owner", Refused, lambda: alice.revoke(alice.replica))

    second = await join(alice, "Kit", "owner")
    await second.revoke(alice.replica)

    await refused_with("revoked", AuthRefused, alice.hello)
    await refused_with("last-owner", Refused, lambda: second.revoke(second.replica))


async def test_a_device_that_is_not_there_is_not_revoked(alice: Member) -> None:
    await refused_with("unknown-device", Refused, lambda: alice.revoke(some_replica()))


# -- what a device may do --------------------------------------------------------------------------


async def test_an_owner_says_what_a_device_may_do_and_the_door_holds_it_to_that(
    alice: Member, bob: Member
) -> None:
    await alice.change_role(bob.replica, "viewer")
    await alice.change_role(bob.replica, "viewer")

    assert (await bob.hello()).role == "viewer"
    await refused_with("role", RoleRefused, lambda: bob.push(change()))
    assert [one.role for one in await bob.devices()] == ["owner", "viewer"]
    await alice.change_role(bob.replica, "owner")
    await bob.push(change())
    await bob.change_role(alice.replica, "editor")
    await refused_with("role", RoleRefused, alice.invite)


async def test_the_last_owner_stays_an_owner(alice: Member, bob: Member) -> None:
    for role in ("editor", "viewer"):
        await refused_with("last-owner", Refused, partial(alice.change_role, alice.replica, role))

    assert [one.role for one in await alice.devices()] == ["owner", "editor"]


async def test_who_is_not_in_the_space_gets_no_role(alice: Member, bob: Member) -> None:
    await alice.revoke(bob.replica)

    for replica in (bob.replica, some_replica()):
        await refused_with("unknown-device", Refused, partial(alice.change_role, replica, "owner"))

    await refused_with("revoked", AuthRefused, bob.hello)
