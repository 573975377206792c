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
# A server that asks for more than a day is broken or not ours; look again after the day.
RETRY_AFTER_MAX_S: Final = 86_400.0

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
            retry_after_s: what the server asked for, if it did: never less than that, and jitter
                on top, or all whom it told the same would return in the same second.
        """
        doublings = min(failures - 1, 30)  # beyond this the cap holds anyway
        bound = min(self.cap_s, self.base_s * float(2**doublings))
        jitter = max(self.floor_s, self.rng.uniform(0.0, bound))
        if retry_after_s is None:
            return jitter
        return min(max(retry_after_s, 0.0), RETRY_AFTER_MAX_S) + min(jitter, self.base_s)


def until_unanswered_for(
    timeout_s: float,
    *,
    answered_at: Clock,
    clock: Clock,
    backoff: FullJitter,
    sleep: Sleep,
) -> AsyncRetrying:
    """Try again while the last answer is less than `timeout_s` old, then raise the last error.

    Progress counts, not the total: a first sync may take an hour, as long as answers come. A wait
    that would end after the limit isn't begun.

    Args:
        timeout_s: seconds without an answer after which to give up.
        answered_at: when the last answer came, by `clock`; or when the tries began.
        clock: seconds that only grow.
        backoff: how long to wait between tries.
        sleep: waits.
    """

    failures, failed_at = 0, answered_at()

    def wait(call: RetryCallState) -> float:
        nonlocal failures, failed_at
        # An answer since the last failure is a success, though the round as a whole failed.
        failures = 1 if answered_at() > failed_at else failures + 1
        failed_at = clock()
        error = call.outcome.exception() if call.outcome is not None else None
        asked = error.retry_after_s if isinstance(error, Transient) else None
        return backoff.delay_s(failures, asked)

    def stop(call: RetryCallState) -> bool:
        return clock() + call.upcoming_sleep - answered_at() >= timeout_s

    return AsyncRetrying(
        retry=retry_if_exception_type(Transient), wait=wait, stop=stop, sleep=sleep, reraise=True
    )
