"""Supplies, budgets and bookings for people: what is there, what is yours, how sure that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.cli.render.cells import Span, cell, styled
from app.cli.render.page import Page
from app.cli.render.words import on_one_line, short_id
from app.local_time import moment_words
from app.supply_words import (
    STEP_GLYPHS,
    account_words,
    entry_words,
    kept_words,
    known_words,
    mine_words,
    notice_words,
    reservation_words,
    saga_words,
    step_words,
    sum_words,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from store.supply_rows import (
        BudgetRow,
        EntryRow,
        ItemRow,
        NoticeRow,
        ReservationRow,
        SagaRow,
    )

_SURE = {"certain": "green", "confirmed": "green", "requested": "yellow"}
_ENDED = {"completed": "green", "running": "yellow", "compensating": "yellow", "stuck": "red"}


def item_list(rows: Sequence[ItemRow], now: datetime) -> str:
    """List items in stock."""
    if not rows:
        return "Nothing is in stock; `cairn stock add NAME --count N` puts something there."
    table = (
        (
            styled(short_id(row.id), "dim"),
            styled(on_one_line(row.name), "bold"),
            cell(f"{row.available} of {row.count} left"),
            styled(mine_words(row), "cyan"),
            styled(kept_words(row), "dim"),
            styled(known_words(row, now), "dim"),
        )
        for row in rows
    )
    return Page().table(table).written()


def item_line(row: ItemRow) -> str:
    """Say on one line how an item stands."""
    parts = [f"{on_one_line(row.name)}: {row.available} of {row.count} left", mine_words(row)]
    if row.is_asked:
        parts.append("not decided yet")
    return "; ".join(filter(None, parts))


def policy_list(rows: Sequence[tuple[str, str, str]]) -> str:
    """List policies: name, what it promises, what that means."""
    table = (
        (styled(name, "bold"), cell(promise), styled(means, "dim")) for name, promise, means in rows
    )
    return Page().table(table).written()


def reservation_list(rows: Sequence[ReservationRow], now: datetime) -> str:
    """List reservations."""
    if not rows:
        return "Nothing is reserved; `cairn stock reserve ITEM N` reserves something."
    table = (
        (
            styled(short_id(row.id), "dim"),
            styled(f"{row.count} × {on_one_line(row.item_name)}", "bold"),
            styled(reservation_words(row, now), _SURE.get(row.state, "dim")),
            cell("you" if row.is_mine else on_one_line(row.person)),
        )
        for row in rows
    )
    return Page().table(table).written()


def claim_list(rows: Sequence[ReservationRow], now: datetime) -> str:
    """List what a task has claimed."""
    page = Page().line(Span("Supplies", "bold"))
    for row in rows:
        page.line(f"  {on_one_line(reservation_line(row, now))}")
    return page.written()


def reservation_line(row: ReservationRow, now: datetime) -> str:
    """Say on one line how a reservation stands."""
    return f"{row.count} × {row.item_name}: {reservation_words(row, now)} ({short_id(row.id)})"


def budget_list(rows: Sequence[BudgetRow]) -> str:
    """List budgets."""
    if not rows:
        return "There is no budget; `cairn budget add NAME --currency EUR` opens one."
    table = (
        (
            styled(short_id(row.id), "dim"),
            styled(on_one_line(row.name), "bold"),
            cell(sum_words(row.available, row.currency)),
            styled(account_words(row), "yellow"),
        )
        for row in rows
    )
    return Page().table(table).written()


def budget_line(row: BudgetRow) -> str:
    """Say on one line how a budget stands."""
    under_way = account_words(row)
    available = sum_words(row.available, row.currency)
    return f"{on_one_line(row.name)}: {available}" + (f"; {under_way}" if under_way else "")


def entry_list(rows: Sequence[EntryRow], now: datetime) -> str:
    """List entries of the ledger."""
    if not rows:
        return "Nothing is entered yet."
    table = (
        (
            cell(moment_words(row.at_ms, now)),
            styled(sum_words(row.amount, row.unit), "bold"),
            cell(f"{on_one_line(row.debit)} → {on_one_line(row.credit)}"),
            styled(row.state, "" if row.state == "posted" else "yellow"),
            cell(on_one_line(entry_words(row))),
            styled(on_one_line(row.reason), "dim"),
        )
        for row in rows
    )
    return Page().table(table).written()


def saga_list(rows: Sequence[SagaRow], now: datetime) -> str:
    """List bookings and transfers as checklists."""
    if not rows:
        return "There is no booking and no transfer."
    page = Page()
    for row in rows:
        page.line(
            Span(short_id(row.id), "dim"),
            "  ",
            Span(on_one_line(row.name), "bold"),
            "  ",
            Span(saga_words(row), _ENDED.get(row.state, "dim")),
            "  ",
            Span(moment_words(row.at_ms, now), "dim"),
        )
        for step in row.steps:
            tried = f"  (tried {step.attempts} times)" if step.attempts > 1 else ""
            page.line(f"    {STEP_GLYPHS[step.state]} {on_one_line(step_words(step.name))}{tried}")
    return page.written()


def notice_list(rows: Sequence[NoticeRow], now: datetime) -> str:
    """List notices."""
    if not rows:
        return "Nothing is to be told: nothing was refused, cancelled or refunded."
    page = Page()
    for row in rows:
        page.line(
            Span(short_id(row.id), "dim"),
            "  ",
            Span(on_one_line(row.text), "bold"),
            "  ",
            Span(moment_words(row.at_ms, now), "dim"),
        )
        for line in notice_words(row):
            page.line(f"    {on_one_line(line)}")
    return page.line(Span("Then: cairn notices seen ID", "dim")).written()
