"""The conflicts: a list that names each, open or settled, and the open one beside it.

What a server refused stands at the top of the open ones, also of supplies and money, and what was
taken back of it.
"""

from dataclasses import dataclass
from typing import Any, Final

import flet as ft

from app.local_time import moment_words
from app.ui.components.controls import empty_state, icon_button, keyed
from app.ui.components.paged_list import whole_list
from app.ui.components.rows import three_line_row
from app.ui.hold import use_hold
from app.ui.session import Session
from app.ui.use_query import use_query
from app.ui.view_model import Layout, Place, Selection
from app.ui.views.conflict_detail import ConflictDetail
from app.ui.views.panes import screen
from app.ui.views.refusals import HeldDetail, RefusalDetail
from app.ui.views.settle_many import SettleMany
from app.ui.views.told import ToldDetail, told_words
from app.ui.words import conflict_story, side_author, who
from store.domain.ids import DocId
from store.replica import Replica
from store.rows import ConflictRow, HeldRow, RefusalRow
from store.supply_rows import NoticeRow

_ROW_HEIGHT_PX: Final = 96
_REFUSED: Final = "refused:"  # before the id of an item, where a conflict's id would stand
_HELD: Final = "held:"
_TOLD: Final = "told:"  # before the id of a notice about supplies and money
_SEVERAL: Final = "several"

_Row = NoticeRow | RefusalRow | HeldRow | ConflictRow


@dataclass(frozen=True, slots=True)
class _Listed:
    """Everything that waits for a person, or was settled."""

    told: list[NoticeRow]
    refused: list[RefusalRow]
    held: list[HeldRow]
    conflicts: list[ConflictRow]


@ft.component
def ConflictsScreen(session: Session, place: Place, layout: Layout) -> ft.Control:  # noqa: N802
    """Draw the screen."""
    return ft.Container(
        Waiting(session, place, layout, session.model.conflicts),
        expand=True,
    )


@ft.component
def Waiting(  # noqa: N802 - components are named as what they draw
    session: Session, place: Place, layout: Layout, chosen: Selection
) -> ft.Control:
    """Draw the list, and beside it what is open of it."""
    listed = ft.Column(
        [
            _tools(session, place, layout, chosen),
            keyed(ConflictList, f"{place.settled}", session, place.settled, place.conflict, chosen),
        ],
        expand=True,
        spacing=8,
    )
    page = _page(session, place, layout, chosen)
    return screen(session, layout, "Conflicts", listed, page)


def _page(session: Session, place: Place, layout: Layout, chosen: Selection) -> ft.Control | None:
    name = place.conflict or ""
    if chosen.on and (layout.wide or name == _SEVERAL):
        return keyed(SettleMany, _SEVERAL, session, chosen.ids, lambda: _stop(place, chosen))
    if not name:
        return None
    if name.startswith(_REFUSED):
        doc = DocId(name.removeprefix(_REFUSED))
        return keyed(RefusalDetail, name, session, doc, layout.wide)
    if name.startswith(_TOLD):
        return keyed(ToldDetail, name, session, name.removeprefix(_TOLD))
    if name.startswith(_HELD):
        return keyed(HeldDetail, name, session, DocId(name.removeprefix(_HELD)), layout.wide)
    return keyed(ConflictDetail, name, session, name, layout.wide)


def _stop(place: Place, chosen: Selection) -> None:
    """Choose no more."""
    chosen.clear()
    if place.conflict == _SEVERAL:
        place.conflict = None


def _tools(session: Session, place: Place, layout: Layout, chosen: Selection) -> ft.Control:
    def switched(event: Any) -> None:
        place.settled = event.control.selected[0] == "settled"
        place.conflict = None
        chosen.clear()

    async def begin() -> None:
        was_on = chosen.on
        _stop(place, chosen)
        chosen.on = not was_on
        place.conflict = None

    async def choose_all() -> None:
        rows = await session.read(lambda replica: replica.conflicts(remember=False))
        chosen.ids = tuple(row.id for row in rows or ())

    tools: list[ft.Control] = [_switch(place, switched), ft.Container(expand=True)]
    if chosen.on:
        if not layout.wide:
            tools.append(_see_button(session, chosen.ids))
        tools.append(icon_button(ft.Icons.SELECT_ALL, "Choose all", session.handler(choose_all)))
    if not place.settled:
        tools.append(
            icon_button(
                ft.Icons.CLOSE if chosen.on else ft.Icons.CHECKLIST,
                "Stop choosing" if chosen.on else "Choose several",
                session.handler(begin),
            )
        )
    return ft.Container(ft.Row(tools), padding=ft.Padding.only(left=12, right=8))


def _switch(place: Place, switched: Any) -> ft.Control:
    return ft.SegmentedButton(
        segments=[
            ft.Segment(value="open", label="Open"),
            ft.Segment(value="settled", label="Settled"),
        ],
        selected=["settled" if place.settled else "open"],
        show_selected_icon=False,
        on_change=switched,
    )


