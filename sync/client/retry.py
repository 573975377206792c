"""When to try again, as named policies. Nothing here reads a clock or sleeps by itself.

Full jitter (M. Brooker, "Exponential Backoff and Jitter", 2015): wait a random time below a bound
that doubles with each failure, so that clients which lost a server together don't return together.
Only a `Transient` error is tried again. A refusal (400, 401, 403, 413, 422) and a new history (409)
would only come again; those are shown to a person or answered by the round itself.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random
from typing import Final

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type

from sync.errors import Transient

BACKOFF_BASE_S: Final = 0.5
BACKOFF_CAP_S: Final = 300.0
# Random alone may say zero, and then a failing server is asked in a tight loop.
BACKOFF_FLOOR_S: Final = 0.1

Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class FullJitter:
    """How long to wait after a number of failures in a row.

    Attributes:
        rng: chance, injected, so that a seed repeats a run.
        base_s: bound of the first wait.
        cap_s: bound of any wait.
        floor_s: the least wait.
    """

    rng: Random
    base_s: float = BACKOFF_BASE_S
    cap_s: float = BACKOFF_CAP_S
    floor_s: float = BACKOFF_FLOOR_S

    def delay_s(self, failures: int, retry_after_s: float | None = None) -> float:
        """Seconds until the next try.

        Args:
            failures: tries that failed in a row, at least 1.
            retry_after_s: what the server asked for, if it did, as it was read (`bounded_wait_s`):
                never less than that, and jitter on top, or all whom it told the same would return
                in the same second.
        """
        doublings = min(failures - 1, 30)  # beyond this the cap holds anyway
        bound = min(self.cap_s, self.base_s * float(2**doublings))
        jitter = max(self.floor_s, self.rng.uniform(0.0, bound))
        if retry_after_s is None:
            return jitter
        return retry_after_s + min(jitter, self.base_s)


class Patience:
    """How long a server has gone without an answer that led anywhere.

    Progress counts, not the total: a first sync may take an hour, as long as it moves. Our own work
    between two requests doesn't count, and an answer that moved nothing is no progress, so that a
    server which greets and then fails is given up too.

    Args:
        timeout_s: when to give up.
        clock: seconds that only grow.

    Attributes:
        failures: failures in a row.
    """

    def __init__(self, timeout_s: float, clock: Clock) -> None:
        self.failures = 0
        self._timeout_s = timeout_s
        self._clock = clock
        self._progress = 0
        self._since: float | None = None

    @property
    def left_s(self) -> float:
        """Seconds until it runs out."""
        if self._since is None:
            return self._timeout_s
        return max(0.0, self._timeout_s - (self._clock() - self._since))

    def failed(self, *, asked_at: float, progress: int) -> None:
        """Note a failure.

        Args:
            asked_at: when the request that failed was sent, by the clock.
            progress: a count that grows with everything that moves.
        """
        if self._since is None or progress != self._progress:
            self._since, self.failures = asked_at, 0
        self._progress = progress
        self.failures += 1


def while_patient(patience: Patience, *, backoff: FullJitter, sleep: Sleep) -> AsyncRetrying:
    """Try again while there is patience left, then raise the last error.

    Whoever tries says `patience.failed` first. A wait that would outlast the patience isn't begun.
    """

    def wait(call: RetryCallState) -> float:
        error = call.outcome.exception() if call.outcome is not None else None
        asked = error.retry_after_s if isinstance(error, Transient) else None
        return backoff.delay_s(patience.failures, asked)

    def stop(call: RetryCallState) -> bool:
        return call.upcoming_sleep >= patience.left_s

    return AsyncRetrying(
        retry=retry_if_exception_type(Transient), wait=wait, stop=stop, sleep=sleep, reraise=True
    )
