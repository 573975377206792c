"""Who may ask the authority for what, and how much of it at once and in all."""

from functools import partial

import msgspec
import pytest

from store.domain.ids import SpaceId
from store.domain.ledger import commands as c
from store.domain.ledger.facts import LeaseSet
from store.domain.ledger.policies import Policy
from store.ledger.command_codec import asked_form
from sync.errors import AuthRefused, BadRequest, Refused, RoleRefused, SyncError, TooLarge
from sync.protocol import routes
from sync.protocol.ledger import COMMANDS_MAX, Asked, Commands
from tests.support.asking import Member, acts, refused
from tests.support.ledger_ids import new
from tests.support.memory_server import MemoryServer
from tests.sync.commanding import facts_of, item


@pytest.fixture
def server(still_server: MemoryServer) -> MemoryServer:
    return still_server


async def test_a_viewer_asks_for_nothing(alice: Member, vera: Member) -> None:
    tent = await item(alice, "pessimistic")
    before = await acts(alice)

    await refused("role", RoleRefused, partial(vera.command, c.Reserve(new("v"), tent, 1)))

    assert await acts(alice) == before


async def test_whoever_was_shut_out_asks_for_nothing_and_gets_no_more_quota(
    alice: Member, bob: Member
) -> None:
    tent = await item(alice, "escrow", 9)
    await bob.command(c.TakeQuota(new("x"), tent, 2))
    await alice.revoke(bob.replica)

    await refused("revoked", AuthRefused, partial(bob.command, c.TakeQuota(new("x"), tent, 2)))
    (moved,) = await alice.command(c.MoveQuota(new("x"), tent, 1, bob.replica))

    leases = [fact.lease for fact in facts_of(await acts(alice)) if isinstance(fact, LeaseSet)]
    assert [(one.holder, one.state) for one in leases] == [
        (bob.replica, "open"),
        (bob.replica, "revoked"),
    ]
    assert not moved.ok


async def test_a_quota_is_handed_over_to_a_device_that_is_inside(
    alice: Member, bob: Member
) -> None:
    tent = await item(alice, "escrow", 9)
    await alice.command(c.TakeQuota(new("x"), tent, 3))

    (moved,) = await alice.command(c.MoveQuota(new("x"), tent, 2, bob.replica))
    (spent,) = await bob.command(c.Reserve(new("v"), tent, 2, is_certain=True))
    (too_much,) = await alice.command(c.MoveQuota(new("x"), tent, 2, bob.replica))

    assert (moved.ok, spent.ok) == (True, True)
    assert (too_much.ok, too_much.type) == (False, "insufficient")


async def test_another_space_is_none_of_ones_business(server: MemoryServer, alice: Member) -> None:
    other = Member(alice.transport, SpaceId("s" + "a" * 26), alice.token, alice.replica)

    with pytest.raises(SyncError) as no:
        await other.command(c.Settle(new("i")))

    assert no.value.type == "unknown-space"


async def test_a_batch_is_bounded(alice: Member) -> None:
    tent = await item(alice, "pessimistic")
    asked = [c.Settle(tent)] * COMMANDS_MAX
    assert len(await alice.command(*asked)) == COMMANDS_MAX

    await refused("too-large", TooLarge, partial(alice.command, *asked, c.Settle(tent)))
    await refused("malformed", BadRequest, alice.command)
    await refused("malformed", BadRequest, partial(alice.command, c.Settle(tent), keys=["k1"]))


async def test_a_command_that_this_server_does_not_know_decides_nothing_of_its_batch(
    alice: Member,
) -> None:
    class Explode(msgspec.Struct, tag="explode"):
        item: str

    tent = await item(alice, "pessimistic")
    known = Asked(new("k"), asked_form(c.Settle(tent)))
    strange = Asked(new("k"), Explode(tent))  # type: ignore[arg-type]
    before = await acts(alice)

    asked = Commands(alice.space, [known, strange])
    await refused("malformed", BadRequest, partial(alice.ask, routes.COMMANDS, asked))

    assert await acts(alice) == before


async def test_what_a_space_keeps_is_bounded(
    alice: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sync.server import authority

    monkeypatch.setitem(authority._ROOM, c.AddItem, ("stock WHERE space = ?", 1, "items"))
    await item(alice, "pessimistic")

    (decision,) = await alice.command(c.AddItem(new("i"), "Rope", 1, Policy("cas")))

    assert (decision.ok, decision.type) == (False, "limit")


async def test_what_a_space_keeps_is_bounded_within_a_batch_too(
    alice: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sync.server import authority

    monkeypatch.setitem(authority._ROOM, c.AddItem, ("stock WHERE space = ?", 2, "items"))
    asked = [
        c.AddItem(new("i"), name, 1, Policy("cas")) for name in ("Tent", "Tent", "Rope", "Car")
    ]

    decided = await alice.command(*asked)

    assert [one.type or one.ok for one in decided] == [True, "refused", True, "limit"]


async def test_a_holder_of_the_space_that_is_no_authority_says_so(
    server: MemoryServer, alice: Member
) -> None:
    server.service.authority = None

    await refused("no-ledger", Refused, partial(alice.command, c.Settle(new("i"))))
