"""A code lets one device in, once, within ten minutes; nobody learns anything from a wrong one."""

import asyncio

import pytest

from store.domain.errors import InvalidValue, Refused
from store.members.signing import Keys
from sync.client.own_members import shut_out
from sync.errors import InviteRefused, SyncError, Unreachable
from sync.errors import Refused as SyncRefused
from sync.peer.pairings import OPEN_MAX, TRIES_MAX
from sync.protocol import entering, routes
from sync.protocol.codes import plain_code, read_code
from sync.protocol.pairing import PAIRING_S, pairing_secrets
from sync.protocol.proving import prove
from sync.protocol.wire import WireRequest, WireResponse
from sync.transport.memory import Exchange
from tests.support.asking import Member, ask, creation
from tests.support.long_polls import until_waiting
from tests.support.pushes import some_replica
from tests.support.spaces import share_space
from tests.sync.peer.lan import Lan, Neighbour

WRONG = "0000-0000"


async def test_a_code_lets_one_device_in_and_no_second(here: Lan, ann: Neighbour) -> None:
    assert ann.host is not None
    code = ann.host.code("viewer")
    ben, cid = here.person("ben"), here.person("cid")

    joined = await ben.members.join_device(code.lower().replace("-", " "), ann.url)

    assert (joined.id, joined.role, joined.is_current) == (here.space, "viewer", True)
    assert joined.name == "Personal (anns laptop)"  # everybody has a Personal
    with pytest.raises(InviteRefused) as no:
        await cid.members.join_device(code, ann.url)
    assert no.value.type == "invite-used"
    assert [space.name for space in cid.replica.spaces()] == ["Personal"]


async def test_a_code_expires(here: Lan, ann: Neighbour) -> None:
    assert ann.host is not None
    code = ann.host.code()
    here.clock.at_ms += PAIRING_S * 1000

    with pytest.raises(InviteRefused) as no:
        await here.person("ben").members.join_device(code, ann.url)

    assert no.value.type == "invite-expired"


async def test_a_clock_that_is_set_back_keeps_no_code_open(here: Lan, ann: Neighbour) -> None:
    assert ann.host is not None
    code = ann.host.code()
    here.clock.at_ms -= 10 * 365 * 86_400_000

    with pytest.raises(InviteRefused):
        await here.person("ben").members.join_device(code, ann.url)


async def test_a_few_wrong_codes_and_the_right_one_opens_nothing_any_more(
    here: Lan, ann: Neighbour
) -> None:
    assert ann.host is not None
    code = ann.host.code()
    ben = here.person("ben")
    for _ in range(TRIES_MAX):
        with pytest.raises(InviteRefused, match="not a code"):
            await ben.members.join_device(WRONG, ann.url)

    with pytest.raises(InviteRefused, match="Too many wrong codes"):
        await ben.members.join_device(code, ann.url)

    assert (await ben.members.join_device(ann.host.code(), ann.url)).role == "editor"


async def test_only_a_few_codes_are_open_at_once(here: Lan, ann: Neighbour) -> None:
    assert ann.host is not None
    first, *_, last = [ann.host.code() for _ in range(OPEN_MAX + 1)]

    with pytest.raises(InviteRefused):
        await here.person("ben").members.join_device(first, ann.url)
    assert (await here.person("cid").members.join_device(last, ann.url)).role == "editor"


async def test_a_reply_that_got_lost_is_given_again_to_the_same_device(
    here: Lan, ann: Neighbour
) -> None:
    ben = here.person("ben")
    lost: list[WireResponse] = []

    async def lose_the_first(request: WireRequest, send: Exchange) -> WireResponse:
        answer = await send(request)
        if not lost:
            lost.append(answer)
            raise Unreachable("The connection broke.")
        return answer

    ben.fault = lose_the_first

    assert (await ben.join(ann)).role == "editor"

    await ben.sync()
    assert ann.listed() == {"anns laptop": "owner", "bens laptop": "editor"}


async def test_joining_again_is_no_second_device(here: Lan, ann: Neighbour) -> None:
    ben = here.person("ben")
    await ben.join(ann)
    await ben.sync()

    await ben.join(ann)
    ben.add("Still here")
    await ben.sync()

    assert ann.titles() == ["Still here"]
    assert len(ben.peers()) == 1
    assert len(ann.listed()) == 2


async def test_somebody_else_at_the_address_learns_nothing_that_opens_the_device(
    here: Lan, ann: Neighbour
) -> None:
    """With a certificate of their own between the two, what they are sent is for that one."""
    assert ann.host is not None
    code, eve = ann.host.code(), Keys(bytes([9]) * 32)
    overheard = pairing_secrets(plain_code(code), "ee" * 32).secret
    replica = some_replica()
    proof = prove(eve, secret=overheard, space="", replica=replica)

    with pytest.raises(InviteRefused, match="not a code"):
        await ask(
            ann.host.transport(),
            routes.JOIN,
            entering.Join(overheard, "", "Eve", "phone", replica, proof),
        )

    assert (await here.person("ben").members.join_device(code, ann.url)).role == "editor"


