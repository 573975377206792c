"""When each peer is asked next: the scheduler's memory, pure, so that a test reads it as a table.

Times are seconds of one clock that only grows, passed in. One peer is asked at a time. What happens
to a peer during its round only makes it due again, so it causes exactly one round more. A peer is
the server of a space, or another device that has the space.

    what happens         due next
    local edit           50 ms later, so that a burst is one round; not before a backoff ends
    server's hint        at once; not before a backoff ends
    round moved things   at once, until a round is quiet
    quiet round          at the timer, 5 min with jitter (the long poll says sooner); 30 min, and no
                         long poll, while a device saves its battery
    no answer, or busy   when the backoff ends
    refused              hourly, whatever is edited: a person must act, or the server be mended
    retry now            at once, whatever was
"""

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Final

from sync.client.retry import FullJitter

DEBOUNCE_S: Final = 0.05
TIMER_S: Final = 300.0
TIMER_SAVING_S: Final = 1_800.0  # while a device saves its battery
REFUSED_TIMER_S: Final = 3_600.0


class Phase(StrEnum):
    """What the scheduler is doing, for the person; the worst of all that count."""

    IDLE = "idle"
    SYNCING = "syncing"
    OFFLINE = "offline"
    BACKING_OFF = "backing-off"
    ATTENTION = "attention"


class RoundEnd(StrEnum):
    """How a round ended, as far as the schedule cares."""

    MOVED = "moved"
    QUIET = "quiet"
    PARKED = "parked"  # quiet, but something of this space waits for a person
    OFFLINE = "offline"
    BUSY = "busy"
    REFUSED = "refused"


_PHASES: Final = {
    RoundEnd.MOVED: Phase.IDLE,
    RoundEnd.QUIET: Phase.IDLE,
    RoundEnd.PARKED: Phase.ATTENTION,
    RoundEnd.OFFLINE: Phase.OFFLINE,
    RoundEnd.BUSY: Phase.BACKING_OFF,
    RoundEnd.REFUSED: Phase.ATTENTION,
}
_WORST_FIRST: Final = (Phase.ATTENTION, Phase.BACKING_OFF, Phase.OFFLINE, Phase.IDLE)


@dataclass(frozen=True, slots=True)
class SchedulerState:
    """What a person is told.

    Attributes:
        phase: the worst of all that count, or syncing.
        until: clock seconds when the next try of a peer in this phase begins; None if none waits.
    """

    phase: Phase
    until: float | None = None


@dataclass(slots=True)
class _Entry:
    due_at: float
    not_before: float = -math.inf  # the end of a wait that edits and hints respect
    failures: int = 0
    phase: Phase = Phase.IDLE


class Timetable:
    """Knows of every peer when it is due. Not thread-safe: it belongs to the scheduler's loop.

    Args:
        backoff: how long to wait after failures.
        rng: chance, for the jitter of the timer.
        timer_s: how often a quiet peer is asked at the latest.
    """

    def __init__(self, backoff: FullJitter, rng: Random, *, timer_s: float = TIMER_S) -> None:
        self._backoff = backoff
        self._rng = rng
        self._timer_s = timer_s
        self._entries: dict[str, _Entry] = {}
        self._groups: Mapping[str, str] = {}
        self._silent: Collection[str] = ()
        self._running: str | None = None

    def keep(
        self,
        peers: Iterable[str],
        now: float,
        *,
        groups: Mapping[str, str] | None = None,
        silent: Collection[str] = (),
    ) -> None:
        """Take up peers that are new, due at once, and forget those not listed.

        Args:
            peers: their ids.
            now: the time.
            groups: peers with the same word here do for each other: their best phase counts.
            silent: peers whose phase doesn't count.
        """
        wanted = dict.fromkeys(peers)
        self._entries = {peer: self._entries.get(peer) or _Entry(now) for peer in wanted}
        self._groups, self._silent = groups or {}, silent

    def save_power(self, *, saving: bool) -> None:
        """Ask quiet peers less often from their next round on, or as usual again."""
        self._timer_s = TIMER_SAVING_S if saving else TIMER_S

    def edited(self, now: float, peers: Iterable[str] | None = None) -> None:
        """Note local edits; `peers` None means that there may be some for any peer."""
        for peer in self._entries if peers is None else peers:
            self._pull_forward(peer, now + DEBOUNCE_S)

    def hinted(self, now: float, peer: str) -> None:
        """Note that a peer has something new."""
        self._pull_forward(peer, now)

    def retry_now(self, now: float, peer: str | None = None) -> None:
        """Make a peer due at once, or all, whatever was before."""
        for name, entry in self._entries.items():
            if peer in (None, name):
                entry.due_at, entry.not_before = now, -math.inf

    def take_due(self, now: float) -> str | None:
        """Begin the round of the peer that is due longest; None if none is, or one is running."""
        if self._running is not None or not self._entries:
            return None
        peer = min(self._entries, key=lambda name: self._entries[name].due_at)
        if self._entries[peer].due_at > now:
            return None
        self._entries[peer].due_at = math.inf
        self._running = peer
        return peer

    def ended(
        self, now: float, peer: str, end: RoundEnd, retry_after_s: float | None = None
    ) -> float | None:
        """Note how the round ended.

        Returns:
            When a failed round is tried again, in clock seconds; None after any other.
        """
        self._running = None
        entry = self._entries.get(peer)
        if entry is None:  # it was forgotten during its round
            return None
        entry.phase = _PHASES[end]
        if end in (RoundEnd.OFFLINE, RoundEnd.BUSY):
            entry.failures += 1
            entry.not_before = now + self._backoff.delay_s(entry.failures, retry_after_s)
            # What was due because of an edit in between waits for the backoff too.
            entry.due_at = entry.not_before
            return entry.due_at
        pause_s = self._pause_s(end)
        entry.failures = 0
        entry.not_before = now + pause_s if end is RoundEnd.REFUSED else -math.inf
        entry.due_at = max(min(entry.due_at, now + pause_s), entry.not_before)
        return None

    def wake_at(self) -> float:
        """When the next peer is due, in clock seconds; infinite if none ever is."""
        return min((entry.due_at for entry in self._entries.values()), default=math.inf)

    def state(self) -> SchedulerState:
        """What to tell the person now."""
        if self._running is not None:
            return SchedulerState(Phase.SYNCING)
        counted = self._counted()
        for phase in _WORST_FIRST[:-1]:
            waiting = [entry for entry in counted if entry.phase is phase]
            if waiting:
                return SchedulerState(phase, min(entry.due_at for entry in waiting))
        return SchedulerState(Phase.IDLE)

    def _counted(self) -> list[_Entry]:
        """The best entry of each group."""
        best: dict[str, _Entry] = {}
        for peer, entry in self._entries.items():
            group = self._groups.get(peer, peer)
            rank = _WORST_FIRST.index
            if peer not in self._silent and (
                group not in best or rank(entry.phase) > rank(best[group].phase)
            ):
                best[group] = entry
        return list(best.values())

    def _pull_forward(self, peer: str, at: float) -> None:
        entry = self._entries.get(peer)
        if entry is not None:
            entry.due_at = min(entry.due_at, max(at, entry.not_before))

    def _pause_s(self, end: RoundEnd) -> float:
        if end is RoundEnd.MOVED:
            return 0.0
        pause_s = REFUSED_TIMER_S if end is RoundEnd.REFUSED else self._timer_s
        return pause_s * self._rng.uniform(0.75, 1.25)
