"""The jobs of a server's ledgers: what falls due is done, once, a bounded number at a time.

One pass is one transaction: it takes the lease, does what is due, and writes the acts. So a server
that is killed has done a pass or has not, and two on one database never do one job twice. What is
due and can't be done now (an item whose excess a booking under way holds) is set aside for a
minute, so that it holds up nothing; what a rule refuses, which should not happen, is logged too.
"""

import logging
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from store.database.connection import Database
from store.domain.errors import DomainError
from store.domain.ids import SpaceId
from store.domain.ledger.facts import Fact
from store.ledger.record import LedgerWriter
from sync.server import decisions, job_lease, limits
from sync.server.job_kinds import KINDS, Due
from sync.server.ledgers import Ledgers

log = logging.getLogger("cairn.server.jobs")

_LEASE_MS: Final = limits.JOB_LEASE_S * 1_000
_ASIDE_MS: Final = limits.JOB_ASIDE_S * 1_000
_LOOK_MS: Final = limits.JOBS_LOOK_S * 1_000
_LOOK_ASIDE_MS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Passed:
    """What a pass came to.

    Attributes:
        done: how many things were done.
        next_ms: when to look again.
    """

    done: int
    next_ms: int


@dataclass(slots=True)
class Jobs:
    """The jobs of one server process. One pass at a time.

    Attributes:
        db: the server's database.
        ledgers: sign what is done.
        holder: names this process among those on the database.
        on_decided: called with the space after a commit that wrote acts.
    """

    db: Database
    ledgers: Ledgers
    holder: str
    on_decided: Callable[[str], None]
    _aside: dict[Due, int] = field(default_factory=dict)

    def run(self) -> Passed:
        """Do some of what is due now.

        Raises:
            StoreError: the database could not be read or written; nothing of the pass was done.
        """
        began_s = time.perf_counter()
        now_ms = self.ledgers.clock_ms()
        self._aside = {due: until for due, until in self._aside.items() if until > now_ms}
        with self.db.read() as conn:
            if not self._due(conn, now_ms) and not _is_prunable(conn, now_ms):
                return Passed(0, self._next_ms(conn, now_ms))
        moved: set[str] = set()
        with self.db.write() as conn:
            theirs_until_ms = job_lease.take(conn, self.holder, now_ms, _LEASE_MS)
            if theirs_until_ms is not None:
                return Passed(0, theirs_until_ms)
            done = self._do(conn, now_ms, moved) + decisions.prune(conn, now_ms)
            next_ms = self._next_ms(conn, now_ms)
        for space in sorted(moved):
            self.on_decided(space)
        took_ms = (time.perf_counter() - began_s) * 1_000
        log.info("jobs done=%d spaces=%d ms=%.1f", done, len(moved), took_ms)
        return Passed(done, next_ms)

    def give_up(self) -> None:
        """Leave the jobs to another server, at a graceful end."""
        with self.db.write() as conn:
            job_lease.give_up(conn, self.holder)

    def _due(self, conn: sqlite3.Connection, now_ms: int) -> list[Due]:
        found: list[Due] = []
        for kind in KINDS.values():
            room = limits.JOB_BATCH_MAX - len(found)
            if room <= 0:
                break
            some = kind.due(conn, now_ms, room + len(self._aside))
            found += [due for due in some if due not in self._aside][:room]
        return found

    def _do(self, conn: sqlite3.Connection, now_ms: int, moved: set[str]) -> int:
        writers: dict[str, LedgerWriter] = {}
        done = 0
        for due in self._due(conn, now_ms):
            writer = writers.get(due.space)
            if writer is None:
                writer = writers[due.space] = self.ledgers.writer(conn, SpaceId(due.space))
            told = _facts(writer, due, now_ms)
            if told:
                writer.write(told)
                done += 1
            else:
                self._aside[due] = now_ms + _ASIDE_MS
        moved.update(space for space, writer in writers.items() if writer.flush())
        return done

    def _next_ms(self, conn: sqlite3.Connection, now_ms: int) -> int:
        """When to look again: at the next thing due, or by the timer."""
        times = [at_ms for kind in KINDS.values() if (at_ms := kind.next_ms(conn)) is not None]
        next_ms = min(times, default=now_ms + _LOOK_MS)
        if self._aside and not self._due(conn, now_ms):
            next_ms = max(next_ms, now_ms + _LOOK_ASIDE_MS)  # what is aside counts as due
        return min(next_ms, now_ms + _LOOK_MS)


def _facts(writer: LedgerWriter, due: Due, now_ms: int) -> list[Fact]:
    """What follows from doing one thing; nothing where it can't be done now."""
    try:
        return KINDS[due.kind].facts(writer.books, due, now_ms)
    except DomainError:
        log.exception("job=%s space=%s thing=%s was refused", due.kind, due.space, due.thing)
        return []


def _is_prunable(conn: sqlite3.Connection, now_ms: int) -> bool:
    oldest_ms = decisions.oldest_ms(conn)
    return oldest_ms is not None and oldest_ms <= now_ms - decisions.KEPT_MS
