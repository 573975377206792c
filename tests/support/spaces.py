"""Spaces that a home has without having met a server: their logs come by other ways in tests."""

from store import log, spaces
from store.change_set import ChangeSet
from store.domain.ids import SpaceId
from store.replica import Replica


def share_space(replica: Replica, space: SpaceId, name: str) -> None:
    """Let a home have a space that others have too; it becomes the current one.

    Args:
        replica: the home.
        space: its id; nothing is lost if the home has it already.
        name: what it is called if it is new here.
    """
    with replica.act() as act:
        if space not in spaces.space_names(act.conn):
            entropy, now_ms = act.world.entropy(16), act.world.clock_ms()
            log.create_space(act.conn, space, name, entropy, now_ms, "hosted")
        spaces.set_kind(act.conn, space, "hosted")
        spaces.set_current(act.conn, space)
    replica.announce(ChangeSet(topics=frozenset({"spaces", "sync"})))
