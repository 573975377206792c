"""The way around the tasks: the views with their numbers, the lists and the tags."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import flet as ft

from app.ui.components.chips import choices
from app.ui.components.controls import keyed, quiet
from app.ui.components.empty_tasks import empty_tasks
from app.ui.layout import VIEWS_WIDTH_PX
from app.ui.listing import VIEW_NAMES, Which
from app.ui.session import Session
from app.ui.use_query import use_query
from app.ui.view_model import Place
from store.commands.patches import Patch
from store.domain.ids import DocId
from store.queries import TaskCounts
from store.replica import Replica

_ICONS: Final = {
    "inbox": ft.Icons.INBOX,
    "today": ft.Icons.WB_SUNNY_OUTLINED,
    "upcoming": ft.Icons.CALENDAR_MONTH,
    "all": ft.Icons.CHECK_CIRCLE_OUTLINE,
    "trash": ft.Icons.DELETE_OUTLINE,
}
_NUMBERED: Final = ("inbox", "today", "upcoming", "all")


def use_counts(session: Session) -> TaskCounts | None:
    """Follow the numbers of open tasks; a hook."""
    return use_query(
        session, lambda replica: replica.task_counts(), on=("items", "spaces"), keep=True
    )


@ft.component
def ViewChips(session: Session, place: Place) -> ft.Control:  # noqa: N802
    """Draw the views as a line of choices, where there is no room for a column."""
    counts = use_counts(session)

    async def chosen(event: Any) -> None:
        place.show(event.control.data)

    def number(view: str) -> str:
        return str(getattr(counts, view)) if counts is not None and view in _NUMBERED else ""

    shown = {"list": "lists", "tag": "tags"}.get(place.view, place.view)
    return ft.Container(
        padding=ft.Padding.symmetric(horizontal=12),
        content=choices(
            [(view, name, number(view)) for view, name in VIEW_NAMES.items()],
            shown,
            session.event_handler(chosen),
            name="Views",
        ),
    )


@ft.component
def ViewColumn(session: Session, place: Place) -> ft.Control:  # noqa: N802
    """Draw the views, lists and tags as a column; tasks can be dropped on most of them."""
    counts = use_counts(session)
    if counts is None:
        return ft.Container(width=VIEWS_WIDTH_PX)
    rows: list[ft.Control] = [
        _entry(
            session,
            Which(view),
            _ICONS[view],
            getattr(counts, view),
            is_shown=place.view == view,
        )
        for view in _ICONS
    ]
    rows.append(_caption("Lists"))
    rows += [
        _entry(
            session,
            Which("list", list_name=name),
            ft.Icons.LIST,
            number,
            is_shown=place.view == "list" and place.list_name == name,
        )
        for name, number in counts.lists
    ] or [_teach("Add a task with +Name to begin one.")]
    rows.append(_caption("Tags"))
    rows += [
        _entry(
            session,
            Which("tag", tag=name),
            ft.Icons.TAG,
            number,
            is_shown=place.view == "tag" and place.tag == name,
        )
        for name, number in counts.tags
    ] or [_teach("Add a task with #name to begin one.")]
    return ft.Container(
        width=VIEWS_WIDTH_PX,
        content=ft.ListView(rows, padding=ft.Padding.only(left=8, right=8, bottom=16), spacing=1),
    )


@ft.component
def Names(session: Session, kind: str) -> ft.Control:  # noqa: N802
    """Draw the lists, or the tags, as a page to choose from."""
    counts = use_counts(session)
    if counts is None:
        return ft.Container(expand=True)
    names = counts.lists if kind == "lists" else counts.tags
    if not names:
        return empty_tasks(Which(kind))
    rows = [
        _entry(
            session,
            Which("list", list_name=name) if kind == "lists" else Which("tag", tag=name),
            ft.Icons.LIST if kind == "lists" else ft.Icons.TAG,
            number,
            is_shown=False,
        )
        for name, number in names
    ]
    return ft.ListView(rows, padding=8, expand=True)


def _entry(
    session: Session, which: Which, icon: ft.IconData, number: int, *, is_shown: bool
) -> ft.Control:
    async def go() -> None:
        session.model.selection.clear()
        session.model.place.show(which.view, list_name=which.list_name, tag=which.tag)

    name = which.tag or which.title
    ink = ft.Colors.ON_SECONDARY_CONTAINER if is_shown else ft.Colors.ON_SURFACE_VARIANT
    tile = ft.ListTile(
        leading=ft.Icon(icon, size=18, color=ink),
        title=ft.Text(
            name,
            theme_style=ft.TextThemeStyle.BODY_MEDIUM,
            max_lines=1,
            overflow=ft.TextOverflow.ELLIPSIS,
        ),
        trailing=quiet(str(number)) if number else None,
        selected=is_shown,
        selected_tile_color=ft.Colors.SECONDARY_CONTAINER,
        selected_color=ft.Colors.ON_SECONDARY_CONTAINER,
        shape=ft.RoundedRectangleBorder(radius=10),
        content_padding=ft.Padding.symmetric(horizontal=10),
        horizontal_spacing=10,
        min_leading_width=0,
        dense=True,
        visual_density=ft.VisualDensity.COMPACT,
        on_click=session.handler(go),
    )
    put = _putting(session, which)
    if put is None:
        return ft.Container(tile, key=which.key)
    return keyed(DropPlace, which.key, session, tile, put)


@ft.component
def DropPlace(  # noqa: N802 - components are named as what they draw
    session: Session, content: ft.Control, put: Callable[[str], Awaitable[None]]
) -> ft.Control:
    """Draw something that tasks can be dropped on; it glows while one hangs above it."""
    glows, set_glows = ft.use_state(False)

    async def accepted(event: Any) -> None:
        set_glows(False)
        await put(event.src.data)

    return ft.DragTarget(
        group="task",
        content=ft.Container(
            content,
            border_radius=10,
            bgcolor=ft.Colors.PRIMARY_CONTAINER if glows else None,
        ),
        on_will_accept=lambda event: set_glows(event.accept),
        on_leave=lambda _: set_glows(False),
        on_accept=session.event_handler(accepted),
    )


def _patch_of(which: Which, today: str) -> Patch | None:
    """What a task that is dropped there becomes; None where nothing can be dropped."""
    match which.view:
        case "inbox":
            return Patch(fields={"list": None, "parent": None})
        case "today":
            return Patch(fields={"due": today})
        case "list":
            return Patch(fields={"list": which.list_name, "parent": None})
        case "tag":
            return Patch(add_tags=(which.tag,))
    return None


def _putting(session: Session, which: Which) -> Callable[[str], Awaitable[None]] | None:
    patch = _patch_of(which, session.now().date().isoformat())
    if patch is None and which.view != "trash":
        return None

    async def put(task: str) -> None:
        def do(replica: Replica) -> None:
            if patch is None:
                replica.trash(DocId(task))
            else:
                replica.edit(DocId(task), patch)

        await session.act(do, said=f"Put into {which.title}.")

    return put


def _caption(text: str) -> ft.Control:
    return ft.Container(
        padding=ft.Padding.only(left=10, top=16, bottom=4),
        content=ft.Semantics(
            header=True,
            content=ft.Text(
                text,
                theme_style=ft.TextThemeStyle.LABEL_MEDIUM,
                weight=ft.FontWeight.W_600,
                color=ft.Colors.ON_SURFACE_VARIANT,
            ),
        ),
    )


def _teach(sentence: str) -> ft.Control:
    return ft.Container(quiet(sentence), padding=ft.Padding.symmetric(horizontal=10))
