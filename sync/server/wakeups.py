"""Who waits for news of a space, and how a commit wakes them.

Waiters live on the event loop, commits happen on worker threads; `tell` may be called from any. A
waiter is registered before it looks at the log, so that no commit falls in between.
"""

import asyncio
import threading
from collections.abc import Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass

from sync.protocol.problems import refuse
from sync.server import limits


@dataclass(frozen=True, slots=True, eq=False)
class Waiter:
    """One long poll."""

    space: str
    replica: str
    loop: asyncio.AbstractEventLoop
    woken: asyncio.Event


class Wakeups:
    """All long polls of this process."""

    def __init__(self) -> None:
        """Begin with nobody waiting."""
        self._lock = threading.Lock()
        self._waiters: dict[str, list[Waiter]] = {}  # oldest first
        self._count = 0
        self._is_stopped = False

    @contextmanager
    def waiting(self, space: str, replica: str) -> Iterator[asyncio.Event]:
        """Register a long poll; its event is set once there may be news.

        A replica that waits too often already (its connections broke, and nobody told us yet) ends
        its oldest wait with this one.

        Raises:
            ProblemRaised: `stopping`, or `busy` where too many wait.
        """
        waiter = Waiter(space, replica, asyncio.get_running_loop(), asyncio.Event())
        with self._lock:
            self.check_running()
            if self._count >= limits.WAITS_MAX:
                raise refuse("busy", "Too many devices wait already.", retry_after_s=30)
            self._count += 1
            waiters = self._waiters.setdefault(space, [])
            surplus = self._mine(waiters, replica)[: -(limits.WAITS_PER_REPLICA_MAX - 1)]
            waiters.append(waiter)
        self._wake(surplus)
        try:
            yield waiter.woken
        finally:
            with self._lock:
                self._count -= 1
                waiters = self._waiters[space]
                waiters.remove(waiter)
                if not waiters:
                    del self._waiters[space]

    def tell(self, space: str, *, origin: str | None) -> None:
        """Wake all that wait for this space, but for the replica that the news came from."""
        self._wake([w for w in self._of(space) if w.replica != origin])

    def tell_soon(self, space: str, replicas: Set[str]) -> None:
        """Wake some replicas in a moment, so that what many devices say at once is one answer."""
        for waiter in self._of(space):
            if waiter.replica in replicas and not waiter.loop.is_closed():
                waiter.loop.call_soon_threadsafe(
                    waiter.loop.call_later, limits.RECEIPTS_PAUSE_S, waiter.woken.set
                )

    def dismiss(self, space: str, replica: str) -> None:
        """Wake the waits of one replica, which may no longer enter."""
        self._wake(self._mine(self._of(space), replica))

    def stop(self) -> None:
        """Wake everybody and take no more waits: the server ends."""
        with self._lock:
            self._is_stopped = True
            everybody = [waiter for waiters in self._waiters.values() for waiter in waiters]
        self._wake(everybody)

    def check_running(self) -> None:
        """Refuse with `stopping` once `stop` was called."""
        if self._is_stopped:
            raise refuse("stopping", "The server is stopping; try again soon.", retry_after_s=1)

    def replicas(self, space: str) -> set[str]:
        """Which replicas wait for news of a space: those that are connected."""
        return {waiter.replica for waiter in self._of(space)}

    def connected_count(self) -> int:
        """How many devices wait, each counted once a space."""
        with self._lock:
            return sum(
                len({waiter.replica for waiter in waiters}) for waiters in self._waiters.values()
            )

    def _of(self, space: str) -> list[Waiter]:
        with self._lock:
            return list(self._waiters.get(space, ()))

    def _wake(self, waiters: list[Waiter]) -> None:
        for waiter in waiters:
            if not waiter.loop.is_closed():
                waiter.loop.call_soon_threadsafe(waiter.woken.set)

    @staticmethod
    def _mine(waiters: list[Waiter], replica: str) -> list[Waiter]:
        return [waiter for waiter in waiters if waiter.replica == replica]
