"""Money: budgets with what is under way apart, their entries, and bookings as checklists."""

from typing import Any

import flet as ft

from app.local_time import moment_words
from app.supply_words import account_words, entry_words, sum_words
from app.ui.busy import use_busy
from app.ui.components.choice import choice_line, use_choice
from app.ui.components.controls import empty_state, heading, keyed, quiet
from app.ui.components.forms import field_and_button
from app.ui.components.paged_list import whole_list
from app.ui.components.rows import three_line_row
from app.ui.components.typed_field import typed_field, use_typing
from app.ui.session import Session
from app.ui.use_query import use_query
from app.ui.view_model import Layout, Place
from app.ui.views.bookings import Bookings
from app.ui.views.header import Header
from app.ui.views.no_authority import NoAuthority
from app.ui.views.panes import screen
from store.supply_rows import BudgetRow, EntryRow

_ROW_HEIGHT_PX = 84


@ft.component
def BudgetScreen(session: Session, place: Place, layout: Layout) -> ft.Control:  # noqa: N802
    """Draw the screen."""

    def chosen(event: Any) -> None:
        place.money = event.control.selected[0]

    switch = ft.Container(
        padding=ft.Padding.symmetric(horizontal=12),
        content=ft.SegmentedButton(
            segments=[
                ft.Segment(value="budgets", label="Budgets"),
                ft.Segment(value="bookings", label="Bookings"),
            ],
            selected=[place.money],
            show_selected_icon=False,
            on_change=chosen,
        ),
    )
    if place.money == "bookings":
        return ft.Column(
            [Header(session, "Budget"), switch, NoAuthority(session), Bookings(session)],
            expand=True,
            spacing=8,
        )
    listed = ft.Column(
        [
            switch,
            BudgetForm(session),
            NoAuthority(session),
            BudgetList(session, place.budget),
        ],
        expand=True,
        spacing=8,
    )
    page = None
    if place.budget is not None:
        page = keyed(BudgetPage, place.budget, session, place.budget)
    return screen(session, layout, "Budget", listed, page)


@ft.component
def BudgetForm(session: Session) -> ft.Control:  # noqa: N802
    """Draw what a new budget is called, and its currency."""
    name, currency = use_typing(), use_typing("EUR")

    async def make() -> None:
        made = await session.act(lambda replica: replica.add_budget(name.text, currency.text))
        if made is not None:
            name.clear()
            session.model.place.budget = made

    layout = session.model.layout
    named = ft.Container(
        typed_field(name, "New budget", session.typing_in, hint="Food"), expand=True
    )
    button = ft.FilledTonalButton(
        "Open", disabled=not name.text.strip(), on_click=session.handler(make)
    )
    field = typed_field(currency, "Currency", session.typing_in)
    rest: list[ft.Control] = [ft.Container(field, width=layout.with_text(100)), button]
    drawn: ft.Control = ft.Row([named, *rest], spacing=8)
    if layout.is_crowded:
        drawn = ft.Column([ft.Row([named]), ft.Row(rest, spacing=8)], spacing=8)
    return ft.Container(drawn, padding=ft.Padding.symmetric(horizontal=12))


@ft.component
def BudgetList(session: Session, selected: str | None) -> ft.Control:  # noqa: N802
    """Draw the rows."""
    rows = use_query(session, lambda replica: replica.budgets(), on=("ledger", "spaces"), keep=True)
    empty = empty_state(
        ft.Icons.SAVINGS_OUTLINED,
        "No budget yet",
        "Open one for what you pay together; nothing is ever paid twice.",
    )
    drawn = None
    if rows is not None:
        drawn = [keyed(BudgetLine, row.id, session, row, row.id == selected) for row in rows]
    return whole_list(drawn, empty, row_height_px=session.model.layout.with_text(_ROW_HEIGHT_PX))


