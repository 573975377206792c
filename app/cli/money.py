"""Shared budgets, bookings, and what people are told where something could not be kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from app import supply_shapes
from app.cli.parameters import WholeNumber, command, listing
from app.cli.render.words import on_one_line

if TYPE_CHECKING:
    from app.cli.session import Session
    from store.supply_rows import NoticeRow

limited = click.option(
    "--limit",
    type=WholeNumber(1, 1_000_000),
    default=500,
    show_default=True,
    metavar="N",
    help="How many at most.",
)


@listing("budget")
def budget(session: Session) -> None:
    """Shared budgets: what can be spent, and apart from it what is under way."""
    rows = session.replica.budgets(session.space)

    def text() -> str:
        from app.cli.render.supplies import budget_list

        return budget_list(rows)

    session.answer([supply_shapes.budget(row) for row in rows], text)


@command("add")
@click.argument("name")
@click.option("--currency", required=True, metavar="C", help="Three letters, such as EUR.")
@click.option("--overdraft", metavar="AMOUNT", help="How far below zero it may go (owners).")
def add(session: Session, name: str, currency: str, overdraft: str | None) -> None:
    """Open a budget in one currency."""
    made = session.replica.add_budget(name, currency, overdraft=overdraft, space=session.space)
    _answer_budget(session, made)


@command("deposit", has_numbers=True)
@click.argument("budget_name", metavar="BUDGET")
@click.argument("amount")
@click.option("--currency", metavar="C", help="To be sure that it is the budget's.")
def deposit(session: Session, budget_name: str, amount: str, currency: str | None) -> None:
    """Put money into a budget from outside."""
    session.replica.deposit(budget_name, amount, currency=currency, space=session.space)
    _answer_budget(session, budget_name)


@command("transfer", has_numbers=True)
@click.argument("debit", metavar="FROM")
@click.argument("credit", metavar="TO")
@click.argument("amount")
@click.option("--currency", metavar="C", help="To be sure that it is that of both.")
def transfer(session: Session, debit: str, credit: str, amount: str, currency: str | None) -> None:
    """Move money from one budget to another."""
    made = session.replica.transfer(debit, credit, amount, currency=currency, space=session.space)
    _answer_saga(session, made)


@command("entries")
@click.argument("budget_name", metavar="[BUDGET]", required=False)
@limited
def entries(session: Session, budget_name: str | None, limit: int) -> None:
    """List what the ledger has entered, of one budget or all, the last first."""
    replica = session.replica
    about = None if budget_name is None else replica.budget(budget_name, space=session.space).id
    answer_entries(session, about, limit)


for each in (add, deposit, transfer, entries):
    budget.add_command(each)


@command("book")
@click.argument("plan", metavar="PLAN.toml")
def book(session: Session, plan: str) -> None:
    """Reserve all that a plan names and pay its fee: all of it or, in the end, nothing.

    A plan: name, items (each an item and a count), and where wanted a fee (from, to, amount), a
    deadline and a task.
    """
    from app.cli.values import text_of
    from app.plan_file import read_plan

    read = read_plan(text_of(plan), plan, now=session.now, item=session.item)
    _answer_saga(session, session.replica.book(read, space=session.space))


@listing("sagas")
@click.option("--stuck", is_flag=True, help="Only those that wait for a person.")
def sagas(session: Session, stuck: bool) -> None:
    """List bookings, transfers and what is made good, with their steps."""
    rows = session.replica.bookings(space=session.space, only_stuck=stuck)

    def text() -> str:
        from app.cli.render.supplies import saga_list

        return saga_list(rows, session.now)

    session.answer([supply_shapes.saga(row) for row in rows], text)


@command("retry")
@click.argument("saga", metavar="ID")
def retry(session: Session, saga: str) -> None:
    """Let one that is stuck go on."""
    found = session.replica.booking(saga)
    session.replica.retry_booking(found.id)
    _answer_saga(session, found.id)


sagas.add_command(retry)


@listing("notices")
@click.option("--all", "with_seen", is_flag=True, help="Also those that you have seen.")
def notices(session: Session, with_seen: bool) -> None:
    """Show what was refused, cancelled or refunded, and why."""
    rows = session.replica.notices(space=session.space, with_seen=with_seen)

    def text() -> str:
        from app.cli.render.supplies import notice_list

        return notice_list(rows, session.now)

    session.answer([supply_shapes.notice(row) for row in rows], text)


@command("seen")
@click.argument("notice", metavar="ID")
def seen(session: Session, notice: str) -> None:
    """Say that you have seen a notice."""
    found = find_notice(session, notice)
    session.replica.note_seen(found.id)
    session.answer(supply_shapes.notice(found), f"Seen: {on_one_line(found.text)}")


@command("apology")
@click.argument("text")
@click.option("--credit", metavar="AMOUNT", help="What people get for it.")
@click.option("--from", "budget_name", metavar="BUDGET", help="The budget that pays it.")
def apology(session: Session, text: str, credit: str | None, budget_name: str | None) -> None:
    """Word what people are told where something has to be taken back (owners)."""
    session.replica.set_apology(text, budget=budget_name, amount=credit, space=session.space)
    value = {"text": text, "credit": credit, "budget": budget_name}
    session.answer(value, "The apology is kept, and asked for with the next sync.")


notices.add_command(seen)
notices.add_command(apology)


def find_notice(session: Session, named: str) -> NoticeRow:
    """Find a notice by a unique start of its id; raises NotFound, Ambiguous."""
    from store.queries.naming import single

    rows = session.replica.notices(with_seen=True)
    return single(
        [row for row in rows if row.id.startswith(named)], "notice", "cairn notices", named
    )


def answer_entries(session: Session, about: str | None, limit: int) -> None:
    """Answer with what the ledger has entered."""
    rows = session.replica.entries(about, space=session.space, limit=limit)

    def text() -> str:
        from app.cli.render.supplies import entry_list

        return entry_list(rows, session.now)

    session.answer([supply_shapes.entry(row) for row in rows], text)


def _answer_budget(session: Session, named: str) -> None:
    row = session.replica.budget(named, space=session.space)

    def text() -> str:
        from app.cli.render.supplies import budget_line

        return budget_line(row)

    session.answer(supply_shapes.budget(row), text)


def _answer_saga(session: Session, saga: str) -> None:
    row = session.replica.booking(saga)

    def text() -> str:
        from app.cli.render.supplies import saga_list

        return saga_list([row], session.now)

    session.answer(supply_shapes.saga(row), text)
