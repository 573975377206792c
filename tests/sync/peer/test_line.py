"""Homes in a line without a server: what one has flows on to the others through those between."""

from pathlib import Path

from store.commands.patches import Patch
from sync.protocol import routes
from sync.protocol.wire import WireRequest, WireResponse
from sync.transport.memory import Exchange
from tests.sync.peer.lan import Lan, Neighbour


async def test_what_one_writes_reaches_the_other_end_and_comes_back(
    here: Lan, ann: Neighbour, ben: Neighbour
) -> None:
    ben.serve()
    cid = here.person("cid")
    await cid.join(ben)  # whom Ann has never met
    task = ann.add("Buy rope")
    cid.add("Pack the stove")
    await here.settle(ben, cid, ann)

    assert ann.titles() == ben.titles() == cid.titles() == ["Buy rope", "Pack the stove"]
    assert ann.listed() == {
        "anns laptop": "owner",
        "bens laptop": "owner",
        "cids laptop": "editor",
    }
    cid.replica.edit(task, Patch(fields={"title": "Buy two ropes"}))
    await cid.sync()
    await ben.sync()
    assert "Buy two ropes" in ann.titles()
    assert (await ben.sync()).pushed == 0  # nothing is sent back
    assert {person.replica.status(here.space).state for person in (ann, ben, cid)} == {"synced"}


async def test_both_ends_write_one_title_apart_and_all_see_the_same_conflict(
    here: Lan, ann: Neighbour, ben: Neighbour
) -> None:
    ben.serve()
    cid = here.person("cid")
    task = ann.add("Rope")
    await ben.sync()
    await cid.join(ben)
    await cid.sync()
    ann.replica.edit(task, Patch(fields={"title": "Ann's rope"}))
    cid.replica.edit(task, Patch(fields={"title": "Cid's rope"}))

    await here.settle(cid, ben)

    for person in (ann, ben, cid):
        (conflict,) = person.replica.conflicts(remember=False)
        assert {side.value for side in conflict.sides} == {"Ann's rope", "Cid's rope"}
    assert ann.digest() == cid.digest()


async def test_a_guest_that_is_away_is_what_a_space_waits_for(
    here: Lan, ann: Neighbour, ben: Neighbour
) -> None:
    await ben.sync()
    task = ann.add("Buy rope")
    assert (ann.replica.status(here.space).state, ann.replica.task(task).sync) == (
        "pending",
        "pending",
    )

    await ben.sync()

    assert (ann.replica.status(here.space).state, ann.replica.task(task).sync) == (
        "synced",
        "synced",
    )
    (guest,) = ann.peers()
    assert (guest.url, guest.kind, guest.name) == ("", "peer", "bens laptop")


async def test_each_asks_the_other_and_nothing_travels_twice(
    here: Lan, ann: Neighbour, ben: Neighbour
) -> None:
    ben.serve()
    await ann.join(ben)
    ann.add("Buy rope")
    ben.add("Pack the stove")

    first, second = await ann.sync(), await ben.sync()
    again = await ann.sync()

    assert (first.pushed, first.pulled) == (1, 1)
    assert (second.pushed, second.pulled) == (0, 0)
    assert (again.pushed, again.pulled) == (0, 0)
    assert ann.digest() == ben.digest()
    assert len(ann.peers()) == len(ben.peers()) == 1  # one row, whoever dials


async def test_a_home_that_was_restored_goes_on_as_another_and_loses_nothing(
    here: Lan, ann: Neighbour, ben: Neighbour, tmp_path: Path
) -> None:
    ben.add("Before")
    await ben.sync()
    copy = tmp_path / "copy"
    copy.mkdir()
    ben.replica.db.copy_to(copy / "cairn.db")
    ben.add("After")
    await ben.sync()

    twin = here.person("twin", copy)
    before = twin.replica.identity.replica_id
    twin.add("From the copy")
    await twin.sync()
    await ben.sync()

    assert twin.replica.identity.replica_id != before
    assert ann.titles() == ben.titles() == ["After", "Before", "From the copy"]
    await twin.sync()
    assert twin.digest() == ben.digest()


async def test_a_request_for_a_new_id_that_arrives_once_more_shuts_nobody_out(
    here: Lan, ann: Neighbour, ben: Neighbour, tmp_path: Path
) -> None:
    """It was given up and sent again, and now the first one comes too."""
    copy = tmp_path / "copy"
    copy.mkdir()
    ben.replica.db.copy_to(copy / "cairn.db")
    ben.add("Before")
    await ben.sync()
    sent: list[WireRequest] = []

    async def keep(request: WireRequest, send: Exchange) -> WireResponse:
        sent.append(request)
        return await send(request)

    twin = here.person("twin", copy)
    twin.fault = keep
    twin.add("From the copy")
    await twin.sync()
    (late,) = [one for one in sent if one.path == routes.REKEY.path]
    assert ann.host is not None

    told = await ann.host.endpoint.exchange(late)

    assert told.status == 409
    twin.add("Later")
    await twin.sync()
    assert ann.titles() == ["Before", "From the copy", "Later"]


async def test_what_was_missed_by_the_cursors_is_found_by_comparing(
    here: Lan, ann: Neighbour, ben: Neighbour
) -> None:
    ann.add("Buy rope")
    await ben.sync()
    from store import log, peers
    from sync.protocol.cursor import encode_cursor
    from sync.protocol.messages import LogPosition

    ann.add("Missed")
    with ann.replica.db.read() as conn:
        end = log.position(conn, here.space)
    (host,) = ben.peers()
    with ben.replica.db.write() as conn:
        where = encode_cursor(LogPosition(end.generation, end.seq, end.chain))
        peers.set_pull_cursor(conn, host.id, where)

    await ben.sync()

    assert ben.titles() == ["Buy rope", "Missed"]
