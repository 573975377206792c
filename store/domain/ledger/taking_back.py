"""What the authority has to take back: cancelled once, refunded, and told with an apology.

Taking back is a saga that only goes on. Its id follows from what is taken back, so that it begins
once however often somebody notices. The cancellation itself is in the facts that begin it; refund
and credit are its steps, which are tried until they pass, or wait for a person as stuck.

A booking of which something is cancelled keeps the rest, which was promised too, and gets its whole
fee back, once: it was paid for all of it, and no part of it has a price of its own.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from store.domain.ledger.accounts import PIECES, Account, Transfer, TransferState
from store.domain.ledger.books import Books, existing
from store.domain.ledger.facts import (
    AccountOpened,
    Entered,
    Fact,
    Item,
    ItemSet,
    Noticed,
    Reservation,
    ReservationSet,
    Resolved,
    Saga,
    SagaSet,
    Step,
)
from store.domain.ledger.ids import (
    NOTICE,
    SAGA,
    credit_account,
    new_ledger_id,
    out_account,
    stock_account,
)

FEE: Final = "/fee"  # after a booking's id: the transfer that pays for it
BACK: Final = "/back"  # ends the id of the transfer that returns what another one moved
CANCELLED_MAX: Final = 100  # in one act, whose row has to fit into a page of the feed


def derived_id(letter: str, *parts: str) -> str:
    """An id that follows from what it is about."""
    return new_ledger_id(letter, hashlib.sha256("\0".join(parts).encode()).digest()[:16])


def victims(confirmed: Iterable[Reservation], available: int) -> list[Reservation]:
    """Choose whom to cancel so that nothing is oversold: lowest tier first, then who asked last.

    Bookings and single reservations count alike; one that is larger than needed goes whole. The
    turn of a hold whose booking is under way comes when that has ended; nobody goes instead of it.
    """
    chosen: list[Reservation] = []
    lacking = -available
    for one in sorted(confirmed, key=lambda each: (each.tier, -each.asked)):
        if lacking <= 0:
            break
        lacking -= one.count
        if one.is_final or one.saga is None:
            chosen.append(one)
    return chosen


def settled(books: Books, item: Item, now_ms: int) -> list[Fact]:
    """Cancel what an item was oversold by, a bounded number at once; the rest stays to be done.

    Under other policies than overselling an item can lack pieces too: after a restore of the
    authority, where more was given away than it knew (DECISIONS D24).
    """
    stock = existing(books.account(stock_account(item.id)), "account", item.name)
    chosen = victims(books.confirmed(item.id), stock.available)[:CANCELLED_MAX]
    still_lacking = stock.available + sum(one.count for one in chosen) < 0
    if not chosen and (still_lacking or item.oversold_at_ms is None):
        return []  # nothing to do, or nothing that can be done now
    facts: list[Fact] = []
    reason = f"More of {item.name} was given away than there is."
    for one in chosen:
        facts += [taken_back(one, reason, now_ms), *compensation(books, one, reason, now_ms)]
    looked_at = replace(item, oversold_at_ms=now_ms if still_lacking else None)
    return [*facts, ItemSet(looked_at.moved())]


def taken_back(
    one: Reservation, reason: str, now_ms: int, *, unconfirmed: TransferState = "voided"
) -> Fact:
    """Put a reservation's pieces back into the stock; what only held them ends as `unconfirmed`."""
    if not one.is_final:
        return Resolved(one.id, unconfirmed, reason)
    return Entered(
        Transfer(
            one.id + BACK,
            out_account(one.item),
            stock_account(one.item),
            one.count,
            PIECES,
            "posted",
            one.id,
            now_ms,
            reason=reason,
        )
    )


def compensation(books: Books, gone: Reservation, reason: str, now_ms: int) -> list[Fact]:
    """Begin to make good a reservation whose pieces are back in the stock, or never left it."""
    apology = books.apology()
    paid = _paid(books, gone)
    steps = [] if paid is None else [_refund(paid[1])]
    currency, facts = "", []
    budget = books.account(apology.budget) if apology.budget is not None else None
    if budget is not None and apology.amount > 0:
        currency = budget.unit
        credit = credit_account(gone.holder, currency)
        if books.account(credit) is None:
            opened = Account(credit, "credit", f"Credit of {gone.person}", currency)
            facts.append(AccountOpened(opened))
        steps.append(
            Step(
                "credit",
                "credit",
                f"{gone.id}/credit",
                budget.id,
                credit,
                apology.amount,
                currency,
            )
        )
    ended = replace(gone, state="compensated", reason=reason, is_final=True, expires_at_ms=None)
    item = existing(books.item(gone.item), "item", gone.item)
    saga = Saga(
        derived_id(SAGA, "compensation", gone.id),
        "compensation",
        f"Making good {gone.count} × {item.name}",
        "running" if steps else "completed",
        gone.holder,
        gone.person,
        gone.tier,
        (Step("cancel", "record", state="done", attempts=1), *steps),
        now_ms,
        reason=reason,
        task=gone.task,
    )
    notice = Noticed(
        derived_id(NOTICE, gone.id),
        gone.holder,
        gone.person,
        "compensated",
        gone.id,
        f"Your {gone.count} × {item.name} had to be cancelled."
        + ("" if paid is None else _refund_words(books, *paid)),
        reason,
        now_ms,
        apology.text,
        apology.amount if currency else 0,
        currency,
    )
    return [*facts, ReservationSet(ended), SagaSet(saga), notice]


def _paid(books: Books, gone: Reservation) -> tuple[Saga, Step] | None:
    """The booking that a reservation belongs to and the step that has paid its fee, if any did."""
    booking = books.saga(gone.saga) if gone.saga is not None else None
    if booking is None:
        return None
    done = (step for step in booking.steps if step.kind == "pay" and step.state == "done")
    return next(((booking, step) for step in done), None)


def _refund(paid: Step) -> Step:
    """The step that returns a fee."""
    return Step(
        "refund",
        "back",
        paid.transfer + BACK,
        paid.credit,
        paid.debit,
        paid.amount,
        paid.unit,
    )


def _refund_words(books: Books, booking: Saga, paid: Step) -> str:
    """Say what becomes of a booking of which something is cancelled."""
    payer = existing(books.account(paid.debit), "account", paid.debit)
    fee = payer.shown(paid.amount)
    return (
        f" The whole fee of {booking.name}, {fee}, goes back to {payer.name}; "
        "what else was booked stays."
    )
