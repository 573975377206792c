"""Sagas: one step further at a time. Each step's effect and its journal are one act.

    check     nothing but a look; undone by nothing
    hold      a pending transfer (of an item: a reservation); undone by voiding it
    pay       a pending transfer of a fee, which nobody can spend yet; undone by voiding it
    post      posts what a hold has taken; undone by one that goes back
    confirm   posts all holds of a booking and its fee; nothing comes after it
    back      returns what another saga has paid
    credit    gives what the apology says
    record    the end of a transfer, for the audit trail; undone by nothing

An effect is a transfer with a fixed id, so a step that was done already is done again by finding it
there. A step that fails takes the done ones back, the last first; what can't be taken back now is
tried again with growing pauses, and stuck in the end. A compensation can only go on.

Source: Garcia-Molina and Salem, "Sagas", 1987.
"""

from dataclasses import replace
from typing import Final

from store.domain.errors import DomainError, Refused
from store.domain.ledger.accounts import Transfer, TransferState, check_enter
from store.domain.ledger.books import Books, existing
from store.domain.ledger.facts import (
    Entered,
    Fact,
    Noticed,
    Reservation,
    ReservationSet,
    Resolved,
    Saga,
    SagaSet,
    SagaState,
    Step,
    StepState,
)
from store.domain.ledger.ids import NOTICE
from store.domain.ledger.reserving import ended, taken
from store.domain.ledger.taking_back import BACK, derived_id

ATTEMPTS_MAX: Final = 8
BACKOFF_FIRST_MS: Final = 1_000
BACKOFF_MS_MAX: Final = 300_000
_BLOCKED: Final = " It can't be put right: "  # in the reason of a stuck one, before what stops it


def advance(books: Books, saga: Saga, now_ms: int) -> list[Fact]:
    """Take a saga one step further, forward or back; nothing where it is not due or has ended."""
    if saga.next_at_ms > now_ms:
        return []
    if saga.state == "running":
        return _forward(books, saga, now_ms)
    if saga.state == "compensating":
        return _backward(books, saga, now_ms)
    return []


def retried(saga: Saga, now_ms: int) -> list[Fact]:
    """Let a stuck saga go on; raises Refused where it is not stuck."""
    if saga.state != "stuck":
        raise Refused(f"The saga is not stuck, it is {saga.state}.")
    state: SagaState = "running" if saga.kind == "compensation" else "compensating"
    steps = tuple(replace(step, attempts=0) for step in saga.steps)
    why = saga.reason.partition(_BLOCKED)[0]
    return [SagaSet(replace(saga, state=state, steps=steps, next_at_ms=now_ms, reason=why))]


def pause_ms(attempts: int) -> int:
    """How long to wait after so many tries that failed."""
    return min(BACKOFF_FIRST_MS << max(0, attempts - 1), BACKOFF_MS_MAX)


# -- forward ---------------------------------------------------------------------------------------


def _forward(books: Books, saga: Saga, now_ms: int) -> list[Fact]:
    at = next((n for n, step in enumerate(saga.steps) if step.state == "waiting"), None)
    if at is None:
        return _completed(saga)
    step = saga.steps[at]
    try:
        if saga.deadline_ms is not None and saga.deadline_ms <= now_ms:
            raise Refused("Its deadline passed before it was complete.")
        effect = _effect(books, saga, step, now_ms)
    except DomainError as no:
        return _failed(saga, at, str(no), now_ms)
    done = _with(saga, at, "done", next_at_ms=0)
    if at == len(saga.steps) - 1:
        return [*effect, *_completed(done)]
    return [*effect, SagaSet(done)]


def _completed(saga: Saga) -> list[Fact]:
    return [SagaSet(replace(saga, state="completed", reason=""))]


def _failed(saga: Saga, at: int, reason: str, now_ms: int) -> list[Fact]:
    if saga.kind == "compensation":
        return [_again(saga, at, reason, now_ms)]
    undone = replace(_with(saga, at, "failed"), state="compensating", reason=reason)
    return _compensated(undone, now_ms) if _last_done(undone) is None else [SagaSet(undone)]


def _effect(books: Books, saga: Saga, step: Step, now_ms: int) -> list[Fact]:
    match step.kind:
        case "record":
            return []
        case "check":
            _checked(books, _transfer(saga, step, "pending", now_ms))
            return []
        case "hold" if step.item:
            return _reserved(books, saga, step, now_ms)
        case "confirm":
            return _confirmed(books, saga)
        case "post":
            return _resolved(books, step.transfer, "posted")
        case "hold" | "pay":
            return _entered(books, _transfer(saga, step, "pending", now_ms))
        case "back" | "credit":
            return _entered(books, _transfer(saga, step, "posted", now_ms))


