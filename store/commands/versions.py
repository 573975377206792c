"""An item's history, and going back to a version of it as a new change (DECISIONS D10)."""

from store.commands import items
from store.commands.checks import ensure_present, ensure_writable
from store.commands.inverse import Inverse
from store.commands.steps import (
    Step,
    batches,
    carry_out,
    event_step,
    field_step,
    place_step,
    tag_step,
    text_step,
)
from store.commands.unit_of_work import UnitOfWork
from store.documents.open_doc import OpenDoc
from store.documents.settlements import read_settlements
from store.documents.state import DocState
from store.documents.text_diff import splices
from store.domain.fields import SCALAR_FIELDS, Scalar
from store.domain.ids import DocId, kind_of
from store.rows import VersionRow

_WORDS = {
    "body": "text",
    "events": "state",
    "order": "place",
    "settlements": "settled a conflict",
    "reopened": "opened a conflict again",
    "moved_to": "moved",
}


def history_of(doc: OpenDoc) -> list[VersionRow]:
    """Every version, newest first by op id: the same order on every device."""
    settlements = read_settlements(doc.doc, doc.id, doc.history)
    reopening = {r.change for r in settlements.records if r.type == "reopen"}
    rows: list[VersionRow] = []
    changes = sorted(doc.history.changes[1:], key=lambda c: c.op)
    for number, change in enumerate(changes):
        by = settlements.author_of(change.hash, change.stamp)
        names = sorted(doc.touches.names(change) - {"source"})
        if change.hash in reopening:
            names = ["reopened" if n == "settlements" else n for n in names]
        summary = ", ".join(_WORDS.get(n, n) for n in names)
        if number == 0:
            summary = f"created ({summary})"
        rows.append(VersionRow(change.hash.hex(), by.person, by.device, by.at_ms or None, summary))
    return rows[::-1]


def revert(act: UnitOfWork, doc_id: DocId, version: str) -> list[Inverse]:
    """Make an item say again what it said at a version; what it says now stays in its history.

    Raises:
        NotFound, Ambiguous: no such version, or more than one.
    """
    ensure_writable(act.conn, act.space_of(doc_id))
    ensure_present(act.conn, doc_id)
    doc = act.open(doc_id)
    then, now = doc.state_at((doc.version(version),)), doc.state()
    names = SCALAR_FIELDS[kind_of(doc_id)]
    values: dict[str, Scalar] = {n: then.fields.get(n) for n in names}
    if values["title"] is None:
        del values["title"]
    steps = [
        field_step(act, now, {n: v for n, v in values.items() if v != now.fields.get(n)}),
        tag_step(act, doc_id, set(then.tags) - set(now.tags), set(now.tags) - set(then.tags)),
    ]
    first, *rest = batches(splices(now.body, then.body)) or [[]]
    steps.append(text_step(act, doc_id, first))
    if then.state != now.state:
        steps.append(_set_state(act, now, str(then.state)))
    if then.order is not None and then.order != now.order:
        steps.append(place_step(act, now, then.order))
    undo = carry_out(act, doc_id, steps)
    if rest:  # more text than fits into one change
        undo += items.write_text(act, doc_id, then.body, None)
    return undo


def _set_state(act: UnitOfWork, now: DocState, state: str) -> Step:
    event, step = event_step(act, now.doc, "events", {"type": "set", "to": state})
    back = Inverse.of_event(now.doc, event, str(now.state), items.last_applied(now))
    return Step(step.write, lambda _: [back])
