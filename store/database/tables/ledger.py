"""What the authority has decided, folded into rows; on both sides."""

from sqlite_utils import Database as Tables

from store.database.tables.making import make_table


def make(db: Tables) -> None:
    """Make `ledger`, `account`, `transfer`, `stock`, `reservation`, `lease`, `saga` and so on."""
    make_table(
        db,
        "ledger",
        {
            "space": str,
            "n": int,
            "upto": int,
            "key": bytes,
            "generation": bytes,
            "hash": bytes,
            "before": bytes,
        },
        pk="space",
        not_null={"key", "generation"},
        defaults={"n": 0, "upto": 0},
    )
    _accounts(db)
    _supplies(db)
    _sagas(db)
    _notices(db)


def _accounts(db: Tables) -> None:
    account = make_table(
        db,
        "account",
        {
            "space": str,
            "id": str,
            "kind": str,
            "name": str,
            "unit": str,
            "floor": int,
            "posted": int,
            "pending_out": int,
            "pending_in": int,
        },
        pk=("space", "id"),
        not_null={"kind", "name", "unit"},
        defaults={"posted": 0, "pending_out": 0, "pending_in": 0},
    )
    account.create_index(["space", "kind", "name"], "account_name")
    transfer = make_table(
        db,
        "transfer",
        {
            "space": str,
            "id": str,
            "debit": str,
            "credit": str,
            "amount": int,
            "unit": str,
            "state": str,
            "cause": str,
            "at_ms": int,
            "expires_at_ms": int,
            "reason": str,
        },
        pk=("space", "id"),
        not_null={"debit", "credit", "amount", "unit", "state", "cause", "at_ms", "reason"},
    )
    transfer.create_index(["space", "credit", "at_ms"], "transfer_credit")


def _supplies(db: Tables) -> None:
    stock = make_table(
        db,
        "stock",
        {
            "space": str,
            "id": str,
            "name": str,
            "policy": str,
            "count": int,
            "version": int,
            "oversold_at_ms": int,
            "wrong_guesses": int,
        },
        pk=("space", "id"),
        not_null={"name", "policy", "count", "version", "wrong_guesses"},
    )
    stock.create_index(["space", "name"], "stock_name", unique=True)
    stock.create_index(["oversold_at_ms"], "stock_oversold")
    reservation = make_table(
        db,
        "reservation",
        {
            "space": str,
            "id": str,
            "item": str,
            "count": int,
            "state": str,
            "holder": str,
            "person": str,
            "tier": int,
            "asked": int,
            "is_final": int,
            "expires_at_ms": int,
            "reason": str,
            "task": str,
            "saga": str,
        },
        pk=("space", "id"),
        not_null={"item", "count", "state", "holder", "person", "tier", "asked", "is_final"},
    )
    reservation.create_index(["space", "asked"], "reservation_asked")
    reservation.create_index(["space", "item", "state"], "reservation_item")
    reservation.create_index(["expires_at_ms"], "reservation_expires")
    make_table(
        db,
        "lease",
        {"space": str, "item": str, "holder": str, "expires_at_ms": int, "state": str},
        pk=("space", "item", "holder"),
        not_null={"expires_at_ms", "state"},
    )


def _sagas(db: Tables) -> None:
    saga = make_table(
        db,
        "saga",
        {
            "space": str,
            "id": str,
            "kind": str,
            "name": str,
            "state": str,
            "holder": str,
            "person": str,
            "tier": int,
            "at_ms": int,
            "next_at_ms": int,
            "deadline_ms": int,
            "reason": str,
            "task": str,
            "steps": str,
        },
        pk=("space", "id"),
        not_null={"kind", "name", "state", "holder", "person", "at_ms", "next_at_ms", "steps"},
    )
    saga.create_index(["state", "next_at_ms"], "saga_due")


def _notices(db: Tables) -> None:
    make_table(
        db,
        "notice",
        {
            "space": str,
            "id": str,
            "holder": str,
            "person": str,
            "kind": str,
            "about": str,
            "text": str,
            "reason": str,
            "at_ms": int,
            "apology": str,
            "credit": int,
            "currency": str,
        },
        pk=("space", "id"),
        not_null={"holder", "person", "kind", "about", "text", "reason", "at_ms", "apology"},
    )
    make_table(
        db,
        "apology",
        {"space": str, "text": str, "budget": str, "amount": int},
        pk="space",
        not_null={"text", "amount"},
    )
