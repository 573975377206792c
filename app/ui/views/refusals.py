"""What a server refused, and what was taken back of it: each waits for a person."""

from datetime import datetime
from typing import Any, Final

import flet as ft

from app.local_time import moment_words
from app.ui.components.controls import heading, quiet
from app.ui.components.sides import beside, card
from app.ui.components.word_marks import word_marks
from app.ui.refusals import ways_out
from app.ui.session import Session
from app.ui.use_query import use_answer
from app.ui.views.panes import gone
from app.ui.words import NOTHING, counted, due_typed, field_name, repeat_typed
from store.domain.ids import DocId
from store.domain.word_diff import Piece, marked
from store.replica import Replica
from store.rows import Difference, HeldRow, Refusal

_BUTTON_PX: Final = 150
_BY_WORD: Final = frozenset({"title", "body", "list", "assignee", "tags"})
_NAMES: Final = {"body": "text", "state": "state", "tags": "tags", "trashed": "trash"}


@ft.component
def RefusalDetail(session: Session, doc: DocId, wide: bool) -> ft.Control:  # noqa: N802
    """Draw the page of an item of which changes were refused: both sides, and three ways out."""
    answer = use_answer(
        session, lambda replica: _refusal(replica, doc), on=("items", "sync"), given=(doc,)
    )
    found = answer.value
    if found is None:
        return gone(answer, "Nothing of this item is refused any more.")
    now = session.now()
    row = found.row
    waits = f"{counted(row.changes, 'change')} not sent, since {moment_words(row.at_ms, now)}"
    return ft.ListView(
        controls=[
            heading(row.title or "untitled"),
            ft.Text("The server refused a change", theme_style=ft.TextThemeStyle.TITLE_MEDIUM),
            ft.Container(
                ft.Text(row.reason, color=ft.Colors.ON_ERROR_CONTAINER),
                bgcolor=ft.Colors.ERROR_CONTAINER,
                border_radius=8,
                padding=12,
            ),
            quiet(waits),
            beside(
                [
                    card("On the server", _there(found, now)),
                    card("Here, and not sent", _here(found, now), stands_out=True),
                ],
                wide=wide,
            ),
            heading("What shall become of it", level=2),
            *_ways_out(session, doc, wide=wide),
        ],
        padding=20,
        spacing=14,
        expand=True,
    )


def _refusal(replica: Replica, doc: DocId) -> Refusal | None:
    if all(row.doc_id != doc for row in replica.refusals()):
        return None
    return replica.refusal(doc)


def _there(found: Refusal, now: datetime) -> list[ft.Control]:
    if found.is_whole:
        return [ft.Text("Nothing of it.")]
    return [
        line
        for each in found.differences
        for line in (quiet(difference_name(each)), ft.Text(difference_words(each, each.there, now)))
    ]


def _here(found: Refusal, now: datetime) -> list[ft.Control]:
    return [
        line
        for each in found.differences
        for line in (
            quiet(difference_name(each)),
            difference_marks(each, each.there, each.here, now),
        )
    ]


def difference_name(each: Difference) -> str:
    """Name what differs, as a person would."""
    return _NAMES.get(each.name) or field_name(each.name)


def difference_marks(each: Difference, before: Any, after: Any, now: datetime) -> ft.Control:
    """Draw what something says after a change, with what the change would put in and take out.

    Args:
        each: which of the item's parts.
        before: one of its two values.
        after: the other.
        now: for dates.
    """
    old = "" if before is None else difference_words(each, before, now)
    new = "" if after is None else difference_words(each, after, now)
    pieces = marked(old, new) if each.name in _BY_WORD else whole(old, new)
    return word_marks(pieces, ft.TextThemeStyle.BODY_MEDIUM)


def whole(old: str, new: str) -> tuple[Piece, ...]:
    """Mark all of what is a value rather than words."""
    pieces = (Piece("removed", old), Piece("added", new))
    return tuple(piece for piece in pieces if piece.text)


def difference_words(each: Difference, value: Any, now: datetime) -> str:
    """Say what one of the two states says."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if each.name == "repeat":
        return repeat_typed(str(value))
    return due_typed(str(value), now) if each.name == "due" else str(value)


def _ways_out(session: Session, doc: DocId, *, wide: bool) -> list[ft.Control]:
    place = session.model.place

    def leave(copy: str | None) -> None:
        place.conflict = None
        if copy is not None:
            place.open_item(copy)

    return [
        _way(ft.OutlinedButton(way.words, on_click=way.go), way.sentence, wide=wide)
        for way in ways_out(session, doc, leave=leave)
    ]


def _way(button: ft.Control, sentence: str, *, wide: bool) -> ft.Control:
    if not wide:
        return ft.Column([button, ft.Text(sentence)], spacing=4)
    beside = ft.Container(button, width=_BUTTON_PX, alignment=ft.Alignment.CENTER_LEFT)
    return ft.Row([beside, ft.Container(ft.Text(sentence), expand=True)])


@ft.component
def HeldDetail(session: Session, doc: DocId, wide: bool) -> ft.Control:  # noqa: N802
    """Draw a text that was taken back beside what is there, with two ways out."""
    answer = use_answer(
        session, lambda replica: _held(replica, doc), on=("items", "sync"), given=(doc,)
    )
    if answer.value is None:
        return gone(answer, "This text waits no more.")
    row, there = answer.value

    async def put_in() -> None:
        item = await session.act(lambda replica: replica.put_held_in(doc))
        if item is not None:
            session.model.place.conflict = None
            session.model.place.open_item(item)

    async def throw_away() -> None:
        def drop(replica: Replica) -> bool:
            replica.drop_held(doc)
            return True

        if await session.act(drop):
            session.model.place.conflict = None

    return ft.ListView(
        controls=[
            heading(row.title or "untitled"),
            ft.Text("A text that was taken back", theme_style=ft.TextThemeStyle.TITLE_MEDIUM),
            quiet(f"taken back {moment_words(row.at_ms, session.now())}; on this device only"),
            beside(
                [
                    card("As it is now", [ft.Text(there or NOTHING)]),
                    card("As it was written", [word_marks(marked(there, row.text))]),
                ],
                wide=wide,
            ),
            ft.Row(
                [
                    ft.FilledTonalButton("Put it in", on_click=session.handler(put_in)),
                    ft.OutlinedButton("Throw it away", on_click=session.handler(throw_away)),
                ],
                wrap=True,
            ),
        ],
        padding=20,
        spacing=14,
        expand=True,
    )


def _held(replica: Replica, doc: DocId) -> tuple[HeldRow, str] | None:
    row = next((each for each in replica.held_drafts() if each.doc_id == doc), None)
    if row is None:
        return None
    there = "" if row.title is None else replica.item(doc).body
    return row, there or ""
