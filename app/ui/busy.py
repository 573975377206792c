"""A hook for what takes a while, or must not be done twice: no second press meanwhile.

The button is drawn as one that can't be pressed; a press that was on its way then is passed over.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import flet as ft

from app.ui.session import Session

Act = Callable[[], Awaitable[None]]


class Busy:
    """Whether something of one part is under way."""

    def __init__(
        self,
        session: Session,
        under_way: asyncio.Lock,
        is_busy: bool,
        set_busy: Callable[[bool], None],
    ) -> None:
        """Made by `use_busy`."""
        self.now = is_busy
        self._session = session
        self._under_way = under_way
        self._set = set_busy

    def handler(self, act: Act) -> Any:
        """Make a handler that does it once at a time; an error is told."""

        async def busily() -> None:
            if self._under_way.locked():
                return
            async with self._under_way:
                self._set(True)
                try:
                    await act()
                finally:
                    self._set(False)

        return self._session.handler(busily)


def use_busy(session: Session) -> Busy:
    """Follow whether something is under way; a hook."""
    is_busy, set_busy = ft.use_state(False)
    under_way = ft.use_memo(asyncio.Lock, [])
    return Busy(session, under_way, is_busy, set_busy)
