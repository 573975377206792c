"""What an authority lost with a restore, and devices offer again (DECISIONS D24).

An act that was lost is entered again as far as the books lack it: transfers by their id, even below
zero, since what was told to people stands. Meanwhile the authority may have gone on from the older
state, and two stories have to become one:

    a transfer that is there       is left as it is
    a pending one that has ended   ends as the lost story says
    a hold that was confirmed      counts, also where it was found to be expired here: it is taken
                                   anew
    what has ended here            stays so; who was told of it was told last
    a saga                         goes on from where it was further; one that went back in either
                                   story goes back, by the steps that it has done here

What is lacking then is cancelled as if it were oversold, by the usual order.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

from store.domain.ledger.accounts import Account
from store.domain.ledger.books import Books
from store.domain.ledger.facts import (
    AccountOpened,
    ApologySet,
    Decided,
    Entered,
    Fact,
    Item,
    ItemSet,
    LeaseSet,
    Noticed,
    Reservation,
    ReservationSet,
    Resolved,
    Saga,
    SagaSet,
)
from store.domain.ledger.ids import SAGA, stock_account
from store.domain.ledger.taking_back import BACK, derived_id

ANEW: Final = "/anew"
_LEASE_RANK: Final = {"open": 0, "revoked": 1, "ended": 2}
_BACKWARD: Final = ("compensating", "compensated", "stuck")
_STOCK: Final = stock_account("")


def reentered(books: Books, lost: Sequence[Fact], now_ms: int) -> list[Fact]:
    """Decide what of a lost act is to be entered again; nothing where all of it is known.

    Args:
        books: as they stand, with all lost acts before this one.
        lost: the act's facts.
        now_ms: the authority's clock.
    """
    merge = _Merge(books, lost, now_ms)
    return [fact for each in lost for fact in merge.one(each)]


def found_lacking(books: Books, told: Iterable[Fact], now_ms: int) -> list[Fact]:
    """Mark items of which more was given away than there is, after facts were entered again."""
    marked: list[Fact] = []
    for item in _items(told):
        found, stock = books.item(item), books.account(stock_account(item))
        lacks = stock is not None and stock.available < 0
        if found is not None and lacks and found.oversold_at_ms is None:
            marked.append(ItemSet(replace(found, oversold_at_ms=now_ms).moved()))
    return marked


class _Merge:
    """One lost act on its way into the books."""

    def __init__(self, books: Books, lost: Sequence[Fact], now_ms: int) -> None:
        self._books = books
        self._now_ms = now_ms
        self._entered = {fact.transfer.id for fact in lost if isinstance(fact, Entered)}
        self._goes_on = {
            fact.saga.id for fact in lost if isinstance(fact, SagaSet) and self._is_ahead(fact.saga)
        }
        self._void = {
            derived_id(SAGA, "compensation", one.id)
            for one in (fact.reservation for fact in lost if isinstance(fact, ReservationSet))
            if one.saga is not None and self._is_passed_over(one.saga)
        }
        self._rules: dict[type, Callable[[Any], list[Fact]]] = {
            AccountOpened: self._account,
            Entered: self._transfer,
            Resolved: self._end,
            ItemSet: self._item,
            ReservationSet: self._reservation,
            LeaseSet: self._lease,
            SagaSet: self._saga,
            ApologySet: self._as_it_is,
            Decided: self._as_it_is,
            Noticed: self._as_it_is,
        }

    def one(self, fact: Fact) -> list[Fact]:
        """What of one fact is to be entered. A beginning anew is none: the story goes on here."""
        rule = self._rules.get(type(fact))
        return [] if rule is None else rule(fact)

    def _as_it_is(self, fact: Fact) -> list[Fact]:
        return [fact]

    def _account(self, fact: AccountOpened) -> list[Fact]:
        a = fact.account
        if self._books.account(a.id) is not None:
            return []
        return [AccountOpened(Account(a.id, a.kind, a.name, a.unit, a.floor))]

    def _transfer(self, fact: Entered) -> list[Fact]:
        lost = fact.transfer
        if self._books.transfer(lost.id) is not None or self._is_passed_over(lost.cause):
            return []
        return [fact] if self._has_what_it_returns(lost.id) else []

    def _has_what_it_returns(self, lost: str) -> bool:
        """Whether a transfer that goes back has something to go back from."""
        if not lost.endswith(BACK):
            return True
        taken = lost.removesuffix(BACK)
        here = self._books.transfer(taken)
        if here is None:  # passed over before, or entered by this very act
            return taken in self._entered
        return here.state == "posted" or self._books.transfer(taken + ANEW) is not None

    def _end(self, fact: Resolved) -> list[Fact]:
        here = self._books.transfer(fact.transfer)
        if here is None or here.state == "pending":
            return [] if here is not None and self._is_passed_over(here.cause) else [fact]
        was_promised = fact.state == "posted" and here.state == "expired"
        if not was_promised or self._books.transfer(here.id + ANEW) is not None:
            return []
        return [
            Entered(
                replace(
                    here,
                    id=here.id + ANEW,
                    state="posted",
                    at_ms=self._now_ms,
                    expires_at_ms=None,
                    reason="",
                )
            )
        ]

    def _item(self, fact: ItemSet) -> list[Fact]:
        lost = fact.item
        here = self._books.item(lost.id)
        if here is not None:
            wrong = max(here.wrong_guesses, lost.wrong_guesses)
            version = max(here.version, lost.version) + 1
            merged = replace(here, wrong_guesses=wrong, version=version)
            return [ItemSet(merged)]
        return [ItemSet(replace(lost, name=self._free_name(lost)))]

    def _free_name(self, lost: Item) -> str:
        if self._books.item_named(lost.name) is None:
            return lost.name
        return f"{lost.name} ({lost.id[-6:]})"  # somebody put another one in stock meanwhile

    def _reservation(self, fact: ReservationSet) -> list[Fact]:
        lost = fact.reservation
        here = self._books.reservation(lost.id)
        if lost.saga is not None and self._is_passed_over(lost.saga):
            return []
        return [fact] if here is None or self._is_further(lost, here) else []

    def _is_further(self, lost: Reservation, here: Reservation) -> bool:
        """Whether a reservation is to become as the lost story has it; its transfer agrees then."""
        if lost.state == "confirmed":
            return lost.is_final and (
                not here.is_final or (here.state == "expired" and self._was_hold(here))
            )
        if here.state != "confirmed":
            return False
        return here.is_final == (lost.id + BACK in self._entered)

    def _was_hold(self, here: Reservation) -> bool:
        """Whether it expired without having been confirmed, and was not taken anew before."""
        transfer = self._books.transfer(here.id)
        is_anew = self._books.transfer(here.id + ANEW) is not None
        return transfer is not None and transfer.state == "expired" and not is_anew

    def _lease(self, fact: LeaseSet) -> list[Fact]:
        lost = fact.lease
        here = self._books.lease(lost.item, lost.holder)
        if here is None:
            return [fact]
        is_later = (lost.expires_at_ms, _LEASE_RANK[lost.state]) > (
            here.expires_at_ms,
            _LEASE_RANK[here.state],
        )
        return [fact] if is_later else []

    def _saga(self, fact: SagaSet) -> list[Fact]:
        lost = fact.saga
        here = self._books.saga(lost.id)
        if lost.id in self._void:  # made good what was never taken here
            return [SagaSet(replace(lost, state="completed"))] if here is None else []
        if lost.id in self._goes_on:
            return [fact]
        if here is not None and here.state == "running" and lost.state in _BACKWARD:
            return [SagaSet(replace(here, state="compensating", next_at_ms=0, reason=lost.reason))]
        return []

    def _is_ahead(self, lost: Saga) -> bool:
        """Whether a saga is to become as the lost story has it, with all that was done for it."""
        here = self._books.saga(lost.id)
        if here is None:
            return True
        if lost.kind == "compensation":
            return here.state != "completed" and _done(lost) > _done(here)
        is_onward = here.state == "running" and lost.state in ("running", "completed")
        return is_onward and (lost.state == "completed" or _done(lost) > _done(here))

    def _is_passed_over(self, cause: str) -> bool:
        """Whether something was done for a saga that does not become as the lost story has it."""
        reservation = self._books.reservation(cause)
        named = cause if reservation is None else reservation.saga
        here = None if named is None else self._books.saga(named)
        if here is None or here.id in self._goes_on:
            return False
        return here.kind != "compensation" and here.state in ("running", *_BACKWARD)


def _done(saga: Saga) -> int:
    return sum(step.state == "done" for step in saga.steps)


def _items(told: Iterable[Fact]) -> list[str]:
    """The items whose stock facts have touched, each once."""
    accounts = (
        name
        for fact in told
        if isinstance(fact, Entered)
        for name in (fact.transfer.debit, fact.transfer.credit)
    )
    return list(dict.fromkeys(a.removeprefix(_STOCK) for a in accounts if a.startswith(_STOCK)))
