"""What falls due in ledgers by itself, and what is to be done about each.

    expiry       reservations whose time is up
    shutting     quotas of devices that an owner has shut out far away from the server
    reclaim      quotas whose lease and grace are over (DECISIONS D25)
    settling     items that were oversold, once nobody has asked for some time
    sagas        one step further each, forward or back

A kind finds what is due in all spaces, the longest due first, and when the next thing will be. The
rules say what follows; where it has been done already, nothing does.
"""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from store.domain.ledger.books import Books
from store.domain.ledger.facts import Fact, ItemSet, ReservationSet, SagaSet
from store.domain.ledger.policies import GRACE_MS
from store.domain.ledger.quotas import is_reclaimable, reclaimed, revoked
from store.domain.ledger.reserving import expired
from store.domain.ledger.sagas import advance
from store.domain.ledger.taking_back import settled
from store.ledger.row_codec import ITEMS, item_of
from sync.server import limits


@dataclass(frozen=True, slots=True)
class Due:
    """One thing that is due: the job's kind, the space, and the thing's id (and device)."""

    kind: str
    space: str
    thing: str
    holder: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of job.

    Attributes:
        due: what is due at a time, at most so many.
        next_ms: when the next thing is due; None = nothing is waiting.
        facts: what follows from doing one; raises DomainError where it can't be done.
    """

    due: Callable[[sqlite3.Connection, int, int], Sequence[Due]]
    next_ms: Callable[[sqlite3.Connection], int | None]
    facts: Callable[[Books, Due, int], list[Fact]]


# -- expiry ----------------------------------------------------------------------------------------


def _due_reservations(conn: sqlite3.Connection, now_ms: int, most: int) -> list[Due]:
    found = conn.execute(
        "SELECT space, id FROM reservation WHERE expires_at_ms <= ? AND state = 'confirmed'"
        " ORDER BY expires_at_ms LIMIT ?",
        (now_ms, most),
    )
    return [Due("expiry", space, thing) for space, thing in found]


def _next_expiry_ms(conn: sqlite3.Connection) -> int | None:
    return _least(conn, "SELECT min(expires_at_ms) FROM reservation WHERE state = 'confirmed'")


def _expire(books: Books, due: Due, now_ms: int) -> list[Fact]:
    found = books.reservation(due.thing)
    return [] if found is None else expired(books, found, now_ms)


# -- shutting --------------------------------------------------------------------------------------

# A revocation at the server's own door is said in its transaction; this finds what came by the
# list of members, signed elsewhere. CROSS JOIN: from the few who are out, not from all quotas.
_SHUT_OUT: Final = (
    "SELECT DISTINCT lease.space, lease.item, lease.holder FROM member"
    " CROSS JOIN token ON token.space = member.space AND token.key = member.key"
    " CROSS JOIN lease ON lease.space = token.space AND lease.holder = token.replica"
    " AND lease.state = 'open'"
    " WHERE member.is_revoked AND NOT EXISTS (SELECT 1 FROM token AS other"
    "  LEFT JOIN member AS its ON its.space = other.space AND its.key = other.key"
    "  WHERE other.space = lease.space AND other.replica = lease.holder"
    "  AND other.revoked_at_ms IS NULL AND NOT coalesce(its.is_revoked, FALSE))"
)


def _due_shut(conn: sqlite3.Connection, _now_ms: int, most: int) -> list[Due]:
    found = conn.execute(f"{_SHUT_OUT} LIMIT ?", (most,))
    return [Due("shutting", space, item, holder) for space, item, holder in found]


def _next_shut_ms(conn: sqlite3.Connection) -> int | None:
    return 0 if _due_shut(conn, 0, 1) else None


def _shut(books: Books, due: Due, _now_ms: int) -> list[Fact]:
    lease = books.lease(due.thing, due.holder)
    return [] if lease is None else revoked(lease)


# -- reclaim ---------------------------------------------------------------------------------------


def _due_leases(conn: sqlite3.Connection, now_ms: int, most: int) -> list[Due]:
    found = conn.execute(
        "SELECT space, item, holder FROM lease WHERE expires_at_ms <= ? AND state <> 'ended'"
        " ORDER BY expires_at_ms LIMIT ?",
        (now_ms - GRACE_MS, most),
    )
    return [Due("reclaim", space, item, holder) for space, item, holder in found]


def _next_lease_ms(conn: sqlite3.Connection) -> int | None:
    least = _least(conn, "SELECT min(expires_at_ms) FROM lease WHERE state <> 'ended'")
    return None if least is None else least + GRACE_MS


def _reclaim(books: Books, due: Due, now_ms: int) -> list[Fact]:
    lease = books.lease(due.thing, due.holder)
    if lease is None or not is_reclaimable(lease, now_ms):
        return []
    return reclaimed(books, lease, now_ms)


# -- settling --------------------------------------------------------------------------------------


def _oversold(conn: sqlite3.Connection) -> list[tuple[int, Due]]:
    """Oversold items with the time at which each is to be settled, the first one first."""
    # `> 0` says nothing more of a time, but lets the index be used.
    found = conn.execute(f"SELECT space, {ITEMS.columns} FROM stock WHERE oversold_at_ms > 0")
    times: list[tuple[int, Due]] = []
    for space, *row in found:
        item = item_of(tuple(row))
        assert item.oversold_at_ms is not None, "asked for so"
        at_ms = item.oversold_at_ms + item.policy.settle_after_ms
        times.append((at_ms, Due("settling", space, item.id)))
    return sorted(times, key=lambda each: each[0])


def _due_items(conn: sqlite3.Connection, now_ms: int, most: int) -> list[Due]:
    return [due for at_ms, due in _oversold(conn) if at_ms <= now_ms][:most]


def _next_settling_ms(conn: sqlite3.Connection) -> int | None:
    return next((at_ms for at_ms, _ in _oversold(conn)), None)


def _settle(books: Books, due: Due, now_ms: int) -> list[Fact]:
    item = books.item(due.thing)
    return [] if item is None or item.oversold_at_ms is None else settled(books, item, now_ms)


# -- sagas -----------------------------------------------------------------------------------------

_UNDER_WAY: Final = "state IN ('running', 'compensating')"


def _due_sagas(conn: sqlite3.Connection, now_ms: int, most: int) -> list[Due]:
    found = conn.execute(
        f"SELECT space, id FROM saga WHERE {_UNDER_WAY} AND next_at_ms <= ?"
        " ORDER BY next_at_ms, at_ms LIMIT ?",
        (now_ms, most),
    )
    return [Due("sagas", space, thing) for space, thing in found]


def _next_saga_ms(conn: sqlite3.Connection) -> int | None:
    return _least(conn, f"SELECT min(next_at_ms) FROM saga WHERE {_UNDER_WAY}")


def _advance(books: Books, due: Due, now_ms: int) -> list[Fact]:
    saga = books.saga(due.thing)
    return [] if saga is None else advance(books, saga, now_ms)


KINDS: Final[dict[str, Kind]] = {
    "expiry": Kind(_due_reservations, _next_expiry_ms, _expire),
    "shutting": Kind(_due_shut, _next_shut_ms, _shut),
    "reclaim": Kind(_due_leases, _next_lease_ms, _reclaim),
    "settling": Kind(_due_items, _next_settling_ms, _settle),
    "sagas": Kind(_due_sagas, _next_saga_ms, _advance),
}


def falls_due(fact: Fact, now_ms: int) -> bool:
    """Whether a fact makes something due before the jobs would look by themselves."""
    soon_ms = now_ms + limits.JOBS_LOOK_S * 1_000
    match fact:
        case SagaSet(saga):
            return saga.state in ("running", "compensating")
        case ReservationSet(one):
            return one.expires_at_ms is not None and one.expires_at_ms < soon_ms
        case ItemSet(item):
            return (
                item.oversold_at_ms is not None
                and item.oversold_at_ms + item.policy.settle_after_ms < soon_ms
            )
        case _:
            return False


def _least(conn: sqlite3.Connection, question: str) -> int | None:
    (least,) = conn.execute(question).fetchone()
    return None if least is None else int(least)
