"""Every message that the protocol has, disturbed once in each of eleven ways; all ends well.

Two stories go through all routes there are: one with a server (entering, rounds, the ledger, a copy
of a home, a server that was set back), one between devices. `make test` disturbs the first message
of each route and story in one way; CAIRN_EVERY_MESSAGE disturbs all of them in so many ways each.
"""

import asyncio
import contextlib
import os
import sys
from collections.abc import Awaitable, Callable
from itertools import cycle, islice
from pathlib import Path

import pytest

from store.documents.trial import TrialLoader
from store.domain.ledger.policies import Policy
from store.ledger.books import snapshot
from sync.errors import SyncError
from sync.protocol import routes
from tests.sync.client.disturbing import FAULTS, Once
from tests.sync.client.world import URL, Person, World, world
from tests.sync.peer.lan import Lan, Neighbour, lan

WAYS_EACH = min(len(FAULTS), int(os.environ.get("CAIRN_EVERY_MESSAGE", "0")))

Story = Callable[[Path, TrialLoader, Once], Awaitable[None]]


async def with_server(folder: Path, trial: TrialLoader, fault: Once) -> None:
    """Found a space, let others in, share supplies, copy a home, set the server back."""
    with world(folder, trial) as here:
        alice = _on_this_network(here, "alice", fault)
        space = await alice.members.create_space("Hut", URL, here.server.setup_code)
        here.space = type(here.space)(space.id)
        alice.replica.add_item("Tent", 5, Policy("oversell"))
        alice.add("Buy rope")
        await alice.sync()
        bob = _on_this_network(here, "bob", fault)
        await bob.members.join((await alice.members.invite(here.space)).link)
        await bob.sync()
        await _probe(here, alice, bob)

        older = here.back_up_server()
        reservation = bob.replica.reserve("Tent", 2)
        await bob.sync()
        await alice.sync()
        bob.add("Pack")
        await bob.sync()
        # Alice's cursors missed that, so that the heads are compared too. Acts of the ledger that
        # she missed would bring it along: they are asked for from where they lie in the log.
        alice.skip_to(here.end_of_server_log(), push_seq=len(alice.log()))
        await alice.sync()

        copy = _on_this_network(here, "copy", fault, bob.back_up())
        bob.add("By Bob")
        await bob.sync()
        copy.add("By his copy")
        await copy.sync()
        taken_up = copy.replica.identity.replica_id
        assert taken_up != bob.replica.identity.replica_id
        await alice.members.change_role(taken_up, "viewer", here.space)
        await copy.sync()
        assert copy.replica.space(here.space).role == "viewer"
        await _all_in_turn(here, alice, bob)

        here.restore_server(older)
        await _all_in_turn(here, alice, bob)
        await alice.members.revoke(bob.replica.identity.replica_id, here.space)
        assert any(one.revoked for one in await alice.members.devices(here.space))

        alice.network.fault = None
        await alice.sync()
        here.assert_alike(alice)
        assert alice.titles() == ["Buy rope", "By Bob", "By his copy", "Pack"]
        assert len(alice.log()) == len({row.hash for row in alice.log()})
        assert alice.replica.supply("Tent").available == 3
        assert alice.replica.reservation(reservation).state == "confirmed"
        with alice.replica.db.read() as conn, bob.replica.db.read() as others:
            assert list(snapshot(conn, here.space)) == list(snapshot(others, here.space))


async def between_devices(folder: Path, trial: TrialLoader, fault: Once) -> None:
    """Share a space nearby, write at both ends, go on as a copy, be shut out."""
    with lan(folder) as here:
        ann = here.founder("ann")
        ann.add("Buy rope")
        ann.serve()
        ben = _nearby(here, "ben", fault)
        await ben.join(ann)
        ben.add("Pack")
        await ben.sync()
        kept = here._folder / "kept"
        kept.mkdir()
        ben.replica.db.copy_to(kept / "cairn.db")
        copy = _nearby(here, "copy", fault, kept)
        ben.add("By Ben")
        await ben.sync()
        copy.add("By his copy")
        await copy.sync()

        ben.fault = copy.fault = None
        for _ in range(2):
            await ben.sync()
            await copy.sync()
        assert len({ann.digest(), ben.digest(), copy.digest()}) == 1
        assert ann.titles() == ["Buy rope", "By Ben", "By his copy", "Pack"]
        assert len({one.replica.identity.replica_id for one in (ann, ben, copy)}) == 3


STORIES: dict[str, tuple[Story, set[str]]] = {
    "with a server": (
        with_server,
        {route.path for route in routes.ALL if route is not routes.HEALTH},
    ),
    "between devices": (
        between_devices,
        {
            route.path
            for route in (
                routes.JOIN,
                routes.HELLO,
                routes.PUSH,
                routes.PULL,
                routes.WAIT,
                routes.REKEY,
            )
        },
    ),
}


@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("name", STORIES)
async def test_whatever_message_is_disturbed_all_have_everything_once(
    name: str, tmp_path: Path, trial: TrialLoader
) -> None:
    story, paths = STORIES[name]
    undisturbed = Once(-1, None)
    await story(tmp_path / "undisturbed", trial, undisturbed)
    assert {f"/{path}" for path in undisturbed.names} >= {
        f"/{path.rpartition('/')[2]}" for path in paths
    }

    ways = cycle(FAULTS)
    chosen = _chosen(undisturbed.names)
    failed: list[str] = []
    for number in chosen:
        for way in islice(ways, max(1, WAYS_EACH)):
            fault = FAULTS[way](number)
            try:
                await story(tmp_path / f"{number} {way}", trial, fault)
            except (AssertionError, SyncError) as wrong:
                failed.append(f"{number} ({undisturbed.names[number]}) {way}: {wrong!r}"[:300])
            assert fault.seen > number
    assert failed == []
    disturbed = len(chosen) * max(1, WAYS_EACH)
    sys.stdout.write(f"disturbed {disturbed} of {undisturbed.seen * len(FAULTS)} messages\n")


def _chosen(names: list[str]) -> list[int]:
    """Which messages are disturbed: all, or the first of each kind."""
    if WAYS_EACH:
        return list(range(len(names)))
    return [names.index(name) for name in dict.fromkeys(names)]


def _on_this_network(here: World, name: str, fault: Once, home: Path | None = None) -> Person:
    person = here.person(name, home)
    person.network.fault = fault
    return person


def _nearby(here: Lan, name: str, fault: Once, home: Path | None = None) -> Neighbour:
    person = here.person(name, home)
    person.fault = fault
    return person


async def _all_in_turn(here: World, *everybody: Person) -> None:
    """Sync after the server was set back, which takes a while longer."""
    for _ in range(3):
        for person in everybody:
            await person.sync()
        here.server.run_jobs()


async def _probe(here: World, one: Person, other: Person) -> None:
    """Probe once while another device waits. What is lost of it is counted, never sent again."""
    waiting = asyncio.create_task(other.engine.has_news(other.peer().id, timeout_s=20))
    wakeups = here.server.service.wakeups
    while not (waiting.done() or wakeups.connected_count()):  # noqa: ASYNC110 -- it tells nobody
        await asyncio.sleep(0)

    async def until_it_came(_seconds: float) -> None:
        await other.sync()

    with contextlib.suppress(SyncError):
        await one.engine.probe(one.space, until_it_came)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
