"""When a space is due: the scheduler's decisions, read as a table."""

import math
from random import Random

import pytest

from store.domain.ids import SpaceId
from sync.client.retry import FullJitter
from sync.client.timetable import DEBOUNCE_S, Phase, RoundEnd, SchedulerState, Timetable

HUT, CAMP = SpaceId("hut"), SpaceId("camp")


def _timetable(*spaces: SpaceId, now: float = 0.0) -> Timetable:
    timetable = Timetable(FullJitter(Random(1)), Random(2))
    timetable.keep(spaces or (HUT,), now)
    return timetable


def _run(timetable: Timetable, now: float, end: RoundEnd) -> None:
    space = timetable.take_due(now)
    assert space is not None
    timetable.ended(now, space, end)


def test_a_new_space_is_due_at_once() -> None:
    timetable = _timetable()

    assert timetable.take_due(0.0) == HUT


def test_a_quiet_space_rests_for_about_five_minutes() -> None:
    timetable = _timetable()
    _run(timetable, 0.0, RoundEnd.QUIET)

    assert timetable.take_due(224.9) is None
    assert 225 <= timetable.wake_at() <= 375
    assert timetable.take_due(375) == HUT


def test_a_burst_of_edits_is_one_round() -> None:
    timetable = _timetable()
    _run(timetable, 0.0, RoundEnd.QUIET)

    for edit in range(20):
        timetable.edited(10 + edit / 1_000)

    assert timetable.take_due(10.0) is None
    assert timetable.wake_at() == 10 + DEBOUNCE_S
    assert timetable.take_due(10 + DEBOUNCE_S) == HUT
    timetable.ended(10.1, HUT, RoundEnd.QUIET)
    assert timetable.take_due(100) is None


def test_edits_during_a_round_cause_exactly_one_more() -> None:
    timetable = _timetable()
    assert timetable.take_due(0.0) == HUT

    timetable.edited(0.01)
    timetable.hinted(0.02, HUT)
    assert timetable.take_due(1.0) is None  # one round at a time
    timetable.ended(1.0, HUT, RoundEnd.QUIET)

    _run(timetable, 1.0, RoundEnd.QUIET)
    assert timetable.take_due(2.0) is None


def test_a_round_that_moved_something_is_followed_by_another() -> None:
    timetable = _timetable()
    _run(timetable, 0.0, RoundEnd.MOVED)

    assert timetable.take_due(0.0) == HUT


def test_an_edit_of_one_space_leaves_the_others_alone() -> None:
    timetable = _timetable(HUT, CAMP)
    _run(timetable, 0.0, RoundEnd.QUIET)
    _run(timetable, 0.0, RoundEnd.QUIET)

    timetable.edited(1.0, [CAMP])

    assert timetable.take_due(2.0) == CAMP
    timetable.ended(2.0, CAMP, RoundEnd.QUIET)
    assert timetable.take_due(2.0) is None


@pytest.mark.parametrize("end", [RoundEnd.OFFLINE, RoundEnd.BUSY])
def test_neither_edits_nor_hints_shorten_a_backoff(end: RoundEnd) -> None:
    timetable = _timetable()
    for _ in range(12):  # until the waits are long
        _run(timetable, timetable.wake_at(), end)
    due = timetable.wake_at()
    before = due - 0.1

    timetable.edited(before)
    timetable.hinted(before, HUT)

    assert timetable.take_due(before) is None
    assert timetable.wake_at() == due


def test_failures_in_a_row_wait_longer_and_a_success_begins_anew() -> None:
    timetable = _timetable()
    waits: list[float] = []
    for _ in range(12):
        now = timetable.wake_at()
        assert timetable.take_due(now) == HUT
        due = timetable.ended(now, HUT, RoundEnd.OFFLINE)
        assert due is not None
        waits.append(due - now)
    assert max(waits) > 30
    assert max(waits) <= 300

    _run(timetable, timetable.wake_at(), RoundEnd.QUIET)
    now = timetable.wake_at()
    assert timetable.take_due(now) == HUT
    due = timetable.ended(now, HUT, RoundEnd.OFFLINE)
    assert due is not None
    assert due - now <= 0.5


