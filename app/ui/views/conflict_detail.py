"""One conflict: all sides next to each other, and the ways to settle it for everyone."""

from collections.abc import Awaitable, Callable
from typing import Final

import flet as ft

from app.local_time import moment_words
from app.ui.components.controls import OnEvent, heading, keyed, quiet
from app.ui.components.sides import card, is_text, said, sides
from app.ui.components.typed_field import typed_field, use_typing
from app.ui.effects import use_work
from app.ui.own_answer import own_choices, read_own
from app.ui.session import Session
from app.ui.use_query import use_answer, use_query
from app.ui.views.panes import gone
from app.ui.views.refusals import difference_marks, difference_name
from app.ui.words import conflict_story, repeat_typed, who
from store.domain.ids import ConflictId
from store.domain.word_diff import combined, is_torn
from store.replica import Replica
from store.rows import ConflictRow

_PASSAGE_LINES: Final = 3


@ft.component
def ConflictDetail(session: Session, conflict: str, wide: bool) -> ft.Control:  # noqa: N802
    """Draw the page of a conflict."""
    answer = use_answer(
        session,
        lambda replica: _find(replica, conflict),
        on=("conflicts", "items"),
        given=(conflict,),
    )
    row = answer.value

    async def remember() -> None:
        # Settling closes what the person was shown; a side that came later stays open.
        if row is not None and row.settled is None:
            await session.read(lambda replica: replica.conflicts(remember=True))

    use_work(session, remember, [None if row is None else (row.sides, row.settled)])
    if row is None:
        return gone(answer, "This conflict is gone: its item has changed since.")
    now = session.now()
    return ft.ListView(
        controls=[
            _title(session, row),
            ft.Text(conflict_story(row), theme_style=ft.TextThemeStyle.TITLE_MEDIUM),
            *(_settled(session, row) if row.settled is not None else ()),
            sides(row, now, wide=wide, take=_takes(session, row)),
            *_about_trash(session, row),
            *(() if row.settled is not None else _anew(session, row)),
        ],
        padding=20,
        spacing=14,
        expand=True,
    )


def _about_trash(session: Session, row: ConflictRow) -> list[ft.Control]:
    if row.kind != "trash" or row.settled is not None:
        return []
    return [keyed(EditsBesideTrash, "edits", session, row.id)]


@ft.component
def EditsBesideTrash(session: Session, conflict: str) -> ft.Control:  # noqa: N802
    """Draw what was edited of an item that somebody put in the trash, word by word."""
    found = use_query(
        session,
        lambda replica: replica.edits_beside_trash(ConflictId(conflict)),
        on=("items",),
        given=(conflict,),
        keep=True,
    )
    lines = [
        line
        for each in found or ()
        for line in (
            quiet(difference_name(each)),
            difference_marks(each, each.there, each.here, session.now()),
        )
    ]
    if not lines:
        return ft.Container(visible=False)
    return card("What was edited meanwhile", lines)


def _title(session: Session, row: ConflictRow) -> ft.Control:
    async def open_item() -> None:
        session.model.place.open_item(row.doc_id)

    return ft.Row(
        [
            ft.Container(heading(row.title or "untitled"), expand=True),
            ft.TextButton(
                "Open the item", icon=ft.Icons.OPEN_IN_NEW, on_click=session.handler(open_item)
            ),
        ]
    )


def _find(replica: Replica, conflict: str) -> ConflictRow | None:
    for settled in (False, True):
        for row in replica.conflicts(settled=settled, remember=False):
            if row.id == conflict:
                return row
    return None


def _takes(session: Session, row: ConflictRow) -> list[OnEvent] | None:
    if row.settled is not None:
        return None

    def taking(number: int) -> Callable[[], Awaitable[None]]:
        async def take() -> None:
            await _settle(session, lambda replica: replica.resolve(ConflictId(row.id), take=number))

        return take

    return [session.handler(taking(number)) for number in range(len(row.sides))]


async def _settle(session: Session, resolve: Callable[[Replica], object]) -> None:
    await session.act(resolve)


