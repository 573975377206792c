"""`cairn sync` and what it says, with a server, without one, and while another process watches."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.cli import progress
from tests.app.cli.conftest import Cairn, Person, both_sync, keys
from tests.app.cli.serving import Serving

RESULT = keys("state pushed pulled parked conflicts rounds bytes_sent bytes_received duration_ms")


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


def test_without_an_answer_sync_gives_up_in_time_keeps_all_and_says_so(
    alice: Person, server: Serving
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
