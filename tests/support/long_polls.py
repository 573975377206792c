"""Long polls that a server holds: looked at, since nothing but looking tells of them."""

import asyncio

from sync.server.wakeups import Wakeups

GUARD_S = 20


def long_polls(wakeups: Wakeups, replica: str) -> int:
    """How many a replica has at a server."""
    return sum(
        waiter.replica == replica for some in wakeups._waiters.values() for waiter in tuple(some)
    )


async def until_waiting(wakeups: Wakeups, replica: str, count: int = 1) -> None:
    """Give way to others until so many long polls of a replica have been registered."""
    async with asyncio.timeout(GUARD_S):
        while long_polls(wakeups, replica) < count:  # noqa: ASYNC110
            await asyncio.sleep(0)
