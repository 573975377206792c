"""A server and devices at once: what one has flows on through any of them."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from store import peers
from store.domain.ids import SpaceId
from store.domain.ledger.policies import Policy
from store.peers import DEVICE, SERVER
from sync.client.own_members import shut_out
from tests.support.memory_server import memory_server
from tests.sync.client.world import URL
from tests.sync.peer.lan import Lan, Neighbour, make


@pytest.fixture
def with_server(here: Lan, tmp_path: Path) -> Iterator[Lan]:
    with ExitStack() as stack:
        here.server = stack.enter_context(memory_server(tmp_path / "server", clock_ms=here.clock))
        yield here


@pytest.fixture
async def dora(with_server: Lan) -> Neighbour:
    """Who made the space on the server."""
    assert with_server.server is not None
    made = with_server.person("dora")
    row = await made.members.create_space("Hut", URL, with_server.server.setup_code)
    with_server.space = SpaceId(row.id)
    await made.sync()
    return made


@pytest.fixture
async def ben(with_server: Lan, dora: Neighbour) -> Neighbour:
    """Her co-owner, who serves too."""
    made = with_server.person("ben")
    link = await dora.members.invite(with_server.space, role="owner")
    await made.members.join(link.link)
    await made.sync()
    made.serve()
    return made


async def test_who_has_never_met_the_server_shares_with_who_never_leaves_it(
    with_server: Lan, dora: Neighbour, ben: Neighbour
) -> None:
    cid = with_server.person("cid")
    await cid.join(ben)
    dora.add("From the office")
    cid.add("From the hut")
    await with_server.settle(cid, ben, dora)

    assert dora.titles() == cid.titles() == ["From the hut", "From the office"]
    assert dora.listed()["cids laptop"] == "editor" == ben.listed()["cids laptop"]
    assert cid.replica.status(with_server.space).state == "synced"  # Ben has it


async def test_where_there_is_a_server_only_that_makes_it_synced(
    with_server: Lan, dora: Neighbour, ben: Neighbour
) -> None:
    """Dora asks Ben too; what he has is not safe at the server yet."""
    await dora.join(ben)
    dora.is_offline = True
    task = dora.add("From the hut")

    await dora.engine.sync_until_quiet(with_server.space)

    assert ben.titles() == ["From the hut"]
    assert dora.replica.task(task).sync == "pending"
    await ben.sync()  # he hands it on
    dora.is_offline = False
    await dora.sync()
    assert dora.replica.task(task).sync == "synced"


async def with_one(who: Neighbour, kind: str) -> None:
    """Run a round with the server, or with the device nearby, and with nobody else."""
    (peer,) = [peer for peer in who.peers() if peer.kind == kind and peer.url]
    await who.engine.sync_peer(peer.id)


@pytest.fixture
async def vera(with_server: Lan, dora: Neighbour, ben: Neighbour) -> Neighbour:
    """Who may only read, and hears of the server and of Ben."""
    made = with_server.person("vera")
    link = await dora.members.invite(with_server.space, role="viewer")
    await made.members.join(link.link)
    await with_server.settle(made, ben, dora)
    await made.join(ben)
    await made.sync()
    return made


async def test_what_a_viewer_heard_nearby_is_synced_once_the_server_has_it(
    with_server: Lan, dora: Neighbour, ben: Neighbour, vera: Neighbour
) -> None:
    """It isn't theirs to hand on: Vera waits until Ben has been at the server himself."""
    ben.is_offline = True
    task = ben.add("From the hut")
    other = dora.add("From the office")
    await dora.sync()

    await vera.sync()

    marks = {row.id: row.sync for row in vera.replica.tasks()}
    assert marks == {task: "pending", other: "synced"}
    status = vera.replica.status(with_server.space)
    assert (status.state, status.pending, status.parked) == ("pending", 1, 0)
    ben.is_offline = False
    await ben.sync()
    await vera.sync()
    assert vera.replica.task(task).sync == "synced"
    assert vera.replica.status(with_server.space).state == "synced"


async def test_of_two_that_a_viewer_heard_nearby_the_one_that_the_server_sends_is_synced(
    with_server: Lan, dora: Neighbour, ben: Neighbour, vera: Neighbour
) -> None:
    """The server gives Vera what Dora adopted from Ben's device; what else he wrote is pending."""
    await dora.join(ben)
    ben.is_offline = True
    early = ben.add("Early")
    await with_one(dora, DEVICE)
    late = ben.add("Late")
    await vera.sync()
    assert {row.sync for row in vera.replica.tasks()} == {"pending"}
    await with_one(dora, SERVER)

    await with_one(vera, SERVER)

    marks = {row.id: row.sync for row in vera.replica.tasks()}
    assert marks == {early: "synced", late: "pending"}


