"""How each kind of step back is carried out, and when it never can be any more.

A step applies only while the write that it goes back on is what people see; else it raises Refused
and the whole undo with it. Each gives the steps that put back what it took back; none where there
is no way back.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from store.commands import items, parking, settings
from store.commands.drafting import drop_held, hold_text
from store.commands.inverse import Inverse
from store.commands.settling import UNSET, resolve, unresolve
from store.commands.steps import carry_out, field_step, place_step, tag_step
from store.commands.unit_of_work import UnitOfWork
from store.commands.unseen_fields import began_with, put_on_side
from store.documents.binding import ROOT_OBJECT, Writer, object_id
from store.documents.open_doc import OpenDoc
from store.documents.schema import object_ids
from store.documents.text_diff import splices
from store.domain.errors import Refused
from store.domain.ids import ConflictId

PURGED: Final = "The trash was emptied since, so this can't be undone."


def _field(act: UnitOfWork, step: Inverse) -> list[Inverse]:
    """Put back what was there; where others wrote beside it, what they wrote stays.

    The own side of such a conflict goes back to what it was before, or goes away where that is what
    both sides began with.
    """
    doc = act.open(step.doc)
    live = doc.field_writers(step.subject)
    own = next((change for change in live if change.hex() == step.change), None)
    if own is None:
        found = doc.doc.get(ROOT_OBJECT, step.subject)
        raise _changed_since(doc, found[1] if found else None, f"The {step.subject}")
    others = {change: value for change, value in live.items() if value != live[own]}
    if len(live) > 1 and began_with(doc, step.subject, live) != [step.value]:
        return put_on_side(act, step.doc, step.subject, (own,), live[own], step.value)
    if len(set(others.values())) > 1:
        raise Refused(
            f"Others wrote the {step.subject} as well; settle that conflict, which can be undone."
        )
    value = next(iter(others.values()), step.value)
    back = carry_out(act, step.doc, [field_step(act, doc.state(), {step.subject: value})])
    if not others:
        return back
    (kept, *_), (settled,) = others, doc.field_writers(step.subject)
    return [replace(one, change=settled.hex(), before=kept.hex()) for one in back]


def _tag(act: UnitOfWork, step: Inverse) -> list[Inverse]:
    doc = act.open(step.doc)
    found = doc.doc.get(object_id(object_ids(step.doc)["tags"]), step.subject)
    _ensure_live(doc, found[1] if found else None, step, f"The tag {step.subject}")
    added, removed = ([step.subject], []) if step.value else ([], [step.subject])
    return carry_out(act, step.doc, [tag_step(act, step.doc, added, removed)])


def _text(act: UnitOfWork, step: Inverse) -> list[Inverse]:
    """Write the version before a change on a fork of that change, so that only it goes away."""
    doc = act.open(step.doc)
    body = object_id(object_ids(step.doc)["body"])
    written = bytes.fromhex(step.change)
    if not doc.doc.knows(written):
        raise Refused("What was written was taken back since, so there is nothing to undo.")
    deps = doc.history.changes[doc.history.position[written]].deps
    before = (bytes.fromhex(step.before),) if step.before else deps
    edits = splices(doc.doc.text(body, (written,)), doc.doc.text(body, before))

    def write(writer: Writer) -> None:
        for s in edits:
            writer.splice(body, s.index, s.removed, s.inserted)

    change = act.edit(step.doc, write, at=(written,))
    return [Inverse.of_text(step.doc, change.hash, step.change)] if change else []


def _event(act: UnitOfWork, step: Inverse) -> list[Inverse]:
    state = act.state(step.doc)
    last = next((e for e in reversed(state.events) if e.applied), None)
    if (
        last is None
        or last.id != step.subject
        or any(c.kind == "lifecycle" for c in state.conflicts)
    ):
        raise Refused("Somebody changed the task's state since, so this can't be undone.")
    said = {"type": "set", "to": step.value, "of": step.subject}
    event = items.write_event(act, step.doc, "events", said)
    return [Inverse.of_event(step.doc, event, str(state.state), step.subject)]


def _trash(act: UnitOfWork, step: Inverse) -> list[Inverse]:
    state = act.state(step.doc)
    if state.purged:
        raise Refused(PURGED)
    if step.subject and items.last_trash_event(act, step.doc) != step.subject:
        raise Refused("Somebody put it away or brought it back since, so this can't be undone.")
    is_away = state.trashed or any(c.kind == "trash" for c in state.conflicts)
    if state.trashed if step.value == "trash" else not is_away:
        raise Refused("Somebody did that already, so there is nothing to undo.")
    return items.trash(act, step.doc) if step.value == "trash" else items.restore(act, step.doc)


def _place(act: UnitOfWork, step: Inverse) -> list[Inverse]:
    state = act.state(step.doc)
    if state.order != step.subject:
        raise Refused("Somebody moved it since, so this can't be undone.")
    return carry_out(act, step.doc, [place_step(act, state, step.value)])


def _settlement(act: UnitOfWork, step: Inverse) -> list[Inverse]:
    return unresolve(act, ConflictId(step.subject))


def _reopening(act: UnitOfWork, step: Inverse) -> list[Inverse]:
    assert step.value is not UNSET, "a reopening remembers what had been taken"
    return resolve(act, ConflictId(step.subject), take=None, value=step.value)


def _release(act: UnitOfWork, step: Inverse) -> list[Inverse]:
    """Give reserved supplies back. To reserve them again is another wish: there is no way back."""
    from store.commands import unasking

    unasking.release(act, step.subject)
    return []


def _reserve(act: UnitOfWork, step: Inverse) -> list[Inverse]:
    from store.commands import unasking

    return [Inverse.of_reservation(unasking.reserve_anew(act, step.value))]


def _wish(act: UnitOfWork, step: Inverse) -> list[Inverse]:
    from store.commands import unasking

    return unasking.take_back(act, step.subject, step.value)


def _unseen(act: UnitOfWork, step: Inverse) -> list[Inverse]:
    from store.commands import seeing

    return seeing.show_again(act, step)


def _seen(act: UnitOfWork, step: Inverse) -> list[Inverse]:
    from store.commands import seeing

    return seeing.note_seen(act, step.subject)


def why_never(act: UnitOfWork, step: Inverse) -> str:
    """Say why a step can't go back any more, whatever happens; empty where it may."""
    match step.kind:
        case "park":
            space = act.space_of(step.doc)
            return "" if parking.is_unsent(act.conn, space, step.value) else parking.SENT
        case "wish":
            from store.commands import unasking

            return unasking.why_never(act, step.subject, step.value)
        case "never":
            return str(step.value)
        case "trash":
            return PURGED if act.state(step.doc).purged else ""
        case "release":
            from store.commands import unasking

            return unasking.why_ended(act, step.subject)
    return ""


