"""Entering spaces and letting others in."""

import pytest

from store.domain.errors import Ambiguous, InvalidValue, NotFound, Refused
from sync.client.link import InviteLink, build_link, parse_link
from sync.errors import InviteRefused, RoleRefused, SyncError, Unreachable
from sync.protocol.wire import WireRequest, WireResponse
from sync.transport.memory import Exchange
from tests.support.pushes import some_space
from tests.sync.client.world import URL, Fault, Person, World


def _lose_reply(path: str, *, times: int = 1) -> Fault:
    left = [times]

    async def fault(request: WireRequest, send: Exchange) -> WireResponse:
        response = await send(request)
        if request.path.endswith(path) and left[0]:
            left[0] -= 1
            raise Unreachable("The reply got lost.")
        return response

    return fault


async def test_a_created_space_is_hosted_current_and_owned(here: World) -> None:
    alice = here.person("alice")

    row = await alice.members.create_space("Hut", URL + "/", here.server.setup_code)

    assert (row.name, row.kind, row.role, row.url, row.is_current) == (
        "Hut",
        "hosted",
        "owner",
        URL,
        True,
    )
    assert [space.name for space in alice.replica.spaces()] == ["Personal", "Hut"]


async def test_an_owner_creates_another_space_there_without_a_code(
    here: World, alice: Person
) -> None:
    row = await alice.members.create_space("Camp", URL)

    assert row.role == "owner"
    assert row.id != here.space


async def test_a_wrong_setup_code_leaves_nothing_behind(here: World) -> None:
    alice = here.person("alice")

    with pytest.raises(InviteRefused):
        await alice.members.create_space("Hut", URL, "WRNG-CODE")

    assert [space.name for space in alice.replica.spaces()] == ["Personal"]


async def test_an_unusable_address_or_name_asks_nobody(here: World) -> None:
    alice = here.person("alice")

    for name, url in [("Hut", "http://cairn.example.org"), ("  ", URL), ("Hut", "nonsense")]:
        with pytest.raises(InvalidValue):
            await alice.members.create_space(name, url, "CODE")

    assert alice.network.asked == []


async def test_a_published_space_takes_along_what_is_in_it(here: World) -> None:
    alice = here.person("alice")
    personal = alice.replica.space()
    here.space = personal.id  # type: ignore[assignment]
    alice.add("Buy rope")

    row = await alice.members.publish("Personal", URL, here.server.setup_code)
    await alice.sync()
    bob = await here.invite("bob", by=alice)

    assert (row.id, row.kind) == (personal.id, "hosted")
    assert bob.titles() == ["Buy rope"]
    here.assert_alike(alice, bob)


async def test_what_is_shared_already_is_not_published_again(alice: Person) -> None:
    with pytest.raises(Refused, match="shared at"):
        await alice.members.publish("Hut", URL)


async def test_a_link_lets_one_device_in(here: World, alice: Person) -> None:
    invited = await alice.members.invite(here.space, role="editor")
    bob, eve = here.person("bob"), here.person("eve")

    row = await bob.members.join(f" {invited.link}\n")
    with pytest.raises(InviteRefused):
        await eve.members.join(invited.link)

    assert (row.name, row.role, row.is_current) == ("Hut", "editor", True)
    assert [space.name for space in eve.replica.spaces()] == ["Personal"]


async def test_a_link_says_what_it_opens(here: World, alice: Person) -> None:
    invited = await alice.members.invite()

    link = parse_link(invited.link)

    assert (link.server, link.space, link.name) == (URL, here.space, "Hut")
    assert invited.expires_at_ms > here.clock.at_ms


async def test_joining_where_one_is_already_is_refused_and_spends_no_invite(
    here: World, alice: Person, bob: Person
) -> None:
    invited = await alice.members.invite()
    bob.network.asked.clear()

    with pytest.raises(Refused, match="already"):
        await bob.members.join(invited.link)

    assert bob.network.asked == []
    carol = here.person("carol")
    await carol.members.join(invited.link)


async def test_a_lost_reply_to_joining_is_asked_for_again(here: World, alice: Person) -> None:
    invited = await alice.members.invite()
    bob = here.person("bob")
    bob.network.fault = _lose_reply("join")

    await bob.members.join(invited.link)
    await bob.sync()

    assert len(await alice.members.devices()) == 2


