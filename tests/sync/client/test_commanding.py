"""Supplies and money by way of a real server: each wish has one effect, whatever happens to it."""

from dataclasses import replace

import pytest
from msgspec import structs

from store.domain.errors import Refused
from store.domain.ledger.policies import Policy
from sync.errors import BadRequest, Unreachable
from sync.protocol.ledger import Decisions
from sync.protocol.wire import WireRequest, WireResponse
from sync.transport.memory import Exchange
from tests.sync.client.disturbing import Once, reply_lost
from tests.sync.client.ledgers import books, everybody, states, waiting
from tests.sync.client.world import Person, World, edited


async def _passed(request: WireRequest, send: Exchange) -> WireResponse:
    return await send(request)


async def test_what_one_puts_in_stock_the_other_reserves_and_both_see_the_same(
    here: World, alice: Person, bob: Person
) -> None:
    alice.replica.add_item("Tent", 3, Policy("oversell"))
    await everybody(here)

    reservation = bob.replica.reserve("Tent", 2)
    assert bob.replica.status(here.space).pending == 1
    await everybody(here)

    assert states(bob) == states(alice) == {reservation: "confirmed"}
    assert books(alice) == books(bob)
    row = alice.replica.supply("Tent")
    assert (row.available, row.reserved, row.is_asked) == (1, 0, False)
    assert row.known_at_ms is not None
    assert bob.replica.status(here.space).pending == 0


async def test_the_last_tent_goes_to_one_and_the_other_is_told_why(
    here: World, alice: Person, bob: Person
) -> None:
    alice.replica.add_item("Tent", 1, Policy("oversell", oversell_percent=0))
    await everybody(here)
    first, second = alice.replica.reserve("Tent", 1), bob.replica.reserve("Tent", 1)

    await everybody(here)

    assert states(alice)[first] == "confirmed"
    assert states(bob)[second] == "rejected"
    (notice,) = bob.replica.notices()
    assert notice.kind == "refused"
    assert bob.replica.status(here.space).conflicts == 1


@pytest.mark.parametrize("number", range(5))
async def test_a_reply_that_gets_lost_anywhere_reserves_nothing_twice(
    here: World, alice: Person, number: int
) -> None:
    alice.replica.add_item("Tent", 5, Policy("oversell"))
    alice.replica.add_budget("Food", "EUR")
    await alice.sync()
    alice.replica.reserve("Tent", 2)
    alice.replica.deposit("Food", "10")
    alice.network.fault = Once(number, reply_lost)

    await alice.sync()
    await alice.sync()

    assert alice.replica.supply("Tent").available == 3
    assert alice.replica.budget("Food").available == 1_000
    assert waiting(alice) == 0


async def test_what_is_asked_for_offline_waits_and_is_sent_when_the_network_is_back(
    here: World, alice: Person, bob: Person
) -> None:
    alice.replica.add_item("Tent", 5, Policy("escrow"))
    await everybody(here)
    bob.replica.take_quota("Tent", 2)
    await everybody(here)
    bob.network.is_down = True
    certain, asked = bob.replica.reserve("Tent", 2), bob.replica.reserve("Tent", 1)

    result = await bob.engine.sync_until_quiet(here.space)

    assert isinstance(result.error, Unreachable)
    assert states(bob) == {certain: "certain", asked: "requested"}
    bob.restart()
    bob.network.is_down = False
    await everybody(here)
    assert states(bob) == {certain: "confirmed", asked: "confirmed"}
    assert alice.replica.supply("Tent").available == 2


async def test_pessimistic_is_decided_at_once_or_refused_and_nothing_is_kept(
    here: World, alice: Person
) -> None:
    alice.replica.add_item("Key", 2, Policy("pessimistic"))
    await alice.sync()
    got = alice.replica.reserve("Key", 1)
    await alice.sync()
    alice.network.is_down = True
    missed = alice.replica.reserve("Key", 1)

    await alice.engine.sync_until_quiet(here.space)

    assert states(alice) == {got: "confirmed", missed: "rejected"}
    alice.network.is_down = False
    await alice.sync()
    assert alice.replica.supply("Key").available == 1


async def test_who_gave_up_unanswered_and_asks_again_gets_the_last_one(
    here: World, alice: Person
) -> None:
    """The answer is lost, the device says that there was none, the person asks once more."""
    alice.replica.add_item("Key", 1, Policy("pessimistic"))
    await alice.sync()

    async def cut_off_when_decided(request: WireRequest, send: Exchange) -> WireResponse:
        alice.network.is_down = request.path.endswith("/commands")
        return await (reply_lost if alice.network.is_down else _passed)(request, send)

    alice.network.fault = cut_off_when_decided
    given_up = alice.replica.reserve("Key", 1)
    await alice.engine.sync_until_quiet(here.space)
    assert states(alice) == {given_up: "rejected"}
    again = alice.replica.reserve("Key", 1)
    assert states(alice)[again] == "requested"

    alice.network.fault, alice.network.is_down = None, False
    await alice.sync()

    assert states(alice) == {given_up: "released", again: "confirmed"}
    assert waiting(alice) == 0
    (told,) = alice.replica.notices()
    assert (told.about, told.reason.partition(";")[0]) == (
        given_up,
        "It can be reserved only while the server answers",
    )