@ft.component
def BudgetLine(session: Session, row: BudgetRow, selected: bool) -> ft.Control:  # noqa: N802
    """Draw one row: what can be spent, and apart from it what is under way."""

    async def open_it() -> None:
        session.model.place.budget = row.id

    return three_line_row(
        (row.name, sum_words(row.available, row.currency), account_words(row) or row.space),
        ft.Icon(ft.Icons.SAVINGS_OUTLINED),
        selected=selected,
        on_open=session.handler(open_it),
    )


@ft.component
def BudgetPage(session: Session, budget: str) -> ft.Control:  # noqa: N802
    """Draw a budget: its sums, paying in, moving money, and its entries."""
    rows = use_query(session, lambda replica: replica.budgets(), on=("ledger", "spaces"), keep=True)
    row = next((one for one in rows or () if one.id == budget), None)
    if row is None:
        return ft.Container()
    others = tuple(
        one
        for one in rows or ()
        if one.id != budget and (one.space, one.currency) == (row.space, row.currency)
    )
    return ft.ListView(
        [
            ft.Text(row.name, theme_style=ft.TextThemeStyle.TITLE_LARGE),
            ft.Text(f"{sum_words(row.available, row.currency)} to spend"),
            quiet(account_words(row) or "Nothing is under way."),
            DepositForm(session, row),
            *([MoveForm(session, row, others)] if others else []),
            heading("Entries", level=2),
            Entries(session, budget, row.space),
        ],
        padding=20,
        spacing=12,
        expand=True,
    )


@ft.component
def DepositForm(session: Session, row: BudgetRow) -> ft.Control:  # noqa: N802
    """Draw how much to pay in, and the button."""
    amount = use_typing()
    busy = use_busy(session)

    async def pay_in() -> None:
        done = await session.act(
            lambda replica: replica.deposit(row.id, amount.text, space=row.space),
        )
        if done is not None:
            amount.clear()

    return field_and_button(
        session.model.layout,
        typed_field(amount, f"Pay in ({row.currency})", session.typing_in, hint="25.00"),
        ft.FilledTonalButton(
            "Pay in",
            disabled=busy.now or not amount.text.strip(),
            on_click=busy.handler(pay_in),
        ),
        width_px=180,
    )


@ft.component
def MoveForm(session: Session, row: BudgetRow, others: tuple[BudgetRow, ...]) -> ft.Control:  # noqa: N802
    """Draw how much to move, where to, and the button."""
    amount = use_typing()
    busy = use_busy(session)
    to = use_choice(others[0].id)
    names = [(one.id, one.name) for one in others]

    async def move() -> None:
        target = to.among([one.id for one in others])
        done = await session.act(
            lambda replica: replica.transfer(row.id, target, amount.text, space=row.space),
        )
        if done is not None:
            amount.clear()

    moving = field_and_button(
        session.model.layout,
        typed_field(amount, f"Move ({row.currency})", session.typing_in, hint="25.00"),
        ft.FilledTonalButton(
            "Move", disabled=busy.now or not amount.text.strip(), on_click=busy.handler(move)
        ),
        width_px=180,
    )
    return ft.Column([choice_line(to, "To", names), moving], spacing=10)


@ft.component
def Entries(session: Session, budget: str, space: str) -> ft.Control:  # noqa: N802
    """Draw what the ledger has entered, the last first."""
    rows = use_query(
        session,
        lambda replica: replica.entries(budget, space=space),
        on=("ledger",),
        given=(budget,),
        keep=True,
    )
    if not rows:
        return quiet("Nothing is entered yet.")
    return ft.Column([_entry(session, row) for row in rows], spacing=6)


def _entry(session: Session, row: EntryRow) -> ft.Control:
    state = "" if row.state == "posted" else f" · {row.state}"
    return ft.Row(
        [
            ft.Text(sum_words(row.amount, row.unit), width=120),
            ft.Column(
                [
                    ft.Text(f"{row.debit} → {row.credit}"),
                    quiet(f"{moment_words(row.at_ms, session.now())}{state} {row.reason}".strip()),
                    *([quiet(whose)] if (whose := entry_words(row)) else []),
                ],
                spacing=0,
                expand=True,
            ),
        ],
        vertical_alignment=ft.CrossAxisAlignment.START,
    )
