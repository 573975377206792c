"""Budgets, bookings and notices as a device shows them: decided, and asked for since."""

import sqlite3
from collections.abc import Container
from typing import Final

from store.domain.ids import SpaceId
from store.domain.ledger import commands as c
from store.domain.ledger.facts import Saga, Step, StepState
from store.domain.ledger.taking_back import BACK, FEE
from store.ledger import outbox
from store.ledger.outbox import Intent
from store.ledger.row_codec import SAGAS, saga_of
from store.queries.naming import find_named, single
from store.queries.saying import said, steps_of
from store.queries.whose import Me, me
from store.spaces import space_names
from store.supply_rows import BudgetRow, EntryRow, NoticeRow, SagaRow, StepRow

_MONEY: Final = ("deposit", "transfer-money", "book")
ENTRIES_MAX: Final = 500


def budgets(conn: sqlite3.Connection, space: SpaceId | None = None) -> list[BudgetRow]:
    """All budgets, by name; what is only asked for counts as pending or incoming."""
    names = space_names(conn)
    leaving, coming = _moves(conn, space)
    found = conn.execute(
        "SELECT space, id, name, unit, posted, pending_out, pending_in, floor FROM account"
        " WHERE kind IN ('budget', 'credit') AND (?1 IS NULL OR space = ?1)",
        (space,),
    )
    rows = [
        BudgetRow(
            account,
            names[of],
            name,
            unit,
            posted - out - leaving.get(account, 0),
            out + leaving.get(account, 0),
            into + coming.get(account, 0),
            floor or 0,
            is_asked=False,
        )
        for of, account, name, unit, posted, out, into, floor in found
    ]
    for intent in outbox.intents(conn, space, kinds=("add-budget",), states=outbox.NOT_DECIDED):
        asked = intent.command
        assert isinstance(asked, c.AddBudget), "its kind says so"
        out = leaving.get(asked.id, 0)
        into = coming.get(asked.id, 0)
        rows.append(
            BudgetRow(
                asked.id,
                names[intent.space],
                asked.name,
                asked.currency,
                -out,
                out,
                into,
                -asked.overdraft,
                is_asked=True,
            )
        )
    return sorted(rows, key=lambda row: (row.name.casefold(), row.id))


def budget(conn: sqlite3.Connection, space: SpaceId, named: str) -> BudgetRow:
    """One budget by its id, name or a unique start of its id; raises NotFound, Ambiguous."""
    return find_named(budgets(conn, space), "budget", "cairn budget", named)


def entries(
    conn: sqlite3.Connection, space: SpaceId, about: str | None = None, *, limit: int = ENTRIES_MAX
) -> list[EntryRow]:
    """The last transfers of a space's ledger, newest first.

    Args:
        conn: any connection.
        space: whose ledger.
        about: only those of an item's accounts or of a budget, by its id.
        limit: at most so many.
    """
    found = conn.execute(
        "SELECT t.id, t.at_ms, d.name, c.name, t.amount, t.unit, t.state, t.cause, t.reason,"
        " coalesce(r.person, s.person, ''), coalesce(s.name, ''), d.kind, c.kind"
        " FROM transfer AS t"
        " JOIN account AS d ON d.space = t.space AND d.id = t.debit"
        " JOIN account AS c ON c.space = t.space AND c.id = t.credit"
        " LEFT JOIN reservation AS r ON r.space = t.space AND r.id = t.cause"
        " LEFT JOIN saga AS s ON s.space = t.space AND s.id = t.cause"
        " WHERE t.space = ?1 AND (?2 IS NULL OR ?2 IN (t.debit, t.credit)"
        " OR t.debit IN ('stock/' || ?2, 'world/' || ?2) OR t.credit IN ('stock/' || ?2,"
        " 'out/' || ?2) OR t.debit LIKE 'lease/' || ?2 || '/%')"
        " ORDER BY t.at_ms DESC, t.rowid DESC LIMIT ?3",
        (space, about, limit),
    )
    return [
        EntryRow(row[0], row[1], _place(row[2], row[11]), _place(row[3], row[12]), *row[4:11])
        for row in found
    ]


def sagas(
    conn: sqlite3.Connection, space: SpaceId | None = None, *, only_stuck: bool = False
) -> list[SagaRow]:
    """Bookings, transfers and what was made good, newest first; what is not begun is on top."""
    names, who = space_names(conn), me(conn)
    rows = [
        _asked_saga(conn, names[one.space], one, who)
        for one in reversed(outbox.intents(conn, space, kinds=("book", "transfer-money")))
        if not one.is_gone and not _is_begun(conn, one)
    ]
    found = conn.execute(
        f"SELECT space, {SAGAS.columns} FROM saga WHERE ?1 IS NULL OR space = ?1"
        " ORDER BY at_ms DESC, rowid DESC",
        (space,),
    )
    gone = _gone(conn)
    rows += [_begun_saga(names[row[0]], saga_of(row[1:]), who, gone.get(row[0])) for row in found]
    return [row for row in rows if row.state == "stuck" or not only_stuck]


def saga(conn: sqlite3.Connection, named: str) -> SagaRow:
    """One saga by a unique start of its id; raises NotFound, Ambiguous."""
    fitting = [row for row in sagas(conn) if row.id.startswith(named)]
    return single(fitting, "booking or transfer", "cairn sagas", named)


