"""The next task of a series, made when one is done; two devices that finish it make it once.

Its id is a hash of the task before and the new day, and its changes derive from what they say. What
can differ between devices (a field that one of them changed, the hour in another time zone) is a
change of its own, so that it shows as a conflict of that field and the text is never there twice.
A task without a due date comes back counted from the day on which it is finished; whoever finishes
it elsewhere on another day makes the same task with another due date, which is such a conflict.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from store.commands.content import Content
from store.commands.inverse import Inverse
from store.commands.unit_of_work import ACTOR_BYTES, UnitOfWork
from store.documents.binding import ROOT_OBJECT, Writer
from store.documents.settlements import compact
from store.domain.fields import Scalar
from store.domain.ids import DocId, new_doc_id, new_event_id
from store.domain.recurrence import next_due, next_rule
from store.domain.stamp import Stamp

SERIES: Final = "series"
"""Who wrote an occurrence: nobody in person, or two devices would write it differently."""

_CARRIED: Final = ("title", "priority", "list", "assignee", "parent")


def next_occurrence(act: UnitOfWork, doc_id: DocId, undo: list[Inverse]) -> DocId | None:
    """Make the task that follows a finished one of a series; adds to `undo`.

    Returns:
        Its id; None where the task doesn't repeat any more, or was followed already.
    """
    state = act.state(doc_id)
    rule, due = state.fields.get("repeat"), state.fields.get("due")
    if not isinstance(rule, str):
        return None
    counted_from = due if isinstance(due, str) else _local_day(act.stamp.at_ms)
    following = _next_due(rule, counted_from)
    if following is None:
        return None
    named = following[:10] if due == counted_from else "undated"
    seed = f"cairn occurrence\n{doc_id}\n{named}".encode()
    new_id = new_doc_id("task", _hash(seed)[:16])
    if act.conn.execute("SELECT 1 FROM doc WHERE id = ?", (new_id,)).fetchone():
        return None
    fields: dict[str, Scalar] = {
        name: value for name in _CARRIED if (value := state.fields.get(name)) is not None
    }
    fields |= {"due": following, "repeat": next_rule(rule)}
    entries: dict[str, Mapping[str, Scalar]] = {
        "tags": dict.fromkeys(state.tags, True),
        "order": {new_event_id(_hash(seed + b"\norder")[:16]): state.order},
    }
    nobody = Stamp(SERIES, "", 0)
    said = compact({"tags": list(state.tags), "order": state.order, "body": state.body})
    space, actor = act.space_of(doc_id), _hash(seed + said.encode())[:ACTOR_BYTES]
    act.write_initial(space, new_id, actor, Content({}, entries, state.body), nobody)

    def write(writer: Writer) -> None:
        for key, value in fields.items():
            writer.put(ROOT_OBJECT, key, value)

    # The fields are written on what was said first: who said something else has another actor.
    actor = _hash(seed + said.encode() + b"\nfields\n" + compact(fields).encode())[:ACTOR_BYTES]
    act.edit(new_id, write, by=(actor, nobody))
    undo.append(Inverse.of_trash(new_id, "trash"))
    return new_id


def _next_due(rule: str, due: str) -> str | None:
    if len(due) == len("YYYY-MM-DD"):
        return next_due(rule, due)
    from dateutil.tz import tzlocal  # only for tasks that repeat at an hour: it is the person's

    return next_due(rule, due, tz=tzlocal())


def _local_day(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms // 1000, tz=UTC).astimezone().date().isoformat()


def _hash(said: bytes) -> bytes:
    return hashlib.sha256(said).digest()
