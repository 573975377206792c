"""Hooks for what lives as long as a part is shown: work beside it, and what is done at its end."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import flet as ft


def use_work(work: Callable[[], Awaitable[None]], given: Sequence[object] = ()) -> None:
    """Do something while the part is shown, anew whenever a value moves that it depends on.

    Without a clean-up Flet would not cancel the task when the part goes away.
    """
    ft.use_effect(work, list(given), cleanup=_nothing)


def use_end(end: Callable[[], Any]) -> None:
    """Do something when the part goes away."""
    ft.use_effect(_nothing, [], cleanup=end)


def _nothing() -> None:
    """Set up, or clean up, nothing: Flet asks for both."""
