"""How the first owner enters, that codes are not guessed, and what a token opens."""

import base64
import hashlib
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from store.domain.ids import SpaceId
from sync.errors import InviteRefused, Refused, RoleRefused, SyncError, UnknownSpace
from sync.protocol import entering, routes
from sync.protocol import messages as m
from sync.protocol.codes import new_code
from sync.server.secrets import hash_of, same_setup_code
from tests.support.asking import Member, ask, create_space, creation
from tests.support.memory_server import MemoryServer, memory_server
from tests.support.pushes import change, some_replica, some_space
from tests.sync.doors import Clock, refused_with

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
