"""Commands in a few words, for lists and notices, by the names that people gave."""

import sqlite3
from functools import singledispatch

from store.domain.ledger import commands as c
from store.domain.ledger.money import shown_amount
from store.ledger import outbox


def said(conn: sqlite3.Connection, command: c.Command) -> str:
    """Say what a command asks for."""
    return _said(command, conn)


def steps_of(conn: sqlite3.Connection, command: c.Command) -> list[str]:
    """Name the steps that a booking or a transfer will have."""
    if isinstance(command, c.TransferMoney):
        return ["validate", "debit", "credit", "record"]
    assert isinstance(command, c.Book), "nothing else has steps"
    fee = command.fee
    paid = [] if fee is None else [f"pay {_between(conn, fee)}"]
    held = [f"reserve {each.count} × {_stock(conn, each.item)}" for each in command.items]
    return [*held, *paid, "confirm"]


@singledispatch
def _said(command: object, conn: sqlite3.Connection) -> str:  # noqa: ARG001 -- the shape of all
    raise AssertionError(f"no words for {type(command).__name__}")


@_said.register
def _(command: c.AddItem, _: sqlite3.Connection) -> str:
    return f"{command.count} × {command.name} in stock"


@_said.register
def _(command: c.Reserve, conn: sqlite3.Connection) -> str:
    return f"{command.count} × {_stock(conn, command.item)}"


@_said.register
def _(command: c.Confirm, conn: sqlite3.Connection) -> str:
    return f"Confirm {_reserved(conn, command.reservation)}"


@_said.register
def _(command: c.Release, conn: sqlite3.Connection) -> str:
    return f"Give back {_reserved(conn, command.reservation)}"


@_said.register
def _(command: c.TakeQuota, conn: sqlite3.Connection) -> str:
    return f"A quota of {command.count} × {_stock(conn, command.item)}"


@_said.register
def _(command: c.ReturnQuota, conn: sqlite3.Connection) -> str:
    return f"Return a quota of {command.count} × {_stock(conn, command.item)}"


@_said.register
def _(command: c.MoveQuota, conn: sqlite3.Connection) -> str:
    return f"Hand over a quota of {command.count} × {_stock(conn, command.item)}"


@_said.register
def _(command: c.WriteOff, conn: sqlite3.Connection) -> str:
    return f"Write off a quota of {_stock(conn, command.item)}"


@_said.register
def _(command: c.Settle, conn: sqlite3.Connection) -> str:
    return f"Cancel what {_stock(conn, command.item)} was oversold by"


@_said.register
def _(command: c.AddBudget, _: sqlite3.Connection) -> str:
    return f"Budget {command.name}"


@_said.register
def _(command: c.Deposit, conn: sqlite3.Connection) -> str:
    shown = f"{shown_amount(command.amount, command.currency)} {command.currency}"
    return f"{shown} into {_budget(conn, command.budget)}"


@_said.register
def _(command: c.TransferMoney, conn: sqlite3.Connection) -> str:
    return _between(conn, command)


@_said.register
def _(command: c.Book, _: sqlite3.Connection) -> str:
    return f"Booking {command.name}"


@_said.register
def _(command: c.RetrySaga, conn: sqlite3.Connection) -> str:
    return f"Try again: {_name(conn, 'SELECT name FROM saga WHERE id = ?', command.saga)}"


@_said.register
def _(_command: c.SetApology, _: sqlite3.Connection) -> str:
    return "The apology"


def _between(conn: sqlite3.Connection, move: c.TransferMoney | c.Fee) -> str:
    shown = f"{shown_amount(move.amount, move.currency)} {move.currency}"
    return f"{shown} from {_budget(conn, move.debit)} to {_budget(conn, move.credit)}"


def _stock(conn: sqlite3.Connection, item: str) -> str:
    return _name(conn, "SELECT name FROM stock WHERE id = ?", item)


def _budget(conn: sqlite3.Connection, budget: str) -> str:
    return _name(conn, "SELECT name FROM account WHERE id = ?", budget)


def _reserved(conn: sqlite3.Connection, reservation: str) -> str:
    row = conn.execute(
        "SELECT count, item FROM reservation WHERE id = ?", (reservation,)
    ).fetchone()
    if row is not None:
        return f"{row[0]} × {_stock(conn, row[1])}"
    asked = [one for one in outbox.about(conn, reservation) if one.kind == "reserve"]
    return said(conn, asked[0].command) if asked else reservation


def _name(conn: sqlite3.Connection, question: str, thing: str) -> str:
    """The name of something, which may only have been asked for yet."""
    row = conn.execute(question, (thing,)).fetchone()
    if row is not None:
        return str(row[0])
    asked = outbox.about(conn, thing)
    return str(getattr(asked[0].command, "name", thing)) if asked else thing
