"""What came from a device counts as being there: nothing of it waits to be sent."""

from tests.sync.peer.lan import Lan, Neighbour


async def test_what_came_from_the_only_other_device_is_synced_at_once(
    here: Lan, ann: Neighbour, ben: Neighbour
) -> None:
    task = ann.add("Buy rope")

    await ben.sync()

    assert ben.replica.task(task).sync == "synced"
    assert ann.replica.task(task).sync == "synced"
