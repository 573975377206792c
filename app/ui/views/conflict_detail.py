"""One conflict: all sides next to each other, and the ways to settle it for everyone."""

from collections.abc import Awaitable, Callable
from typing import Final

import flet as ft

from app.ui.components.controls import OnEvent, heading, quiet
from app.ui.components.sides import sides
from app.ui.components.typed_field import typed_field, use_typing
from app.ui.own_answer import own_choices, read_own
from app.ui.session import Session
from app.ui.use_query import use_query
from app.ui.words import conflict_story, side_words, who
from store.domain.ids import ConflictId
from store.replica import Replica
from store.rows import ConflictRow

_PASSAGE_LINES: Final = 3


@ft.component
def ConflictDetail(session: Session, conflict: str, wide: bool) -> ft.Control:  # noqa: N802
    """Draw the page of a conflict."""
    row = use_query(
        session,
        lambda replica: _find(replica, conflict),
        on=("conflicts", "items"),
        given=(conflict,),
        keep=True,
    )

    async def remember() -> None:
        # Settling closes what the person was shown; a side that came later stays open.
        if row is not None and row.settled is None:
            await session.read(lambda replica: replica.conflicts(remember=True))

    ft.use_effect(remember, [None if row is None else (row.sides, row.settled)], cleanup=_nothing)
    if row is None:
        return ft.Container(
            padding=20, content=ft.Text("This conflict is gone: its item has changed since.")
        )
    return ft.ListView(
        controls=[
            heading(row.title),
            ft.Text(conflict_story(row), theme_style=ft.TextThemeStyle.TITLE_MEDIUM),
            *_base(session, row),
            sides(row, session.now(), wide=wide, take=_takes(session, row)),
            *(_settled(session, row) if row.settled is not None else _anew(session, row)),
        ],
        padding=20,
        spacing=14,
        expand=True,
    )


def _find(replica: Replica, conflict: str) -> ConflictRow | None:
    for settled in (False, True):
        for row in replica.conflicts(settled=settled, remember=False):
            if row.id == conflict:
                return row
    return None


def _base(session: Session, row: ConflictRow) -> list[ft.Control]:
    if row.base is None or row.kind == "trash":
        return []
    return [quiet(f"Before, it said: {side_words(row.base, row, session.now())}")]


def _takes(session: Session, row: ConflictRow) -> list[OnEvent] | None:
    if row.settled is not None or row.kind == "refused":
        return None

    def taking(number: int) -> Callable[[], Awaitable[None]]:
        async def take() -> None:
            await _settle(session, lambda replica: replica.resolve(ConflictId(row.id), take=number))

        return take

    return [session.handler(taking(number)) for number in range(len(row.sides))]


async def _settle(session: Session, resolve: Callable[[Replica], object]) -> None:
    if await session.act(resolve) is not None:
        session.say("Settled for everyone; it can be opened again.", undo=True)


def _settled(session: Session, row: ConflictRow) -> list[ft.Control]:
    assert row.settled is not None, "asked only about a settled one"
    by = who(row.settled.by, row.settled.device)

    async def open_again() -> None:
        if await session.act(lambda replica: replica.unresolve(ConflictId(row.id))) is not None:
            session.model.place.settled = False

    taken = side_words(row.settled.value, row, session.now())
    return [
        ft.Container(
            bgcolor=ft.Colors.SURFACE_CONTAINER_HIGH,
            border_radius=12,
            padding=16,
            content=ft.Column(
                [ft.Text(f"Settled by {by}", weight=ft.FontWeight.W_600), ft.Text(taken)]
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
    if row.kind in ("trash", "refused"):
        return []
    choices = own_choices(row)
    if choices:
        return [heading("Or something else", level=2), _choice_buttons(session, row, choices)]
    return [heading("Or write it anew", level=2), OwnAnswer(session, row)]


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
    """Draw the field for an answer that is on no side."""
    shown = next((side.value for side in row.sides if side.shown), None)
    typed = use_typing("" if shown is None else str(shown))

    async def settle() -> None:
        value = read_own(row, typed.text, now=session.now())
        await _settle(session, lambda replica: replica.resolve(ConflictId(row.id), value=value))

    return ft.Column(
        [
            typed_field(
                typed,
                "Your answer",
                session.typing_in,
                lines=_PASSAGE_LINES if row.kind == "passage" else 1,
            ),
            ft.Row(
                [
                    ft.FilledButton(
                        "Settle with this", icon=ft.Icons.CHECK, on_click=session.handler(settle)
                    )
                ]
            ),
        ],
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


def _nothing() -> None:
    """Clean up nothing; without it the task would outlive the part."""
