"""Taking back this device's last act, and putting it back (DECISIONS D9).

The list of acts is local. A step back applies only while the write that it goes back on is what
people see; if somebody wrote since, the whole undo is refused with that reason and nothing changes.
An import is one act in several transactions: its parts have one moment, and go back together.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from store.commands import items, parking, settings
from store.commands.drafting import drop_held, hold_text
from store.commands.finals import FINALS
from store.commands.inverse import Inverse, from_json, to_json
from store.commands.settling import UNSET, resolve, unresolve
from store.commands.steps import carry_out, field_step, place_step, tag_step
from store.commands.unit_of_work import UnitOfWork
from store.documents.binding import ROOT_OBJECT, Writer, object_id
from store.documents.open_doc import OpenDoc
from store.documents.schema import object_ids
from store.documents.text_diff import splices
from store.domain.errors import AskOthers, NothingToUndo, Refused
from store.domain.ids import ConflictId, DocId
from store.imports import IMPORT_ACT

ACTS_KEPT: Final = 500
PURGED: Final = "The trash was emptied since, so this can't be undone."
# `forward` of an act that was taken back says when, counted: the last one is put back first.
_COLUMNS: Final = "id, label, inverse, at_ms"
_LAST_UNDONE: Final = "(SELECT coalesce(max(CAST(forward AS INTEGER)), 0) FROM act)"


_Row = tuple[int, str, str, int]  # of `act`: _COLUMNS


@dataclass(frozen=True, slots=True)
class Undone:
    """What was taken back or put back.

    Attributes:
        label: of the act.
        docs: the items that it touched.
        number: of the act.
        can_return: whether the opposite has a way back again.
        refusal: why it can't be taken back any more, and never again; it is off the list now.
    """

    label: str
    docs: tuple[DocId, ...]
    number: int
    can_return: bool = True
    refusal: str = ""


def record_act(act: UnitOfWork, label: str, steps: list[Inverse]) -> None:
    """Remember an act with how to take it back; what was undone before can't be redone any more."""
    if not steps:
        return
    act.made = _record(act, label, steps)


def record_final(act: UnitOfWork, label: str) -> None:
    """Remember an act that can never be taken back; the next undo says so (`FINALS`), once."""
    _record(act, label, [Inverse.of_never(FINALS[label])])


def _record(act: UnitOfWork, label: str, steps: list[Inverse]) -> tuple[int, str]:
    act.has_way_back = True
    act.conn.execute("DELETE FROM act WHERE state = 'undone'")
    number = act.conn.execute(
        "INSERT INTO act(at_ms, label, forward, inverse, state) VALUES (?, ?, '', ?, 'done')",
        (act.stamp.at_ms, label, to_json(steps)),
    ).lastrowid
    assert number is not None, "a row was inserted"
    act.conn.execute("DELETE FROM act WHERE id <= (SELECT MAX(id) FROM act) - ?", (ACTS_KEPT,))
    return number, label


def undo(act: UnitOfWork, number: int | None = None) -> Undone:
    """Take back the last act that was not taken back yet, or the one of a number.

    Raises:
        NothingToUndo: there is none. Refused: its writes are not what people see any more.
        AskOthers: they have to agree first; `agreed` then ends it.
    """
    row = act.conn.execute(
        f"SELECT {_COLUMNS} FROM act WHERE state = 'done' AND (?1 IS NULL OR id = ?1)"
        " ORDER BY id DESC LIMIT 1",
        (number,),
    ).fetchone()
    if row is None:
        raise NothingToUndo(
            "There is nothing to undo." if number is None else "That was undone already."
        )
    steps = from_json(row[2])
    if refusal := next(filter(None, (_why_never(act, step) for step in steps)), ""):
        act.conn.execute("DELETE FROM act WHERE id = ?", (row[0],))
        return Undone(row[1], (), row[0], can_return=False, refusal=refusal)
    _ask_others(row)
    parts = _parts(act, row, "done")
    undone = _swing_all(act, parts, "undone")
    for number, *_ in parts:
        act.conn.execute(f"UPDATE act SET forward = 1 + {_LAST_UNDONE} WHERE id = ?", (number,))
    return undone


def redo(act: UnitOfWork) -> Undone:
    """Put back the act that was taken back last; raises as `undo`."""
    row = act.conn.execute(
        f"SELECT {_COLUMNS} FROM act WHERE state = 'undone'"
        " ORDER BY CAST(forward AS INTEGER) DESC LIMIT 1"
    ).fetchone()
    if row is None:
        raise NothingToUndo("There is nothing to redo.")
    _ask_others(row)
    return _swing_all(act, _parts(act, row, "undone"), "done")


