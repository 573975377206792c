"""Hooks for what lives as long as a part is shown: work beside it, and what is done at its end."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import flet as ft

from app.ui.session import Session


def use_work(
    session: Session, work: Callable[[], Awaitable[None]], given: Sequence[object] = ()
) -> None:
    """Do something while the part is shown, anew whenever a value moves that it depends on.

    It ends with the tab too. Without a clean-up Flet would not cancel it when the part goes away.
    """

    async def working() -> None:
        with session.working():
            await work()

    ft.use_effect(working, list(given), cleanup=_nothing)


def use_end(end: Callable[[], Any]) -> None:
    """Do something when the part goes away."""
    ft.use_effect(_nothing, [], cleanup=end)


def _nothing() -> None:
    """Set up, or clean up, nothing: Flet asks for both."""
