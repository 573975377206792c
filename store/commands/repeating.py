"""The next task of a series, made when one is done; two devices that finish it make it once.

Its id is a hash of the task before and the new date, and its first change derives from what it
says, so completing the same task twice, on two devices apart, gives one next task.
"""

import hashlib
from collections.abc import Mapping
from typing import Final

from store.commands.content import Content
from store.commands.inverse import Inverse
from store.commands.unit_of_work import ACTOR_BYTES, UnitOfWork
from store.documents.settlements import compact
from store.domain.fields import Scalar
from store.domain.ids import DocId, new_doc_id, new_event_id
from store.domain.recurrence import next_due
from store.domain.stamp import Stamp

SERIES: Final = "series"
"""Who wrote an occurrence: nobody in person."""

_CARRIED: Final = ("title", "priority", "list", "assignee", "parent", "repeat")


def next_occurrence(act: UnitOfWork, doc_id: DocId, undo: list[Inverse]) -> DocId | None:
    """Make the task that follows a finished one of a series; adds to `undo`.

    Returns:
        Its id; None where the task doesn't repeat, has no date, or was followed already.
    """
    state = act.state(doc_id)
    rule, due = state.fields.get("repeat"), state.fields.get("due")
    if not isinstance(rule, str) or not isinstance(due, str):
        return None
    following = next_due(rule, due)
    if following is None:
        return None
    fields: dict[str, Scalar] = {
        name: value for name in _CARRIED if (value := state.fields.get(name)) is not None
    }
    fields["due"] = following
    said = compact({"fields": fields, "tags": list(state.tags), "body": state.body})
    seed = f"cairn occurrence\n{doc_id}\n{following}".encode()
    new_id = new_doc_id("task", hashlib.sha256(seed).digest()[:16])
    if act.conn.execute("SELECT 1 FROM doc WHERE id = ?", (new_id,)).fetchone():
        return None
    actor = hashlib.sha256(seed + said.encode()).digest()[:ACTOR_BYTES]
    order = new_event_id(hashlib.sha256(seed + b"\norder").digest()[:16])
    entries: dict[str, Mapping[str, Scalar]] = {
        "tags": dict.fromkeys(state.tags, True),
        "order": {order: state.order or "V"},
    }
    content = Content(fields, entries, state.body)
    # No person, device or time of this one: another device has to come to the same bytes.
    act.write_initial(act.space_of(doc_id), new_id, actor, content, Stamp(SERIES, "", 0))
    undo.append(Inverse.of_trash(new_id, "trash"))
    return new_id
