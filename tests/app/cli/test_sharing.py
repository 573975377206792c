"""Two homes and a server, all by the command line: what scripts do to share a space."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.cli import progress
from tests.app.cli.conftest import Cairn, Person, keys

RESULT = keys("state pushed pulled parked conflicts rounds bytes_sent bytes_received duration_ms")


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    url: str
    setup_code: str
    process: subprocess.Popen[bytes]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server of its own, on any free port of this computer."""
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "serve", "--listen", "127.0.0.1:0", "--json"],
        env={**os.environ, "CAIRN_HOME": str(tmp_path / "server")},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    ready = json.loads(process.stdout.readline())
    assert set(ready) == {"ready", "url", "setup_code"}
    yield Server(ready["url"], ready["setup_code"], process)
    process.terminate()
    assert process.wait(timeout=30) == 0
    assert process.stdout.read() == b"", "something after the ready line"
    process.stdout.close()


@pytest.fixture
def alice(cairn: Cairn, tmp_path: Path, server: Server) -> Person:
    """Alice, who has made the space Hut on the server."""
    alice = Person(cairn, tmp_path / "alice")
    alice("whoami", "--name", "Alice", "--device", "laptop")
    made = alice(
        *("space", "create", "Hut", "--server", server.url),
        *("--setup-code", server.setup_code, "--json"),
    ).value
    assert (made["name"], made["role"], made["current"]) == ("Hut", "owner", True)
    return alice


@pytest.fixture
def bob(cairn: Cairn, tmp_path: Path, alice: Person) -> Person:
    """Bob, whom Alice has invited to Hut."""
    bob = Person(cairn, tmp_path / "bob")
    bob("whoami", "--name", "Bob", "--device", "phone")
    link = alice("invite", "--role", "editor", "--json").value["link"]
    joined = bob("join", link, "--json").value
    assert (joined["name"], joined["role"], joined["current"]) == ("Hut", "editor", True)
    return bob


def both_sync(*people: Person) -> None:
    """Let everybody sync until all have everything."""
    for person in (*people, *people):
        assert person("sync", "--json").status in (0, 4)


def test_what_one_adds_the_other_sees_after_both_have_synced(alice: Person, bob: Person) -> None:
    task = alice("add", "Buy rope", "--json").value
    assert task["sync"] == "pending"

    pushed = alice("sync", "--json")
    assert pushed.status == 0
    assert list(pushed.value) == RESULT
    assert (pushed.value["state"], pushed.value["pushed"]) == ("synced", 1)
    pulled = bob("sync", "--json").value

    assert pulled["pulled"] == 1
    assert bob.sees(task["id"])["title"] == "Buy rope"
    assert alice.sees(task["id"])["sync"] == "synced"
    assert alice("digest", "--json").value == bob("digest", "--json").value


def test_an_item_says_where_it_is(alice: Person, bob: Person) -> None:
    both_sync(bob, alice)
    task = alice("add", "Buy rope", "--json").value["id"]
    told = alice.sees(task)["confirmed"]
    assert isinstance(told, dict)
    assert (told["server"], [each["confirmed"] for each in told["devices"]]) == (False, [False])

    both_sync(alice, bob)

    told = alice.sees(task)["confirmed"]
    assert isinstance(told, dict)
    (phone,) = told["devices"]
    assert (told["this_device"], told["server"]) == (True, True)
    assert (phone["person"], phone["device"], phone["confirmed"]) == ("Bob", "phone", True)
    assert phone["at"].endswith("Z")
    assert "On the server, on Bob's phone." in alice("show", task).out


def test_a_conflict_is_shown_to_both_and_settled_by_one_for_both(
    alice: Person, bob: Person
) -> None:
    task = alice("add", "Buy rope", "--json").value["id"]
    both_sync(alice, bob)
    alice("edit", task, "--due", "2027-03-01")
    bob("edit", task, "--due", "2027-04-01")
    both_sync(alice, bob)

    synced = alice("sync", "--json")
    assert synced.status == 4
    assert synced.value["conflicts"] == 1
    (conflict,) = alice("conflicts", "--json").value
    assert bob("conflicts", "--json").value == [conflict]
    assert [side["value"] for side in conflict["sides"]] == ["2027-03-01", "2027-04-01"] or [
        side["value"] for side in conflict["sides"]
    ] == ["2027-04-01", "2027-03-01"]
    assert {side["author"] for side in conflict["sides"]} == {"Alice", "Bob"}

    settled = bob("resolve", conflict["id"][:10], "--value", "1 may 2027", "--json")
    assert settled.value["due"] == "2027-05-01"
    both_sync(bob, alice)

    assert alice("conflicts", "--json").value == []
    (told,) = alice("conflicts", "--settled", "--json").value
    assert (told["settled"]["by"], told["settled"]["value"]) == ("Bob", "2027-05-01")
    assert alice.sees(task)["due"] == "2027-05-01"

    assert alice("unresolve", told["id"], "--json").value["id"] == task
    assert len(alice("conflicts", "--json").value) == 1