async def test_a_lost_reply_to_creating_is_asked_for_again(here: World) -> None:
    alice = here.person("alice")
    alice.network.fault = _lose_reply("spaces")

    row = await alice.members.create_space("Hut", URL, here.server.setup_code)
    here.space = row.id  # type: ignore[assignment]

    assert (await alice.sync()).state == "synced"


async def test_a_server_that_does_not_answer_is_given_up_and_nothing_changed(
    here: World, alice: Person
) -> None:
    invited = await alice.members.invite()
    bob = here.person("bob")
    bob.network.is_down = True

    with pytest.raises(Unreachable):
        await bob.members.join(invited.link)

    assert len(bob.network.asked) > 1
    assert [space.name for space in bob.replica.spaces()] == ["Personal"]
    bob.network.is_down = False
    await bob.members.join(invited.link)


async def test_a_home_that_forgot_a_space_comes_back_as_a_device_of_its_own(
    here: World, alice: Person
) -> None:
    bob = here.person("bob")
    before_joining = bob.back_up()
    await bob.members.join((await alice.members.invite()).link)
    await bob.sync()
    bob.add("By Bob")
    await bob.sync()
    bob.restore(before_joining)

    await bob.members.join((await alice.members.invite()).link)
    await bob.sync()

    assert bob.titles() == ["By Bob"]
    assert len(await alice.members.devices()) == 3


async def test_a_link_to_another_servers_space_is_unknown_here(here: World, alice: Person) -> None:
    bob = here.person("bob")

    with pytest.raises(InviteRefused):
        await bob.members.join(build_link(InviteLink(URL, some_space(), "s" * 43, "Else")))


async def test_only_owners_invite_and_revoke(here: World, alice: Person, bob: Person) -> None:
    with pytest.raises(RoleRefused):
        await bob.members.invite()
    with pytest.raises(RoleRefused):
        await bob.members.revoke("alices laptop")


async def test_an_owner_lets_a_viewer_write_and_what_was_refused_flows(
    here: World, alice: Person, bob: Person
) -> None:
    await alice.members.change_role("bobs laptop", "viewer")
    bob.add("Written as an editor")  # he has not heard yet
    await bob.sync()
    assert len(bob.parked()) == 1
    with pytest.raises(Refused, match="viewer"):
        bob.add("Not allowed")

    changed = await alice.members.change_role("bobs laptop", "editor")
    await here.settle()

    assert (changed.device, changed.role) == ("bobs laptop", "editor")
    assert alice.titles() == ["Written as an editor"]


async def test_only_an_owner_changes_roles(here: World, alice: Person, bob: Person) -> None:
    with pytest.raises(RoleRefused):
        await bob.members.change_role("alices laptop", "viewer")
    with pytest.raises(SyncError, match="only owner"):
        await alice.members.change_role("alices laptop", "viewer")


async def test_a_space_on_this_device_only_has_no_members(here: World) -> None:
    alice = here.person("alice")

    for ask in (alice.members.invite, alice.members.devices):
        with pytest.raises(Refused, match="publish"):
            await ask("Personal")


async def test_devices_are_listed_with_their_people(alice: Person, bob: Person) -> None:
    listed = await bob.members.devices()

    assert [(device.person, device.device, device.role) for device in listed] == [
        ("Alice", "alices laptop", "owner"),
        ("Bob", "bobs laptop", "editor"),
    ]


@pytest.mark.parametrize("how", ["id", "start", "name"])
async def test_a_device_is_revoked_by_its_id_a_start_of_it_or_its_name(
    here: World, alice: Person, bob: Person, how: str
) -> None:
    replica = bob.replica.identity.replica_id
    named = {"id": replica, "start": replica[:9], "name": "BOBS laptop"}[how]

    gone = await alice.members.revoke(named)

    assert (gone.id, gone.revoked) == (replica, True)
    assert (await bob.engine.sync_until_quiet(here.space)).state == "attention"


async def test_a_device_that_is_not_there_or_not_the_only_one_is_not_revoked(
    here: World, alice: Person, bob: Person
) -> None:
    carol = await here.invite("carol", by=alice)
    carol.replica.set_identity(device="same")
    with pytest.raises(NotFound, match="cairn devices"):
        await alice.members.revoke("nobody's phone")
    with pytest.raises(Ambiguous):
        await alice.members.revoke("r")


async def test_the_last_owner_stays(here: World, alice: Person) -> None:
    with pytest.raises(SyncError, match="owner"):
        await alice.members.revoke("alices laptop")

    assert (await alice.sync()).state == "synced"
