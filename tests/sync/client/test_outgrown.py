"""An item with too many edits for the server to examine is set aside, and all else flows (ADR 32).

The server's examining child is real, and has little memory; the item was written on for long.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.documents.inspect import InspectedChange, inspect_change
from store.documents.operations import Operations
from store.documents.schema import genesis_hash, genesis_ops
from store.documents.trial import TrialLoader
from store.domain.ids import DocId, new_doc_id
from store.domain.stamp import Stamp
from store.peers import DEPENDS_ON_REFUSED
from sync.errors import Busy
from sync.protocol.problems import refuse
from sync.protocol.wire import WireRequest, WireResponse
from sync.server.endpoint import problem_response
from sync.server.limits import STRIKE_WAIT_S
from sync.transport.memory import Exchange
from tests.sync.client.world import Person, World, world

MEMORY_BYTES: int = 120 << 20
EDITS = 3_000  # the child has memory for less than this

on_linux = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux limits the memory of one process"
)


@pytest.fixture
def seconds() -> list[float]:
    """The server's clock."""
    return [0.0]


@pytest.fixture
def here(tmp_path: Path, seconds: list[float]) -> Iterator[World]:
    """A server that has little memory to examine with."""
    with (
        TrialLoader(memory_bytes_max=MEMORY_BYTES) as trial,
        world(tmp_path, trial, lambda: seconds[0]) as made,
    ):
        yield made


def written_on_for_long(person: Person) -> DocId:
    """Let a note come from a device that has saved it very often."""
    doc = new_doc_id("note", os.urandom(16))
    after, start_op = genesis_hash(doc), genesis_ops(doc) + 1
    changes: list[tuple[DocId, InspectedChange]] = []
    for number in range(EDITS):
        operations = Operations(os.urandom(16), start_op)
        operations.put(None, f"page {number}", "written")
        raw, after = operations.frame(deps=[after], seq=1, stamp=Stamp("Cleo", "tablet", number))
        changes.append((doc, inspect_change(raw)))
        start_op = operations.next_op
    person.replica.apply_remote(person.space, changes, origin="cleo")
    return doc


def reasons(person: Person, doc: DocId) -> set[str]:
    """Why changes of an item are parked."""
    with person.replica.db.read() as conn:
        found = conn.execute("SELECT DISTINCT reason FROM parked WHERE doc = ?", (doc,))
        return {reason for (reason,) in found}


@on_linux
async def test_an_item_with_too_many_edits_is_set_aside_and_all_else_flows(
    alice: Person, bob: Person, seconds: list[float]
) -> None:
    note = written_on_for_long(alice)
    alice.add("Buy rope")
    bob.add("Pitch the tent")
    await bob.sync()

    with pytest.raises(Busy, match="could not be examined"):
        await alice.once()  # refused, and then made to wait with the rest
    assert alice.titles() == ["Buy rope", "Pitch the tent"]  # what others wrote came nevertheless
    seconds[0] += STRIKE_WAIT_S
    result = await alice.sync()
    await bob.sync()

    assert "too-many-edits" in reasons(alice, note)
    assert (result.state, result.parked, alice.replica.status().pending) == ("attention", 1, 0)
    (told,) = alice.replica.parked()
    assert "too large for this server to examine" in told.reason
    assert bob.titles() == ["Buy rope", "Pitch the tent"]
    alice.network.asked.clear()
    alice.retitle(note, "Log of the hut")
    await alice.sync()
    assert DEPENDS_ON_REFUSED in reasons(alice, note)
    assert "push" not in alice.network.asked


@on_linux
async def test_it_can_go_on_as_a_new_item(
    here: World, alice: Person, bob: Person, seconds: list[float]
) -> None:
    note = written_on_for_long(alice)
    alice.retitle(note, "Log of the hut")
    await alice.sync()
    seconds[0] += STRIKE_WAIT_S

    made = alice.replica.salvage(note)
    await here.settle()

    assert alice.parked() == set()
    assert bob.replica.item(made).title == "Log of the hut"


async def test_where_nothing_can_be_examined_the_round_still_brings_what_others_wrote(
    here: World, alice: Person, bob: Person
) -> None:
    bob.add("Pitch the tent")
    await bob.sync()
    alice.add("Buy rope")

    async def examines_nothing(request: WireRequest, send: Exchange) -> WireResponse:
        if request.path.endswith("push"):
            gone = refuse("trial-unavailable", "The examiner is gone.", retry_after_s=7)
            return problem_response(gone.problem)
        return await send(request)

    alice.network.fault = examines_nothing
    with pytest.raises(Busy, match="gone") as stopped:
        await alice.once()

    assert stopped.value.retry_after_s == 7
    assert alice.titles() == ["Buy rope", "Pitch the tent"]
    assert (alice.replica.status().state, alice.replica.status().pending) == ("retrying", 1)
    alice.network.fault = None
    await here.settle()
    assert bob.titles() == ["Buy rope", "Pitch the tent"]