def test_taking_a_side_by_its_number_settles_on_it(alice: Person, bob: Person) -> None:
    task = alice("add", "Buy rope", "--json").value["id"]
    both_sync(alice, bob)
    alice("edit", task, "--priority", "high")
    bob("edit", task, "--priority", "low")
    both_sync(alice, bob)
    (conflict,) = alice("conflicts", "--json").value

    taken = alice("resolve", conflict["id"], "--take", "1", "--json").value

    assert taken["priority"] == conflict["sides"][1]["value"]
    assert alice("resolve", conflict["id"], "--take", "1", "--json").error["type"] == "refused"


def test_a_value_that_the_field_cannot_hold_settles_nothing(alice: Person, bob: Person) -> None:
    task = alice("add", "Buy rope", "--json").value["id"]
    both_sync(alice, bob)
    alice("edit", task, "--priority", "high")
    bob("edit", task, "--priority", "low")
    both_sync(alice, bob)
    (conflict,) = alice("conflicts", "--json").value

    assert alice("resolve", conflict["id"], "--value", "urgent").status == 2
    assert alice("resolve", conflict["id"], "--take", "7").status == 1
    assert len(alice("conflicts", "--json").value) == 1
    assert alice("resolve", conflict["id"], "--value", "none", "--json").value["priority"] is None


def test_a_passage_is_settled_with_a_text_from_a_file(
    alice: Person, bob: Person, tmp_path: Path
) -> None:
    file = tmp_path / "text.md"
    file.write_text("Meet at eight.", encoding="utf-8")
    note = alice("note", "Plan", "--body", str(file), "--json").value["id"]
    both_sync(alice, bob)
    for person, text in ((alice, "Meet at nine."), (bob, "Meet at eight, at the hut.")):
        file.write_text(text, encoding="utf-8")
        person("edit", note, "--body", str(file))
    both_sync(alice, bob)
    (conflict,) = bob("conflicts", "--json").value
    assert conflict["kind"] == "passage"

    file.write_text("Meet at nine, at the hut.", encoding="utf-8")
    settled = bob("resolve", conflict["id"], "--file", str(file), "--json").value

    assert settled["body"] == "Meet at nine, at the hut."
    assert bob("conflicts", "--json").value == []


