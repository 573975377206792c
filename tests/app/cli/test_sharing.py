"""A space on a server, by the command line: its devices, invites and roles, and what is in it."""

from pathlib import Path

from tests.app.cli.conftest import Cairn, Person, keys
from tests.app.cli.serving import Serving


def test_the_devices_of_a_space_are_listed_and_one_is_shut_out(alice: Person, bob: Person) -> None:
    listed = alice("devices", "--json").value
    assert [list(each) for each in listed] == [
        keys("id person device role created_at last_seen_at revoked")
    ] * 2
    assert {(each["person"], each["role"]) for each in listed} == {
        ("Alice", "owner"),
        ("Bob", "editor"),
    }
    assert "phone" in alice("devices").out

    assert alice("role", "phone", "viewer", "--json").value["role"] == "viewer"
    bob("sync")
    assert bob("add", "Rope").status == 1  # a viewer
    assert "is an editor now" in alice("role", "phone", "editor").out
    assert alice("revoke", "phone", "--json").value["revoked"] is True

    shut_out = bob("sync", "--json")
    assert shut_out.status == 1
    assert shut_out.error["type"] == "revoked"


def test_an_invite_opens_the_door_once(alice: Person, cairn: Cairn, tmp_path: Path) -> None:
    link = alice("invite", "--role", "viewer", "--expires", "1h", "--json").value["link"]
    assert link.startswith("cairn://join?")
    assert alice("invite").out.startswith("cairn://join?")
    carol = Person(cairn, tmp_path / "carol")
    assert carol("join", link, "--json").value["role"] == "viewer"

    dave = Person(cairn, tmp_path / "dave")
    again = dave("join", link, "--json")

    assert again.status == 1
    assert again.error["type"]
    assert carol("add", "Not allowed", "--json").status == 1


def test_a_published_space_keeps_what_is_in_it(alice: Person, server: Serving) -> None:
    alice("add", "Mine", "--space", "Personal")

    published = alice("space", "publish", "Personal", "--server", server.url, "--json").value

    assert (published["kind"], published["current"]) == ("hosted", True)
    assert alice("sync", "--space", "Personal", "--json").value["pushed"] == 1


def test_an_item_is_moved_to_another_space_and_points_back(alice: Person) -> None:
    task = alice("add", "Mine", "--space", "Personal", "--json").value

    moved = alice("move", task["id"], "--space", "Hut", "--json").value

    assert (moved["title"], moved["space"]) == ("Mine", "Hut")
    assert alice.sees(task["id"])["trashed"] is True


def test_a_space_is_chosen_by_name(alice: Person) -> None:
    assert alice("space", "use", "Personal", "--json").value["name"] == "Personal"
    assert alice("add", "Mine", "--json").value["space"] == "Personal"
    names = {space["name"]: space["current"] for space in alice("spaces", "--json").value}
    assert names == {"Personal": True, "Hut": False}
