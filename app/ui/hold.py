"""Remembers what a list shows, and for how long its rows must not move."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, Generic, TypeVar

import flet as ft

from app.ui.effects import use_end
from app.ui.session import Session
from app.ui.steady import steady

R = TypeVar("R")

HELD_FOR_S: Final = 1.5  # after the last scroll or move of the pointer
LINGER_S: Final = 0.8
OWN_FOR_S: Final = 1.0  # what comes so soon after an act of this tab is what the person waits for


def use_hold(session: Session, key: Callable[[R], str]) -> "Hold[R]":
    """Hold the rows of one list; a hook. `key` names a row."""
    _, redraw = ft.use_state(0)
    hold = ft.use_memo(lambda: Hold(session, key), [])
    hold.draw = lambda: redraw(lambda count: count + 1)
    use_end(hold.close)
    return hold


class Hold(Generic[R]):
    """Of one list; belongs to the page's loop. `draw` is set with every drawing."""

    def __init__(self, session: Session, key: Callable[[R], str]) -> None:
        """Hold nothing yet."""
        self.draw: Callable[[], None] = lambda: None
        self._session = session
        self._key = key
        self._shown: list[R] = []
        self._question: object = None
        self._answer: object = None
        self._moved: list[R] | None = None
        self._held_until = 0.0
        self._lingering: dict[str, float] = {}
        self._waiting: asyncio.Task[None] | None = None

    def rows(self, question: object, answer: object, fresh: Sequence[R]) -> list[R]:
        """Give the rows to draw.

        Args:
            question: what the list shows; a new one shows what is.
            answer: tells answers apart.
            fresh: the rows of the answer.
        """
        now = self._now()
        if answer is not self._answer:
            self._moved = None
        self._answer = answer
        if question != self._question:
            self._question, self._shown = question, []
        is_own = now - self._session.acted_at < OWN_FOR_S
        self._shown = steady(
            self._shown,
            self._moved if self._moved is not None else fresh,
            key=self._key,
            held=now < self._held_until and not is_own,
            lingering={name for name, until in self._lingering.items() if now < until},
        )
        return list(self._shown)

    def lingers(self, name: str) -> bool:
        """Tell whether a row stays though it may have gone."""
        return name in self._lingering

    def around(self, shown: ft.Control) -> ft.Control:
        """Notice when somebody points in the list; scrolling it tells itself (`touched`)."""
        return ft.GestureDetector(
            content=shown, expand=True, hover_interval=500, on_hover=lambda _: self.touched()
        )

    def touched(self) -> None:
        """Note that somebody scrolls or points in the list."""
        self._held_until = self._now() + HELD_FOR_S
        self._wake()

    def linger(self, task: str) -> None:
        """Keep a row that is about to go, for a moment."""
        self._lingering[task] = self._now() + LINGER_S
        self._wake()

    def put(self, rows: Sequence[R]) -> None:
        """Show a new order at once, until the next answer says it too."""
        self._moved = self._shown = list(rows)
        self.draw()

    def close(self) -> None:
        """Hold nothing any more."""
        if self._waiting is not None:
            self._waiting.cancel()

    def _wake(self) -> None:
        """Draw again once everything may move."""
        if self._waiting is None or self._waiting.done():
            self._waiting = asyncio.create_task(self._let_go())

    async def _let_go(self) -> None:
        while (until := self._next_end()) > (now := self._now()):
            await asyncio.sleep(until - now)
            self._lingering = {k: end for k, end in self._lingering.items() if end > self._now()}
            self.draw()

    def _next_end(self) -> float:
        now = self._now()
        ends = [end for end in (self._held_until, *self._lingering.values()) if end > now]
        return min(ends, default=0.0)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()
