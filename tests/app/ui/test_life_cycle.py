"""What the app does when the system hides it, shows it, and hands it a link."""

from pathlib import Path

import flet as ft
import pytest

from app.ui.life_cycle import LifeCycle
from app.ui.opened_link import invitation_in
from store.domain.ids import DocId, new_space_id
from store.replica import Replica
from sync.client.link import InviteLink, build_link
from tests.support.flet_harness import Tab, open_replica

LEAVING = ("hide", "inactive", "pause", "detach")
LINK = build_link(InviteLink("https://hut.example.org", new_space_id(bytes(16)), "secret", "Hut"))


def typed(tab: Tab, replica: Replica) -> DocId:
    """Keep a draft, as a text box does; gives the note."""
    note = replica.add_note("Plan")
    _, base = tab.core.drafts.load(note)
    tab.core.drafts.save("box", note, "Water is at the hut.", base)
    return note


async def state(tab: Tab, name: str) -> None:
    await tab.fire(tab.page, "app_lifecycle_state_change", {"state": name})


@pytest.mark.parametrize("leaving", LEAVING)
async def test_who_leaves_finds_what_was_typed_among_the_changes(
    tab: Tab, replica: Replica, leaving: str
) -> None:
    note = typed(tab, replica)
    before = replica.digest().changes

    await state(tab, leaving)

    await tab.until(lambda: replica.digest().changes == before + 1)
    assert replica.note(note).body == "Water is at the hut."


async def test_who_comes_back_gets_a_round_at_once(tab: Tab) -> None:
    await state(tab, "hide")
    assert tab.sync.retries == 0

    await state(tab, "show")

    await tab.until(lambda: tab.sync.retries == 1)


@pytest.mark.parametrize("saving", [True, False])
async def test_a_device_that_saves_its_battery_is_synced_sparingly(tab: Tab, saving: bool) -> None:
    async def ask() -> bool:
        return saving

    life = LifeCycle(tab.core, ask)

    await life.began()
    assert tab.sync.saving is saving
    assert tab.sync.retries == 0

    await life.shown()
    assert tab.sync.retries == 1


@pytest.mark.parametrize("platform", ["android", "ios"])
async def test_a_phone_is_asked_for_its_battery_whenever_the_app_is_shown(
    replica: Replica, platform: str
) -> None:
    tab = await Tab.open(replica, platform=platform)
    tab.answers["is_in_battery_save_mode"] = True
    await state(tab, "show")
    await tab.until(lambda: tab.sync.saving)

    tab.answers["is_in_battery_save_mode"] = False
    await state(tab, "show")
    await tab.until(lambda: not tab.sync.saving)

    assert tab.crashes == []
    await tab.close()


async def test_whatever_is_drawn_keeps_clear_of_the_camera_and_the_bar_of_gestures(
    tab: Tab,
) -> None:
    outermost = next(each for each in tab.controls() if not isinstance(each, ft.View))

    assert isinstance(outermost, ft.SafeArea)
    sides = ("left", "top", "right", "bottom")
    assert all(getattr(outermost, f"avoid_intrusions_{side}") for side in sides)


@pytest.mark.parametrize(
    ("route", "link"),
    [
        (LINK, LINK),
        ("/?" + LINK.partition("?")[2], LINK),
        ("/join?" + LINK.partition("?")[2], LINK),
        ("/", ""),
        ("", ""),
        ("/notes?server=https%3A%2F%2Fhut.example.org", ""),
        ("cairn://join?server=nonsense", "cairn://join?server=nonsense"),
    ],
)
def test_an_invite_link_is_found_however_the_system_hands_it_over(route: str, link: str) -> None:
    assert invitation_in(route) == link


async def test_a_link_is_shown_for_a_person_to_decide_and_joins_nothing(
    tab: Tab, replica: Replica
) -> None:
    await tab.fire(tab.page, "route_change", {"route": LINK})

    await tab.text("An invitation")
    field = await tab.until(lambda: tab.find(ft.TextField, label="Invite link or code"))
    assert field.value == LINK
    assert [space.name for space in replica.spaces()] == ["Personal"]


async def test_the_app_may_be_started_with_a_link(replica: Replica) -> None:
    tab = await Tab.open(replica, invitation=LINK)

    await tab.text("An invitation")
    assert tab.core.invitation == "", "the next tab is an ordinary one"
    await tab.close()


async def test_a_new_home_finds_the_link_on_its_way_to_others(tmp_path: Path) -> None:
    with open_replica(tmp_path / "home") as replica:
        tab = await Tab.open(replica, invitation=LINK)
        await tab.press("Next")

        field = await tab.until(lambda: tab.find(ft.TextField, label="Invite link or code"))
        assert field.value == LINK
        assert tab.find_all(ft.AlertDialog) == []
        await tab.close()