def test_what_the_server_asks_for_is_waited_for() -> None:
    timetable = _timetable()
    assert timetable.take_due(0.0) == HUT

    due = timetable.ended(0.0, HUT, RoundEnd.BUSY, 120)

    assert due is not None
    assert due >= 120


def test_retry_now_is_at_once_whatever_was() -> None:
    timetable = _timetable()
    _run(timetable, 0.0, RoundEnd.REFUSED)
    assert timetable.wake_at() > 1_000

    timetable.retry_now(1.0)

    assert timetable.take_due(1.0) == HUT


def test_a_refusal_is_not_tried_again_by_edits() -> None:
    timetable = _timetable()
    _run(timetable, 0.0, RoundEnd.REFUSED)

    timetable.edited(1.0)
    timetable.hinted(1.0, HUT)

    assert timetable.take_due(2_600) is None
    assert timetable.take_due(4_600) == HUT


def test_a_space_that_was_left_is_forgotten_even_during_its_round() -> None:
    timetable = _timetable()
    assert timetable.take_due(0.0) == HUT

    timetable.keep((), 0.5)
    timetable.ended(1.0, HUT, RoundEnd.MOVED)

    assert timetable.wake_at() == math.inf
    assert timetable.state() == SchedulerState(Phase.IDLE)


@pytest.mark.parametrize(
    ("ends", "phase"),
    [
        ((RoundEnd.QUIET, RoundEnd.QUIET), Phase.IDLE),
        ((RoundEnd.QUIET, RoundEnd.OFFLINE), Phase.OFFLINE),
        ((RoundEnd.OFFLINE, RoundEnd.BUSY), Phase.BACKING_OFF),
        ((RoundEnd.BUSY, RoundEnd.REFUSED), Phase.ATTENTION),
        ((RoundEnd.QUIET, RoundEnd.PARKED), Phase.ATTENTION),
    ],
)
def test_the_worst_of_all_spaces_is_what_is_told(
    ends: tuple[RoundEnd, RoundEnd], phase: Phase
) -> None:
    timetable = _timetable(HUT, CAMP)
    for end in ends:
        _run(timetable, 0.0, end)

    assert timetable.state().phase is phase


def test_while_a_round_runs_that_is_what_is_told() -> None:
    timetable = _timetable()
    timetable.take_due(0.0)

    assert timetable.state() == SchedulerState(Phase.SYNCING)


def test_the_time_of_the_next_try_is_told() -> None:
    timetable = _timetable()
    assert timetable.take_due(5.0) == HUT

    due = timetable.ended(5.0, HUT, RoundEnd.OFFLINE)

    assert timetable.state() == SchedulerState(Phase.OFFLINE, due)


def test_peers_that_do_for_each_other_stand_as_the_best_of_them() -> None:
    timetable = Timetable(FullJitter(Random(1)), Random(2))
    timetable.keep(["phone", "laptop"], 0.0, groups={"phone": "hut", "laptop": "hut"})

    _run(timetable, 0.0, RoundEnd.OFFLINE)
    _run(timetable, 0.0, RoundEnd.QUIET)
    assert timetable.state().phase is Phase.IDLE

    timetable.retry_now(1.0)
    for _ in range(2):
        _run(timetable, 1.0, RoundEnd.OFFLINE)
    assert timetable.state().phase is Phase.OFFLINE


def test_a_peer_beside_a_server_is_not_what_a_person_is_told_of() -> None:
    timetable = Timetable(FullJitter(Random(1)), Random(2))
    timetable.keep(["server", "phone"], 0.0, silent={"phone"})

    _run(timetable, 0.0, RoundEnd.QUIET)
    _run(timetable, 0.0, RoundEnd.OFFLINE)

    assert timetable.state().phase is Phase.IDLE


def test_while_power_is_saved_a_quiet_space_rests_for_half_an_hour() -> None:
    timetable = _timetable()
    timetable.save_power(saving=True)
    _run(timetable, 0.0, RoundEnd.QUIET)
    assert 1_350 <= timetable.wake_at() <= 2_250

    timetable.edited(10)
    assert timetable.wake_at() == 10 + DEBOUNCE_S, "what is written here is sent all the same"

    timetable.save_power(saving=False)
    _run(timetable, 11.0, RoundEnd.QUIET)
    assert timetable.wake_at() <= 11 + 375
