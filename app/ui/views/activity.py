"""What changed, by whom: first what came while one was away, with undo where that is possible."""

from typing import Final

import flet as ft

from app.act_words import act_words
from app.local_time import moment_words
from app.ui.components.controls import OnEvent, empty_state, keyed, quiet
from app.ui.components.paged_list import paged_list
from app.ui.components.rows import kind_icon
from app.ui.effects import use_work
from app.ui.hold import use_hold
from app.ui.seen import look
from app.ui.session import Session
from app.ui.use_query import use_answer
from app.ui.view_model import Layout, Place
from app.ui.views.item_page import item_page
from app.ui.views.panes import screen
from app.ui.words import activity_words, counted
from store.queries import Activity

_ROWS: Final = 100  # changes to a page; several of them may be one entry
_UNKNOWN: Final[dict[str, int] | None] = None


@ft.component
def ActivityScreen(session: Session, place: Place, layout: Layout) -> ft.Control:  # noqa: N802
    """Draw the screen; that somebody looks at it is noted."""
    seen, set_seen = ft.use_state(_UNKNOWN)

    async def note() -> None:
        set_seen(await session.read(look))

    use_work(session, note)
    listed = Entries(session, seen, place.recent) if seen is not None else ft.Container()
    return screen(session, layout, "Activity", listed, item_page(session, place.recent))


@ft.component
def Entries(session: Session, seen: dict[str, int], opened: str | None) -> ft.Control:  # noqa: N802
    """Draw the entries, newest first."""
    rows_max, set_rows_max = ft.use_state(_ROWS)
    hold = use_hold(session, _key)
    answer = use_answer(
        session,
        lambda replica: replica.activity(rows_max=rows_max, seen=seen),
        on=("items", "spaces"),
        given=(rows_max,),
    )
    page = answer.value
    if page is None:
        return ft.Container(expand=True)
    if not page.entries:
        return empty_state(
            ft.Icons.HISTORY,
            "Nothing happened yet",
            "What you and others write stands here, with who and when; your own can be undone.",
        )
    entries = hold.rows(answer.given, answer, page.entries)
    away = [entry for entry in entries if entry.is_new]
    before = [entry for entry in entries if not entry.is_new]
    parts: list[ft.Control] = []
    if away:
        items = counted(len({entry.doc for entry in away}), "item")
        parts.append(_heading(f"While you were away: {items}"))
        parts += [_line(session, entry, opened) for entry in away]
        parts.append(_heading("Before that"))
    parts += [_line(session, entry, opened) for entry in before]
    is_answered = answer.given == (rows_max,)  # else more is asked for already
    return hold.around(
        paged_list(
            parts,
            row_height_px=None,
            has_more=page.has_more and is_answered,
            more=lambda: set_rows_max(rows_max + _ROWS),
            scrolling=hold.touched,
        )
    )


def _key(entry: Activity) -> str:
    return f"{entry.doc}-{entry.received_at_ms}-{entry.changes}"


def _heading(words: str) -> ft.Control:
    return ft.Container(
        key=f"heading-{words}",
        padding=ft.Padding.only(left=16, right=16, top=14, bottom=4),
        content=ft.Semantics(
            container=True,
            header=True,
            content=ft.Text(
                words, theme_style=ft.TextThemeStyle.BODY_MEDIUM, weight=ft.FontWeight.W_600
            ),
        ),
    )


def _line(session: Session, entry: Activity, opened: str | None) -> ft.Control:
    return keyed(EntryLine, _key(entry), session, entry, entry.doc == opened)


@ft.component
def EntryLine(session: Session, entry: Activity, is_open: bool) -> ft.Control:  # noqa: N802
    """Draw one entry."""

    async def open_it() -> None:
        session.model.place.recent = entry.doc

    async def undo() -> None:
        assert entry.act is not None, "the button is drawn with it"
        await session.undo(entry.act.number)

    who = "You" if entry.is_own else entry.person or "Somebody"
    when = moment_words(entry.at_ms or entry.received_at_ms, session.now())
    where = f"{when} · {entry.space}" + ("" if entry.is_own else f" · on {entry.device}")
    return ft.ListTile(
        leading=ft.Icon(kind_icon(entry.kind), size=20),
        title=ft.Text(
            f"{who} {activity_words(entry)} “{entry.title}”",
            theme_style=ft.TextThemeStyle.BODY_MEDIUM,
        ),
        subtitle=quiet(where, lines_max=1),
        trailing=_undo_button(entry, session.handler(undo)),
        selected=is_open,
        selected_tile_color=ft.Colors.SECONDARY_CONTAINER,
        selected_color=ft.Colors.ON_SECONDARY_CONTAINER,
        content_padding=ft.Padding.symmetric(horizontal=16),
        dense=True,
        on_click=None if entry.is_gone else session.handler(open_it),
    )


def _undo_button(entry: Activity, on_click: OnEvent) -> ft.Control | None:
    if entry.act is None:
        return None
    what = f"Undo {act_words(entry.act.label)}: {entry.title}"
    more = entry.act.items - 1
    if more:
        what += f" and {counted(more, 'other item')}"
    words = f"Undo all {entry.act.items}" if more else "Undo"
    return ft.TextButton(
        ft.Text(words, semantics_label=what),
        on_click=on_click,
    )
