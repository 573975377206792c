"""Tells the parts of one tab which of their rows may read differently now.

Commits are told from whatever thread made them; here they become events of the loop. A part that is
reading when the next commit comes reads once more afterwards, however many there were.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from store.change_set import ChangeSet, Topic


class Changes:
    """The ears of one tab. Belongs to its loop, except `tell`."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Listen on a running loop."""
        self._loop = loop
        self._waiting: list[tuple[frozenset[Topic], asyncio.Event]] = []

    def tell(self, changed: ChangeSet) -> None:
        """Pass on a commit; from any thread."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake, changed)

    @contextmanager
    def heard(self, *topics: Topic) -> Iterator[asyncio.Event]:
        """Give an event that is set whenever rows of one of the topics may have moved."""
        entry = (frozenset(topics), asyncio.Event())
        self._waiting.append(entry)
        try:
            yield entry[1]
        finally:
            self._waiting.remove(entry)

    def _wake(self, changed: ChangeSet) -> None:
        for topics, event in self._waiting:
            if any(changed.concerns(topic) for topic in topics):
                event.set()
