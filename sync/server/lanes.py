"""Worker threads by kind of work, so that the event loop never waits for a disk or a child.

`PUSH` is one thread (one push is examined at a time), `WRITE` one for what members do, `READ` a
few. Each lane takes a bounded number of jobs; beyond that the honest answer is `busy`.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from typing import TypeVar

from sync.protocol.problems import refuse
from sync.server import limits

T = TypeVar("T")


class Lane(StrEnum):
    """A kind of work."""

    READ = "read"
    WRITE = "write"
    PUSH = "push"


class Lanes:
    """The worker threads of one server. Threads start with the first job."""

    def __init__(self) -> None:
        """Make the lanes; no thread runs yet."""
        self._pools = {
            lane: ThreadPoolExecutor(threads, thread_name_prefix=f"cairn-{lane}")
            for lane, threads in ((Lane.READ, limits.READERS), (Lane.WRITE, 1), (Lane.PUSH, 1))
        }
        self._jobs = dict.fromkeys(Lane, 0)

    async def run(self, lane: Lane, job: Callable[[], T]) -> T:
        """Run a job on a lane's thread and wait for it.

        A caller that goes away leaves its job to finish; so does one that waits too long.

        Raises:
            ProblemRaised: `busy` where too many wait, or the job takes longer than `WORK_S_MAX`.
        """
        if self._jobs[lane] >= limits.REQUESTS_WAITING_MAX:
            raise refuse("busy", "The server has too much to do; try again soon.", retry_after_s=1)
        self._jobs[lane] += 1
        future = asyncio.get_running_loop().run_in_executor(self._pools[lane], job)
        future.add_done_callback(lambda _: self._done(lane))
        try:
            async with asyncio.timeout(limits.WORK_S_MAX):
                return await asyncio.shield(future)
        except TimeoutError as error:
            # What it raises later has nobody to go to; asyncio must not complain about that.
            future.add_done_callback(lambda late: late.cancelled() or late.exception())
            raise refuse(
                "busy", "The server has too much to do; try again later.", retry_after_s=10
            ) from error

    def close(self) -> None:
        """Wait for the jobs under way; those not begun are dropped."""
        for pool in self._pools.values():
            pool.shutdown(wait=True, cancel_futures=True)

    def _done(self, lane: Lane) -> None:
        self._jobs[lane] -= 1
