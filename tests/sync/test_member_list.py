"""The signed list of a hosted space: the server says it, everybody reads it from the log."""

import pytest

from store.domain.membership import Role, fold
from store.log.entries import MEMBER
from store.members.codec import Body, read_statement, row_hash, write_statement
from store.members.signing import Keys
from sync.errors import BadRequest, Refused, SyncError
from sync.protocol import entering, routes
from sync.protocol import messages as m
from sync.protocol.proving import prove
from tests.support.asking import Member, ask, create_space, creation
from tests.support.memory_server import MemoryServer
from tests.support.pushes import change, some_replica

ANN, BEN, EVE = (Keys(bytes([number]) * 32) for number in (1, 2, 3))


async def founded(server: MemoryServer) -> tuple[Member, bytes]:
    """Ann creates a space with her key; gives her, and the key that its list follows from."""
    asked = creation(server.setup_code, person="Ann")
    proof = prove(ANN, secret=asked.setup_code or "", space=asked.space, replica=asked.replica)
    asked = entering.CreateSpace(
        asked.space, "Hut", "Ann", "laptop", asked.replica, asked.setup_code, proof
    )
    way = server.transport()
    joined = await ask(way, routes.CREATE_SPACE, asked)
    return Member(way, joined.space, joined.token, joined.replica), joined.list_key


async def joined(owner: Member, keys: Keys, role: Role = "editor") -> Member:
    secret, replica = await owner.invite(role), some_replica()
    proof = prove(keys, secret=secret, space=owner.space, replica=replica)
    answer = await ask(
        owner.transport,
        routes.JOIN,
        entering.Join(secret, owner.space, "Ben", "phone", replica, proof),
    )
    return Member(owner.transport, owner.space, answer.token, replica)


async def listed(member: Member, root: bytes) -> dict[bytes, str]:
    """Roles by key, as a device that pulls everything folds them."""
    rows = [row for row in (await member.pull()).rows if row.type == MEMBER]
    statements = [read_statement(member.space, row.raw) for row in rows]
    return {
        one.key: one.role for one in fold(root, statements).members.values() if not one.is_revoked
    }


async def test_the_server_signs_who_belongs_and_everybody_can_check(server: MemoryServer) -> None:
    ann, root = await founded(server)
    ben = await joined(ann, BEN, "viewer")

    assert await listed(ann, root) == await listed(ben, root)
    assert await listed(ben, root) == {ANN.public: "owner", BEN.public: "viewer"}


async def test_who_is_shut_out_is_off_the_list_at_once(server: MemoryServer) -> None:
    ann, root = await founded(server)
    ben = await joined(ann, BEN)

    await ann.revoke(ben.replica)
    await ann.revoke(ben.replica)

    assert await listed(ann, root) == {ANN.public: "owner"}
    again = await joined(ann, BEN)
    assert await listed(again, root) == {ANN.public: "owner", BEN.public: "editor"}


async def test_another_role_is_signed_for_peers_to_hold_too(server: MemoryServer) -> None:
    ann, root = await founded(server)
    ben = await joined(ann, BEN, "viewer")

    await ann.change_role(ben.replica, "owner")

    assert await listed(ben, root) == {ANN.public: "owner", BEN.public: "owner"}
    await ben.change_role(ann.replica, "viewer")  # the server signs, for any owner
    assert await listed(ann, root) == {ANN.public: "viewer", BEN.public: "owner"}


async def test_a_lost_token_is_given_once_more_to_nobody_but_the_same_key(
    server: MemoryServer,
) -> None:
    """Who else asks under that replica's id would have shared its token, and nobody had noticed."""
    ann, _ = await founded(server)
    eve = await create_space(server.transport(), None, token=ann.token, person="Eve")
    invite = entering.CreateInvite(ann.space, "editor", 60, uses=2)
    secret, replica = (await ann.ask(routes.CREATE_INVITE, invite)).secret, some_replica()

    def joining(keys: Keys) -> entering.Join:
        proof = prove(keys, secret=secret, space=ann.space, replica=replica)
        return entering.Join(secret, ann.space, "Ben", "phone", replica, proof)

    lost = await ask(ann.transport, routes.JOIN, joining(BEN))
    founding = entering.CreateSpace(ann.space, "Hut", "Ben", "phone", replica)

    with pytest.raises(Refused) as by_invite:
        await ask(ann.transport, routes.JOIN, joining(EVE))
    with pytest.raises(SyncError) as as_owner:
        await ask(ann.transport, routes.CREATE_SPACE, founding, token=eve.token)

    assert (by_invite.value.type, as_owner.value.type) == ("already-member", "space-exists")
    assert (await ask(ann.transport, routes.JOIN, joining(BEN))).token == lost.token


async def test_nobody_enters_under_the_key_of_somebody_else(server: MemoryServer) -> None:
    ann, root = await founded(server)
    secret, replica = await ann.invite("viewer"), some_replica()
    proof = prove(BEN, secret="another", space=ann.space, replica=replica)
    forged = entering.Join(secret, ann.space, "Eve", "phone", replica, proof)
    stolen = entering.Join(
        secret,
        ann.space,
        "Eve",
        "phone",
        replica,
        type(proof)(ANN.public, proof.signature),
    )

    for asked in (forged, stolen):
        with pytest.raises(BadRequest, match="not proved"):
            await ask(ann.transport, routes.JOIN, asked)

    assert await listed(ann, root) == {ANN.public: "owner"}


def signed(by: Keys, space: str, about: Keys, role: Role, version: int = 1) -> m.Row:
    """What a device says of another, as a row of a push."""
    body = Body(about.public, some_replica(), "Cid", "phone", role, False, version, 0)
    raw = write_statement(by, space, body)
    return m.Row(MEMBER, "member", row_hash(raw), raw)


async def test_what_an_owner_signs_counts_and_what_others_sign_does_not(
    server: MemoryServer,
) -> None:
    ann, root = await founded(server)
    ben = await joined(ann, BEN)
    cid, dan = Keys(bytes([3]) * 32), Keys(bytes([4]) * 32)
    known = [row for row in (await ben.pull()).rows if row.type == MEMBER]
    by_ann = signed(ANN, ann.space, cid, "editor")
    by_ben = signed(BEN, ann.space, dan, "owner")
    elsewhere = signed(ANN, "another space", dan, "owner")
    rubbish = m.Row(MEMBER, "member", bytes(32), b"rubbish")

    reply = await ben.push(change(), *known, by_ann, by_ben, elsewhere, rubbish)

    assert (reply.accepted, reply.duplicate) == (2, len(known))
    assert {one.hash: one.type for one in reply.refused} == {
        row.hash: "not-a-member-statement" for row in (by_ben, elsewhere, rubbish)
    }
    with server.db.read() as conn:
        kept = conn.execute("SELECT bytes, sender FROM quarantine ORDER BY id").fetchall()
    assert kept == [(row.raw, ben.replica) for row in (by_ben, elsewhere, rubbish)]
    assert await listed(ann, root) == {
        ANN.public: "owner",
        BEN.public: "editor",
        cid.public: "editor",
    }


async def test_a_role_that_an_owner_signed_far_away_holds_at_the_server(
    server: MemoryServer,
) -> None:
    ann, _ = await founded(server)
    ben = await joined(ann, BEN)

    await ann.push(change(), signed(ANN, ann.space, BEN, "viewer", 2))

    assert (await ben.hello()).role == "viewer"
