"""`cairn doctor --bundle`: enough to help somebody, and nothing that they would want to hide."""

import json
import logging
import sqlite3
import stat
from pathlib import Path
from typing import Any

import pytest

from app.log_file import LOG_FILE, kept_log, read_log
from tests.app.cli.conftest import Cairn

# Words that stand everywhere in the home, and may stand nowhere in the bundle.
MARKED = (
    *("zqtitle", "zqbody", "zqtag", "zqlist", "zqperson", "zqdevice", "zqspace", "zqassignee"),
    *("zqnote", "zqreason", "zqtoken", "zqhost", "zqfingerprint", "zqdraft", "zqerror", "zqlogged"),
    *("zqpeer", "zqsearch", "zqitem", "zqbudget"),
)


def marked_home(cairn: Cairn, home: Path) -> None:
    """Fill a home with the marked words, wherever a person, a server or an error puts some."""
    cairn("whoami", "--name", "zqperson", "--device", "zqdevice")
    task = cairn("add", "zqtitle #zqtag +zqlist @zqassignee", "--json").value["id"]
    body = home.parent / "body.md"
    body.write_text("zqbody", encoding="utf-8")
    cairn("edit", task, "--body", str(body))
    cairn("block", task, "--reason", "zqreason")
    cairn("note", "zqnote", "--body", str(body))
    database = sqlite3.connect(home / "cairn.db")
    with database:
        (space,) = database.execute("SELECT id FROM space").fetchone()
        database.execute("UPDATE space SET name = 'zqspace'")
        database.execute(
            "INSERT INTO peer (id, space, kind, url, token, role, state, error, name)"
            " VALUES ('pserver', ?, 'server', 'https://zqhost.example/#zqfingerprint', 'zqtoken',"
            " 'owner', 'retrying', 'zqerror at https://zqhost.example/', 'zqpeer')",
            (space,),
        )
        database.execute(
            "INSERT INTO draft (doc, space, at_ms, base, text) VALUES (?, ?, 0, x'', 'zqdraft')",
            (task, space),
        )
        database.execute(
            "INSERT INTO stock (space, id, name, policy, count, version, wrong_guesses)"
            " VALUES (?, 'i1', 'zqitem', '{}', 1, 1, 0)",
            (space,),
        )
        database.execute(
            "INSERT INTO account (space, id, kind, name, unit)"
            " VALUES (?, 'b1', 'budget', 'zqbudget', 'EUR')",
            (space,),
        )
    database.close()
    log = logging.getLogger("cairn.sync")
    with kept_log(home):
        log.info("round id=%s space=%s outcome=%s pushed=%d", "0123456789abcdef", space, "quiet", 3)
        log.warning("store: %s", "The file /home/zqlogged/cairn.db is gone.")
        try:
            int("zqlogged zqtitle")
        except ValueError:
            log.exception("unforeseen while syncing")


def bundle_of(cairn: Cairn, folder: Path) -> dict[str, Any]:
    """Write a bundle and read it."""
    answer = cairn("doctor", "--bundle", str(folder / "bundle.json"), "--json")
    assert answer.value["bundle"] == str(folder / "bundle.json")
    found: dict[str, Any] = json.loads((folder / "bundle.json").read_text(encoding="utf-8"))
    return found


def test_nothing_that_a_person_wrote_is_in_it(cairn: Cairn, home: Path, tmp_path: Path) -> None:
    marked_home(cairn, home)
    everything = (home / "cairn.db").read_bytes().lower()
    there = [word for word in MARKED if word.encode() in everything]
    assert set(MARKED) - set(there) <= {"zqlogged", "zqsearch", "zqbody"}  # the last compressed

    bundle_of(cairn, tmp_path)

    text = (tmp_path / "bundle.json").read_text(encoding="utf-8").lower()
    assert [word for word in MARKED if word in text] == []
    assert str(home).lower() not in text
    assert "zq" not in text


