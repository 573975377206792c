"""Bookings: several items, a fee and a deadline become the steps of a saga."""

from collections.abc import Sequence
from typing import Final

from store.domain.errors import InvalidValue, Refused
from store.domain.fields import validated_name
from store.domain.ledger.accounts import PIECES, Transfer, check_enter
from store.domain.ledger.books import Books, existing
from store.domain.ledger.budgets import budget
from store.domain.ledger.caller import Caller
from store.domain.ledger.commands import Book
from store.domain.ledger.ends import DEADLINE_PASSED, checked_end
from store.domain.ledger.facts import Fact, Saga, SagaSet, Step
from store.domain.ledger.ids import RESERVATION, SAGA, checked_id, out_account, stock_account
from store.domain.ledger.money import checked_amount
from store.domain.ledger.taking_back import FEE, derived_id

ITEMS_MAX: Final = 50


def book(books: Books, caller: Caller, asked: Book, now_ms: int) -> list[Fact]:
    """Begin a booking: hold each item, put the fee aside, confirm all of it at once.

    Raises:
        InvalidValue, NotFound: what it names is not there, or no count, amount or deadline.
        Refused: the id is taken.
    """
    checked_id(SAGA, asked.id)
    if books.saga(asked.id) is not None:
        raise Refused("There is a saga with this id already; make a new one.")
    check_items([each.item for each in asked.items])
    checked_end(asked.deadline_ms, now_ms, past=DEADLINE_PASSED, field="deadline")
    steps = [_hold(books, asked, number) for number in range(len(asked.items))]
    if asked.fee is not None:
        steps.append(_pay(books, asked))
    steps.append(Step("confirm", "confirm"))
    return [
        SagaSet(
            Saga(
                asked.id,
                "booking",
                validated_name("name", asked.name),
                "running",
                caller.replica,
                caller.person,
                caller.tier,
                tuple(steps),
                now_ms,
                deadline_ms=asked.deadline_ms,
                task=asked.task,
            )
        )
    ]


def check_items(named: Sequence[str]) -> None:
    """Check how many items a booking names, and that it names each once; raises InvalidValue."""
    if not 1 <= len(named) <= ITEMS_MAX:
        raise InvalidValue(f"A booking names 1 to {ITEMS_MAX} items.", field="items")
    if len(set(named)) != len(named):
        raise InvalidValue("An item stands twice in the booking; add the counts.", field="items")


def _hold(books: Books, asked: Book, number: int) -> Step:
    wanted = asked.items[number]
    item = existing(books.item(wanted.item), "item", wanted.item)
    checked_amount(wanted.count)
    return Step(
        f"reserve {wanted.count} × {item.name}",
        "hold",
        derived_id(RESERVATION, asked.id, str(number)),
        stock_account(item.id),
        out_account(item.id),
        wanted.count,
        PIECES,
        item.id,
    )


def _pay(books: Books, asked: Book) -> Step:
    fee = asked.fee
    assert fee is not None, "called where there is one"
    debit, credit = budget(books, fee.debit), budget(books, fee.credit)
    paid = Transfer(
        asked.id + FEE, debit.id, credit.id, fee.amount, fee.currency, "pending", asked.id, 0
    )
    checked_amount(fee.amount)
    if not debit.unit == credit.unit == fee.currency:
        check_enter(debit, credit, paid)  # says which is kept in what
    return Step(
        f"pay {debit.shown(fee.amount)} from {debit.name} to {credit.name}",
        "pay",
        paid.id,
        debit.id,
        credit.id,
        fee.amount,
        fee.currency,
    )
