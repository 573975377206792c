"""What a task has claimed of the supplies, and claiming more."""

import flet as ft

from app.ui.components.choice import choice_line, use_choice
from app.ui.components.controls import apart, heading, keyed
from app.ui.components.forms import field_and_button
from app.ui.components.typed_field import typed_field, use_typing
from app.ui.session import Session
from app.ui.use_query import use_query
from app.ui.views.supply_form import whole_number
from app.ui.views.supply_page import ReservationLine, reserve_some
from store.replica import Replica
from store.supply_rows import ItemRow, ReservationRow


@ft.component
def TaskSupplies(session: Session, task: str, space: str) -> ft.Control:  # noqa: N802
    """Draw them; nothing in a space that shares no supplies.

    Args:
        session: the tab.
        task: id of the task.
        space: name of its space.
    """

    def look(replica: Replica) -> tuple[list[ItemRow], list[ReservationRow]]:
        return replica.supplies(space), replica.reservations(task=task)

    found = use_query(session, look, on=("ledger",), given=(task, space), keep=True)
    if found is None or not found[0]:
        return ft.Container()
    items, claims = found
    return ft.Column(
        [
            heading("Supplies", level=2),
            *(apart(keyed(ReservationLine, row.id, session, row)) for row in claims),
            ClaimForm(session, task, tuple(items)),
        ],
        spacing=8,
    )


@ft.component
def ClaimForm(session: Session, task: str, items: tuple[ItemRow, ...]) -> ft.Control:  # noqa: N802
    """Draw what to claim, how many, and the button."""
    count = use_typing("1")
    item = use_choice(items[0].id)
    rows = {one.id: one for one in items}

    async def claim() -> None:
        row = rows[item.among(list(rows))]
        await reserve_some(session, row, whole_number(count.text), task=task)

    options = [(one.id, f"{one.name} ({one.available} left)") for one in items]
    claiming = field_and_button(
        session.model.layout,
        typed_field(count, "Pieces", session.typing_in),
        ft.FilledTonalButton("Claim", on_click=session.handler(claim)),
        width_px=110,
    )
    return ft.Column([choice_line(item, "Of the supplies", options), claiming], spacing=8)
