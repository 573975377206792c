"""Taking back this device's last act, and putting it back (DECISIONS D9).

The list of acts is local. A step back applies only while the write that it goes back on is what
people see; if somebody wrote since, the whole undo is refused with that reason and nothing changes.
An import is one act in several transactions: its parts have one moment, and go back together.
"""

import json
from dataclasses import dataclass
from typing import Final

from store.commands.finals import FINALS
from store.commands.inverse import Inverse, StandIns, from_json, to_json
from store.commands.undo_steps import STEPS, why_never
from store.commands.unit_of_work import UnitOfWork
from store.domain.errors import AskOthers, NothingToUndo
from store.domain.ids import DocId
from store.imports import IMPORT_ACT

ACTS_KEPT: Final = 500
_FEW: Final = 20  # writes
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
    if refusal := next(filter(None, (why_never(act, step) for step in steps)), ""):
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
    act.told.add("spaces")
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
    stand_ins = StandIns()
    swung = [_swing(act, part, state, stand_ins) for part in parts]
    _let_stand(act, stand_ins)
    docs = dict.fromkeys(doc for one in swung for doc in one.docs)
    return Undone(
        swung[0].label, tuple(docs), swung[0].number, any(one.can_return for one in swung)
    )


def _swing(act: UnitOfWork, row: _Row, state: str, stand_ins: StandIns) -> Undone:
    """Carry out the steps of an act, which is in another state then; keep the way back."""
    act.has_way_back = True
    steps = from_json(row[2])
    back: list[Inverse] = []
    for each in reversed(steps):
        step = stand_ins.of(each)
        wrote = STEPS[step.kind](act, step)
        for one in wrote:
            stand_ins.note(step, one)
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


def _let_stand(act: UnitOfWork, stand_ins: StandIns) -> None:
    """Let what was written stand for the writes that it put back, in all acts."""
    replaced = stand_ins.replaced
    # Many acts are looked through once; for few writes that would read an import for nothing.
    named = json.dumps(replaced) if len(replaced) <= _FEW else None
    rows = act.conn.execute(
        "SELECT id, inverse FROM act WHERE ?1 IS NULL"
        " OR EXISTS (SELECT 1 FROM json_each(?1) WHERE instr(inverse, value))",
        (named,),
    ).fetchall()
    for number, told in rows:
        steps = from_json(told)
        moved = [stand_ins.of(step) for step in steps]
        if moved != steps:
            act.conn.execute("UPDATE act SET inverse = ? WHERE id = ?", (to_json(moved), number))