def test_it_says_what_somebody_needs_who_helps(cairn: Cairn, home: Path, tmp_path: Path) -> None:
    marked_home(cairn, home)

    found = bundle_of(cairn, tmp_path)

    assert set(found["versions"]) >= {"cairn", "python", "sqlite", "system", "automerge"}
    assert found["home"]["rows"]["item"] == 2
    (peer,) = found["sync"]["peers"]
    assert (peer["kind"], peer["state"], peer["is_encrypted"]) == ("server", "retrying", True)
    assert (peer["has_error"], found["sync"]["state"]) == (True, "retrying")
    assert {check["name"] for check in found["checks"]} >= {"sqlite", "integrity", "log"}
    assert "retry_rate" in found["health"]["measures"]
    assert found["health"]["thresholds"]["lag_s"] == 5
    line, warning, error = found["log"]
    assert line["said"].startswith("round id=%s space=%s")
    assert (line["with"][0], line["with"][2:]) == ("0123456789abcdef", ["quiet", 3])
    assert (warning["said"], warning["with"]) == ("store: %s", ["-"])
    assert error["error"]["type"] == "ValueError"
    assert error["error"]["raised"][0].startswith("test_support_bundle.py:")


def test_a_bundle_is_its_owners_and_overwrites_nothing(cairn: Cairn, tmp_path: Path) -> None:
    cairn("add", "Rope")
    bundle_of(cairn, tmp_path)
    mode = (tmp_path / "bundle.json").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600

    again = cairn("doctor", "--bundle", str(tmp_path / "bundle.json"))

    assert again.status == 1
    assert "choose another name" in again.err


def test_a_folder_that_is_not_there_is_a_sentence(cairn: Cairn, tmp_path: Path) -> None:
    answer = cairn("doctor", "--bundle", str(tmp_path / "nowhere" / "bundle.json"))

    assert answer.status == 1
    assert "can't be written" in answer.err


def test_a_home_that_can_not_be_opened_has_a_bundle_too(
    cairn: Cairn, home: Path, tmp_path: Path
) -> None:
    cairn("add", "Rope")
    whole = (home / "cairn.db").read_bytes()
    (home / "cairn.db").write_bytes(b"\0" * 100 + whole[100:])

    answer = cairn("doctor", "--bundle", str(tmp_path / "bundle.json"), "--json")

    assert answer.status == 1
    found = json.loads((tmp_path / "bundle.json").read_text(encoding="utf-8"))
    assert not all(check["ok"] for check in found["checks"])
    assert "health" not in found


# -- the log that it is taken from -----------------------------------------------------------------


def test_a_sync_is_kept_in_the_log_of_the_home(cairn: Cairn, home: Path) -> None:
    cairn("add", "Rope")
    space = cairn("spaces", "--json").value[0]["id"]
    database = sqlite3.connect(home / "cairn.db")
    with database:
        database.execute(
            "INSERT INTO peer (id, space, kind, url, token, role, state)"
            " VALUES ('pserver', ?, 'server', 'http://127.0.0.1:9', 't', 'owner', 'idle')",
            (space,),
        )
    database.close()

    assert cairn("sync", "--timeout", "0.2").status == 3

    rounds = [each for each in read_log(home, 50) if each["said"].startswith("round id=")]
    assert rounds
    assert rounds[0]["with"][2] == "unreachable"


def test_a_log_that_something_else_wrote_into_is_read_nevertheless(tmp_path: Path) -> None:
    (tmp_path / LOG_FILE).write_text('rubbish\n{"said": "well"}\n[1]\n{}\n', encoding="utf-8")

    assert read_log(tmp_path, 10) == [{"said": "well"}]


@pytest.mark.parametrize("level", [logging.WARNING, logging.ERROR])
def test_warnings_go_where_they_went(
    level: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with kept_log(tmp_path):
        logging.getLogger("cairn.sync").log(level, "store: %s", "The disk is full.")
        logging.getLogger("cairn.sync").info("round id=%s", "0123456789abcdef")

    assert [line["with"] for line in read_log(tmp_path, 9)] == [["-"], ["0123456789abcdef"]]
    assert "round" not in capsys.readouterr().err
