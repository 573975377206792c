"""Search while one types, through tasks and notes."""

import flet as ft

from app.ui.components.coming_field import use_coming_field
from app.ui.components.controls import empty_state, keyed
from app.ui.components.paged_list import paged_list
from app.ui.components.rows import hit_row
from app.ui.components.typed_field import typed_field, use_typing
from app.ui.hold import use_hold
from app.ui.session import Session
from app.ui.use_query import use_answer
from app.ui.view_model import Layout, Place
from app.ui.views.item_page import item_page
from app.ui.views.panes import screen
from store.domain.filters import parse_terms
from store.rows import SearchHit

_HIT_HEIGHT_PX = 76
_HITS_MAX = 50


@ft.component
def SearchScreen(session: Session, place: Place, layout: Layout) -> ft.Control:  # noqa: N802
    """Draw the screen."""
    typed = use_typing()
    use_coming_field(session, typed, turn=place.search_turn)

    listed = ft.Column(
        [
            ft.Container(
                padding=ft.Padding.symmetric(horizontal=16),
                content=typed_field(
                    typed,
                    "Search tasks and notes",
                    session.typing_in,
                    icon=ft.Icons.SEARCH,
                    autofocus=True,
                ),
            ),
            Hits(session, typed.text, place.hit),
        ],
        expand=True,
        spacing=6,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )
    return screen(session, layout, "Search", listed, item_page(session, place.hit))


@ft.component
def Hits(session: Session, words: str, selected: str | None) -> ft.Control:  # noqa: N802
    """Draw what was found."""
    terms = parse_terms(words, now=session.now())
    answer = use_answer(
        session,
        lambda replica: replica.search(terms.words, filters=terms.filters, limit=_HITS_MAX),
        on=("items",),
        given=(words,),
    )
    hold = use_hold(session, _key)
    if not words.strip():
        return empty_state(
            ft.Icons.SEARCH,
            "Type a word",
            "The last one may be half of one. Filters narrow it: "
            "tag:climb in:Hut is:open due:<friday",
        )
    hits = answer.value or []
    if not hits and answer.given != (words,):
        return ft.Container(expand=True)  # not answered yet; else what was found before stays
    if not hits:
        why = terms.unread[0] if terms.unread else "All words must be in the item."
        return empty_state(ft.Icons.SEARCH_OFF, "Nothing found", why)
    drawn = [
        keyed(HitLine, hit.id, session, hit, hit.id == selected)
        for hit in hold.rows(answer.given, answer, hits)
    ]
    return hold.around(
        paged_list(
            drawn,
            row_height_px=session.model.layout.with_text(_HIT_HEIGHT_PX),
            has_more=False,
            more=lambda: None,
            scrolling=hold.touched,
        )
    )


def _key(hit: SearchHit) -> str:
    return hit.id


@ft.component
def HitLine(session: Session, hit: SearchHit, selected: bool) -> ft.Control:  # noqa: N802
    """Draw one of them."""

    async def open_it() -> None:
        session.model.place.hit = hit.id

    return hit_row(hit, selected=selected, on_open=session.handler(open_it))
