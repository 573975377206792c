"""Rules of rounds with devices: what came from one is there, and one that is there has time.

What waits for its causes is let go by whatever way they come (world 200023).
"""

import pytest

from store import log
from store.commands.patches import Patch
from store.documents.inspect import inspect_change
from store.domain.measures import names
from sync.client.server_side import ServerSide
from sync.errors import AuthRefused
from sync.protocol import routes
from tests.support.pushes import change
from tests.sync.peer.lan import Lan, Neighbour

FROM_OTHERS = "SELECT coalesce(max(count), 0) FROM measure WHERE name = ? AND label = 'remote'"


async def test_what_came_from_the_only_other_device_is_synced_at_once(
    here: Lan, ann: Neighbour, ben: Neighbour
) -> None:
    task = ann.add("Buy rope")

    await ben.sync()

    assert ben.replica.task(task).sync == "synced"
    assert ann.replica.task(task).sync == "synced"


async def test_what_waited_is_let_go_when_a_guest_pushes_its_cause(
    here: Lan, ann: Neighbour, ben: Neighbour
) -> None:
    task = ben.add("Buy rope")
    ben.replica.edit(task, Patch(fields={"title": "Buy a long rope"}))
    with ben.replica.db.read() as conn:
        edit = log.doc_rows(conn, task)[-1].bytes
    assert edit is not None
    rows = [(task, inspect_change(edit))]
    ann.replica.apply_remote(here.space, rows, origin="a server that left a row out")

    await ben.sync()

    with ann.replica.db.read() as conn:
        assert log.waiting_docs(conn, here.space) == []
    assert ann.replica.task(task).title == "Buy a long rope"


async def test_what_was_let_go_counts_as_what_came_from_others(
    here: Lan, ann: Neighbour, ben: Neighbour
) -> None:
    """The rate of conflicts is a part of those."""
    cause = change()
    waiting = change(after=cause, key="due")
    for by, one in ((ann, waiting), (ben, cause)):
        rows = [(one.doc, inspect_change(one.raw))]
        by.replica.apply_remote(here.space, rows, origin="a server that left a row out")

    await ben.sync()

    with ann.replica.db.read() as conn:
        assert log.waiting_docs(conn, here.space) == []
        assert conn.execute(FROM_OTHERS, (names.CHANGES,)).fetchone() == (2,)


async def test_a_device_that_has_answered_is_given_the_time_of_a_server(ann: Neighbour) -> None:
    assert ann.host is not None
    side = ServerSide(
        ann.host.transport(), ann.lan.space, None, lambda: 0.0, timeout_s=2.0, there_s=9.0
    )

    with pytest.raises(AuthRefused):
        await side.hello()
    assert side.timeout_s == 2.0
    assert (await side.ask(routes.HEALTH)).ok
    assert side.timeout_s == 9.0
