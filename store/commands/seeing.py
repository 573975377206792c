"""Saying that one knows what was refused or taken back, and going back on that.

A notice of the authority stays where it is and is only marked. A refused command has done its part
once it is seen: it goes out of the outbox, and only its key stays, marked the same way. So nobody
takes it for one that was decided, of which the contrary could be asked.
"""

import sqlite3

from store.commands.inverse import Inverse
from store.commands.unit_of_work import UnitOfWork
from store.domain.ids import SpaceId
from store.ledger import outbox
from store.queries import budgets


def note_seen(act: UnitOfWork, notice: str) -> list[Inverse]:
    """Say that the person has seen a notice, by its whole id; what is seen already stays so."""
    kinds = {row.id: row.kind for row in budgets.notices(act.conn)}
    if notice not in kinds:
        return []
    taken = None
    if kinds[notice] == "refused":
        taken = outbox.take_out(act.conn, notice)
        space = SpaceId(taken["space"])
    else:
        (space,) = act.conn.execute("SELECT space FROM notice WHERE id = ?", (notice,)).fetchone()
    act.conn.execute(
        "INSERT INTO noted (space, id, at_ms) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (space, notice, act.stamp.at_ms),
    )
    act.ledgers.add(space)
    return [Inverse.of_seeing(notice, space, taken)]


def show_again(act: UnitOfWork, step: Inverse) -> list[Inverse]:
    """Show a notice again that was seen."""
    space = SpaceId(step.value["space"])
    act.conn.execute("DELETE FROM noted WHERE space = ? AND id = ?", (space, step.subject))
    if step.value["refused"] is not None:
        outbox.put_back(act.conn, step.value["refused"])
    act.ledgers.add(space)
    return [Inverse.of_showing(step.subject)]


def was_seen(conn: sqlite3.Connection, key: str) -> bool:
    """Whether a command was refused, and the person has seen it."""
    return conn.execute("SELECT 1 FROM noted WHERE id = ?", (key,)).fetchone() is not None
