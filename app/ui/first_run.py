"""A new home: whether it is one, and the examples that a person may have made in it.

Examples are made only where somebody asked for them, and only in *Personal* (DECISIONS D16); they
are one list, which is put away by one act.
"""

from datetime import timedelta
from typing import Final

from app.local_time import local_now
from app.ui.seen import look
from store.commands.patches import NewTask
from store.domain.ids import DocId
from store.replica import Replica

EXAMPLE_TAG: Final = "example"
EXAMPLE_LIST: Final = "First steps"
_PERSONAL: Final = "Personal"
_MARK: Final = "app_first_run"

_NOTE: Final = """Cairn keeps everything on this device and works without a network.

- What you type is saved at once.
- The chip above says how sync stands; tap it to see whether you may close the lid.
- If two people write different things while apart, both are kept, and Conflicts shows them.
- Press ? for the keyboard shortcuts.
"""


def is_new(replica: Replica) -> bool:
    """Tell whether nobody has used this home yet: then the app begins with its first run."""
    if replica.setting(_MARK) is not None:
        return False
    shared = any(space.url for space in replica.spaces())
    return not (shared or replica.tasks(limit=1) or replica.notes(limit=1))


def finish_first_run(replica: Replica) -> None:
    """Remember that the first run is over; from here on, what others write is new."""
    replica.remember(_MARK, "done")
    look(replica)


def add_examples(replica: Replica) -> None:
    """Make the examples, in *Personal* whatever the current space is."""
    tomorrow = (local_now() + timedelta(days=1)).date().isoformat()
    tags = (EXAMPLE_TAG,)
    for draft in (
        NewTask("Tick me off", list=EXAMPLE_LIST, tags=tags),
        NewTask(
            "Open me, and change my due date",
            list=EXAMPLE_LIST,
            due=tomorrow,
            priority="high",
            tags=tags,
        ),
        NewTask("Press N and add a task of your own", list=EXAMPLE_LIST, tags=tags),
    ):
        replica.add_task(draft, space=_PERSONAL)
    replica.add_note("How Cairn works", body=_NOTE, tags=tags, space=_PERSONAL)


def examples(replica: Replica) -> list[DocId]:
    """Find the examples that are still there."""
    if not _has_personal(replica):
        return []
    tasks = [row.id for row in replica.tasks(tag=EXAMPLE_TAG, space=_PERSONAL)]
    notes = [row.id for row in replica.notes(tag=EXAMPLE_TAG, space=_PERSONAL)]
    return [DocId(each) for each in tasks + notes]


def remove_examples(replica: Replica) -> int:
    """Put the examples into the trash, as one act; gives how many."""
    found = examples(replica)
    replica.trash_all(found)
    return len(found)


def _has_personal(replica: Replica) -> bool:
    """Tell whether there is a local space called Personal: it may be published, or renamed."""
    return any(space.name == _PERSONAL and space.kind == "local" for space in replica.spaces())