def _settled(session: Session, row: ConflictRow) -> list[ft.Control]:
    assert row.settled is not None, "asked only about a settled one"
    by = who(row.settled.by, row.settled.device)
    when = moment_words(row.settled.at_ms, session.now())

    async def open_again() -> None:
        if await session.act(lambda replica: replica.unresolve(ConflictId(row.id))) is not None:
            session.model.place.settled = False

    return [
        ft.Container(
            bgcolor=ft.Colors.SURFACE_CONTAINER_HIGH,
            border_radius=12,
            padding=16,
            content=ft.Column(
                [
                    ft.Text(f"Settled by {by}", weight=ft.FontWeight.W_600),
                    quiet(f"{when}, for everyone: it became"),
                    said(row.settled.value, row, session.now()),
                ]
            ),
        ),
        ft.Row(
            [
                ft.OutlinedButton(
                    "Open again", icon=ft.Icons.REPLAY, on_click=session.handler(open_again)
                )
            ]
        ),
    ]


def _anew(session: Session, row: ConflictRow) -> list[ft.Control]:
    if row.kind == "trash":
        return []
    choices = own_choices(row)
    if choices:
        return [heading("Or something else", level=2), _choice_buttons(session, row, choices)]
    name = "Or combine them, or write it anew" if is_text(row) else "Or write it anew"
    return [
        heading(name, level=2),
        keyed(OwnAnswer, _sides_key(row), session, row),
    ]


def _sides_key(row: ConflictRow) -> str:
    # Another side begins another answer.
    return "|".join(side.op for side in row.sides)


def _choice_buttons(session: Session, row: ConflictRow, choices: list[str]) -> ft.Control:
    def choosing(value: str) -> Callable[[], Awaitable[None]]:
        async def choose() -> None:
            await _settle(session, lambda replica: replica.resolve(ConflictId(row.id), value=value))

        return choose

    return ft.Row(
        [
            ft.OutlinedButton(value.capitalize(), on_click=session.handler(choosing(value)))
            for value in choices
        ],
        wrap=True,
    )


@ft.component
def OwnAnswer(session: Session, row: ConflictRow) -> ft.Control:  # noqa: N802
    """Draw the field for an answer that is on no side; it begins with what all sides put in."""
    found = use_query(
        session, lambda replica: beginnings(replica, row), on=(), given=(row.id,), keep=True
    )
    if found is None:
        return ft.Container()
    return keyed(AnswerField, "answer", session, row, found)


def beginnings(replica: Replica, row: ConflictRow) -> tuple[str, str]:
    """Say with what an answer begins, and how the item reads now where that is another text.

    A passage begins as it reads, merged by characters; unless that made words that nobody wrote:
    then with all sides in one, word by word.
    """
    if row.kind != "passage":
        return _in_one(row), ""
    now = replica.passage(ConflictId(row.id))
    said_there = (row.base, *(side.value for side in row.sides))
    texts = [each for each in said_there if isinstance(each, str)]
    if len(texts) < len(said_there) or not is_torn(now, texts):
        return now, ""
    return _in_one(row), now


def _in_one(row: ConflictRow) -> str:
    """Put all sides into one text, or give what is shown."""
    texts = [str(side.value) for side in row.sides if side.value is not None]
    if is_text(row):
        return combined(None if row.base is None else str(row.base), texts)
    shown = next((side.value for side in row.sides if side.shown), None)
    if row.kind == "field" and row.field == "repeat":
        return repeat_typed(None if shown is None else str(shown))
    return "" if shown is None else str(shown)


@ft.component
def AnswerField(  # noqa: N802 - components are named as what they draw
    session: Session, row: ConflictRow, found: tuple[str, str]
) -> ft.Control:
    """Draw it; `found` as `beginnings` gives it."""
    begins, reads = found
    typed = use_typing(begins)

    async def as_it_reads() -> None:
        typed.put(reads)

    async def settle() -> None:
        value = read_own(row, typed.text, now=session.now())
        await _settle(session, lambda replica: replica.resolve(ConflictId(row.id), value=value))

    preview: list[ft.Control] = []
    if is_text(row):
        preview = [quiet("What it would become:"), said(typed.text, row, session.now())]
    return ft.Column(
        [
            typed_field(
                typed,
                "Your answer",
                session.typing_in,
                lines=_PASSAGE_LINES if row.kind == "passage" else 1,
            ),
            *preview,
            ft.Row(
                [
                    ft.FilledButton(
                        "Settle with this", icon=ft.Icons.CHECK, on_click=session.handler(settle)
                    ),
                    *(
                        [ft.TextButton("As it reads now", on_click=session.handler(as_it_reads))]
                        if reads
                        else []
                    ),
                ],
                wrap=True,
            ),
        ],
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )
