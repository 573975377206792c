"""A quiet line above a text: who changed what while it was open, and where."""

from collections.abc import Callable, Sequence
from typing import Final

import flet as ft

from app.ui.components.controls import icon_button, quiet
from app.ui.components.word_marks import word_marks
from app.ui.drafts import Writer
from app.ui.open_text import News
from app.ui.session import Session
from app.ui.text_moves import moved_selection
from app.ui.views.live_text import LiveBox
from app.ui.words import counted
from store.domain.word_diff import Piece, Place

_CONTEXT_CHARS: Final = 40
_PLACES_SHOWN: Final = 30


def news_words(news: Sequence[News]) -> str:
    """Say who edited how many places: `Bea edited 2 places`.

    Args:
        news: what came, oldest first; some.
    """
    own = news[-1].own
    writers = dict.fromkeys(writer for each in news for writer in each.writers)
    others = [writer for writer in writers if writer != own]
    names = list(dict.fromkeys(_name(writer, own) for writer in others or writers))
    who = " and ".join(names) if len(names) < 3 else f"{', '.join(names[:-1])} and {names[-1]}"
    places = counted(sum(len(each.places) for each in news), "place")
    return f"{who or 'Somebody'} edited {places}"


def _name(writer: Writer, own: Writer) -> str:
    person, device = writer
    if writer == own:
        return "You, elsewhere,"
    return f"You, on {device}," if person == own[0] else person or "Somebody"


@ft.component
def NewsLine(  # noqa: N802 - components are named as what they draw
    session: Session, box: LiveBox, news: tuple[News, ...], dismiss: Callable[[], None]
) -> ft.Control:
    """Draw the line; nothing where nothing came.

    Args:
        session: the tab.
        box: the text's box.
        news: what came, oldest first.
        dismiss: forgets it.
    """
    shown, show = ft.use_state(False)
    if not news:
        return ft.Container(visible=False)

    async def toggle() -> None:
        show(not shown)

    async def close() -> None:
        show(False)
        dismiss()

    line = ft.Row(
        [
            ft.Icon(ft.Icons.EDIT_NOTE, size=18, color=ft.Colors.ON_SURFACE_VARIANT),
            ft.Semantics(live_region=True, content=quiet(news_words(news)), expand=True),
            ft.TextButton("Hide" if shown else "Show", on_click=session.handler(toggle)),
            icon_button(ft.Icons.CLOSE, "Dismiss what was edited", session.handler(close)),
        ],
        spacing=8,
    )
    rows: list[ft.Control] = [line]
    if shown:
        found = [(each.text, place) for each in news for place in each.places]
        rows.append(
            ft.Container(
                ft.ListView(
                    [_place(session, box, text, place) for text, place in found[-_PLACES_SHOWN:]]
                ),
                height=min(len(found), 4) * 52,
            )
        )
    return ft.Container(
        ft.Column(rows, spacing=0),
        bgcolor=ft.Colors.SURFACE_CONTAINER_HIGH,
        border_radius=8,
        padding=ft.Padding.only(left=12),
    )


def _place(session: Session, box: LiveBox, text: str, place: Place) -> ft.Control:
    """Draw one place with the words around it; a tap selects it in the box."""

    async def go() -> None:
        wanted = moved_selection((place.start, place.end), text, box.opened.text)
        await box.select(wanted)

    return ft.ListTile(
        title=word_marks(_around(text, place), ft.TextThemeStyle.BODY_MEDIUM),
        dense=True,
        on_click=session.handler(go),
    )


def _around(text: str, place: Place) -> list[Piece]:
    before = text[max(0, place.start - _CONTEXT_CHARS) : place.start].rpartition("\n")[2]
    after = text[place.end : place.end + _CONTEXT_CHARS].partition("\n")[0]
    pieces = [
        Piece("same", before),
        Piece("removed", place.removed),
        Piece("added", text[place.start : place.end]),
        Piece("same", after),
    ]
    return [piece for piece in pieces if piece.text]
