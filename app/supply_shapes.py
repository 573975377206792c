"""Supplies, budgets, bookings and notices as the contract's JSON; money as decimal strings.

Scripts rely on these keys: adding one is fine, changing one is a break.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.json_shapes import moment
from store.domain.ledger.accounts import PIECES
from store.domain.ledger.money import shown_amount

if TYPE_CHECKING:
    from store.supply_rows import (
        BudgetRow,
        EntryRow,
        ItemRow,
        NoticeRow,
        ReservationRow,
        SagaRow,
    )

Json = dict[str, Any]


def item(row: ItemRow) -> Json:
    """Shape an item in stock; `decided` is false until the authority has said that it is there."""
    return {
        "id": row.id,
        "space": row.space,
        "name": row.name,
        "count": row.count,
        "available": row.available,
        "pending": row.pending,
        "policy": row.policy.name,
        "mine": {"reserved": row.reserved, "requested": row.requested, "quota": row.quota},
        "quota_ends_at": moment(row.lease_ends_at_ms),
        "known_at": moment(row.known_at_ms),
        "wrong_guesses": row.wrong_guesses,
        "decided": not row.is_asked,
    }


def reservation(row: ReservationRow) -> Json:
    """Shape a reservation; `final` is false while it is a hold that is to be confirmed."""
    return {
        "id": row.id,
        "space": row.space,
        "item": row.item,
        "name": row.item_name,
        "count": row.count,
        "state": row.state,
        "reason": row.reason,
        "expires_at": moment(row.expires_at_ms),
        "sync_before": moment(row.sync_before_ms),
        "final": row.is_final,
        "person": row.person,
        "mine": row.is_mine,
        "task": row.task,
        "booking": row.saga,
    }


def budget(row: BudgetRow) -> Json:
    """Shape a budget."""
    return {
        "id": row.id,
        "space": row.space,
        "name": row.name,
        "currency": row.currency,
        "available": shown_amount(row.available, row.currency),
        "pending": shown_amount(row.pending, row.currency),
        "incoming": shown_amount(row.incoming, row.currency),
        "decided": not row.is_asked,
    }


def entry(row: EntryRow) -> Json:
    """Shape an entry of the ledger; the amount is a number of pieces, or a decimal string."""
    is_pieces = row.unit == PIECES
    return {
        "id": row.id,
        "at": moment(row.at_ms),
        "from": row.debit,
        "to": row.credit,
        "amount": row.amount if is_pieces else shown_amount(row.amount, row.unit),
        "unit": row.unit,
        "state": row.state,
        "cause": row.cause,
        "reason": row.reason,
        "person": row.person,
        "purpose": row.purpose,
    }


def saga(row: SagaRow) -> Json:
    """Shape a booking, a transfer, or something that is made good."""
    return {
        "id": row.id,
        "space": row.space,
        "kind": row.kind,
        "name": row.name,
        "state": row.state,
        "steps": [
            {"name": each.name, "state": each.state, "attempts": each.attempts}
            for each in row.steps
        ],
        "reason": row.reason,
        "person": row.person,
        "mine": row.is_mine,
        "task": row.task,
        "at": moment(row.at_ms),
        "decided": not row.is_asked,
    }


def notice(row: NoticeRow) -> Json:
    """Shape something that a person is told; `credit` is null where nothing was given."""
    return {
        "id": row.id,
        "space": row.space,
        "kind": row.kind,
        "about": row.about,
        "title": row.title,
        "text": row.text,
        "reason": row.reason,
        "task": row.task,
        "at": moment(row.at_ms),
        "apology": row.apology,
        "credit": shown_amount(row.credit, row.currency) if row.credit else None,
        "currency": row.currency or None,
        "seen": row.is_seen,
    }
