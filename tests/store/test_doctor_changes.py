"""What `doctor` does about damaged changes: nothing that a person saw is lost."""

from pathlib import Path

import pytest

from store import doctor, log, peers
from store.commands.patches import NewTask, Patch
from store.documents.inspect import inspect_change
from store.domain.ids import DocId, SpaceId
from store.replica import Replica
from tests.store.damage import (
    BODY,
    behind,
    damage_change,
    detail,
    failed,
    furnish,
    quarrel,
    refused_by_automerge,
)
from tests.support.people import Camp
from tests.support.pushes import change


def history(replica: Replica, doc: DocId) -> set[str]:
    return {row.version for row in replica.history(doc)}


def test_a_flipped_bit_in_a_change_is_found_and_named(replica: Replica, home: Path) -> None:
    furnish(replica)
    damage_change(home, 1)

    found = doctor.examine(replica)

    assert failed(found) == {"log", "documents"}
    assert "change 1 is not sound: its bytes are damaged" in detail(found, "log")


def test_a_damaged_change_goes_to_quarantine_and_nothing_that_was_seen_is_lost(
    replica: Replica, home: Path
) -> None:
    rope, stove, map_ = furnish(replica)
    before = {doc: replica.item(doc) for doc in (rope, stove, map_)}
    damaged = damage_change(home, 1)  # what Buy rope begins with

    found = doctor.repair(replica)

    assert found.ok, found
    assert "1 damaged change moved to quarantine" in detail(found, "repair")
    with behind(home) as conn:
        kept = conn.execute("SELECT hash, reason, length(bytes) > 0 FROM quarantine").fetchall()
        waiting = conn.execute("SELECT DISTINCT doc FROM waiting").fetchall()
    assert kept == [(damaged, kept[0][1], 1)]
    assert "found by doctor" in kept[0][1]
    assert waiting == [(rope,)]
    (saved,) = (task for task in replica.tasks() if "recovered" in task.tags)
    was, now = before[rope], replica.task(DocId(saved.id))
    assert (now.title, now.due, now.priority) == ("Buy rope", "2026-12-01", "high")
    assert now.body == was.body == BODY + "Check the length.\n"
    assert [replica.item(doc) for doc in (stove, map_)] == [before[stove], before[map_]]
    assert replica.tasks(view="trash") == []


def test_a_finished_task_that_is_saved_from_its_rows_is_finished(
    replica: Replica, home: Path
) -> None:
    furnish(replica)
    damage_change(home, 2)  # what Pack the stove begins with

    doctor.repair(replica)

    (saved,) = (task for task in replica.tasks() if "recovered" in task.tags)
    assert (saved.title, saved.state, saved.list) == ("Pack the stove", "done", "Hut")


def test_a_damaged_last_change_leaves_the_item_as_it_was_before_and_saves_what_it_said(
    replica: Replica, home: Path
) -> None:
    doc = replica.add_note("Hut book", body="Day one.\n")
    replica.edit(doc, Patch(body="Day one.\nDay two.\n"))
    damage_change(home, 2)

    assert doctor.repair(replica).ok

    bodies = {replica.note(DocId(note.id)).body for note in replica.notes()}
    assert bodies == {"Day one.\n", "Day one.\nDay two.\n"}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log SET bytes = NULL WHERE seq = 2",
        "UPDATE log SET bytes = (SELECT bytes FROM log WHERE seq = 1) WHERE seq = 2",
        "UPDATE log SET hash = zeroblob(32) WHERE seq = 2",
        "UPDATE log SET doc = 'what' WHERE seq = 2",
        "DELETE FROM log WHERE seq = 2",
        "UPDATE log SET seq = seq + 1000 WHERE seq >= 2",
    ],
)
def test_no_damage_to_the_log_stands_in_the_way_of_a_sound_home(
    statement: str, replica: Replica, home: Path
) -> None:
    docs = furnish(replica)
    with behind(home) as conn:
        conn.execute(statement)

    assert "log" in failed(doctor.examine(replica))
    assert doctor.repair(replica).ok

    titles = {row.title for row in replica.tasks()} | {row.title for row in replica.notes()}
    assert {"Buy rope", "Pack the stove", "The map"} <= titles
    assert docs[0] in {task.id for task in replica.tasks()}


def test_a_change_that_automerge_does_not_take_is_found_among_sound_ones(
    replica: Replica, home: Path
) -> None:
    doc = replica.add_task(NewTask("Buy rope"))
    refused = refused_by_automerge(doc)
    follower = change(doc, deps=[refused.hash], key="due", title="2026-12-01")
    with replica.act("sync") as act:  # as an older version might have let it in
        for one in (refused, inspect_change(follower.raw)):
            act.log_change(SpaceId(replica.space().id), doc, one, origin="mallory")
        act.touched.clear()
    assert {"documents"} <= failed(doctor.examine(replica))

    assert doctor.repair(replica).ok

    assert replica.task(doc).title == "Buy rope"
    with behind(home) as conn:
        assert conn.execute("SELECT hash, sender FROM quarantine").fetchall() == [
            (refused.hash, "mallory")
        ]
        assert conn.execute("SELECT hash FROM waiting").fetchall() == [(follower.hash,)]


# -- with others -----------------------------------------------------------------------------------


def served(replica: Replica, space: SpaceId, push_seq: int) -> None:
    """Say that a server has acknowledged the log up to a change."""
    with replica.db.write() as conn:
        peers.attach_peer(conn, "server", space, url="http://hut", token="t", role="editor")
        peers.set_push_seq(conn, "server", push_seq)
        peers.set_pull_cursor(conn, "server", "far")
        peers.note_verified(conn, "server", 1)


def test_after_a_loss_the_log_is_another_history_and_everything_is_exchanged_again(
    camp: Camp, tmp_path: Path
) -> None:
    quarrel(camp)
    alice = camp["alice"]
    served(alice, camp.space, 99)
    with alice.db.read() as conn:
        before = log.position(conn, camp.space)
    damage_change(tmp_path / "alice", 2)

    doctor.repair(alice)

    with alice.db.read() as conn:
        after = log.position(conn, camp.space)
        peer = peers.find_peer(conn, "server")
    assert after.generation != before.generation
    assert peer is not None
    assert (peer.push_seq, peer.pull_cursor, peer.verified_at_ms) == (0, None, None)
    assert peer.token == "t"


def test_what_the_others_have_comes_back_and_is_not_saved_a_second_time(
    camp: Camp, tmp_path: Path
) -> None:
    docs = quarrel(camp)
    alice = camp["alice"]
    before, versions = alice.digest(camp.space), history(alice, docs[0])
    served(alice, camp.space, 99)
    damage_change(tmp_path / "alice", 1)
    assert doctor.repair(alice).ok
    assert "recovered" not in alice.tag_names()

    camp.meet()

    assert alice.digest(camp.space) == before == camp["bob"].digest(camp.space)
    assert history(alice, docs[0]) == versions
    assert doctor.examine(alice).ok


def test_what_no_server_has_acknowledged_is_saved_from_its_rows(camp: Camp, tmp_path: Path) -> None:
    alice = camp["alice"]
    alice.use_space(camp.space)
    alice.add_task(NewTask("Known to the server"))
    alice.add_task(NewTask("Known to nobody else"))
    served(alice, camp.space, 1)
    for seq in (1, 2):
        damage_change(tmp_path / "alice", seq)

    doctor.repair(alice)

    assert [task.title for task in alice.tasks()] == ["Known to nobody else"]
