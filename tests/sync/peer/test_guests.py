"""A hostile guest is refused by name, and a host or guest that lost something gets it back."""

import shutil
from pathlib import Path

from store import doctor
from sync.client.doorway import peer_id
from sync.protocol import messages as m
from tests.store.damage import damage_change
from tests.support.memory_peer import come_in, memory_peer
from tests.support.pushes import Made, change, reused_counter, some_doc
from tests.sync.peer.lan import Lan, Neighbour


async def test_a_change_that_would_break_a_document_is_kept_apart_and_its_sender_named(
    tmp_path: Path,
) -> None:
    with memory_peer(tmp_path) as host:
        mallory = await come_in(host, "Mallory")
        doc = some_doc()
        broken = Made(doc, *reused_counter(doc), next_op=60)
        good = change(title="Buy rope")

        answer = await mallory.push(broken, change(after=broken, key="list"), good)

        assert answer.accepted == 1
        assert [one.type for one in answer.refused] == ["not-loadable", "depends-on-refused"]
        assert [row.title for row in host.replica.tasks()] == ["Buy rope"]
        with host.replica.db.read() as conn:
            kept = conn.execute("SELECT hash, sender FROM quarantine").fetchall()
        assert (broken.hash, peer_id(mallory.replica, host.space)) in kept
        assert doctor.examine(host.replica).ok


async def test_signed_rows_that_nobody_who_counts_has_signed_are_refused_and_kept_as_evidence(
    tmp_path: Path,
) -> None:
    with memory_peer(tmp_path) as host:
        mallory = await come_in(host, "Mallory")
        statement = m.Row("member", "member", bytes(32), b"no statement")
        act = m.Row("ledger", "ledger", bytes(31) + b"1", b"no act")

        answer = await mallory.push(change(title="Buy rope"), statement, act)
        host.replica.believe_authority(host.space, bytes(32))
        again = await mallory.push(act)

        assert (answer.accepted, answer.duplicate) == (1, 0)
        assert [one.type for one in answer.refused] == ["not-a-member-statement", "no-ledger-key"]
        assert (again.duplicate, [one.type for one in again.refused]) == (0, ["ledger-damaged"])
        with host.replica.db.read() as conn:
            kept = conn.execute("SELECT bytes, sender FROM quarantine").fetchall()
        sender = peer_id(mallory.replica, host.space)
        assert kept == [(b"no statement", sender), (b"no act", sender)]


async def test_a_host_that_was_set_back_is_offered_again_what_it_has_lost(
    here: Lan, ann: Neighbour, ben: Neighbour, tmp_path: Path
) -> None:
    ann.add("Before")
    await ben.sync()
    backup = tmp_path / "backup"
    backup.mkdir()
    ann.replica.db.copy_to(backup / "cairn.db")
    ann.add("After")
    cid = here.person("cid")
    await cid.join(ann)
    await here.settle(cid, ben)

    ann.close()
    shutil.rmtree(ann.home)
    shutil.copytree(backup, ann.home)
    ann.open()
    ann.serve()
    await ben.sync()
    await ben.sync()

    assert ann.titles() == ["After", "Before"]
    assert ann.listed() == ben.listed()  # Cid is on the list that Ann had signed and lost
    assert ann.digest() == ben.digest()


async def test_a_home_that_is_mended_keeps_its_list(
    here: Lan, ann: Neighbour, ben: Neighbour
) -> None:
    for number in range(4):
        ann.add(f"Task {number}")
    await ben.sync()
    before = ben.listed()
    damage_change(ben.home, 2)

    assert doctor.repair(ben.replica).ok

    assert ben.listed() == before
    await ben.sync()
    assert ben.digest() == ann.digest()
