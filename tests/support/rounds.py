"""Single rounds, where a test or a measurement looks at what one of them does."""

from store import peers
from store.domain.ids import SpaceId
from store.replica import Replica
from sync.client.engine import Engine
from sync.client.results import SyncResult


async def one_round(engine: Engine, replica: Replica, space: SpaceId) -> SyncResult:
    """Run one round with the server of a space.

    Raises:
        SyncError: what stopped it.
    """
    with replica.db.read() as conn:
        server = peers.server_of(conn, space)
    assert server is not None, "the space has a server"
    return await engine.sync_peer(server.id)
