"""Who is in a space, from the settings: inviting, roles, shutting out, and handing a quota over."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import flet as ft
import pytest

from app.ui.first_run import finish_first_run
from store.commands.patches import NewTask
from store.domain.ledger.policies import Policy
from store.replica import Replica
from sync.client.engine import Engine
from sync.client.membership import Membership
from sync.protocol.entering import Device
from sync.transport.http import HttpTransport
from tests.support.flet_harness import Tab, open_replica
from tests.support.server import running_server


@pytest.fixture
def ann(tmp_path: Path) -> Iterator[Replica]:
    with open_replica(tmp_path / "ann", "Ann", "laptop") as opened:
        finish_first_run(opened)
        yield opened


def members_of(replica: Replica) -> Membership:
    return Membership(replica, HttpTransport)


async def synced(replica: Replica) -> None:
    """Run rounds until all is quiet."""
    engine = Engine(replica, HttpTransport)
    result = await engine.sync_until_quiet()
    await engine.aclose()
    assert result.error is None


async def devices(replica: Replica) -> dict[str, Device]:
    return {each.person: each for each in await members_of(replica).devices()}


@pytest.fixture
async def bea(ann: Replica, tmp_path: Path) -> AsyncIterator[Replica]:
    """Bea, who has joined Ann's space on a real server."""
    with running_server(tmp_path) as server, open_replica(tmp_path / "bea", "Bea", "phone") as home:
        await members_of(ann).create_space("Trip", server.url, server.setup_code)
        await members_of(home).join((await members_of(ann).invite()).link)
        yield home


async def test_an_owner_invites_changes_a_role_and_shuts_out(ann: Replica, bea: Replica) -> None:
    tab = await Tab.open(ann)
    await tab.go("Settings")
    await tab.press("Invite of Trip")
    await tab.press("Viewer: reads only")
    await tab.press("Make an invite")
    await tab.until(
        lambda: tab.find(ft.Image, semantics_label="QR code of the invite link to Trip")
    )
    link = str(tab.find(ft.TextField, label="Invite link to Trip").value)
    assert "viewer" not in link, "what it may do stands at the server"

    await tab.press("Devices of Trip")
    await tab.text("Bea on phone")
    await tab.text("editor")
    await tab.press("Make it a viewer")
    await tab.text("Bea on phone is a viewer of Trip now.")
    await tab.text("viewer · ")
    assert (await devices(ann))["Bea"].role == "viewer"
    await tab.key("Z", ctrl=True)
    await tab.text("Undone: what a device may do")
    await tab.text("editor · ")
    assert (await devices(ann))["Bea"].role == "editor"

    asking = await tab.press_asking("Shut out Bea on phone")
    await tab.text("It gets nothing new of Trip")
    await tab.fire(tab.find(ft.FilledButton, content="Shut out"), "click")
    await asking
    await tab.text("Bea on phone is shut out of Trip.")
    assert (await devices(ann))["Bea"].revoked
    await tab.key("Z", ctrl=True)
    await tab.text("Shutting out can't be undone")
    await tab.close()


async def test_a_quota_is_handed_over_to_another_device_and_a_lost_one_is_written_off(
    ann: Replica, bea: Replica
) -> None:
    ann.add_item("Tent", 4, Policy("escrow"))
    await synced(ann)
    ann.take_quota("Tent", 3)
    await synced(ann)
    tab = await Tab.open(ann)
    await tab.go("Supplies")
    await tab.open_row("Tent")
    await tab.text("This device may hand out 3")
    await tab.type("Pieces", "2")
    asking = await tab.press_asking("Hand over…")
    await tab.press("Bea on phone")
    await asking
    await tab.text("2 × Tent go over to Bea on phone.")
    for one in (ann, bea):
        await synced(one)
    assert (ann.supply("Tent").quota, bea.supply("Tent").quota) == (1, 2)

    await tab.press("What owners may do")
    asking = await tab.press_asking("A lost device…")
    await tab.press("Bea on phone")
    await tab.press("Take it back")
    await asking
    await tab.text("It is asked for.")
    for one in (ann, bea):
        await synced(one)
    assert bea.supply("Tent").quota == 0
    await tab.close()


async def test_a_local_space_is_published_in_the_app_and_joined_by_its_link_in_another(
    ann: Replica, tmp_path: Path
) -> None:
    ann.add_task(NewTask("Buy rope"))
    with running_server(tmp_path) as server, open_replica(tmp_path / "bea", "Bea", "phone") as home:
        finish_first_run(home)
        tab, other = await Tab.open(ann), await Tab.open(home)
        await tab.go("Settings")
        await tab.type("Server address", server.url)
        await tab.type("Setup code", "not this one")
        await tab.press("Publish Personal instead")
        await tab.until(lambda: tab.find_all(ft.SnackBar))
        assert ann.space().url is None, "a wrong code publishes nothing"
        await tab.type("Setup code", str(server.setup_code))
        await tab.press("Publish Personal instead")
        await tab.text("Personal is on its server now, with all that is in it.")
        await synced(ann)
        await tab.press("Invite of Personal")
        await tab.press("Make an invite")
        link = await tab.until(
            lambda: tab.find(ft.TextField, label="Invite link to Personal").value
        )

        await other.go("Settings")
        await other.type("Invite link or code", link)
        await other.press("Join")
        await other.text("Joined Personal as editor.")
        await synced(home)
        await other.go("Tasks")
        await other.text("Buy rope")
        for each in (tab, other):
            await each.close()
