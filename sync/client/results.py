"""What rounds come to, for the person or program that asked for them."""

from dataclasses import dataclass, field

from store.peers import PeerState
from store.rows import Status, StatusState
from sync.client.offering import Tally
from sync.errors import Busy, Refused, SyncError, Unreachable
from sync.transport.base import Traffic


@dataclass(frozen=True, slots=True)
class SyncResult:
    """How one or more rounds ended.

    Attributes:
        state: of the whole afterwards, as `cairn status` has it.
        pushed: changes that are new to the servers.
        pulled: changes that are new here.
        parked: items with changes that wait for a person because a server refused them.
        conflicts: open conflicts.
        rounds: rounds that were run.
        bytes_sent: request bodies as they travelled.
        bytes_received: answer bodies as they travelled.
        duration_ms: from the first step to the last.
        told: statements about members that are new here.
        resets: times that a history turned out to be another one than remembered.
        is_quiet: there is no reason for another round right away.
        error: what stopped it; None if nothing did. What was asked is kept and will be sent.
    """

    state: StatusState
    pushed: int
    pulled: int
    parked: int
    conflicts: int
    rounds: int
    bytes_sent: int
    bytes_received: int
    duration_ms: int
    told: int = 0
    resets: int = 0
    is_quiet: bool = True
    error: SyncError | None = None

    @property
    def needs_person(self) -> bool:
        """Whether something waits for a person: a conflict, or a refused change."""
        return bool(self.parked or self.conflicts)


@dataclass(slots=True)
class Sums:
    """What several rounds come to while they run."""

    tally: Tally = field(default_factory=lambda: Tally(is_quiet=True))
    rounds: int = 0
    traffic: Traffic = field(default_factory=Traffic)
    error: SyncError | None = None

    def add(self, tally: Tally, before: Traffic, after: Traffic) -> None:
        """Add a round: what it moved, and its transport's traffic before and after."""
        self.rounds += 1
        self.tally.pushed += tally.pushed
        self.tally.pulled += tally.pulled
        self.tally.asked += tally.asked
        self.tally.told += tally.told
        self.tally.resets += tally.resets
        self.tally.is_quiet = tally.is_quiet
        self.traffic.requests += after.requests - before.requests
        self.traffic.bytes_sent += after.bytes_sent - before.bytes_sent
        self.traffic.bytes_received += after.bytes_received - before.bytes_received

    def result(self, status: Status, duration_ms: int) -> SyncResult:
        """Say what it came to, and where the home stands now."""
        return SyncResult(
            state=status.state,
            pushed=self.tally.pushed,
            pulled=self.tally.pulled,
            parked=status.parked,
            conflicts=status.conflicts,
            rounds=self.rounds,
            bytes_sent=self.traffic.bytes_sent,
            bytes_received=self.traffic.bytes_received,
            duration_ms=duration_ms,
            told=self.tally.told,
            resets=self.tally.resets,
            is_quiet=self.tally.is_quiet,
            error=self.error,
        )


def peer_state(error: SyncError) -> PeerState:
    """Say in what state an error leaves a server, for the person."""
    match error:
        case Unreachable():
            return PeerState.OFFLINE
        case Refused():
            return PeerState.AUTH_REFUSED
        case Busy() | _:
            return PeerState.RETRYING
