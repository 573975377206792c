"""The states of a task: which events are allowed, and what concurrent ones add up to."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.domain.errors import InvalidTransition, InvalidValue
from store.domain.ids import EventId, new_event_id
from store.domain.lifecycle import (
    COMMANDS,
    STATES,
    TRANSITIONS,
    LifecycleEvent,
    decide,
    fold,
    is_understood,
    target,
)
from store.domain.stamp import Stamp

ALICE, BOB = b"\x0a" * 16, b"\x0b" * 16


def event(
    type: str, op: int, actor: bytes = ALICE, *, to: str | None = None, at_ms: int = 0
) -> LifecycleEvent:
    entropy = op.to_bytes(8, "big") + actor[:8]
    return LifecycleEvent(new_event_id(entropy), type, None, to, (op, actor), Stamp("", "", at_ms))


def applied(*events: LifecycleEvent, void: frozenset[EventId] = frozenset()) -> list[bool]:
    return [folded.applied for folded in fold(events, void=void).events]


ALLOWED = {
    # state: the state that each command leads to, in the order of COMMANDS
    #             start      block      done    cancel       reopen
    "open": ("started", "blocked", "done", "cancelled", None),
    "started": (None, "blocked", "done", "cancelled", "open"),
    "blocked": ("started", None, "done", "cancelled", "open"),
    "done": (None, None, None, None, "open"),
    "cancelled": (None, None, None, None, "open"),
}
CELLS = [
    (state, command, leads_to)
    for state, row in ALLOWED.items()
    for command, leads_to in zip(COMMANDS, row, strict=True)
]


@pytest.mark.parametrize(("state", "command", "leads_to"), CELLS)
def test_each_state_allows_exactly_the_commands_of_the_table(
    state: str, command: str, leads_to: str | None
) -> None:
    if leads_to is None:
        with pytest.raises(InvalidTransition) as refusal:
            decide(state, command)
        assert (refusal.value.state, refusal.value.event) == (state, command)
    else:
        decide(state, command)
        assert target(event(command, 1)) == leads_to
        assert leads_to in TRANSITIONS[state]


@pytest.mark.parametrize(
    ("state", "command", "sentence"),
    [
        ("done", "done", "The task is done already."),
        ("open", "reopen", "The task is open already."),
        ("done", "start", "The task is done: reopen it first."),
        ("cancelled", "done", "The task is cancelled: reopen it first."),
        ("open", "explode", "'explode' is not an event that this version knows."),
        ("open", "set", "'set' is not an event that this version knows."),
    ],
)
def test_a_refusal_says_why_in_one_sentence(state: str, command: str, sentence: str) -> None:
    with pytest.raises(InvalidTransition) as refusal:
        decide(state, command)
    assert str(refusal.value) == sentence


def test_a_task_without_events_is_open() -> None:
    assert fold([]).state == "open"


def test_events_apply_in_the_order_of_their_writes_whatever_the_clocks_say() -> None:
    started = event("start", 5, at_ms=9_000)
    done = event("done", 7, at_ms=1_000)

    folded = fold([done, started])

    assert folded.state == "done"
    assert [entry.event for entry in folded.events] == [started, done]


def test_of_two_writes_with_one_counter_the_lower_actor_comes_first() -> None:
    here, there = event("done", 5, ALICE), event("cancel", 5, BOB)

    folded = fold([there, here])

    assert folded.state == "done"
    assert folded.events[1].event == there
    assert folded.events[1].why == "The task is done: reopen it first."


def test_two_people_who_finish_the_same_task_apart_finish_it_once() -> None:
    folded = fold([event("done", 5, ALICE), event("done", 6, BOB)])

    assert folded.state == "done"
    assert [entry.why for entry in folded.events] == [None, "The task is done already."]


def test_an_event_that_does_not_fit_is_kept_and_skipped_and_later_ones_go_on() -> None:
    events = [event("done", 5), event("start", 6, BOB), event("reopen", 8), event("block", 9)]

    folded = fold(events)

    assert folded.state == "blocked"
    assert [entry.applied for entry in folded.events] == [True, False, True, True]


@pytest.mark.parametrize("state", STATES)
def test_a_set_event_puts_its_state_whatever_came_before(state: str) -> None:
    assert fold([event("done", 5), event("set", 6, to=state)]).state == state


def test_a_set_event_that_was_taken_back_stays_listed_without_effect() -> None:
    done, settled = event("done", 5), event("set", 8, to="cancelled")

    folded = fold([done, settled], void=frozenset({settled.id}))

    assert folded.state == "done"
    assert folded.events[1].why == "taken back"


@pytest.mark.parametrize("to", [None, "", "exploded"])
def test_a_set_event_to_no_state_is_skipped(to: str | None) -> None:
    broken = event("set", 6, to=to)

    assert not is_understood(broken)
    assert applied(event("done", 5), broken) == [True, False]
    with pytest.raises(InvalidValue):
        target(broken)


def test_an_event_of_a_newer_version_is_listed_and_skipped() -> None:
    folded = fold([event("delegate", 5), event("done", 6)])

    assert folded.state == "done"
    assert folded.events[0].why == "'delegate' is not an event that this version knows."


types = st.sampled_from([*COMMANDS, "set", "delegate"])
histories = st.lists(
    st.builds(
        event,
        types,
        st.integers(1, 6),
        st.sampled_from([ALICE, BOB]),
        to=st.sampled_from([*STATES, None, "exploded"]),
    ),
    unique_by=lambda entry: entry.op,
)


@given(events=histories, seed=st.integers(), void_count=st.integers(0, 3))
def test_the_fold_depends_on_the_set_of_events_and_not_on_their_order(
    events: list[LifecycleEvent], seed: int, void_count: int
) -> None:
    void = frozenset(entry.id for entry in events[:void_count])
    shuffled = random.Random(seed).sample(events, len(events))

    assert fold(events, void=void) == fold(shuffled, void=void)


@given(events=histories)
def test_the_fold_walks_only_along_the_table_and_loses_no_event(
    events: list[LifecycleEvent],
) -> None:
    folded = fold(events)
    state = "open"
    for entry in folded.events:
        assert entry.applied == (entry.why is None)
        if entry.applied:
            aim = target(entry.event)
            assert entry.event.type == "set" or aim in TRANSITIONS[state]
            state = aim

    assert state == folded.state
    assert {entry.event.id for entry in folded.events} == {entry.id for entry in events}
