"""The conflicts: a list that names each, open or settled, and the open one beside it."""

from typing import Any

import flet as ft

from app.ui.components.controls import empty_state, keyed, quiet
from app.ui.components.paged_list import paged_list
from app.ui.session import Session
from app.ui.use_query import use_query
from app.ui.view_model import Layout, Place
from app.ui.views.conflict_detail import ConflictDetail
from app.ui.views.header import Header
from app.ui.views.panes import panes
from app.ui.views.told import Told
from app.ui.words import conflict_story, side_author, who
from store.rows import ConflictRow

_ROW_HEIGHT_PX = 92


@ft.component
def ConflictsScreen(session: Session, place: Place, layout: Layout) -> ft.Control:  # noqa: N802
    """Draw the screen."""

    def chosen(event: Any) -> None:
        place.settled = event.control.selected[0] == "settled"
        place.conflict = None

    async def back() -> None:
        place.conflict = None

    listed = ft.Column(
        [
            ft.Container(
                padding=ft.Padding.symmetric(horizontal=12),
                content=ft.SegmentedButton(
                    segments=[
                        ft.Segment(value="open", label="Open"),
                        ft.Segment(value="settled", label="Settled"),
                    ],
                    selected=["settled" if place.settled else "open"],
                    show_selected_icon=False,
                    on_change=chosen,
                ),
            ),
            *([] if place.settled else [Told(session)]),
            keyed(ConflictList, f"{place.settled}", session, place.settled, place.conflict),
        ],
        expand=True,
        spacing=8,
    )
    page = None
    if place.conflict is not None:
        page = keyed(ConflictDetail, place.conflict, session, place.conflict, layout.wide)
    body = panes(listed, page, wide=layout.wide, back=session.handler(back))
    return ft.Column([Header(session, "Conflicts"), body], expand=True, spacing=0)


@ft.component
def ConflictList(session: Session, settled: bool, selected: str | None) -> ft.Control:  # noqa: N802
    """Draw the rows."""
    rows = use_query(
        session,
        lambda replica: replica.conflicts(settled=settled, remember=False),
        on=("conflicts", "items"),
        given=(settled,),
    )
    if rows is None:
        return ft.Container(expand=True)
    if not rows:
        return empty_state(
            ft.Icons.HANDSHAKE_OUTLINED,
            "Nothing was settled yet" if settled else "All agree",
            "What was settled stands here, and can be opened again."
            if settled
            else "What two people wrote differently while apart is kept, and stands here.",
        )
    drawn = [keyed(ConflictLine, row.id, session, row, row.id == selected) for row in rows]
    return paged_list(drawn, row_height_px=_ROW_HEIGHT_PX, has_more=False, more=lambda: None)


@ft.component
def ConflictLine(session: Session, row: ConflictRow, selected: bool) -> ft.Control:  # noqa: N802
    """Draw one row: the item, the field, who and when."""
    now = session.now()

    async def open_it() -> None:
        session.model.place.conflict = row.id

    if row.settled is not None:
        people = f"settled by {who(row.settled.by, row.settled.device)}"
    else:
        people = "  ↔  ".join(side_author(side, now) for side in row.sides)
    return ft.ListTile(
        leading=ft.Icon(ft.Icons.CALL_SPLIT if row.settled is None else ft.Icons.CHECK),
        title=ft.Text(row.title, max_lines=1, overflow=ft.TextOverflow.ELLIPSIS),
        subtitle=ft.Column(
            [
                ft.Text(conflict_story(row), theme_style=ft.TextThemeStyle.BODY_SMALL),
                quiet(people, lines_max=2),
            ],
            spacing=2,
            tight=True,
        ),
        selected=selected,
        selected_tile_color=ft.Colors.SECONDARY_CONTAINER,
        selected_color=ft.Colors.ON_SECONDARY_CONTAINER,
        on_click=session.handler(open_it),
    )
