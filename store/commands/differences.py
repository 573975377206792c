"""What an item says differently in two of its states, field by field."""

from typing import Any, Final

from store.documents.conflicts.naming import parse_op
from store.documents.open_doc import OpenDoc
from store.documents.state import Conflict, DocState
from store.rows import Difference

_FIRST: Final = ("title", "body")
_NOT_SHOWN: Final = frozenset({"source", "moved_to"})


def differences(there: DocState | None, here: DocState) -> tuple[Difference, ...]:
    """List what differs, title and text first; None is a state in which there is no item."""
    then, now = _said(there), _said(here)
    names = sorted(
        {*then, *now}, key=lambda name: (_FIRST.index(name) if name in _FIRST else 2, name)
    )
    return tuple(
        Difference(name, then.get(name), now.get(name))
        for name in names
        if then.get(name) != now.get(name)
    )


def edits_beside_trash(doc: OpenDoc, conflict: Conflict) -> tuple[Difference, ...]:
    """List what an item says that whoever put it in the trash had not seen.

    Args:
        doc: the item.
        conflict: of its trash, open.
    """
    away = next((side for side in conflict.sides if side.value == "trash"), None)
    writer = None if away is None else doc.history.writer_of(parse_op(away.op))
    if writer is None:
        return ()
    found = differences(doc.state_at(writer.deps), doc.state())
    return tuple(each for each in found if each.name != "trashed")


def _said(state: DocState | None) -> dict[str, Any]:
    """Everything that a person sees, by name; what is nothing is left out."""
    if state is None:
        return {}
    said = {name: value for name, value in state.fields.items() if name not in _NOT_SHOWN}
    said |= {
        "body": state.body or None,
        "state": state.state,
        "tags": ", ".join(state.tags) or None,
        "trashed": "in the trash" if state.trashed else None,
    }
    return {name: value for name, value in said.items() if value is not None}
