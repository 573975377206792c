"""What a copy of an item says from the start: for moving it, and for saving a refused one anew."""

from collections.abc import Mapping

from store.commands.content import Content
from store.commands.placing import key_at_end
from store.commands.unit_of_work import UnitOfWork
from store.documents.settlements import compact
from store.documents.state import DocState
from store.domain.fields import SCALAR_FIELDS, Scalar
from store.domain.ids import SpaceId, kind_of


def copied(act: UnitOfWork, state: DocState, to: SpaceId, fields: Mapping[str, Scalar]) -> Content:
    """Say again what an item says: fields, tags, text and state, at the end of a space's order.

    Args:
        act: the act.
        state: the item.
        to: the space of the copy.
        fields: what the copy's fields say instead; None leaves one out.
    """
    held = {name: state.fields.get(name) for name in SCALAR_FIELDS[kind_of(state.doc)]}
    kept = {name: value for name, value in {**held, **fields}.items() if value is not None}
    entries: dict[str, Mapping[str, Scalar]] = {"tags": dict.fromkeys(state.tags, True)}
    if state.kind == "task":
        entries["order"] = {act.new_event_id(): key_at_end(act.conn, to)}
        if state.state != "open":
            event = compact({"type": "set", "to": state.state})
            entries["events"] = {act.new_event_id(): event}
    return Content(kept, entries, state.body)
