"""One item with a long history, whose changes build on each other: large parts, each of them once.

What comes in of an item costs its receiver the whole of it, so parts are larger than those of many
items; and a sync that breaks off, wherever that is, goes on where it stopped.
"""

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

import pytest

from store.documents.inspect import inspect_change
from store.documents.operations import Operations
from store.documents.schema import genesis_hash, genesis_ops
from store.domain.ids import DocId, new_doc_id
from store.domain.limits import BODY_RAW_BYTES_MAX, PUSH_ROWS, PUSH_ROWS_MAX
from store.domain.stamp import Stamp
from sync.errors import Unreachable
from sync.protocol import codec
from sync.protocol.messages import Pulled, Push
from sync.protocol.wire import WireRequest, WireResponse, expanded
from sync.transport.memory import Exchange
from tests.sync.client.world import Person, World

CHANGES = PUSH_ROWS_MAX + 300
IN_A_SITTING = 200
ROUNDS_MAX = 12


def long_history(person: Person) -> DocId:
    """Let a note be here that was written on in many sittings, each of them an actor."""
    doc = new_doc_id("note", os.urandom(16))
    after, start_op, actor = genesis_hash(doc), genesis_ops(doc) + 1, b""
    with person.replica.act("program") as act:
        for number in range(CHANGES):
            if number % IN_A_SITTING == 0:
                actor = os.urandom(16)
            operations = Operations(actor, start_op)
            operations.put(None, "title", f"Day {number}")
            raw, after = operations.frame(
                deps=[after],
                seq=number % IN_A_SITTING + 1,
                stamp=Stamp("Cleo", "tablet", 1_790_000_000_000 + number),
            )
            act.log_change(person.space, doc, inspect_change(raw), origin=None)
            start_op = operations.next_op
    return doc


@dataclass
class Counting:
    """A network that counts the rows of each push and page, and fails when it is told to.

    Attributes:
        sent, came: rows of each push that was sent, and of each page that arrived.
        fails: asked at each push and pull for whether it gets lost.
        is_reply_lost: it is its reply that gets lost, not the request.
    """

    sent: list[int] = field(default_factory=list)
    came: list[int] = field(default_factory=list)
    fails: Callable[[], bool] = lambda: False
    is_reply_lost: bool = False

    async def __call__(self, request: WireRequest, send: Exchange) -> WireResponse:
        what = request.path.rpartition("/")[2]
        if what not in ("push", "pull"):
            return await send(request)
        is_lost = self.fails()
        if is_lost and not self.is_reply_lost:
            raise Unreachable("The request got lost.")
        response = await send(request)
        if what == "push":
            self.sent.append(len(codec.decode(_whole(request.headers, request.body), Push).rows))
        if is_lost:
            raise Unreachable("The reply got lost.")
        if what == "pull" and response.status == 200:
            page = codec.decode(_whole(response.headers, response.body), Pulled)
            self.came.append(len(page.rows))
        return response


def every_other() -> Callable[[], bool]:
    """Let every second message get lost."""
    asked = 0

    def fails() -> bool:
        nonlocal asked
        asked += 1
        return asked % 2 == 0

    return fails


def _whole(headers: Mapping[str, str], body: bytes) -> bytes:
    return expanded(WireResponse(200, dict(headers), body), BODY_RAW_BYTES_MAX)


async def test_a_long_history_travels_in_large_parts_and_many_items_in_small_ones(
    here: World, alice: Person, bob: Person
) -> None:
    alice.network.fault = out = Counting()
    bob.network.fault = into = Counting()
    for number in range(PUSH_ROWS + 10):
        alice.add(f"Task {number}")
    await alice.sync()
    await bob.sync()
    assert max(out.sent) == PUSH_ROWS
    assert max(into.came) == PUSH_ROWS

    note = long_history(alice)
    await alice.sync()
    await bob.sync()

    assert out.sent[-2:] == [PUSH_ROWS_MAX, CHANGES - PUSH_ROWS_MAX]
    assert into.came[-2:] == [PUSH_ROWS, CHANGES - PUSH_ROWS]  # the first one tells that it is long
    assert bob.replica.item(note).title == f"Day {CHANGES - 1}"
    assert bob.digest() == alice.digest()


@pytest.mark.parametrize("is_reply_lost", [False, True], ids=["request", "reply"])
async def test_a_sync_that_breaks_off_goes_on_where_it_stopped(
    here: World, alice: Person, bob: Person, is_reply_lost: bool
) -> None:
    long_history(alice)
    alice.network.fault = out = Counting(fails=every_other(), is_reply_lost=is_reply_lost)
    bob.network.fault = into = Counting(fails=every_other(), is_reply_lost=is_reply_lost)

    for person in (alice, bob):
        for _ in range(ROUNDS_MAX):
            with suppress(Unreachable):
                await person.once()
            here.assert_cursor_is_honest(person)
            person.restart()  # it remembers by what is stored, not by what it has in mind
        person.network.fault = None
        await person.sync()

    assert bob.digest() == alice.digest()
    repeated = sum(out.sent) - CHANGES
    assert 0 <= repeated <= (PUSH_ROWS_MAX * ROUNDS_MAX // 2 if is_reply_lost else 0)
    assert sum(into.came) <= CHANGES
