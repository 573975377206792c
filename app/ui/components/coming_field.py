"""A field that takes the keyboard when it appears, or back from what was pressed beside it.

A page gives the keyboard to a field that asks for it (`autofocus`) only where nothing else has it:
whoever came by Tab, or by a screen reader, would stay where they were. So the field is given it.
"""

import asyncio
import contextlib
from typing import Final

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
    if comes:  # by now: the page may tell of the field before `begin` has run
        typed.take_early = session.hearing.take_early

    async def begin() -> None:
        if comes:
            expect_field(session, typed)
            await session.guarded(give_keyboard(typed))

    use_work(begin, [turn])
    use_end(session.hearing.field_stays_away if comes else _nothing)


def expect_field(session: Session, typed: Typing) -> None:
    """Keep what is typed until the field has the keyboard, which it is about to be given."""
    typed.take_early = session.hearing.take_early
    session.hearing.field_comes()


async def give_keyboard(typed: Typing) -> None:
    """Ask the page until the field says that it has it: what is being pressed may take it back."""
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


def _nothing() -> None:
    """There is no such field."""