def notices(
    conn: sqlite3.Connection, space: SpaceId | None = None, *, with_seen: bool = False
) -> list[NoticeRow]:
    """What this person has to be told, newest first: refusals, and what the authority took back."""
    names, who = space_names(conn), me(conn)
    found = conn.execute(
        "SELECT n.space, n.id, n.kind, n.about, n.text, n.reason, n.at_ms, n.apology, n.credit,"
        " n.currency, coalesce(r.task, s.task), noted.id IS NOT NULL FROM notice AS n"
        " LEFT JOIN noted ON noted.space = n.space AND noted.id = n.id"
        " LEFT JOIN reservation AS r ON r.space = n.space AND r.id = n.about"
        " LEFT JOIN saga AS s ON s.space = n.space AND s.id = n.about"
        " WHERE (?1 IS NULL OR n.space = ?1) AND (n.holder = ?2 OR n.person = ?3)"
        " ORDER BY n.at_ms DESC, n.rowid DESC",
        (space, who.replica, who.person),
    )
    rows = [
        NoticeRow(
            id=row[1],
            space=names[row[0]],
            kind=row[2],
            about=row[3],
            title=row[4],
            text=row[4],
            reason=row[5],
            task=row[10],
            at_ms=row[6],
            apology=row[7],
            credit=row[8],
            currency=row[9],
            is_seen=bool(row[11]),
        )
        for row in found
    ]
    rows += [
        _refusal(conn, names[one.space], one)
        for one in outbox.intents(conn, space, states=("refused", "withdrawn"))
        if one.type and not one.is_gone
    ]
    rows.sort(key=lambda row: -row.at_ms)
    return [row for row in rows if with_seen or not row.is_seen]


# -- inside ----------------------------------------------------------------------------------------


def _refusal(conn: sqlite3.Connection, space: str, one: Intent) -> NoticeRow:
    title = said(conn, one.command)
    return NoticeRow(
        id=one.key,
        space=space,
        kind="refused",
        about=one.subject,
        title=title,
        text=f"Refused: {title}.",
        reason=one.detail,
        task=getattr(one.command, "task", None),
        at_ms=one.at_ms,
        apology="",
        credit=0,
        currency="",
        is_seen=False,
    )


def _moves(
    conn: sqlite3.Connection, space: SpaceId | None
) -> tuple[dict[str, int], dict[str, int]]:
    """What was asked for and not decided leaves and reaches each budget."""
    leaving: dict[str, int] = {}
    coming: dict[str, int] = {}
    for one in outbox.intents(conn, space, kinds=_MONEY, states=outbox.NOT_DECIDED):
        move = one.command.fee if isinstance(one.command, c.Book) else one.command
        match move:
            case c.Deposit():
                coming[move.budget] = coming.get(move.budget, 0) + move.amount
            case c.TransferMoney() | c.Fee():
                leaving[move.debit] = leaving.get(move.debit, 0) + move.amount
                coming[move.credit] = coming.get(move.credit, 0) + move.amount
    return leaving, coming


def _place(name: str, kind: str) -> str:
    """How an account is called where an item's accounts all have its name."""
    told = {"stock": "in stock", "out": "handed out", "world": "from outside"}
    return f"{name} ({told[kind]})" if kind in told else name


def _is_begun(conn: sqlite3.Connection, one: Intent) -> bool:
    found = conn.execute("SELECT 1 FROM saga WHERE space = ? AND id = ?", (one.space, one.subject))
    return found.fetchone() is not None


def _gone(conn: sqlite3.Connection) -> dict[str, set[str]]:
    """By space, the transfers of bookings that were taken back after those were complete."""
    gone: dict[str, set[str]] = {}
    found = conn.execute(
        "SELECT r.space, r.id, b.id FROM reservation AS r"
        " LEFT JOIN transfer AS b ON b.space = r.space AND b.id = r.saga || ?"
        " WHERE r.state = 'compensated' AND r.saga IS NOT NULL",
        (FEE + BACK,),
    )
    for space, reservation, returned in found:
        gone.setdefault(space, set()).add(reservation)
        if returned is not None:
            gone[space].add(returned.removesuffix(BACK))
    return gone


def _begun_saga(space: str, found: Saga, who: Me, gone: set[str] | None) -> SagaRow:
    return SagaRow(
        found.id,
        space,
        found.kind,
        found.name,
        found.state,
        tuple(StepRow(step.name, _shown(step, gone or ()), step.attempts) for step in found.steps),
        found.reason,
        found.person,
        who.is_mine(found.holder, found.person),
        found.task,
        found.at_ms,
        is_asked=False,
    )


def _shown(step: Step, gone: Container[str]) -> StepState:
    """How a step stands by now: what a complete booking had to give up is done no more."""
    is_gone = step.kind in ("hold", "pay") and step.transfer in gone
    return "undone" if is_gone and step.state == "done" else step.state


def _asked_saga(conn: sqlite3.Connection, space: str, one: Intent, who: Me) -> SagaRow:
    """What was not begun: all its steps wait; what was refused has done nothing of them."""
    command = one.command
    is_refused = one.state == "refused"
    return SagaRow(
        one.subject,
        space,
        "booking" if isinstance(command, c.Book) else "transfer",
        command.name if isinstance(command, c.Book) else said(conn, command),
        "compensated" if is_refused else "running",
        tuple(StepRow(name, "waiting", 0) for name in steps_of(conn, command)),
        one.detail if is_refused else "It waits to be sent.",
        who.person,
        True,
        getattr(command, "task", None),
        one.at_ms,
        is_asked=True,
    )