def _reserved(books: Books, saga: Saga, step: Step, now_ms: int) -> list[Fact]:
    if books.reservation(step.transfer) is not None:
        return []
    item = existing(books.item(step.item), "item", step.item)
    wanted = Reservation(
        step.transfer,
        step.item,
        step.amount,
        "confirmed",
        saga.holder,
        saga.person,
        saga.tier,
        books.last_asked() + 1,
        is_final=False,
        task=saga.task,
        saga=saga.id,
    )
    return taken(books, item, wanted, now_ms)


def _confirmed(books: Books, saga: Saga) -> list[Fact]:
    facts: list[Fact] = []
    for step in saga.steps:
        if step.kind == "pay":
            facts += _resolved(books, step.transfer, "posted")
        found = books.reservation(step.transfer) if step.kind == "hold" else None
        if found is None or found.is_final:
            continue
        facts += _resolved(books, found.id, "posted")
        facts.append(ReservationSet(replace(found, is_final=True)))
    return facts


# -- back ------------------------------------------------------------------------------------------


def _backward(books: Books, saga: Saga, now_ms: int) -> list[Fact]:
    at = _last_done(saga)
    if at is None:
        return _compensated(saga, now_ms)
    try:
        undoing = _undoing(books, saga, saga.steps[at], now_ms)
    except DomainError as no:
        return [_again(saga, at, str(no), now_ms)]
    undone = _with(saga, at, "undone", next_at_ms=0)
    if _last_done(undone) is None:
        return [*undoing, *_compensated(undone, now_ms)]
    return [*undoing, SagaSet(undone)]


def _undoing(books: Books, saga: Saga, step: Step, now_ms: int) -> list[Fact]:
    match step.kind:
        case "hold" if step.item:
            found = books.reservation(step.transfer)
            if found is None or found.state != "confirmed":
                return []
            return ended(books, found, "compensated", saga.reason, now_ms)
        case "hold" | "pay" | "post":
            return _put_back(books, saga, step, now_ms)
        case _:
            return []  # a look and a record leave nothing; holds of a booking undo themselves


def _put_back(books: Books, saga: Saga, step: Step, now_ms: int) -> list[Fact]:
    """Void money that is put aside; what was posted of it goes back."""
    if existing(books.transfer(step.transfer), "transfer", step.transfer).state != "posted":
        return _resolved(books, step.transfer, "voided")
    back = _transfer(saga, step, "posted", now_ms)
    return _entered(books, replace(back, id=back.id + BACK, debit=back.credit, credit=back.debit))


def _compensated(saga: Saga, now_ms: int) -> list[Fact]:
    notice = Noticed(
        derived_id(NOTICE, saga.id),
        saga.holder,
        saga.person,
        "undone",
        saga.id,
        f"{saga.name} did not work out; everything it had taken was put back.",
        saga.reason,
        now_ms,
    )
    return [SagaSet(replace(saga, state="compensated")), notice]


# -- both ------------------------------------------------------------------------------------------


def _again(saga: Saga, at: int, reason: str, now_ms: int) -> Fact:
    """Try a step again later, or leave it to a person."""
    tried = _with(saga, at, saga.steps[at].state)
    attempts = tried.steps[at].attempts
    if attempts >= ATTEMPTS_MAX:
        return SagaSet(replace(tried, state="stuck", reason=f"{saga.reason}{_BLOCKED}{reason}"))
    return SagaSet(replace(tried, next_at_ms=now_ms + pause_ms(attempts)))


def _last_done(saga: Saga) -> int | None:
    done = [n for n, step in enumerate(saga.steps) if step.state == "done"]
    return done[-1] if done else None


def _with(saga: Saga, at: int, state: StepState, *, next_at_ms: int | None = None) -> Saga:
    step = replace(saga.steps[at], state=state, attempts=saga.steps[at].attempts + 1)
    return replace(
        saga,
        steps=(*saga.steps[:at], step, *saga.steps[at + 1 :]),
        next_at_ms=saga.next_at_ms if next_at_ms is None else next_at_ms,
    )


def _transfer(saga: Saga, step: Step, state: TransferState, now_ms: int) -> Transfer:
    return Transfer(
        step.transfer, step.debit, step.credit, step.amount, step.unit, state, saga.id, now_ms
    )


def _checked(books: Books, transfer: Transfer) -> None:
    debit = existing(books.account(transfer.debit), "account", transfer.debit)
    credit = existing(books.account(transfer.credit), "account", transfer.credit)
    check_enter(debit, credit, transfer)


def _entered(books: Books, transfer: Transfer) -> list[Fact]:
    """Enter a transfer, unless it is there."""
    found = books.transfer(transfer.id)
    if found is not None:
        if not found.is_same(transfer):
            raise Refused("Its transfer stands in the ledger with other words.")
        return []
    _checked(books, transfer)
    return [Entered(transfer)]


def _resolved(books: Books, transfer: str, state: TransferState) -> list[Fact]:
    """End a pending transfer, unless it has ended so."""
    found = existing(books.transfer(transfer), "transfer", transfer)
    if found.state == state:
        return []
    if found.state != "pending":
        raise Refused(f"What it had put aside was {found.state} meanwhile.")
    return [Resolved(transfer, state)]
