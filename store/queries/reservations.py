"""Reservations as a device shows them: those that the authority decided, and those asked for since.

Both are read in one transaction, as `store.queries.supplies` reads what is in stock.
"""

import sqlite3
from dataclasses import replace

from store.domain.ids import SpaceId
from store.domain.ledger import commands as c
from store.domain.ledger.facts import Reservation
from store.ledger import outbox
from store.ledger.outbox import Intent
from store.ledger.row_codec import RESERVATIONS, reservation_of
from store.queries.naming import single
from store.queries.whose import Me, me
from store.spaces import space_names
from store.supply_rows import ReservationRow, ReservedState


def reservations(
    conn: sqlite3.Connection,
    space: SpaceId | None = None,
    *,
    item: str | None = None,
    task: str | None = None,
    only_mine: bool = False,
) -> list[ReservationRow]:
    """Reservations in the order of asking, those not decided last."""
    names = space_names(conn)
    found = conn.execute(
        f"SELECT space, {RESERVATIONS.columns} FROM reservation WHERE (?1 IS NULL OR space = ?1)"
        " AND (?2 IS NULL OR item = ?2) AND (?3 IS NULL OR task = ?3) ORDER BY space, asked",
        (space, item, task),
    ).fetchall()
    who, titles = me(conn), _item_names(conn)
    waiting = {
        one.subject: one.kind
        for one in outbox.intents(
            conn, space, kinds=("confirm", "release"), states=outbox.NOT_DECIDED
        )
    }
    rows = [
        _decided_row(names[row[0]], reservation_of(row[1:]), who, titles, waiting) for row in found
    ]
    known = {row.id for row in rows}
    ends = _lease_ends(conn, who)
    for intent in outbox.intents(conn, space, kinds=("reserve",)):
        command = intent.command
        assert isinstance(command, c.Reserve), "its kind says so"
        fits = item in (None, command.item) and task in (None, command.task)
        if fits and not intent.is_gone and command.id not in known:
            row = _asked_row(names[intent.space], intent, command, who, titles)
            until_ms = ends.get(row.item) if row.state == "certain" else None
            rows.append(replace(row, sync_before_ms=until_ms))
    return [row for row in rows if row.is_mine or not only_mine]


def reservation(conn: sqlite3.Connection, named: str) -> ReservationRow:
    """One reservation by a unique start of its id; raises NotFound, Ambiguous."""
    fitting = [row for row in reservations(conn) if row.id.startswith(named)]
    return single(fitting, "reservation", "cairn stock reservations", named)


def _lease_ends(conn: sqlite3.Connection, who: Me) -> dict[str, int]:
    found = conn.execute("SELECT item, expires_at_ms FROM lease WHERE holder = ?", (who.replica,))
    return dict(found.fetchall())


def _item_names(conn: sqlite3.Connection) -> dict[str, str]:
    names = dict(conn.execute("SELECT id, name FROM stock").fetchall())
    for one in outbox.intents(conn, kinds=("add-item",)):
        assert isinstance(one.command, c.AddItem), "its kind says so"
        names.setdefault(one.command.id, one.command.name)
    return names


def _decided_row(
    space: str, found: Reservation, who: Me, titles: dict[str, str], waiting: dict[str, str]
) -> ReservationRow:
    asked = waiting.get(found.id)
    told = {
        "confirm": "That it is confirmed is still to be sent.",
        "release": "That it is given back is still to be sent.",
    }
    return ReservationRow(
        found.id,
        space,
        found.item,
        titles.get(found.item, found.item),
        found.count,
        found.state,
        told[asked] if asked is not None and found.state == "confirmed" else found.reason,
        found.is_final,
        found.expires_at_ms,
        found.person,
        who.is_mine(found.holder, found.person),
        found.task,
        found.saga,
        found.asked,
    )


def _asked_row(
    space: str, intent: Intent, command: c.Reserve, who: Me, titles: dict[str, str]
) -> ReservationRow:
    state: ReservedState = "requested"
    if intent.type:
        state = "rejected"
    elif intent.said == "certain":
        state = "certain"
    return ReservationRow(
        command.id,
        space,
        command.item,
        titles.get(command.item, command.item),
        command.count,
        state,
        intent.detail if state == "rejected" else intent.reason,
        state != "requested",
        command.until_ms,
        who.person,
        True,
        command.task,
        None,
        intent.number,
    )
