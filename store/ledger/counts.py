"""How many sagas there are in which state, for measures: in a space, or on a whole server.

Only reads, and only numbers and kinds: nothing of people.
"""

import sqlite3
from dataclasses import dataclass, field
from typing import Final

_UNDER_WAY: Final = ("running", "compensating")
HOUR_MS: Final = 3_600_000


@dataclass(frozen=True, slots=True)
class SagaCounts:
    """Sagas by what became of them.

    Attributes:
        pending: under way, forward or back.
        oldest_ms: how long the longest of those has been under way; None where there is none.
        stuck: wait for a person.
        completed: by kind (`booking`, `transfer`, `compensation`).
        compensated: taken back, by kind.
        made_good: reservations that were cancelled or never came true, by the item's policy.
        begun: all that ever began, by kind.
        reserved: reservations outside of bookings that were ever made.
        overdue: of those under way, how many have been for longer than was asked about.
    """

    pending: int = 0
    oldest_ms: int | None = None
    stuck: int = 0
    completed: dict[str, int] = field(default_factory=dict)
    compensated: dict[str, int] = field(default_factory=dict)
    made_good: dict[str, int] = field(default_factory=dict)
    begun: dict[str, int] = field(default_factory=dict)
    reserved: int = 0
    overdue: int = 0

    @property
    def started(self) -> int:
        """All that ever began."""
        ended = sum(self.completed.values()) + sum(self.compensated.values())
        return self.pending + self.stuck + ended


def saga_counts(
    conn: sqlite3.Connection, now_ms: int, space: str | None = None, *, overdue_ms: int = HOUR_MS
) -> SagaCounts:
    """Count sagas, of one space or of all.

    Args:
        conn: any connection.
        now_ms: by the clock of the ledger's authority.
        space: whose; None = of all spaces here.
        overdue_ms: after so long one that is under way is overdue.
    """
    by_state = _by_state(conn, space)
    began_ms, overdue = conn.execute(
        "SELECT min(at_ms), coalesce(sum(at_ms < ?4), 0) FROM saga"
        " WHERE state IN (?2, ?3) AND (?1 IS NULL OR space = ?1)",
        (space, *_UNDER_WAY, now_ms - overdue_ms),
    ).fetchone()
    (reserved,) = conn.execute(
        "SELECT count(*) FROM reservation WHERE saga IS NULL AND (?1 IS NULL OR space = ?1)",
        (space,),
    ).fetchone()
    begun: dict[str, int] = {}
    for by_kind in by_state.values():
        for kind, count in by_kind.items():
            begun[kind] = begun.get(kind, 0) + count
    return SagaCounts(
        pending=sum(sum(by_state.get(state, {}).values()) for state in _UNDER_WAY),
        oldest_ms=None if began_ms is None else max(0, now_ms - began_ms),
        stuck=sum(by_state.get("stuck", {}).values()),
        completed=by_state.get("completed", {}),
        compensated=by_state.get("compensated", {}),
        made_good=_made_good(conn, space),
        begun=begun,
        reserved=reserved,
        overdue=overdue,
    )


def _by_state(conn: sqlite3.Connection, space: str | None) -> dict[str, dict[str, int]]:
    counted: dict[str, dict[str, int]] = {}
    for state, kind, count in conn.execute(
        "SELECT state, kind, count(*) FROM saga WHERE ?1 IS NULL OR space = ?1"
        " GROUP BY state, kind",
        (space,),
    ):
        counted.setdefault(state, {})[kind] = count
    return counted


def _made_good(conn: sqlite3.Connection, space: str | None) -> dict[str, int]:
    found = conn.execute(
        "SELECT json_extract(stock.policy, '$.name'), count(*) FROM reservation JOIN stock"
        " ON stock.space = reservation.space AND stock.id = reservation.item"
        " WHERE reservation.state = 'compensated' AND (?1 IS NULL OR reservation.space = ?1)"
        " GROUP BY 1",
        (space,),
    )
    return dict(found.fetchall())
