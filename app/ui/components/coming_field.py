"""A field that takes the keyboard when it appears, wherever the keyboard was before.

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


def use_coming_field(session: Session, typed: Typing, *, comes: bool = True, turn: int = 0) -> None:
    """Expect the field of a part, give it the keyboard, and what was typed before it had it.

    Args:
        session: the tab.
        typed: what the field shows.
        comes: whether this part has such a field; always the same for one part.
        turn: another one gives it the keyboard anew.
    """
    hearing = session.hearing
    typed.take_early = hearing.take_early

    async def begin() -> None:
        if comes:
            hearing.field_comes()
            await session.guarded(_give_keyboard(typed))

    use_work(begin, [turn])
    use_end(hearing.field_stays_away if comes else _nothing)


async def _give_keyboard(typed: Typing) -> None:
    """Ask the page until the field says that it has it: what is being pressed may take it back."""
    # A page that was closed says nothing.
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(COMES_WITHIN_S):
            while not typed.focus.has_keyboard and (control := typed.control.current) is not None:
                await control.focus()  # type: ignore[no-untyped-call]
                await asyncio.sleep(_ASK_AGAIN_S)


def _nothing() -> None:
    """There is no such field."""
