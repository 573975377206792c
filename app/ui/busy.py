"""A hook for what takes a while: its button can't be pressed again meanwhile."""

from collections.abc import Awaitable, Callable
from typing import Any

import flet as ft

from app.ui.session import Session

Act = Callable[[], Awaitable[None]]


class Busy:
    """Whether something of one part is under way."""

    def __init__(self, session: Session, is_busy: bool, set_busy: Callable[[bool], None]) -> None:
        """Made by `use_busy`."""
        self.now = is_busy
        self._session = session
        self._set = set_busy

    def handler(self, act: Act) -> Any:
        """Make a handler that does it once at a time; an error is told."""

        async def busily() -> None:
            self._set(True)
            try:
                await act()
            finally:
                self._set(False)

        return self._session.handler(busily)


def use_busy(session: Session) -> Busy:
    """Follow whether something is under way; a hook."""
    is_busy, set_busy = ft.use_state(False)
    return Busy(session, is_busy, set_busy)
