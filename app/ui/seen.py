"""Up to where somebody has looked at what changed here: kept in the home, never sent."""

import json
from collections.abc import Mapping
from typing import Final

from store.change_set import ChangeSet
from store.replica import Replica

_KEY: Final = "app_seen"


def look(replica: Replica) -> dict[str, int]:
    """Give up to where each space (by id) was looked at before, and note that it is all seen now.

    The first look of all finds nothing new: what is there was there from the beginning.
    """
    now = replica.logged_up_to()
    kept = replica.remember(_KEY, json.dumps(now))
    replica.announce(ChangeSet(topics=frozenset({"settings"})))
    return now if kept is None else _read(kept)


def unseen(replica: Replica) -> int:
    """Count the items that others changed since the last look."""
    kept = replica.setting(_KEY)
    return 0 if kept is None else replica.changed_elsewhere(_read(kept))


def _read(kept: str) -> dict[str, int]:
    try:
        found = json.loads(kept)
    except ValueError:  # of another version of the app
        return {}
    if not isinstance(found, Mapping):
        return {}
    return {space: seq for space, seq in found.items() if isinstance(seq, int)}
