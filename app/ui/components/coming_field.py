"""A field that takes the keyboard when it appears, or back from what was pressed beside it.

A page gives the keyboard to a field that asks for it (`autofocus`) only where nothing else has it:
whoever came by Tab, or by a screen reader, would stay where they were. So the field is given it.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Final

import flet as ft

from app.ui.components.typed_field import Typing
from app.ui.effects import use_end, use_work
from app.ui.hearing import COMES_WITHIN_S
from app.ui.session import Session

_ASK_AGAIN_S: Final = 0.15
_DRAWN_S: Final = 0.01


def use_coming_field(session: Session, typed: Typing, *, comes: bool = True, turn: int = 0) -> None:
    """Expect the field of a part, give it the keyboard, and what was typed before it had it.

    Args:
        session: the tab.
        typed: what the field shows.
        comes: whether this part has such a field; always the same for one part.
        turn: another one gives it the keyboard anew.
    """

    def expect() -> int | None:
        return _expect(session, typed) if comes else None

    # As it is drawn: the page may tell of the field before any effect has run.
    coming = ft.use_memo(expect, [turn])

    async def begin() -> None:
        if coming is not None:
            await session.guarded(_give_keyboard(session, typed, coming))

    def ends() -> None:
        if coming is not None:
            session.hearing.field_stays_away(coming)

    use_work(session, begin, [turn])
    use_end(ends)


async def keeping_keyboard(
    session: Session, typed: Typing, act: Callable[[], Awaitable[None]]
) -> None:
    """Do what takes the keyboard from a field, and give it back, with what was typed meanwhile."""
    coming = _expect(session, typed)
    try:
        await act()
    finally:
        await _give_keyboard(session, typed, coming)


def _expect(session: Session, typed: Typing) -> int:
    """Keep what is typed until the field has the keyboard, which it is about to be given."""
    typed.take_early = session.hearing.take_early
    return session.hearing.field_comes()


async def _give_keyboard(session: Session, typed: Typing, coming: int) -> None:
    """Ask the page until the field says that it has it: what is being pressed may take it back."""
    try:
        # A page that was closed says nothing.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(COMES_WITHIN_S):
                while not typed.is_gone:
                    await asyncio.sleep(_DRAWN_S)  # what was put into it is drawn first
                    if (control := typed.control.current) is not None:
                        await control.focus()  # type: ignore[no-untyped-call]
                        await asyncio.sleep(_ASK_AGAIN_S)
                    if typed.focus.has_keyboard:
                        return
    finally:
        session.hearing.field_stays_away(coming)  # a field that never lost it will not tell of it
