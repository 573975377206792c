"""Moves the open task by one place in the list that is drawn, as dropping it there would.

The place is found in what the store says, one key after the other: keys come faster than the list
is drawn, and each of them has to count from where the one before it left the task.
"""

import asyncio
from collections.abc import Callable
from typing import Final

import flet as ft

from app.ui.dropping import Drop, stepped
from app.ui.effects import use_end
from app.ui.session import Session
from store.commands.patches import Patch
from store.domain.ids import DocId
from store.queries import TaskPage
from store.replica import Replica

NOT_BY_HAND: Final = (
    "Tasks can be moved in Inbox, in a list and in All tasks, sorted by hand and without a filter."
)


def use_stepping(session: Session) -> "Stepping":
    """Let the open task be moved by keys while this list is drawn; a hook."""
    stepping = ft.use_memo(lambda: Stepping(session), [])
    session.model.step = stepping.step

    def ends() -> None:
        if session.model.step == stepping.step:  # not the next list's
            session.model.step = None

    use_end(ends)
    return stepping


class Stepping:
    """Of one list; belongs to the page's loop. The rest is set with every drawing.

    Attributes:
        task: id of the open task; None if none is.
        can_move: whether the order of the rows is the person's own.
        ask: reads the rows that are listed.
        more: asks for the rows after them.
    """

    task: str | None = None
    can_move: bool = False
    ask: Callable[[Replica], TaskPage]
    more: Callable[[], None]

    def __init__(self, session: Session) -> None:
        """Move nothing yet."""
        self._session = session
        self._turn = asyncio.Lock()

    async def step(self, by: int) -> None:
        """Move it one place up (-1) or down (1); at the end of its level it stays."""
        task = self.task
        if task is None:
            return
        if not self.can_move:
            self._session.say(NOT_BY_HAND)
            return

        def move(replica: Replica) -> bool:
            page = self.ask(replica)
            drop = stepped(page.lines, task, by)
            if drop is not None:
                replica.edit(DocId(drop.task), patch_of(drop))
            return drop is None and page.has_more

        async with self._turn:
            is_at_end = await self._session.act(move)
        if is_at_end and by > 0:  # of what is listed so far
            self.more()


def patch_of(drop: Drop) -> Patch:
    """Say what a drop changes."""
    return Patch(
        fields={"parent": drop.parent},
        before=DocId(drop.before) if drop.before is not None else None,
        after=DocId(drop.after) if drop.after is not None else None,
    )