def _park(act: UnitOfWork, step: Inverse) -> list[Inverse]:
    return parking.park_again(act, step.doc, step.value)


def _retry(act: UnitOfWork, step: Inverse) -> list[Inverse]:
    return parking.retry(act, step.doc)


def _bring_back(act: UnitOfWork, step: Inverse) -> list[Inverse]:
    return parking.bring_back(act, step.doc, step.value)


def _take_back(act: UnitOfWork, step: Inverse) -> list[Inverse]:
    return parking.take_back(act, step.doc, holds=step.value)


def _held(act: UnitOfWork, step: Inverse) -> list[Inverse]:
    """Hold a text again that was thrown away, or put in."""
    base = tuple(bytes.fromhex(one) for one in step.value["base"])
    space = act.space_of(step.doc)
    hold_text(act.conn, step.doc, step.value["text"], base, space=space, now_ms=act.stamp.at_ms)
    act.touched.setdefault(step.doc, space)
    return [Inverse.of_holding(step.doc)]


def _drop(act: UnitOfWork, step: Inverse) -> list[Inverse]:
    return drop_held(act, step.doc)


def _ensure_live(doc: OpenDoc, op: tuple[int, bytes] | None, step: Inverse, what: str) -> None:
    writer = doc.history.writer_of(op) if op is not None else None
    if writer is None or writer.hash.hex() != step.change:
        raise _changed_since(doc, op, what)


def _changed_since(doc: OpenDoc, op: tuple[int, bytes] | None, what: str) -> Refused:
    writer = doc.history.writer_of(op) if op is not None else None
    who = f" by {writer.stamp.person}" if writer is not None and writer.stamp.person else ""
    return Refused(f"{what} was changed since{who}, so this can't be undone.")


STEPS: Final[Mapping[str, Callable[[UnitOfWork, Inverse], list[Inverse]]]] = {
    "field": _field,
    "tag": _tag,
    "text": _text,
    "event": _event,
    "trash": _trash,
    "place": _place,
    "settlement": _settlement,
    "reopening": _reopening,
    "release": _release,
    "reserve": _reserve,
    "wish": _wish,
    "unseen": _unseen,
    "seen": _seen,
    "setting": settings.put_back,
    "current-space": settings.use_again,
    "held": _held,
    "drop": _drop,
    "park": _park,
    "retry": _retry,
    "bring-back": _bring_back,
    "take-back": _take_back,
}
