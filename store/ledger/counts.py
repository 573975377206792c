"""How many sagas there are in which state, for measures: on a whole server, in all its spaces.

Only reads, and only numbers and kinds: nothing of people.
"""

import sqlite3
from dataclasses import dataclass, field
from typing import Final

_UNDER_WAY: Final = ("running", "compensating")
OVERDUE_MS: Final = 3_600_000  # after so long, one that is under way is overdue


@dataclass(frozen=True, slots=True)
class SagaCounts:
    """Sagas by what became of them.

    Attributes:
        pending: under way, forward or back.
        oldest_ms: how long the longest of those has been under way; None where there is none.
        stuck: wait for a person.
        completed: by kind (`booking`, `transfer`, `compensation`).
        compensated: taken back, by kind.
        begun: all that ever began, by kind.
        reserved: reservations outside of bookings that were ever made.
        overdue: of those under way, how many have been for over an hour.
    """

    pending: int = 0
    oldest_ms: int | None = None
    stuck: int = 0
    completed: dict[str, int] = field(default_factory=dict)
    compensated: dict[str, int] = field(default_factory=dict)
    begun: dict[str, int] = field(default_factory=dict)
    reserved: int = 0
    overdue: int = 0


def saga_counts(conn: sqlite3.Connection, now_ms: int) -> SagaCounts:
    """Count sagas.

    Args:
        conn: any connection.
        now_ms: by the clock of the ledgers' authority.
    """
    by_state = _by_state(conn)
    began_ms, overdue = conn.execute(
        "SELECT min(at_ms), coalesce(sum(at_ms < ?3), 0) FROM saga WHERE state IN (?1, ?2)",
        (*_UNDER_WAY, now_ms - OVERDUE_MS),
    ).fetchone()
    (reserved,) = conn.execute("SELECT count(*) FROM reservation WHERE saga IS NULL").fetchone()
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
        begun=begun,
        reserved=reserved,
        overdue=overdue,
    )


def _by_state(conn: sqlite3.Connection) -> dict[str, dict[str, int]]:
    counted: dict[str, dict[str, int]] = {}
    for state, kind, count in conn.execute(
        "SELECT state, kind, count(*) FROM saga GROUP BY state, kind"
    ):
        counted.setdefault(state, {})[kind] = count
    return counted
