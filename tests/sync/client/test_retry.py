"""When to try again, and for how long."""

from random import Random

import pytest

from sync.client.retry import FullJitter, Patience, while_patient
from sync.errors import AuthRefused, Busy, SyncError, Unreachable


class Time:
    """A clock that moves only when somebody sleeps on it."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class Always(Random):
    """Chance that always picks the same place between two bounds."""

    def __init__(self, place: float) -> None:
        super().__init__(0)
        self.place = place

    def uniform(self, a: float, b: float) -> float:
        return a + self.place * (b - a)


def test_the_bound_of_the_wait_doubles_up_to_five_minutes() -> None:
    longest = FullJitter(Always(1.0))

    waits = [longest.delay_s(failures) for failures in range(1, 14)]

    assert waits[:5] == [0.5, 1, 2, 4, 8]
    assert waits[9:] == [256, 300, 300, 300]
    assert longest.delay_s(10_000) == 300


def test_chance_may_pick_any_wait_below_the_bound_but_never_none() -> None:
    assert FullJitter(Always(0.0)).delay_s(8) == pytest.approx(0.1)
    assert FullJitter(Always(0.5)).delay_s(3) == 1


def test_a_seed_repeats_the_waits() -> None:
    alice, bob = FullJitter(Random(7)), FullJitter(Random(7))

    assert [alice.delay_s(n) for n in range(1, 9)] == [bob.delay_s(n) for n in range(1, 9)]


def test_what_the_server_asks_for_is_the_least_wait() -> None:
    backoff = FullJitter(Random(1))

    for failures in range(1, 20):
        assert 30 <= backoff.delay_s(failures, 30) <= 30.5


async def _tries(time: Time, patience: Patience, outcomes: list[SyncError | None]) -> int:
    """Try as the outcomes say; count the tries. The last outcome repeats."""
    tries = 0
    async for attempt in while_patient(patience, backoff=FullJitter(Random(3)), sleep=time.sleep):
        with attempt:
            error = outcomes[min(tries, len(outcomes) - 1)]
            tries += 1
            asked_at = time.now
            if error is not None:
                patience.failed(asked_at=asked_at, progress=0)
                raise error
    return tries


async def test_a_passing_fault_is_tried_again() -> None:
    time = Time()
    patience = Patience(10, time.clock)

    assert await _tries(time, patience, [Unreachable("no"), Busy("no"), None]) == 3


async def test_a_server_that_never_answers_is_given_up_after_the_time() -> None:
    time = Time()
    patience = Patience(10, time.clock)

    with pytest.raises(Unreachable):
        await _tries(time, patience, [Unreachable("no")])

    assert len(time.slept) >= 2
    assert time.now <= 1_010


@pytest.mark.parametrize("error", [AuthRefused("no"), SyncError("no")])
async def test_a_refusal_is_not_tried_again(error: SyncError) -> None:
    time = Time()

    with pytest.raises(type(error)):
        await _tries(time, Patience(10, time.clock), [error])

    assert time.slept == []


async def test_a_wait_that_would_outlast_the_patience_is_not_begun() -> None:
    time = Time()
    busy = Busy("later")
    busy.retry_after_s = 60

    with pytest.raises(Busy):
        await _tries(time, Patience(10, time.clock), [busy])

    assert time.slept == []


def test_patience_begins_anew_when_something_moved() -> None:
    time = Time()
    patience = Patience(10, time.clock)
    patience.failed(asked_at=time.now, progress=5)
    time.now += 9
    assert patience.left_s == 1

    patience.failed(asked_at=time.now, progress=6)

    assert patience.failures == 1
    assert patience.left_s == 10


def test_an_answer_that_moved_nothing_is_no_progress() -> None:
    time = Time()
    patience = Patience(10, time.clock)
    for failures in range(1, 6):
        patience.failed(asked_at=time.now, progress=5)
        assert patience.failures == failures
        time.now += 2

    assert patience.left_s == 0


def test_our_own_work_between_requests_does_not_count() -> None:
    time = Time()
    patience = Patience(10, time.clock)

    time.now += 3_600  # taking in a large page

    assert patience.left_s == 10
