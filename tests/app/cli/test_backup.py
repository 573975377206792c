"""`cairn backup`: a copy that was examined, of a home and of a server, while both are in use."""

import sqlite3
from pathlib import Path

from store.database.connection import Database
from store.database.roles import SERVER
from store.replica import Replica
from sync.server.certificate import kept_certificate
from tests.app.cli.conftest import Cairn
from tests.support.asking import create_space
from tests.support.memory_server import memory_server
from tests.support.pushes import change


def test_a_backup_is_a_home_that_opens_and_shows_the_same(
    cairn: Cairn, home: Path, tmp_path: Path
) -> None:
    cairn("add", "Buy rope")
    cairn("note", "Plan")
    with Replica.open(home):  # somebody has it open meanwhile
        made = cairn("backup", str(tmp_path / "copy"), "--json").value

    assert made["dir"] == str(tmp_path / "copy")
    assert [each["file"] for each in made["files"]] == ["cairn.db"]
    assert made["checks"]
    assert all(check["ok"] for check in made["checks"])
    assert [path.name for path in (tmp_path / "copy").iterdir()] == ["cairn.db"]
    copy = cairn("digest", "--json", "--home", str(tmp_path / "copy")).value
    assert copy == cairn("digest", "--json").value


async def test_the_data_of_a_running_server_is_backed_up_too(
    cairn: Cairn, home: Path, tmp_path: Path
) -> None:
    cairn("add", "Buy rope")
    with memory_server(home / "server") as running:
        alice = await create_space(running.transport(), running.setup_code)
        await alice.push(change())
        made = cairn("backup", str(tmp_path / "copy"), "--json").value

    assert [each["file"] for each in made["files"]] == [
        "cairn.db",
        "server/server.db",
        "server/ledger.key",
    ]
    db = Database(tmp_path / "copy" / "server" / "server.db", SERVER)
    with db.read() as conn:
        assert conn.execute("SELECT count(*) FROM log").fetchone() == (1,)
    db.close()


async def test_a_computer_that_only_serves_gets_no_home_by_a_backup(
    cairn: Cairn, home: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    with memory_server(data):
        made = cairn("backup", str(tmp_path / "copy"), "--data", str(data), "--json").value

    assert [each["file"] for each in made["files"]] == ["server/server.db", "server/ledger.key"]
    assert not (home / "cairn.db").exists()


def test_a_server_folder_that_was_named_is_copied_or_the_backup_refused(
    cairn: Cairn, tmp_path: Path
) -> None:
    cairn("add", "Buy rope")

    refused = cairn("backup", str(tmp_path / "copy"), "--data", str(tmp_path / "typo"), "--json")

    assert (refused.status, refused.error["type"]) == (1, "refused")
    assert "no server data" in refused.error["detail"]
    assert not (tmp_path / "copy").exists()


def test_nothing_is_written_over_and_nothing_is_left_half_done(
    cairn: Cairn, home: Path, tmp_path: Path
) -> None:
    assert "nothing to back up" in cairn("backup", str(tmp_path / "copy"), "--json").error["detail"]
    cairn("add", "Buy rope")
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "diary").write_text("mine")
    assert cairn("backup", str(taken), "--json").error["type"] == "refused"
    assert (taken / "diary").read_text() == "mine"
    assert cairn("backup", str(taken / "diary"), "--json").status == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "taken"]


def test_a_home_that_is_not_sound_is_not_passed_off_as_a_backup(
    cairn: Cairn, home: Path, tmp_path: Path
) -> None:
    cairn("add", "Buy rope")
    db = sqlite3.connect(home / "cairn.db")
    db.execute("UPDATE log SET bytes = x'00'")
    db.commit()
    db.close()

    refused = cairn("backup", str(tmp_path / "copy"), "--json")

    assert refused.error["type"] == "home-corrupt"
    assert not (tmp_path / "copy").exists()


def test_a_second_backup_goes_to_a_folder_of_its_own(cairn: Cairn, tmp_path: Path) -> None:
    cairn("add", "Buy rope")
    assert cairn("backup", str(tmp_path / "copy")).out.startswith("Backed up and checked: 1 file")
    assert cairn("backup", str(tmp_path / "copy"), "--json").error["type"] == "refused"


def test_the_certificate_that_everybody_has_pinned_is_backed_up(
    cairn: Cairn, home: Path, tmp_path: Path
) -> None:
    with memory_server(home / "server"):
        pass
    pin = kept_certificate(home / "server", 1_790_000_000_000).pin

    made = cairn("backup", str(tmp_path / "copy"), "--json").value

    assert [each["file"] for each in made["files"]] == [
        "server/server.db",
        "server/tls.pem",
        "server/ledger.key",
    ]
    assert kept_certificate(tmp_path / "copy" / "server", 0).pin == pin
    for secret in ("tls.pem", "ledger.key"):
        assert (tmp_path / "copy" / "server" / secret).stat().st_mode & 0o077 == 0