async def test_a_viewer_who_becomes_an_editor_hands_on_what_they_heard_nearby(
    with_server: Lan, dora: Neighbour, ben: Neighbour, vera: Neighbour
) -> None:
    ben.is_offline = True
    task = ben.add("From the hut")
    await vera.sync()
    assert vera.replica.task(task).sync == "pending"

    assert with_server.server is not None
    make(with_server, dora, vera, "editor")
    await dora.sync()
    await vera.sync()

    assert vera.replica.task(task).sync == "synced"
    await dora.sync()
    assert dora.titles() == ["From the hut"]


async def test_a_host_that_lacks_acts_before_those_that_are_pushed_is_given_all(
    with_server: Lan, dora: Neighbour, ben: Neighbour
) -> None:
    cid = with_server.person("cid")
    await cid.members.join((await dora.members.invite(with_server.space)).link)
    await cid.join(ben)
    await with_server.settle(cid, ben, dora)
    ben.is_offline = True
    for name in ("Tent", "Rope"):
        dora.replica.add_item(name, 3, Policy("oversell"))
    await dora.sync()
    await with_one(cid, SERVER)
    (by_ben,) = [peer for peer in cid.peers() if peer.kind == DEVICE]
    with cid.replica.db.write() as conn:  # as if Ben had been given the first act, and lost it
        (first,) = conn.execute("SELECT min(seq) FROM log WHERE type = 'ledger'").fetchone()
        peers.set_push_seq(conn, by_ben.id, first)

    await with_one(cid, DEVICE)

    assert [ben.replica.supply(name).available for name in ("Tent", "Rope")] == [3, 3]


async def test_the_server_shuts_out_and_devices_follow_its_word(
    with_server: Lan, dora: Neighbour, ben: Neighbour
) -> None:
    cid = with_server.person("cid")
    link = await dora.members.invite(with_server.space)
    await cid.members.join(link.link)
    await cid.join(ben)
    await with_server.settle(cid, ben, dora)

    await dora.members.revoke("cids laptop", with_server.space)
    await ben.sync()
    cid.add("Too late")
    result = await cid.engine.sync_until_quiet(with_server.space)

    assert result.error is not None
    assert result.error.type == "revoked"
    assert ben.titles() == []


async def test_an_owners_word_reaches_the_server_which_follows_it(
    with_server: Lan, dora: Neighbour, ben: Neighbour
) -> None:
    """Ben shuts Cid out while the server is away; it hears that with his next round."""
    cid = with_server.person("cid")
    await cid.members.join((await dora.members.invite(with_server.space)).link)
    await with_server.settle(cid, ben)
    shut_out(ben.replica, "cids laptop", with_server.space)
    assert ben.replica.status(with_server.space).pending == 1

    await ben.sync()

    result = await cid.engine.sync_until_quiet(with_server.space)
    assert result.error is not None
    assert result.error.type == "revoked"
    devices = await dora.members.devices(with_server.space)
    assert {one.device for one in devices if one.revoked} == {"cids laptop"}
    assert ben.replica.status(with_server.space).pending == 0


async def test_a_space_that_devices_share_may_be_published_and_all_stay_in(
    with_server: Lan, here: Lan
) -> None:
    assert with_server.server is not None
    ann = here.founder("ann")
    ann.serve()
    ben = here.person("ben")
    await ben.join(ann)
    await here.settle(ben)

    await ann.members.publish(here.space, URL, with_server.server.setup_code)
    await ann.sync()
    ben.add("Still with Ann")
    await ben.sync()
    await ann.sync()

    assert ann.titles() == ["Still with Ann"]
    eva = here.person("eva")
    await eva.members.join((await ann.members.invite(here.space)).link)
    await eva.sync()
    await ann.sync()
    assert eva.listed() == ann.listed()
    assert set(eva.listed()) == {"anns laptop", "bens laptop", "evas laptop"}


async def test_what_the_authority_decided_reaches_who_has_never_met_it_and_asking_waits(
    with_server: Lan, dora: Neighbour, ben: Neighbour
) -> None:
    dora.replica.add_item("Tent", 3, Policy("oversell"))
    await dora.sync()
    await ben.sync()
    cid = with_server.person("cid")
    await cid.join(ben)

    await cid.sync()

    assert cid.replica.supply("Tent").available == 3
    asked = cid.replica.reserve("Tent", 1)
    await cid.sync()
    (row,) = cid.replica.reservations()
    assert (row.id, row.state) == (asked, "requested")
    assert cid.replica.status(with_server.space).state == "pending"
