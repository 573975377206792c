"""Tells the parts of one tab which of their rows may read differently now.

Commits are told from whatever thread made them; here they become events of the loop. A part that is
reading when the next commit comes reads once more afterwards, however many there were.
"""

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from store.change_set import ChangeSet, Topic


@dataclass(frozen=True, eq=False)
class _Ear:
    topics: frozenset[Topic]
    doc: str | None
    but: str | None
    event: asyncio.Event = field(default_factory=asyncio.Event)

    def hears(self, changed: ChangeSet) -> bool:
        return (
            any(changed.concerns(topic) for topic in self.topics)
            and (self.doc is None or changed.touches(self.doc))
            and (self.but is None or changed.initiator != self.but)
        )


class Changes:
    """The ears of one tab. Belongs to its loop, except `tell`."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Listen on a running loop."""
        self._loop = loop
        self._ears: list[_Ear] = []

    def tell(self, changed: ChangeSet) -> None:
        """Pass on a commit; from any thread."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake, changed)

    @contextlib.contextmanager
    def heard(
        self, *topics: Topic, doc: str | None = None, but: str | None = None
    ) -> Iterator[asyncio.Event]:
        """Give an event that is set whenever rows may have moved.

        Args:
            topics: kinds of rows.
            doc: only those of this item.
            but: not those of commits that this initiator began.
        """
        ear = _Ear(frozenset(topics), doc, but)
        self._ears.append(ear)
        try:
            yield ear.event
        finally:
            self._ears.remove(ear)

    def _wake(self, changed: ChangeSet) -> None:
        for ear in self._ears:
            if ear.hears(changed):
                ear.event.set()


async def moved_within(moved: asyncio.Event, seconds: float | None) -> None:
    """Wait until rows moved, or so long.

    A cancel that comes as they move is obeyed, which `asyncio.wait_for` of Python 3.11 does not: a
    part that went away in that moment would be asked for ever.
    """
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await moved.wait()