def _see_button(session: Session, chosen: tuple[str, ...]) -> ft.Control:
    async def see() -> None:
        session.model.place.conflict = _SEVERAL

    return ft.FilledTonalButton(
        f"See {len(chosen)}", disabled=not chosen, on_click=session.handler(see)
    )


@ft.component
def ConflictList(  # noqa: N802 - components are named as what they draw
    session: Session, settled: bool, selected: str | None, chosen: Selection
) -> ft.Control:
    """Draw the rows."""
    rows = use_query(
        session,
        lambda replica: _listed(replica, settled=settled),
        on=("conflicts", "items", "sync", "ledger"),
        given=(settled,),
    )
    hold = use_hold(session, _name)
    if rows is None:
        return ft.Container(expand=True)
    fresh: list[_Row] = [*rows.told, *rows.refused, *rows.held, *rows.conflicts]
    drawn = [_drawn(session, row, selected, chosen) for row in hold.rows(settled, rows, fresh)]
    empty = empty_state(
        ft.Icons.HANDSHAKE_OUTLINED,
        "Nothing was settled yet" if settled else "All agree",
        "What was settled stands here, and can be opened again."
        if settled
        else "What two people wrote differently while apart is kept, and stands here.",
    )
    height_px = session.model.layout.with_text(_ROW_HEIGHT_PX)
    return hold.around(
        whole_list(drawn, empty, row_height_px=height_px, scrolling=hold.touched),
    )


def _name(row: _Row) -> str:
    match row:
        case NoticeRow():
            return _TOLD + row.id
        case RefusalRow():
            return _REFUSED + row.doc_id
        case HeldRow():
            return _HELD + row.doc_id
        case ConflictRow():
            return row.id


def _drawn(session: Session, row: _Row, selected: str | None, chosen: Selection) -> ft.Control:
    match row:
        case NoticeRow():
            return _told_row(session, row, selected)
        case RefusalRow():
            return _refused_row(session, row, selected)
        case HeldRow():
            return _held_row(session, row, selected)
        case ConflictRow():
            return keyed(ConflictLine, row.id, session, row, row.id == selected, chosen)


def _listed(replica: Replica, *, settled: bool) -> _Listed:
    rows = replica.conflicts(settled=settled, remember=False)
    if settled:
        return _Listed([], [], [], rows)
    return _Listed(replica.notices(), replica.refusals(), replica.held_drafts(), rows)


def _told_row(session: Session, row: NoticeRow, selected: str | None) -> ft.Control:
    icon = ft.Icon(ft.Icons.INVENTORY_2_OUTLINED, color=ft.Colors.ERROR)
    return _row(session, _name(row), icon, told_words(row), selected)


def _refused_row(session: Session, row: RefusalRow, selected: str | None) -> ft.Control:
    return _row(
        session,
        _name(row),
        ft.Icon(ft.Icons.CLOUD_OFF, color=ft.Colors.ERROR),
        (row.title, "The server refused a change", row.reason),
        selected,
    )


def _held_row(session: Session, row: HeldRow, selected: str | None) -> ft.Control:
    when = moment_words(row.at_ms, session.now())
    words = (row.title or row.text, "A text that was taken back", f"taken back {when}")
    return _row(session, _name(row), ft.Icon(ft.Icons.HISTORY), words, selected)


def _row(
    session: Session,
    name: str,
    icon: ft.Control,
    words: tuple[str, str, str],
    selected: str | None,
) -> ft.Control:
    async def open_it() -> None:
        session.model.place.conflict = name

    return _tile(
        words, icon, selected=name == selected, on_click=session.handler(open_it), key=name
    )


def _tile(
    words: tuple[str, str, str], leading: ft.Control, *, selected: bool, on_click: Any, key: str
) -> ft.Control:
    title, story, people = words
    return three_line_row(
        (title or "untitled", story, people),
        leading,
        selected=selected,
        on_open=on_click,
        key=key,
        last_lines_max=2,
    )


@ft.component
def ConflictLine(  # noqa: N802 - components are named as what they draw
    session: Session, row: ConflictRow, selected: bool, chosen: Selection
) -> ft.Control:
    """Draw one row: the item, the field, who and when."""
    now = session.now()

    async def open_it() -> None:
        if chosen.on:
            chosen.toggle(row.id)
        else:
            session.model.place.conflict = row.id

    if row.settled is not None:
        when = moment_words(row.settled.at_ms, now)
        people = f"settled by {who(row.settled.by, row.settled.device)}, {when}"
    else:
        people = "  ↔  ".join(side_author(side, now) for side in row.sides)
    leading: ft.Control = ft.Icon(ft.Icons.CALL_SPLIT if row.settled is None else ft.Icons.CHECK)
    if chosen.on:
        leading = ft.Checkbox(
            value=row.id in chosen.ids,
            semantics_label=f"Choose {row.title}: {conflict_story(row)}",
            on_change=session.handler(open_it),
        )
    return _tile(
        (row.title, conflict_story(row), people),
        leading,
        selected=selected or row.id in chosen.ids,
        on_click=session.handler(open_it),
        key=row.id,
    )
