"""What `doctor` finds in a home whose database can be read, and how it puts it right."""

from pathlib import Path

import pytest

from store import doctor, log, peers
from store.change_set import ChangeSet
from store.commands.patches import NewTask, Patch
from store.replica import Replica
from tests.store.damage import behind, detail, failed, furnish, quarrel
from tests.support.people import Camp

# -- a sound home ----------------------------------------------------------------------------------


def test_a_new_home_is_sound(replica: Replica) -> None:
    assert doctor.examine(replica).ok


def test_a_home_with_everything_in_it_is_sound_and_the_examination_changes_nothing(
    camp: Camp, tmp_path: Path
) -> None:
    docs = quarrel(camp)
    text, base = camp["alice"].text(docs[2])
    camp["alice"].save_draft(docs[2], text + "And east.", base)
    before = (tmp_path / "alice" / "cairn.db").read_bytes()

    found = doctor.examine(camp["alice"])

    assert found.ok, found
    assert detail(found, "draft") == "1 saved text, not a change yet."
    assert (tmp_path / "alice" / "cairn.db").read_bytes() == before


def test_every_check_has_a_name_of_its_own_and_says_one_sentence(camp: Camp) -> None:
    quarrel(camp)

    checks = doctor.repair(camp["bob"]).checks

    assert len({check.name for check in checks}) == len(checks)
    assert all(check.detail.endswith(".") and "\n" not in check.detail for check in checks)


def test_repairing_a_sound_home_changes_nothing_that_another_device_could_see(camp: Camp) -> None:
    quarrel(camp)
    alice = camp["alice"]
    before, rows = alice.digest(camp.space), camp.rows("alice")
    with alice.db.read() as conn:
        end = log.position(conn, camp.space)

    assert doctor.repair(alice).ok

    with alice.db.read() as conn:
        assert log.position(conn, camp.space) == end
    assert (alice.digest(camp.space), camp.rows("alice")) == (before, rows)


def test_what_was_taken_back_stays_so_through_a_repair(camp: Camp, tmp_path: Path) -> None:
    alice = camp["alice"]
    alice.use_space(camp.space)
    doc = alice.add_task(NewTask("Buy rope"))
    alice.edit(doc, Patch(fields={"title": "Buy a refused rope"}))
    refused = bytes.fromhex(alice.history(doc)[0].version)
    with alice.db.write() as conn:
        peers.park(conn, camp.space, doc, refused, reason="role", detail=None, peer="p", now_ms=1)
    alice.take_back(doc)
    with behind(tmp_path / "alice") as conn:
        conn.execute("UPDATE space SET heads_digest = zeroblob(32)")
    assert failed(doctor.examine(alice)) == {"heads"}

    assert doctor.repair(alice).ok

    assert alice.task(doc).title == "Buy rope"
    with behind(tmp_path / "alice") as conn:
        assert conn.execute("SELECT count(*) FROM log WHERE type = 'withdrawn'").fetchone() == (1,)


# -- what is derived from the log ------------------------------------------------------------------

DERIVED = {
    "a title": ("UPDATE item SET title = 'Something else' WHERE kind = 'task'", "rows"),
    "an item": ("DELETE FROM item", "rows"),
    "a text": ("UPDATE text SET body = body || 'more'", "rows"),
    "a tag": ("DELETE FROM item_tag", "rows"),
    "a tag too many": ("INSERT INTO item_tag VALUES ((SELECT min(id) FROM doc), 'x')", "rows"),
    "a link": ("INSERT INTO link VALUES ((SELECT min(id) FROM doc), 'name x')", "rows"),
    "by what an item is found": ("DELETE FROM link_name", "rows"),
    "a conflict": ("DELETE FROM conflict WHERE settled IS NULL", "rows"),
    "who settled": ("UPDATE conflict SET settled = NULL", "rows"),
    "an item without changes": ("UPDATE item_tag SET doc = 't1' || substr(doc, 3, 20)", "rows"),
    "heads": ("UPDATE doc SET heads = zeroblob(32)", "heads"),
    "a document": ("DELETE FROM doc WHERE kind = 'task'", "heads"),
    "numbers": ("UPDATE doc SET changes = changes + 1", "heads"),
    "linearity": ("UPDATE doc SET is_linear = 1 - is_linear", "heads"),
    "the digest": ("UPDATE space SET heads_digest = zeroblob(32)", "heads"),
    "the index of words": ("DELETE FROM text_fts_docsize WHERE id = 1", "search"),
    "the columns of a change": ("UPDATE log SET person = 'Mallory'", "log"),
    "deps of a change": ("UPDATE log SET deps = hash", "log"),
    "the chain": ("UPDATE log SET chain = zeroblob(32) WHERE seq = 3", "log"),
    "the end of the log": ("UPDATE space SET last_seq = last_seq + 1", "log"),
}


@pytest.mark.parametrize("what", DERIVED)
def test_what_can_be_worked_out_from_the_changes_is_found_wrong_and_made_anew(
    what: str, camp: Camp, tmp_path: Path
) -> None:
    statement, check = DERIVED[what]
    docs = quarrel(camp)
    alice = camp["alice"]
    before, conflicts = alice.digest(camp.space), camp.conflicts("alice")
    with behind(tmp_path / "alice") as conn:
        conn.execute(statement)

    found = doctor.examine(alice)
    repaired = doctor.repair(alice)

    assert check in failed(found)
    assert "--repair" in detail(found, check)
    assert repaired.ok, repaired
    assert alice.digest(camp.space) == before
    assert camp.conflicts("alice") == conflicts
    assert [hit.id for hit in alice.search("stove")] == [docs[1]]
    assert "recovered" not in alice.tag_names()


def test_what_a_person_was_shown_of_a_conflict_survives_a_repair(camp: Camp) -> None:
    quarrel(camp)
    alice = camp["alice"]
    (shown, *_) = alice.conflicts()

    doctor.repair(alice)

    with alice.db.read() as conn:
        (kept,) = conn.execute("SELECT listed FROM conflict WHERE id = ?", (shown.id,)).fetchone()
    assert kept is not None


def test_a_repair_is_told_to_whoever_watches(replica: Replica, home: Path) -> None:
    furnish(replica)
    with behind(home) as conn:
        conn.execute("DELETE FROM item")
    heard: list[ChangeSet] = []
    replica.watch(heard.append)

    doctor.repair(replica)

    assert heard[-1].is_unknown