async def test_who_does_not_know_the_code_is_not_joined(here: Lan, ann: Neighbour) -> None:
    """A false device says yes to every code; without knowing it, it can't prove that it does."""
    assert ann.host is not None
    ben, eve = here.person("ben"), here.person("eve")
    false = eve.serve()
    secret = false.secret()

    async def say_yes(request: WireRequest, send: Exchange) -> WireResponse:
        if not request.path.endswith("/join"):
            return await send(request)
        replica = some_replica()
        keys = Keys(bytes([7]) * 32)
        proof = prove(keys, secret=secret, space="", replica=replica)
        asked = entering.Join(secret, "", "Ben", "phone", replica, proof)
        joined = await ask(false.transport(), routes.JOIN, asked)
        from sync.protocol import codec

        body = codec.encode(joined)
        headers = {"content-type": codec.MSGPACK, codec.DIGEST_HEADER: codec.digest_of(body)}
        return WireResponse(200, headers, body)

    ben.fault = say_yes
    before = [space.id for space in ben.replica.spaces()]

    with pytest.raises(InviteRefused) as no:
        await ben.members.join_device(ann.host.code(), eve.url)

    assert no.value.type == "not-the-host"
    assert [space.id for space in ben.replica.spaces()] == before


async def test_a_device_of_no_owner_lets_in_members_only(
    here: Lan, ann: Neighbour, ben: Neighbour
) -> None:
    cid, dan, eve = (here.person(name) for name in ("cid", "dan", "eve"))
    await cid.join(ann, "editor")
    await dan.join(ann, "viewer")
    cid.serve()
    await cid.sync()

    with pytest.raises(SyncError, match="one of its owners"):
        await eve.join(cid)
    joined = await dan.join(cid, "owner")

    assert joined.role == "viewer"  # as the list has it, whatever the code was for
    assert ann.listed().get("eves laptop") is None


async def test_a_device_that_may_only_read_shares_with_nobody(here: Lan, ann: Neighbour) -> None:
    vera = here.person("vera")
    await vera.join(ann, "viewer")
    host = vera.serve()

    with pytest.raises(Refused, match="only read"):
        host.code(space=here.space)


async def test_what_came_by_file_is_shared_where_it_was_made(here: Lan, ann: Neighbour) -> None:
    ben = here.person("ben")
    share_space(ben.replica, here.space, "Trip")
    from store.spaces import note_carried

    with ben.replica.db.write() as conn:
        note_carried(conn, here.space)
    host = ben.serve()

    with pytest.raises(Refused, match="where it was made"):
        host.code(space=here.space)


async def test_a_private_space_is_shared_only_by_its_name(here: Lan) -> None:
    ann = here.founder("ann")
    from sync.peer.sharing import share

    with pytest.raises(Refused, match="--space Personal"):
        share(ann.replica, None)

    assert share(ann.replica, "Personal") == share(ann.replica, None) == here.space


async def test_a_device_hosts_nothing_and_signs_for_nobody_far_away(
    ann: Neighbour, ben: Neighbour
) -> None:
    assert ann.host is not None
    (peer,) = ben.peers()
    member = Member(
        ann.host.transport(), peer.space, peer.token or "", ben.replica.identity.replica_id
    )

    for asking in (
        ask(ann.host.transport(), routes.CREATE_SPACE, creation(None)),
        member.invite(),
        member.revoke(member.replica),
        member.change_role(member.replica, "owner"),
    ):
        with pytest.raises(SyncRefused) as no:
            await asking
        assert no.value.type == "no-server"


async def test_a_key_that_is_not_proved_comes_in_nowhere(ann: Neighbour, ben: Neighbour) -> None:
    assert ann.host is not None
    secret, replica = ann.host.secret(), some_replica()
    stolen = prove(Keys(bytes([3]) * 32), secret="other", space="", replica=replica)

    for proof in (None, stolen):
        asked = entering.Join(secret, "", "Eve", "phone", replica, proof)
        with pytest.raises(SyncRefused, match="prove"):
            await ask(ann.host.transport(), routes.JOIN, asked)


async def test_a_wait_of_a_guest_ends_when_it_is_shut_out(
    here: Lan, ann: Neighbour, ben: Neighbour
) -> None:
    assert ann.host is not None
    await ben.sync()
    (peer,) = ben.peers()
    waiting = asyncio.ensure_future(ben.engine.has_news(peer.id, timeout_s=20))
    await until_waiting(ann.host.service.wakeups, ben.replica.identity.replica_id)

    shut_out(ann.replica, "bens laptop", here.space)

    async with asyncio.timeout(10):
        with pytest.raises(SyncError, match="removed this device"):
            await waiting


@pytest.mark.parametrize("typed", ["", "K7QM", "K7QM-3TXA-9", "K7QM-3TXU", "K7QM_3TXA"])
async def test_what_is_no_code_is_refused_before_anybody_is_asked(
    here: Lan, ann: Neighbour, typed: str
) -> None:
    assert read_code(typed) is None
    with pytest.raises(InvalidValue, match="eight letters"):
        await here.person("ben").members.join_device(typed, ann.url)


async def test_an_address_without_a_fingerprint_is_refused(here: Lan, ann: Neighbour) -> None:
    with pytest.raises(InvalidValue, match="fingerprint"):
        await here.person("ben").members.join_device(WRONG, "https://ann.example:1")
