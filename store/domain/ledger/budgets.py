"""Budgets: accounts for money of one currency. Transfers between them are sagas."""

from dataclasses import replace

from store.domain.errors import InvalidValue, NotFound, Refused
from store.domain.fields import validated_name, validated_reason
from store.domain.ledger.accounts import Account, Transfer, check_enter
from store.domain.ledger.books import Books
from store.domain.ledger.caller import Caller
from store.domain.ledger.commands import AddBudget, Deposit, SetApology, TransferMoney
from store.domain.ledger.facts import (
    AccountOpened,
    Apology,
    ApologySet,
    Entered,
    Fact,
    Saga,
    SagaSet,
    Step,
)
from store.domain.ledger.ids import BUDGET, SAGA, TRANSFER, checked_id, source_account
from store.domain.ledger.money import AMOUNT_MAX, checked_amount, checked_currency


def add_budget(books: Books, caller: Caller, asked: AddBudget) -> list[Fact]:
    """Open a budget; raises InvalidValue, Refused."""
    checked_id(BUDGET, asked.id)
    currency = checked_currency(asked.currency)
    if not 0 <= asked.overdraft <= AMOUNT_MAX:
        raise InvalidValue("How far a budget may be overdrawn can't be below zero.")
    if asked.overdraft:
        caller.needs_owner("let a budget be overdrawn")
    name = validated_name("name", asked.name)
    if books.account(asked.id) is not None or books.budget_named(name) is not None:
        raise Refused(f"There is a budget {name} in this space already.")
    facts: list[Fact] = [
        AccountOpened(Account(asked.id, "budget", name, currency, -asked.overdraft))
    ]
    if books.account(source_account(currency)) is None:
        world = Account(source_account(currency), "world", currency, currency, None)
        facts.append(AccountOpened(world))
    return facts


def deposit(books: Books, asked: Deposit, now_ms: int) -> list[Fact]:
    """Put money in from outside; raises NotFound, InvalidValue, Refused."""
    checked_id(TRANSFER, asked.id)
    account = budget(books, asked.budget)
    if books.transfer(asked.id) is not None:
        raise Refused("There is a transfer with this id already; make a new one.")
    world = books.account(source_account(account.unit))
    if world is None:
        raise NotFound(f"No budget is kept in {account.unit}.")
    transfer = Transfer(
        asked.id, world.id, account.id, asked.amount, asked.currency, "posted", asked.id, now_ms
    )
    check_enter(world, account, transfer)
    return [Entered(transfer)]


def transfer_money(books: Books, caller: Caller, asked: TransferMoney, now_ms: int) -> list[Fact]:
    """Begin a transfer between two budgets: validate, debit, credit, record.

    The debit is pending, so that it counts against what is available at once, and the credit posts
    it. What can be seen to fail already is refused at once.
    """
    checked_id(SAGA, asked.id)
    debit, credit = budget(books, asked.debit), budget(books, asked.credit)
    move = Transfer(
        f"{asked.id}/1", debit.id, credit.id, asked.amount, asked.currency, "pending", asked.id, 0
    )
    check_enter(debit, credit, move)
    if books.saga(asked.id) is not None:
        raise Refused("There is a saga with this id already; make a new one.")
    base = Step("validate", "check", move.id, debit.id, credit.id, asked.amount, asked.currency)
    steps = (
        base,
        replace(base, name="debit", kind="hold"),
        replace(base, name="credit", kind="post"),
        replace(base, name="record", kind="record"),
    )
    name = f"{debit.shown(asked.amount)} from {debit.name} to {credit.name}"
    return [
        SagaSet(
            Saga(
                asked.id,
                "transfer",
                name,
                "running",
                caller.replica,
                caller.person,
                caller.tier,
                steps,
                now_ms,
            )
        )
    ]


def set_apology(books: Books, caller: Caller, asked: SetApology) -> list[Fact]:
    """Word the space's apology; raises Refused, NotFound, InvalidValue."""
    caller.needs_owner("word the apology")
    if asked.budget is not None:
        budget(books, asked.budget)
        checked_amount(asked.amount)
    elif asked.amount:
        raise InvalidValue("Name the budget that the credit is paid from.", field="budget")
    text = validated_reason(asked.text) or ""
    return [ApologySet(Apology(text, asked.budget, asked.amount))]


def budget(books: Books, account: str) -> Account:
    """Find a budget; raises NotFound for everything that is none."""
    found = books.account(account)
    if found is None or found.kind not in ("budget", "credit"):
        raise NotFound(f"This space has no budget {account[:60]!a}.")
    return found
