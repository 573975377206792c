"""Booking several things at once, with a fee or without: all of it or, in the end, nothing."""

from typing import Any, Final

import flet as ft

from app.ui.busy import use_busy
from app.ui.components.choice import Choice, choice_line, use_choice
from app.ui.components.controls import apart, explained, heading, icon_button, keyed
from app.ui.components.forms import field_and_button
from app.ui.components.typed_field import Typing, typed_field, use_typing, wide_field
from app.ui.session import Session
from app.ui.use_query import use_query
from app.ui.views.supply_form import whole_number
from store.commands.asking import Plan, PlanFee
from store.domain.errors import InvalidValue
from store.replica import Replica
from store.supply_rows import BudgetRow, ItemRow

_NO_FEE: Final = ""
_FIELD_WIDTH_PX: Final = 460

Line = tuple[str, str, int]  # id of an item, its name, how many


@ft.component
def BookingForm(session: Session) -> ft.Control:  # noqa: N802
    """Draw it, for the current space; nothing where that shares no supplies."""

    def look(replica: Replica) -> tuple[list[ItemRow], list[BudgetRow]]:
        space = replica.space().name
        return replica.supplies(space), replica.budgets(space)

    found = use_query(session, look, on=("ledger", "spaces"), keep=True)
    if found is None or not found[0]:
        return ft.Container()
    return Booking(session, tuple(found[0]), tuple(found[1]))


@ft.component
def Booking(  # noqa: N802
    session: Session, items: tuple[ItemRow, ...], budgets: tuple[BudgetRow, ...]
) -> ft.Control:
    """Draw the form itself."""
    name, fee = use_typing(), use_typing()
    none: tuple[Line, ...] = ()
    lines, set_lines = ft.use_state(none)
    pays, gets = use_choice(_NO_FEE), use_choice(_NO_FEE)
    busy = use_busy(session)

    def add(line: Line) -> None:
        set_lines(lambda now: (*now, line))  # of now: what is drawn may lack the last one yet

    async def book() -> None:
        paid = _fee(pays.value, gets.value, fee.text.strip())
        plan = Plan(name.text, tuple((item, count) for item, _, count in lines), paid)
        made = await session.act(lambda replica: replica.book(plan))
        if made is not None:
            set_lines(none)
            name.clear()
            fee.clear()
            pays.value = gets.value = _NO_FEE

    return ft.Container(
        padding=ft.Padding.symmetric(horizontal=16),
        content=ft.Column(
            [
                heading("New booking", level=2),
                ft.Container(
                    wide_field(name, "What for", session.typing_in, hint="Hut weekend"),
                    width=_FIELD_WIDTH_PX,
                ),
                *(apart(_line(session, at, line, set_lines)) for at, line in enumerate(lines)),
                keyed(AddLine, "add", session, items, add),
                *([_fee_row(session, budgets, fee, pays, gets)] if budgets else []),
                explained("All of it is booked, or nothing."),
                ft.Row(
                    [
                        ft.FilledButton(
                            "Book all of it",
                            disabled=busy.now or not (name.text.strip() and lines),
                            on_click=busy.handler(book),
                        )
                    ]
                ),
            ],
            spacing=10,
        ),
    )


@ft.component
def AddLine(session: Session, items: tuple[ItemRow, ...], added: Any) -> ft.Control:  # noqa: N802
    """Draw which item and how many of it to add."""
    count = use_typing("1")
    item = use_choice(items[0].id)
    names = {one.id: one.name for one in items}

    async def add() -> None:
        chosen = item.among(list(names))
        added((chosen, names[chosen], whole_number(count.text)))

    options = [(one.id, f"{one.name} ({one.available} left)") for one in items]
    adding = field_and_button(
        session.model.layout,
        typed_field(count, "Pieces to book", session.typing_in),
        ft.OutlinedButton("Add to the booking", on_click=session.handler(add)),
        width_px=130,
    )
    return ft.Column([choice_line(item, "Item", options), adding], spacing=10)


def _line(session: Session, at: int, line: Line, set_lines: Any) -> ft.Control:
    async def drop() -> None:  # this one, and not another one that is alike
        set_lines(lambda now: now[:at] + now[at + 1 :])

    _, name, count = line
    return ft.Row(
        [
            ft.Text(f"{count} × {name}", expand=True),
            icon_button(ft.Icons.CLOSE, f"Leave out {name}", session.handler(drop)),
        ]
    )


def _fee(pays: str, gets: str, amount: str) -> PlanFee | None:
    """Read the fee; a part of one is no booking without, but a mistake."""
    if not (pays or gets or amount):
        return None
    if not (pays and gets and amount):
        raise InvalidValue(
            "A fee needs a budget that pays it, one that gets it, and an amount; without a fee "
            "leave out all three.",
            field="fee",
        )
    return PlanFee(pays, gets, amount)


def _fee_row(
    session: Session, budgets: tuple[BudgetRow, ...], fee: Typing, pays: Choice, gets: Choice
) -> ft.Control:
    options = [(_NO_FEE, "no fee"), *((one.id, one.name) for one in budgets)]
    return ft.Column(
        [
            choice_line(pays, "Fee from", options),
            choice_line(gets, "Fee to", options),
            ft.Container(typed_field(fee, "Fee", session.typing_in, hint="25.00"), width=130),
        ],
        spacing=10,
    )
