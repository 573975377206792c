"""The tasks: the way around them, quick add, the list, and the open task beside it."""

from collections.abc import Sequence
from typing import Any, Final, cast

import flet as ft

from app.ui.asking import ask_yes
from app.ui.components.coming_field import use_coming_field
from app.ui.components.controls import icon_button, keyed, quiet
from app.ui.components.typed_field import Typing, typed_field, use_typing
from app.ui.listing import SORT_NAMES, Which
from app.ui.session import Session
from app.ui.view_model import Layout, Place, ViewModel
from app.ui.views.examples import ExamplesNote
from app.ui.views.panes import screen
from app.ui.views.quick_add import QuickAdd
from app.ui.views.selection_bar import SelectionBar
from app.ui.views.task_detail import TaskDetail
from app.ui.views.task_list import TaskList
from app.ui.views.task_views import Names, ViewChips, ViewColumn
from app.ui.words import counted
from store.domain.filters import Filter, parse_terms
from store.domain.ids import DocId
from store.queries.task_pages import Sort

_SORTED_BY_NAME: Final = {name: sort for sort, name in SORT_NAMES.items()}


@ft.component
def TasksScreen(session: Session, place: Place, layout: Layout) -> ft.Control:  # noqa: N802
    """Draw the screen."""
    which = Which(place.view, place.list_name, place.tag)

    parts: list[ft.Control] = []
    if not which.is_names and which.view != "trash":
        parts.append(
            ft.Container(
                keyed(QuickAdd, f"add-{which.key}", session, which),
                padding=ft.Padding.symmetric(horizontal=16),
            )
        )
    if not layout.roomy:
        parts.append(ViewChips(session, place))
    parts.append(ExamplesNote(session))
    if which.is_names:
        parts.append(keyed(Names, which.view, session, which.view))
    else:
        parts.append(keyed(Listed, which.key, session, which, place.task, layout))
    listed = ft.Column(parts, expand=True, spacing=6)
    page = None
    if place.task is not None:
        page = keyed(TaskDetail, place.task, session, DocId(place.task))
    views = ViewColumn(session, place) if layout.roomy else None
    return screen(session, layout, which.title, listed, page, views=views)


@ft.component
def Listed(  # noqa: N802 - components are named as what they draw
    session: Session, which: Which, opened: str | None, layout: Layout
) -> ft.Control:
    """Draw the list with what sorts, filters and chooses above it."""
    model = session.model
    kept, set_sort = ft.use_state(sort_of(model, which))
    sort = cast(Sort, kept)
    filtering, set_filtering = ft.use_state(False)
    typed = use_typing()
    terms = parse_terms(typed.text if filtering else "", now=session.now())
    filters = (*terms.filters, *(Filter("title", word) for word in terms.words.split()))

    def sorted_by(name: str) -> None:
        model.sorts[which.key] = _SORTED_BY_NAME[name]
        set_sort(_SORTED_BY_NAME[name])

    async def choose_sort(event: Any) -> None:
        sorted_by(event.control.data)

    async def filter_it() -> None:
        set_filtering(not filtering)
        typed.clear()

    tools = [
        _sorting(sort, session.event_handler(choose_sort)),
        icon_button(
            ft.Icons.FILTER_ALT_OFF if filtering else ft.Icons.FILTER_ALT_OUTLINED,
            "Close the filter" if filtering else "Filter",
            session.handler(filter_it),
        ),
    ]
    above = [_tools(session, which, sort, tools)]
    if filtering:
        above.append(keyed(FilterField, "filter", session, typed, terms.unread))
    bar = SelectionBar(session, model.selection, which.view == "trash")
    shown = TaskList(session, which, sort, filters, opened, layout, model.selection, model.rename)
    # On a phone it comes below the list: a row that is pressed long stays under the finger.
    below = [shown] if layout.wide else [shown, bar]
    above += [bar] if layout.wide else []
    return ft.Column([*above, *below], expand=True, spacing=4)


def _tools(session: Session, which: Which, sort: Sort, sorting: list[ft.Control]) -> ft.Control:
    """Draw what stands above the list: how it is sorted, and what is done with it."""
    selection = session.model.selection

    async def select() -> None:
        if selection.on:
            selection.clear()
        else:
            selection.on = True

    choose = icon_button(ft.Icons.CHECKLIST, "Choose tasks", session.handler(select))
    in_trash = which.view == "trash"
    tools = [keyed(EmptyTrash, "empty", session)] if in_trash else sorting
    words = f"By {SORT_NAMES[sort].lower()}" if sort != which.own_sort else ""
    return ft.Container(
        ft.Row([ft.Container(quiet(words), expand=True), *tools, choose], spacing=0),
        padding=ft.Padding.only(left=16, right=8),
    )


@ft.component
def FilterField(  # noqa: N802 - components are named as what they draw
    session: Session, typed: Typing, unread: Sequence[str]
) -> ft.Control:
    """Draw the field that narrows the list, and what of it could not be read."""
    use_coming_field(session, typed)
    field = typed_field(
        typed,
        "Filter",
        session.typing_in,
        hint="tag:gear is:blocked due:<friday",
        icon=ft.Icons.FILTER_ALT_OUTLINED,
        autofocus=True,
    )
    return ft.Container(
        ft.Column(
            [field, *(quiet(each) for each in unread)],
            tight=True,
            spacing=4,
            horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
        ),
        padding=ft.Padding.symmetric(horizontal=16),
    )


def sort_of(model: ViewModel, which: Which) -> Sort:
    """Say how a view is sorted."""
    return model.sorts.get(which.key, which.own_sort)


def _sorting(sort: Sort, on_choose: Any) -> ft.Control:
    """Draw the choice of order as a menu."""
    return ft.MergeSemantics(
        ft.PopupMenuButton(
            icon=ft.Icons.SORT,
            tooltip="Sort",
            items=[
                ft.PopupMenuItem(content=name, checked=key == sort, data=name, on_click=on_choose)
                for key, name in SORT_NAMES.items()
            ],
        )
    )


@ft.component
def EmptyTrash(session: Session) -> ft.Control:  # noqa: N802
    """Draw the button that empties the trash, which can't be undone."""

    async def empty() -> None:
        counts = await session.read(lambda replica: replica.task_counts())
        if counts is None or not counts.trash:
            session.say("The trash is empty already.")
            return
        sure = await ask_yes(
            session,
            "Empty the trash?",
            f"{counted(counts.trash, 'item')}, tasks and notes, will be gone for good, "
            "for everyone who shares them.",
            button="Empty the trash",
        )
        if sure:
            gone = await session.act(lambda replica: replica.purge_trash())
            if gone is not None:
                session.say(f"{counted(len(gone), 'item')} deleted for good.")

    return ft.TextButton(
        "Empty the trash", icon=ft.Icons.DELETE_FOREVER_OUTLINED, on_click=session.handler(empty)
    )
