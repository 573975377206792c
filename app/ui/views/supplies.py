"""Supplies: what is there, what is mine, how sure that is; and one of them beside the list."""

import flet as ft

from app.supply_words import known_words, mine_words
from app.ui.components.controls import empty_state, keyed
from app.ui.components.paged_list import whole_list
from app.ui.components.rows import three_line_row
from app.ui.session import Session
from app.ui.use_query import use_query
from app.ui.view_model import Layout, Place
from app.ui.views.no_authority import NoAuthority
from app.ui.views.panes import screen
from app.ui.views.supply_form import SupplyForm
from app.ui.views.supply_page import SupplyPage
from store.supply_rows import ItemRow

_ROW_HEIGHT_PX = 92
_NEW = "new"  # stands where the id of the open one stands


@ft.component
def SuppliesScreen(session: Session, place: Place, layout: Layout) -> ft.Control:  # noqa: N802
    """Draw the screen."""

    async def add() -> None:
        place.supply = _NEW

    def opened(item: str) -> None:
        place.supply = item

    listed = ft.Column(
        [
            ft.Container(
                padding=ft.Padding.symmetric(horizontal=16),
                content=ft.FilledButton(
                    "New supplies", icon=ft.Icons.ADD, on_click=session.handler(add)
                ),
            ),
            NoAuthority(session),
            SupplyList(session, place.supply),
        ],
        expand=True,
        spacing=6,
    )
    page = None
    if place.supply == _NEW:
        page = keyed(SupplyForm, "new", session, opened)
    elif place.supply is not None:
        page = keyed(SupplyPage, place.supply, session, place.supply)
    return screen(session, layout, "Supplies", listed, page)


@ft.component
def SupplyList(session: Session, selected: str | None) -> ft.Control:  # noqa: N802
    """Draw the rows."""
    rows = use_query(
        session, lambda replica: replica.supplies(), on=("ledger", "spaces"), keep=True
    )
    empty = empty_state(
        ft.Icons.INVENTORY_2_OUTLINED,
        "Nothing is shared yet",
        "Tents, seats, tins of food: put them here, and nobody takes what somebody has.",
    )
    drawn = None
    if rows is not None:
        drawn = [keyed(SupplyLine, row.id, session, row, row.id == selected) for row in rows]
    return whole_list(drawn, empty, row_height_px=session.model.layout.with_text(_ROW_HEIGHT_PX))


@ft.component
def SupplyLine(session: Session, row: ItemRow, selected: bool) -> ft.Control:  # noqa: N802
    """Draw one row."""

    async def open_it() -> None:
        session.model.place.supply = row.id

    mine = mine_words(row)
    return three_line_row(
        (
            row.name,
            f"{row.available} of {row.count} left" + (f" · {mine}" if mine else ""),
            f"{row.space} · {known_words(row, session.now())}",
        ),
        ft.Icon(ft.Icons.INVENTORY_2_OUTLINED),
        selected=selected,
        on_open=session.handler(open_it),
    )
