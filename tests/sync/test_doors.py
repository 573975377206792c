"""Who may enter, as what, and how the door is closed again."""

import base64
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from store.domain.ids import SpaceId
from store.domain.membership import Role
from sync.errors import (
    AuthRefused,
    InviteRefused,
    Refused,
    RoleRefused,
    SyncError,
    UnknownSpace,
)
from sync.protocol import entering, routes
from sync.protocol import messages as m
from sync.protocol.codes import new_code
from sync.server.secrets import hash_of, same_setup_code
from tests.support.asking import Member, ask, create_space, creation, join
from tests.support.memory_server import MemoryServer, memory_server
from tests.support.pushes import change, some_replica, some_space

DAY_MS = 86_400_000


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    now_ms: int = 1_763_898_123_000

    def __call__(self) -> int:
        return self.now_ms


async def refused_with(
    slug: str, error: type[Refused], asking: Callable[[], Awaitable[object]]
) -> None:
    """Check that asking is refused with this type."""
    with pytest.raises(error) as refused:
        await asking()
    assert refused.value.type == slug
    assert refused.value.detail.endswith(".")


# -- the first space -------------------------------------------------------------------------------


async def test_the_setup_code_opens_the_server_to_its_first_owner(server: MemoryServer) -> None:
    joined = await ask(server.transport(), routes.CREATE_SPACE, creation(server.setup_code))

    assert (joined.role, joined.name) == ("owner", "Hut")
    assert len(joined.token) == 43


async def test_without_the_setup_code_nobody_creates_the_first_space(server: MemoryServer) -> None:
    way = server.transport()
    for code in (None, "0000-0000", "x" * 100):
        await refused_with(
            "setup-code",
            InviteRefused,
            partial(ask, way, routes.CREATE_SPACE, creation(code)),
        )


async def test_the_setup_code_is_used_up_once_the_first_owner_came_in(
    server: MemoryServer,
) -> None:
    code = server.setup_code
    await create_space(server.transport(), code)

    assert server.setup_code is None
    await refused_with(
        "setup-code",
        InviteRefused,
        lambda: ask(server.transport(), routes.CREATE_SPACE, creation(code)),
    )


async def test_a_lost_reply_to_the_first_space_can_be_asked_for_again(
    server: MemoryServer,
) -> None:
    way = server.transport()
    asked = creation(server.setup_code)

    lost = await ask(way, routes.CREATE_SPACE, asked)
    again = await ask(way, routes.CREATE_SPACE, asked)

    # The first request may be the one that arrives last, when its answer reaches nobody any more.
    assert again.token == lost.token
    await ask(way, routes.HELLO, m.SpaceQuery(asked.space), token=again.token)
    await refused_with("setup-code", InviteRefused, lambda: ask(way, routes.CREATE_SPACE, asked))


async def test_a_server_that_stopped_before_its_owner_came_in_offers_a_new_setup_code(
    tmp_path: Path,
) -> None:
    with memory_server(tmp_path) as server:
        first_code = server.setup_code
        asked = creation(first_code)
        await ask(server.transport(), routes.CREATE_SPACE, asked)

    with memory_server(tmp_path) as server:
        assert server.setup_code not in (None, first_code)
        asked = entering.CreateSpace(
            asked.space, asked.name, asked.person, asked.device, asked.replica, server.setup_code
        )
        joined = await ask(server.transport(), routes.CREATE_SPACE, asked)

    assert joined.space == asked.space


async def test_a_person_may_type_the_setup_code_in_any_way() -> None:
    code = new_code(lambda _: bytes([0, 0x44, 0x32, 0x00, 0x01]))

    assert code == "0123-4001"
    assert same_setup_code("oi23 4oOl", code)
    assert same_setup_code(" 01234001", code)
    assert not same_setup_code("0123-4002", code)
    assert not same_setup_code("", code)


async def test_an_owner_creates_more_spaces_without_a_code(alice: Member) -> None:
    second = await create_space(alice.transport, None, token=alice.token)

    assert (await second.hello()).role == "owner"


async def test_only_an_owner_creates_more_spaces(bob: Member) -> None:
    await refused_with(
        "role",
        RoleRefused,
        lambda: ask(bob.transport, routes.CREATE_SPACE, creation(None), token=bob.token),
    )


async def test_a_space_that_is_there_is_not_created_again(alice: Member) -> None:
    asked = replace_space(creation(None), alice.space)

    await refused_with(
        "space-exists",
        Refused,
        lambda: ask(alice.transport, routes.CREATE_SPACE, asked, token=alice.token),
    )


