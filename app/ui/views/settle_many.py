"""Several conflicts that a person has chosen, each with what it would become, settled as one act.

A word above them proposes a side for each where it means one; what is proposed stands below every
conflict and can be changed there. Conflicts that were not chosen are never touched.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import flet as ft

from app.ui.components.controls import heading, quiet
from app.ui.components.sides import said
from app.ui.many_sides import WHICH, Which, side_for
from app.ui.session import Session
from app.ui.use_query import use_query
from app.ui.words import conflict_story, counted, side_words
from store.domain.ids import ConflictId
from store.replica import Replica
from store.rows import ConflictRow

_BUTTON_CHARS = 28

Choices = Mapping[str, int]
"""Numbers of sides by the ids of conflicts; those without one are not decided."""


@ft.component
def SettleMany(  # noqa: N802 - components are named as what they draw
    session: Session, ids: tuple[str, ...], done: Callable[[], None]
) -> ft.Control:
    """Draw them.

    Args:
        session: the tab.
        ids: of the chosen conflicts.
        done: told once they are settled.
    """
    rows = use_query(
        session,
        lambda replica: _chosen(replica, ids),
        on=("conflicts", "items"),
        given=(ids,),
        keep=True,
    )
    choices, choose = ft.use_state(dict[str, int]())
    if rows is None:
        return ft.Container()
    if not rows:
        return ft.Container(padding=20, content=ft.Text("Choose conflicts from the list."))
    decided = {
        row.id: choices[row.id] for row in rows if choices.get(row.id, -1) in range(len(row.sides))
    }

    async def settle() -> None:
        taken = [(ConflictId(key), number) for key, number in decided.items()]
        words = f"{counted(len(taken), 'conflict')} settled for everyone; each can be opened again."
        if await session.act(lambda replica: replica.resolve_all(taken), said=words) is not None:
            done()

    return ft.ListView(
        controls=[
            heading(f"{counted(len(rows), 'conflict')} chosen"),
            quiet("Nothing is settled until you press the button; below each is what it becomes."),
            _words(session, rows, choose),
            *(_conflict(session, row, decided, choose) for row in rows),
            ft.Row(
                [
                    ft.FilledButton(
                        f"Settle {len(decided)} of {len(rows)}",
                        icon=ft.Icons.CHECK,
                        disabled=not decided,
                        on_click=session.handler(settle),
                    )
                ]
            ),
        ],
        padding=20,
        spacing=14,
        expand=True,
    )


def _words(
    session: Session, rows: Sequence[ConflictRow], choose: Callable[[Any], None]
) -> ft.Control:
    """Draw the words that propose a side for each."""

    def proposing(which: Which) -> Callable[[], Awaitable[None]]:
        async def propose() -> None:
            identity = await session.read(lambda replica: replica.identity)
            if identity is not None:
                own = (identity.person, identity.device)
                found = {row.id: side_for(row, which, own=own) for row in rows}
                choose({key: number for key, number in found.items() if number is not None})

        return propose

    return ft.Row(
        [
            ft.OutlinedButton(name, on_click=session.handler(proposing(which)))
            for which, name in WHICH.items()
        ],
        wrap=True,
    )


def _chosen(replica: Replica, ids: tuple[str, ...]) -> list[ConflictRow]:
    """Read the chosen ones that are open; settling closes what the person was shown."""
    return [row for row in replica.conflicts(remember=True) if row.id in ids]


def _conflict(
    session: Session,
    row: ConflictRow,
    decided: Choices,
    choose: Callable[[Any], None],
) -> ft.Control:
    now = session.now()
    number = decided.get(row.id)

    def choosing(side: int) -> Callable[[], Awaitable[None]]:
        async def take() -> None:
            choose(lambda before: {**before, row.id: side})

        return take

    def button(side: int) -> ft.Control:
        by = row.sides[side].author or "Somebody"
        words = f"{by}: {side_words(row.sides[side].value, row, now)}"
        label = words if len(words) <= _BUTTON_CHARS else words[:_BUTTON_CHARS] + "…"
        make = ft.FilledTonalButton if side == number else ft.OutlinedButton
        return make(
            ft.Text(label, semantics_label=f"For {row.title}, {words}"),
            icon=ft.Icons.CHECK if side == number else None,
            on_click=session.handler(choosing(side)),
        )

    becomes: ft.Control = quiet("not decided: it stays as it is")
    if number is not None:
        becomes = said(row.sides[number].value, row, now)
    return ft.Container(
        border=ft.Border.all(1, ft.Colors.OUTLINE_VARIANT),
        border_radius=12,
        padding=16,
        content=ft.Column(
            [
                ft.Text(row.title or "untitled", weight=ft.FontWeight.W_600),
                quiet(conflict_story(row)),
                ft.Row([button(side) for side in range(len(row.sides))], wrap=True),
                quiet("It becomes:"),
                becomes,
            ],
            spacing=6,
        ),
    )