def test_a_long_sync_tells_how_far_it_is_on_standard_error(
    alice: Person, bob: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sent in parts of 500 changes, each of which is told where there was time for it."""
    many = tmp_path / "many.txt"
    many.write_text("".join(f"Task {number}\n" for number in range(700)))
    alice("import", str(many), "--format", "todotxt")
    monkeypatch.setattr(progress, "SILENT_S", 0.0)
    monkeypatch.setattr(progress, "FILE_STEP_S", 0.0)

    sent, taken, idle = alice("sync", "--json"), bob("sync", "--json"), bob("sync", "--json")

    assert sent.err.splitlines()[:2] == ["Syncing … 500 of 1400", "Syncing … 1000 of 1400"]
    assert sent.value["pushed"] == taken.value["pulled"] == 1400  # two for each task
    assert taken.err.splitlines()[-1] == "Syncing … 700"
    assert idle.err == ""


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
    assert "is now editor" in alice("role", "phone", "editor").out
    assert alice("revoke", "phone", "--json").value["revoked"] is True

    shut_out = bob("sync", "--json")
    assert shut_out.status == 1
    assert shut_out.error["type"] == "revoked"


def test_an_invite_opens_the_door_once(alice: Person, bob: Person, cairn: Cairn) -> None:
    link = alice("invite", "--role", "viewer", "--expires", "1h", "--json").value["link"]
    assert link.startswith("cairn://join?")
    assert alice("invite").out.startswith("cairn://join?")
    carol = Person(cairn, bob.home.parent / "carol")
    assert carol("join", link, "--json").value["role"] == "viewer"

    dave = Person(cairn, bob.home.parent / "dave")
    again = dave("join", link, "--json")

    assert again.status == 1
    assert again.error["type"]
    assert carol("add", "Not allowed", "--json").status == 1


def test_a_published_space_keeps_what_is_in_it(cairn: Cairn, tmp_path: Path, alice: Person) -> None:
    alice("add", "Mine", "--space", "Personal")
    url = next(s["url"] for s in alice("spaces", "--json").value if s["name"] == "Hut")

    published = alice("space", "publish", "Personal", "--server", url, "--json").value

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


def test_without_an_answer_sync_gives_up_in_time_keeps_all_and_says_so(
    alice: Person, server: Server
) -> None:
    alice("sync")
    alice("add", "Buy rope")
    server.process.terminate()
    server.process.wait(timeout=30)

    unreachable = alice("sync", "--timeout", "1", "--json")

    assert unreachable.status == 3
    assert unreachable.error["type"] == "unreachable"
    status = alice("status", "--json").value
    assert (status["state"], status["pending"]) == ("offline", 1)
    assert alice("sync", "--timeout", "1").err.count("\n") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGTERM there")
def test_watching_syncs_what_other_processes_write_until_it_is_stopped(
    alice: Person, bob: Person
) -> None:
    watching = subprocess.Popen(
        [sys.executable, "-m", "app", "sync", "--watch", "--json"],
        env={**os.environ, "CAIRN_HOME": str(alice.home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert watching.stderr is not None
    assert watching.stderr.readline() == b"All quiet\n"

    alice("add", "Buy rope")
    asked = alice("sync", "--json")  # by the engine that watches
    assert asked.status == 0
    assert bob("sync", "--json").value["pulled"] == 1

    watching.terminate()
    out, _ = watching.communicate(timeout=30)
    assert watching.returncode == 0
    assert list(json.loads(out)) == RESULT
    assert json.loads(out)["pushed"] == 1


def test_a_home_without_a_server_has_nothing_to_sync_with(cairn: Cairn) -> None:
    cairn("add", "Buy rope")

    synced = cairn("sync", "--json")

    assert synced.status == 0
    assert list(synced.value) == RESULT
    assert (synced.value["state"], synced.value["rounds"]) == ("local", 0)
    assert "Nothing to sync with" in cairn("sync").out


def test_sync_tells_a_person_on_one_line_what_it_did(alice: Person) -> None:
    alice("add", "Buy rope")
    assert alice("sync").out.startswith("Synced: sent 1, received 0 (")
    assert alice("sync").out.startswith("Synced: nothing new (")


def test_a_server_that_cannot_start_says_why_on_one_line(server: Server, tmp_path: Path) -> None:
    taken = server.url.removeprefix("http://")
    for listen, status in ((taken, 1), ("nonsense", 2), ("0.0.0.0:0", 2)):
        failed = subprocess.run(
            [sys.executable, "-m", "app", "serve", "--listen", listen, "--json"],
            env={**os.environ, "CAIRN_HOME": str(tmp_path / "other")},
            capture_output=True,
            check=False,
        )
        assert failed.returncode == status
        assert failed.stdout == b""
        assert set(json.loads(failed.stderr)["error"]) == {"type", "title", "detail"}


def test_a_server_with_tls_is_known_by_the_fingerprint_that_the_link_carries(
    cairn: Cairn, tmp_path: Path
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "serve", "--listen", "127.0.0.1:0", "--tls", "--json"],
        env={**os.environ, "CAIRN_HOME": str(tmp_path / "server")},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    try:
        ready = json.loads(process.stdout.readline())
        ann, ben = Person(cairn, tmp_path / "ann"), Person(cairn, tmp_path / "ben")
        code = ready["setup_code"]
        ann("space", "create", "Hut", "--server", ready["url"], "--setup-code", code)
        ann("add", "Buy rope")
        link = ann("invite", "--json").value["link"]
        assert "%23sha256%3D" in link
        ben("join", link)
        both_sync(ann, ben)

        assert [task["title"] for task in ben("tasks", "--json").value] == ["Buy rope"]
        assert "sha256" not in ann("status").out
    finally:
        process.terminate()
        assert process.wait(timeout=30) == 0
        process.stdout.close()


def test_a_server_is_configured_by_its_environment_too(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "serve", "--json"],
        env={
            **os.environ,
            "CAIRN_HOME": str(tmp_path / "home"),
            "CAIRN_LISTEN": "127.0.0.1:0",
            "CAIRN_DATA": str(tmp_path / "data"),
            "CAIRN_TLS": "1",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    try:
        assert json.loads(process.stdout.readline())["url"].startswith("https://127.0.0.1:")
        kept = {path.name for path in (tmp_path / "data").iterdir()}
        assert {"server.db", "tls.pem"} <= kept
    finally:
        process.terminate()
        assert process.wait(timeout=30) == 0
        process.stdout.close()


def test_the_help_of_serve_names_options_and_environment(cairn: Cairn) -> None:
    told = cairn("serve", "--help").out

    for name in ("CAIRN_LISTEN", "CAIRN_DATA", "CAIRN_TLS", "/healthz", "SIGTERM"):
        assert name in told
