"""Rules of rounds with devices: what came from one is there, and one that is there has time."""

import pytest

from sync.client.server_side import ServerSide
from sync.errors import AuthRefused
from sync.protocol import routes
from tests.sync.peer.lan import Lan, Neighbour


async def test_what_came_from_the_only_other_device_is_synced_at_once(
    here: Lan, ann: Neighbour, ben: Neighbour
) -> None:
    task = ann.add("Buy rope")

    await ben.sync()

    assert ben.replica.task(task).sync == "synced"
    assert ann.replica.task(task).sync == "synced"


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