def replace_space(asked: entering.CreateSpace, space: SpaceId) -> entering.CreateSpace:
    """The same request for another space."""
    return entering.CreateSpace(space, asked.name, asked.person, asked.device, asked.replica)


@pytest.mark.parametrize(
    "fields",
    [
        {"space": "hut"},
        {"space": "s" + "a" * 25},
        {"space": "r" + "a" * 26},
        {"replica": "x"},
        {"name": ""},
        {"name": " "},
        {"name": "Hut\n"},
        {"person": "\x00"},
    ],
    ids=str,
)
async def test_a_space_needs_sound_ids_and_names(
    server: MemoryServer, fields: dict[str, str]
) -> None:
    good = creation(server.setup_code)
    named = {name: getattr(good, name) for name in good.__struct_fields__}

    await refused_with(
        "malformed",
        Refused,
        lambda: ask(
            server.transport(), routes.CREATE_SPACE, entering.CreateSpace(**{**named, **fields})
        ),
    )


# -- tokens ----------------------------------------------------------------------------------------


async def test_no_secret_is_stored_as_it_is(server: MemoryServer, alice: Member) -> None:
    secret = await alice.invite()

    stored = server.db.path.read_bytes()

    assert alice.token.encode() not in stored
    assert secret.encode() not in stored
    assert hash_of(alice.token) in stored


async def test_a_token_has_256_bits_and_is_found_by_its_hash_only(
    server: MemoryServer, alice: Member
) -> None:
    assert len(base64.urlsafe_b64decode(alice.token + "=")) * 8 == 256
    with server.db.read() as conn:
        (stored,) = conn.execute("SELECT hash FROM token").fetchone()
    assert stored == hashlib.sha256(alice.token.encode()).digest()


async def test_no_error_repeats_the_secret_that_it_is_about(alice: Member) -> None:
    way, wrong = alice.transport, "QUITE-WRONG-SECRET"
    tries: list[tuple[routes.Route[Any, Any, Any], Any, str | None]] = [
        (routes.HELLO, m.SpaceQuery(alice.space), wrong),
        (routes.JOIN, entering.Join(wrong, alice.space, "Kit", "phone", some_replica()), None),
        (routes.CREATE_SPACE, creation(wrong), None),
        (routes.CREATE_SPACE, creation(None), wrong),
    ]
    for route, message, token in tries:
        with pytest.raises(SyncError) as refused:
            await ask(way, route, message, token=token)
        assert wrong not in f"{refused.value!r} {refused.value.detail} {refused.value.title}"


async def test_a_token_opens_its_own_space_only(server: MemoryServer, alice: Member) -> None:
    second = await create_space(alice.transport, None, token=alice.token)
    trespasser = replace(alice, space=second.space)

    for asking in (
        trespasser.hello,
        trespasser.pull,
        trespasser.invite,
        trespasser.devices,
        lambda: trespasser.push(change()),
        lambda: trespasser.wait(timeout_s=0),
    ):
        await refused_with("unknown-space", UnknownSpace, asking)


async def test_a_space_that_is_not_there_is_answered_like_one_that_is_closed(
    server: MemoryServer, alice: Member
) -> None:
    second = await create_space(alice.transport, None, token=alice.token)
    details = []
    for space in (second.space, some_space()):
        with pytest.raises(UnknownSpace) as refused:
            await replace(alice, space=space).hello()
        details.append(refused.value.detail)

    assert details[0] == details[1]


async def test_when_a_device_was_last_seen_is_kept_to_the_minute(tmp_path: Path) -> None:
    clock = Clock()
    with memory_server(tmp_path, clock_ms=clock) as server:
        alice = await create_space(server.transport(), server.setup_code)
        began_ms = clock.now_ms
        clock.now_ms += 59_000
        (soon,) = await alice.devices()
        clock.now_ms += 1_000
        await alice.hello()
        (later,) = await alice.devices()

    assert (soon.last_seen_at_ms, later.last_seen_at_ms) == (began_ms, began_ms + 60_000)


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


async def test_wrong_codes_are_slowed_down_and_right_ones_work_again_after_a_moment(
    tmp_path: Path,
) -> None:
    seconds = [0.0]
    with memory_server(tmp_path, clock_s=lambda: seconds[0]) as server:
        way = server.transport()
        slugs = []
        for _ in range(200):
            with pytest.raises(Exception, match=r"\.$") as refused:
                await ask(way, routes.CREATE_SPACE, creation("0000-0000"))
            slugs.append(refused.value.type)  # type: ignore[attr-defined]
        seconds[0] += 1
        alice = await create_space(way, server.setup_code)

    assert slugs == ["setup-code"] * 100 + ["slow-down"] * 100
    assert alice.token


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
