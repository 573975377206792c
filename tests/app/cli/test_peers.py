"""Two homes without a server, by the command line: one serves, the other joins by the code."""

import signal
from pathlib import Path

import pytest

from tests.app.cli.conftest import Cairn, Person, keys
from tests.app.cli.serving import ANY_PORT, serving

PEER = ("--peer", "--quiet-network")
READY = {"ready", "url", "code", "space", "expires_at"}


@pytest.fixture
def ann(cairn: Cairn, tmp_path: Path) -> Person:
    """Ann, who has made a space of her own that is on her device only."""
    ann = Person(cairn, tmp_path / "ann")
    ann("whoami", "--name", "Ann", "--device", "laptop")
    made = ann("space", "create", "Hut", "--json").value
    assert (made["name"], made["kind"], made["current"]) == ("Hut", "local", True)
    return ann


@pytest.fixture
def ben(cairn: Cairn, tmp_path: Path) -> Person:
    ben = Person(cairn, tmp_path / "ben")
    ben("whoami", "--name", "Ben", "--device", "phone")
    return ben


def test_a_home_is_shared_by_a_code_and_what_both_write_meets(ann: Person, ben: Person) -> None:
    rope = ann("add", "Buy rope", "--json").value
    with serving(ann.home, *PEER, *ANY_PORT) as host:
        assert set(host.ready) == READY
        assert host.ready["space"] == "Hut"
        joined = ben("join", host.ready["code"], "--at", host.url, "--json").value
        assert (joined["name"], joined["role"], joined["current"]) == ("Hut", "editor", True)
        assert ben("sync", "--json").value["pulled"] == 1
        stove = ben("add", "Pack the stove", "--json").value
        assert ben("sync", "--json").value["state"] == "synced"
        # What comes in is in the home at once, whoever reads it.
        assert ann.sees(stove["id"])["title"] == "Pack the stove"
        assert ben.sees(rope["id"])["sync"] == ann.sees(stove["id"])["sync"] == "synced"
        (peer,) = ben("status", "--json").value["peers"]
        assert list(peer) == keys("url kind state push_pending last_seen_at device")
        assert (peer["kind"], peer["device"], peer["url"]) == (
            "peer",
            "laptop",
            host.url,
        )
        assert ann("digest", "--json").value == ben("digest", "--json").value


def test_another_code_is_shown_and_a_device_shut_out_while_it_serves(
    ann: Person, ben: Person
) -> None:
    with serving(ann.home, *PEER, *ANY_PORT, "--role", "viewer") as host:
        ben("join", host.ready["code"], "--at", host.url)
        ben("sync")
        again = ben("join", host.ready["code"], "--at", host.url, "--json")
        assert (again.status, again.error["type"]) == (1, "invite-used")
        paired = ann("pair", "--json").value
        assert set(paired) == READY - {"ready"}
        devices = ann("devices", "--json").value
        assert {one["device"]: one["role"] for one in devices} == {
            "laptop": "owner",
            "phone": "viewer",
        }
        assert ben("add", "No", "--json").error["type"] == "refused"

        assert ann("role", "phone", "editor", "--json").value["role"] == "editor"
        ben("sync", "--json")
        assert ben("add", "Now yes", "--json").value["title"] == "Now yes"

        assert ann("revoke", "phone", "--json").value["revoked"]

        told = ben("sync", "--json")
        assert (told.status, told.error["type"]) == (1, "revoked")
        assert ben("status", "--json").value["state"] == "attention"


def test_a_serving_home_that_is_killed_goes_on_where_it_was(ann: Person, ben: Person) -> None:
    with serving(ann.home, *PEER, *ANY_PORT) as host:
        url, port = host.url, host.url.partition("#")[0].rpartition(":")[2]
        ben("join", host.ready["code"], "--at", url)
        ben("add", "Before")
        assert ben("sync", "--json").value["pushed"] == 1
        host.process.send_signal(signal.SIGKILL)
        host.process.wait(timeout=30)
    assert [row["title"] for row in ann("tasks", "--json").value] == ["Before"]
    assert ann("doctor", "--json").value["ok"]
    assert ann("pair", "--json").error["type"] == "refused"  # nobody serves it now
    ben("add", "Meanwhile")
    missed = ben("sync", "--json", "--timeout", "0.5")
    assert missed.status == 3
    assert ben("status", "--json").value["pending"] == 1

    with serving(ann.home, *PEER, "--listen", f"127.0.0.1:{port}") as host:
        assert host.url == url
        assert ben("sync", "--json").value["pushed"] == 1

        titles = {row["title"] for row in ann("tasks", "--json").value}
        assert titles == {"Before", "Meanwhile"}
        assert ann("digest", "--json").value == ben("digest", "--json").value


@pytest.mark.parametrize(
    ("argv", "status", "says"),
    [
        (("serve", "--peer", "--tls"), 2, "leave out"),
        (("serve", "--peer", "--listen", "nowhere"), 2, "not an address"),
        (("serve", "--peer", "--space", "Nowhere"), 1, "No space"),
        (("join", "K7QM-3TXA", "--at", "http://10.0.0.1:1"), 1, "https"),
        (("join", "K7QM-3TXA", "--at", "https://10.0.0.1:1"), 1, "fingerprint"),
        (("space", "create", "Hut", "--setup-code", "X"), 2, "--server"),
        (("pair",), 1, "not shared now"),
    ],
)
def test_what_can_not_work_is_one_sentence(
    ben: Person, argv: tuple[str, ...], status: int, says: str
) -> None:
    answer = ben(*argv, "--json")

    assert answer.status == status
    assert says in answer.error["detail"]


def test_a_private_space_is_not_shared_by_accident(ben: Person) -> None:
    answer = ben("serve", "--peer", "--quiet-network", "--listen", "127.0.0.1:0", "--json")

    assert (answer.status, answer.error["type"]) == (1, "refused")
    assert "--space Personal" in answer.error["detail"]