def agreed(act: UnitOfWork, number: int) -> Undone:
    """Note that others agreed to what taking an act back, or putting it back, had to ask them.

    Raises:
        NothingToUndo: the act was dropped from the list meanwhile.
    """
    act.has_way_back = True
    row = act.conn.execute(f"SELECT {_COLUMNS} FROM act WHERE id = ?", (number,)).fetchone()
    if row is None:
        raise NothingToUndo("It is too long ago to be undone.")
    back = [_contrary_role(step) for step in from_json(row[2])]
    act.conn.execute(
        "UPDATE act SET state = iif(state = 'done', 'undone', 'done'), inverse = ?,"
        f" forward = iif(state = 'done', 1 + {_LAST_UNDONE}, forward) WHERE id = ?",
        (to_json(back), number),
    )
    return Undone(row[1], (), number)


def _ask_others(row: _Row) -> None:
    """Raise AskOthers where an act is for others to agree to."""
    for step in from_json(row[2]):
        if step.kind == "role":
            now, wanted = step.value["now"], step.value["before"]
            raise AskOthers(
                step.subject, step.value["space"], now=now, wanted=wanted, number=row[0]
            )


def _contrary_role(step: Inverse) -> Inverse:
    now, before = step.value["before"], step.value["now"]
    return Inverse.of_role(step.subject, step.value["space"], now=now, before=before)


def _parts(act: UnitOfWork, row: _Row, state: str) -> list[_Row]:
    """The transactions that an act was made in, the last one first."""
    _, label, _, at_ms = row
    if label != IMPORT_ACT:
        return [row]
    return act.conn.execute(
        f"SELECT {_COLUMNS} FROM act WHERE state = ? AND label = ? AND at_ms = ? ORDER BY id DESC",
        (state, label, at_ms),
    ).fetchall()


def _swing_all(act: UnitOfWork, parts: list[_Row], state: str) -> Undone:
    swung = [_swing(act, part, state) for part in parts]
    docs = dict.fromkeys(doc for one in swung for doc in one.docs)
    return Undone(
        swung[0].label, tuple(docs), swung[0].number, any(one.can_return for one in swung)
    )


def _swing(act: UnitOfWork, row: _Row, state: str) -> Undone:
    """Carry out the steps of an act, which is in another state then; keep the way back."""
    act.has_way_back = True
    steps = from_json(row[2])
    back: list[Inverse] = []
    left = list(steps)
    while left:
        step = left.pop()
        wrote = _STEPS[step.kind](act, step)
        for one in wrote:
            left = [earlier.after(step, one) for earlier in left]
            _stand_in(act, step, one)
        back += wrote
    if back:
        act.conn.execute(
            "UPDATE act SET state = ?, inverse = ? WHERE id = ?", (state, to_json(back), row[0])
        )
    else:
        act.conn.execute("DELETE FROM act WHERE id = ?", (row[0],))
    docs = dict.fromkeys(step.doc for step in steps if step.doc)
    return Undone(row[1], tuple(doc for doc in docs if _is_left(act, doc)), row[0], bool(back))


def _is_left(act: UnitOfWork, doc: DocId) -> bool:
    """Whether anything of an item is left: a server may have refused all of it."""
    act.flush()
    row = act.conn.execute("SELECT changes FROM doc WHERE id = ?", (doc,)).fetchone()
    return row is not None and row[0] > 0


def _stand_in(act: UnitOfWork, step: Inverse, back: Inverse) -> None:
    """Let what a step wrote stand for the write that it put back, in all other acts."""
    if not step.before:
        return
    rows = act.conn.execute(
        "SELECT id, inverse FROM act WHERE instr(inverse, ?)", (step.before,)
    ).fetchall()
    for number, told in rows:
        steps = [earlier.after(step, back) for earlier in from_json(told)]
        act.conn.execute("UPDATE act SET inverse = ? WHERE id = ?", (to_json(steps), number))


def _field(act: UnitOfWork, step: Inverse) -> list[Inverse]:
    doc = act.open(step.doc)
    found = doc.doc.get(ROOT_OBJECT, step.subject)
    _ensure_live(doc, found[1] if found else None, step, f"The {step.subject}")
    return carry_out(act, step.doc, [field_step(act, doc.state(), {step.subject: step.value})])


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


def _why_never(act: UnitOfWork, step: Inverse) -> str:
    """Say why a step can't go back any more, whatever happens; empty where it may."""
    match step.kind:
        case "park":
            space = act.space_of(step.doc)
            return "" if parking.is_unsent(act.conn, space, step.value["parked"]) else parking.SENT
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
    return parking.park_again(act, step.doc, step.value["parked"])


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
        who = f" by {writer.stamp.person}" if writer is not None and writer.stamp.person else ""
        raise Refused(f"{what} was changed since{who}, so this can't be undone.")


_STEPS: Final[Mapping[str, Callable[[UnitOfWork, Inverse], list[Inverse]]]] = {
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
