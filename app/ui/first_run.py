"""What a new home shows when the app opens it for the first time: a few examples, easily removed.

They are made once, only in *Personal*, and only if nothing is there yet (DECISIONS D16).
"""

from datetime import timedelta
from typing import Final

from app.local_time import local_now
from store.commands.patches import NewTask
from store.database.meta import read_meta, write_meta
from store.domain.ids import DocId
from store.replica import Replica

EXAMPLE_TAG: Final = "example"
_PERSONAL: Final = "Personal"
_MARK: Final = "app_first_run"

_NOTE: Final = """Cairn keeps everything on this device and works without a network.

- What you type is saved at once.
- The chip above says how sync stands; tap it to share a space with other devices.
- If two people write different things while apart, both are kept, and Conflicts shows them.
"""


def prepare_home(replica: Replica) -> bool:
    """Make the examples if this is the app's first run on this home; tells whether it did."""
    with replica.db.write() as conn:
        if read_meta(conn, _MARK) is not None:
            return False
        write_meta(conn, _MARK, "done")
    if replica.tasks(limit=1) or replica.notes(limit=1) or _is_personal_shared(replica):
        return False
    tomorrow = (local_now() + timedelta(days=1)).date().isoformat()
    tags = (EXAMPLE_TAG,)
    for draft in (
        NewTask("Tick me off", tags=tags),
        NewTask("Open me, and change my due date", due=tomorrow, priority="high", tags=tags),
    ):
        replica.add_task(draft, space=_PERSONAL)
    replica.add_note("How Cairn works", body=_NOTE, tags=tags, space=_PERSONAL)
    return True


def examples(replica: Replica) -> list[DocId]:
    """Find the examples that are still there."""
    if _is_personal_shared(replica):
        return []
    tasks = [row.id for row in replica.tasks(tag=EXAMPLE_TAG, space=_PERSONAL)]
    notes = [row.id for row in replica.notes(tag=EXAMPLE_TAG, space=_PERSONAL)]
    return [DocId(each) for each in tasks + notes]


def remove_examples(replica: Replica) -> int:
    """Put the examples into the trash; gives how many."""
    found = examples(replica)
    for doc in found:
        replica.trash(doc)
    return len(found)


def _is_personal_shared(replica: Replica) -> bool:
    """Tell whether there is no local space called Personal: it may be published, or renamed."""
    return not any(space.name == _PERSONAL and space.kind == "local" for space in replica.spaces())