async def test_two_compare_and_set_at_once_and_both_get_theirs(
    here: World, alice: Person, bob: Person
) -> None:
    alice.replica.add_item("Seat", 4, Policy("cas"))
    await everybody(here)
    mine, theirs = alice.replica.reserve("Seat", 1), bob.replica.reserve("Seat", 1)

    await everybody(here)

    assert states(alice) == states(bob) == {mine: "confirmed", theirs: "confirmed"}


async def test_a_hold_expires_at_the_server_and_the_device_learns_it(
    here: World, alice: Person
) -> None:
    alice.replica.add_item("Tent", 2, Policy("reservation"))
    reservation = alice.replica.reserve("Tent", 2)
    await alice.sync()
    assert alice.replica.supply("Tent").available == 0

    here.clock.at_ms += 600_001
    here.server.run_jobs()
    await alice.sync()

    assert states(alice) == {reservation: "expired"}
    assert alice.replica.supply("Tent").available == 2
    assert alice.replica.reservation(reservation).reason == "It was not confirmed in time."
    assert alice.replica.notices() == [], "its end was told beforehand: nothing was taken back"


async def test_a_home_that_was_copied_hands_out_nothing_by_itself(
    here: World, alice: Person
) -> None:
    alice.replica.add_item("Tent", 5, Policy("escrow"))
    await alice.sync()
    alice.replica.take_quota("Tent", 3)
    await alice.sync()
    copy = here.person("copy", alice.back_up())
    alice.add("Buy rope")
    await alice.sync()
    copy.add("Buy wax")

    await copy.sync()

    assert copy.replica.supply("Tent").quota == 0
    row = copy.replica.reservation(copy.replica.reserve("Tent", 1))
    assert row.state == "requested"
    assert alice.replica.reservation(alice.replica.reserve("Tent", 1)).state == "certain"


async def test_a_viewer_is_refused_beforehand_and_who_became_one_keeps_what_waits(
    here: World, alice: Person, bob: Person
) -> None:
    alice.replica.add_item("Tent", 5, Policy("oversell"))
    await everybody(here)
    reservation = bob.replica.reserve("Tent", 1)
    here.set_role(bob, "viewer")

    result = await bob.sync()

    assert result.is_quiet
    assert states(bob) == {reservation: "requested"}
    assert waiting(bob) == 1
    with pytest.raises(Refused, match="viewer"):
        bob.replica.reserve("Tent", 1)
    here.set_role(bob, "editor")
    await bob.sync()
    assert states(bob) == {reservation: "confirmed"}


async def test_who_joins_later_has_the_whole_ledger(here: World, alice: Person) -> None:
    alice.replica.add_item("Tent", 5, Policy("oversell"))
    alice.replica.reserve("Tent", 2)
    await alice.sync()

    bob = await here.invite("bob", by=alice)

    assert books(bob) == books(alice)
    assert bob.replica.supply("Tent").available == 3


async def test_a_quiet_round_asks_for_nothing_more_than_before(here: World, alice: Person) -> None:
    alice.replica.add_item("Tent", 5, Policy("oversell"))
    await alice.sync()
    await alice.sync()
    alice.network.asked.clear()

    await alice.once()

    assert alice.network.asked == ["hello", "pull"]


async def test_a_command_that_was_damaged_on_its_way_is_sent_again_and_not_refused(
    here: World, alice: Person, bob: Person
) -> None:
    """World 186: the wish was given up for good, with the advice to send it again."""
    alice.replica.add_item("Tent", 3, Policy("reservation"))
    await everybody(here)
    damaged: list[str] = []

    async def damage_once(request: WireRequest, send: Exchange) -> WireResponse:
        if request.path.endswith("commands") and not damaged:
            damaged.append(request.path)
            request = replace(request, body=request.body[:-1] + bytes([request.body[-1] ^ 1]))
        return await send(request)

    bob.network.fault = damage_once
    reservation = bob.replica.reserve("Tent", 1)
    await bob.sync()
    await everybody(here)

    assert damaged
    assert states(bob) == states(alice) == {reservation: "confirmed"}


async def test_a_server_that_decides_nothing_of_what_it_is_asked_is_asked_once_a_round(
    here: World, alice: Person
) -> None:
    async def undecided(request: WireRequest, send: Exchange) -> WireResponse:
        response = await send(request)
        if not request.path.endswith("commands"):
            return response
        assert alice.network.asked.count("commands") < 9, "it is asked for ever"
        return edited(response, Decisions, lambda reply: structs.replace(reply, decisions=[]))

    alice.replica.add_item("Tent", 3, Policy("oversell"))
    alice.network.fault = undecided

    with pytest.raises(BadRequest, match="leads nowhere"):
        await alice.once()

    assert alice.network.asked.count("commands") == 1
    assert waiting(alice) == 1
