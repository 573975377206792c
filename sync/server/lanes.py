"""Worker threads by kind of work, so that the event loop never waits for a disk or a child.

`PUSH` is one thread (one push is examined at a time), `WRITE` one for what members do, `READ` a
few. Each lane takes a bounded number of jobs; beyond that the honest answer is `busy`.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from typing import TypeVar

from store.errors import StoreError
from sync.protocol.problems import ProblemRaised, refuse
from sync.server import limits

log = logging.getLogger("cairn.server")

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

        A caller that goes away leaves its job to finish; so does one that waits too long. What such
        a job raises is logged, as there is nobody to tell.

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
        except asyncio.CancelledError:
            future.add_done_callback(_told_the_log)
            raise
        except TimeoutError as error:
            future.add_done_callback(_told_the_log)
            raise refuse(
                "busy", "The server has too much to do; try again later.", retry_after_s=10
            ) from error

    def close(self) -> None:
        """Wait for the jobs under way; those not begun are dropped."""
        for pool in self._pools.values():
            pool.shutdown(wait=True, cancel_futures=True)

    def _done(self, lane: Lane) -> None:
        self._jobs[lane] -= 1


def _told_the_log(job: "asyncio.Future[T]") -> None:
    """Log why a job failed whose caller is gone; a refusal concerns nobody else."""
    failure = None if job.cancelled() else job.exception()
    if isinstance(failure, StoreError):
        log.warning("store: %s", failure)
    elif failure is not None and not isinstance(failure, ProblemRaised):
        log.error("a job failed after its caller had gone away", exc_info=failure)
