"""The states of a task as a fold of its events (DECISIONS D4).

    from / to    open     started  blocked  done     cancelled
    open          .        start    block    done     cancel
    started       reopen   .        block    done     cancel
    blocked       reopen   start    .        done     cancel
    done          reopen   .        .        .        .
    cancelled     reopen   .        .        .        .

Events are a grow-only map in the document; nobody changes or removes one. Their order is that of
the op id of the event's write, (counter, actor): what an author had seen comes before what they
wrote, every replica has the same order, and no clock is asked. Two people who were apart may have
written events that don't fit together: the fold skips what its place doesn't allow, and says why.
A `set` event puts a state whatever came before: it settles a conflict, or takes something back.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from store.domain.errors import InvalidTransition, InvalidValue
from store.domain.ids import EventId
from store.domain.stamp import Stamp

FIRST_STATE: Final = "open"
STATES: Final = ("open", "started", "blocked", "done", "cancelled")
COMMANDS: Final = ("start", "block", "done", "cancel", "reopen")

# Which states a state may become.
TRANSITIONS: Final[Mapping[str, frozenset[str]]] = {
    "open": frozenset({"started", "blocked", "done", "cancelled"}),
    "started": frozenset({"open", "blocked", "done", "cancelled"}),
    "blocked": frozenset({"started", "open", "done", "cancelled"}),
    "done": frozenset({"open"}),
    "cancelled": frozenset({"open"}),
}
TAKEN_BACK: Final = "taken back"

AIMS: Final[Mapping[str, str]] = {
    "start": "started",
    "block": "blocked",
    "done": "done",
    "cancel": "cancelled",
    "reopen": "open",
}


@dataclass(frozen=True, slots=True)
class LifecycleEvent:
    """One thing that happened to a task.

    Attributes:
        id: key in the document's `events` map.
        type: one of `COMMANDS`, or `set`.
        reason: what the author gave as a reason, if anything.
        to: the state that a `set` event puts; None for the others.
        op: op id of the event's write, (counter, actor): its place in the fold.
        stamp: who and when, for display.
        of: for a `set` event that takes something back, the event it takes back.
    """

    id: EventId
    type: str
    reason: str | None
    to: str | None
    op: tuple[int, bytes]
    stamp: Stamp
    of: EventId | None = None


@dataclass(frozen=True, slots=True)
class FoldedEvent:
    """An event at its place: whether it took effect, and if not, why."""

    event: LifecycleEvent
    applied: bool
    why: str | None


@dataclass(frozen=True, slots=True)
class Folded:
    """The state that a task's events add up to, and what became of each, oldest first."""

    state: str
    events: tuple[FoldedEvent, ...]


def fold(events: Iterable[LifecycleEvent], *, void: frozenset[EventId] = frozenset()) -> Folded:
    """Add up a task's events.

    Args:
        events: in any order.
        void: settling events that were taken back: they stay listed and have no effect.

    Returns:
        The same for the same events, whatever order they came in. Never raises: an event that
        this version doesn't understand is listed as not applied.
    """
    state = FIRST_STATE
    folded: list[FoldedEvent] = []
    for event in sorted(events, key=lambda event: (event.op, event.id)):
        why = TAKEN_BACK if event.id in void else _why_not(state, event)
        folded.append(FoldedEvent(event, applied=why is None, why=why))
        if why is None:
            state = target(event)
    return Folded(state, tuple(folded))


def decide(state: str, type: str) -> None:
    """Check that a task in `state` may take a command of `type` (one of `COMMANDS`).

    Raises:
        InvalidTransition: it may not; the sentence says why.
    """
    why = _refusal(state, type)
    if why is not None:
        raise InvalidTransition(why, state=state, event=type)


def target(event: LifecycleEvent) -> str:
    """Say which state an event aims at, whether it took effect or not.

    Raises:
        InvalidValue: the event is not understood here (see `is_understood`).
    """
    if not is_understood(event):
        raise InvalidValue(f"{_shown(event.type)} is not a lifecycle event.")
    return event.to if event.type == "set" and event.to else AIMS[event.type]


def is_understood(event: LifecycleEvent) -> bool:
    """Tell whether this version knows the event; others, of newer writers, aim at nothing."""
    return event.to in STATES if event.type == "set" else event.type in AIMS


def _why_not(state: str, event: LifecycleEvent) -> str | None:
    if event.type == "set" and is_understood(event):
        return None
    return _refusal(state, event.type)


def _refusal(state: str, type: str) -> str | None:
    aim = AIMS.get(type)
    if aim is None:
        return f"{_shown(type)} is not an event that this version knows."
    if aim in TRANSITIONS[state]:
        return None
    if aim == state:
        return f"The task is {state} already."
    return f"The task is {state}: reopen it first."


def _shown(type: str) -> str:
    return f"{type[:40]!a}"
