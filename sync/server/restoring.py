"""Acts that come back after the server's data was restored from an older copy (DECISIONS D24).

A server can't see that its data is older than what it once said; a device can, by the acts that it
has and the server has not. It offers them. They are signed, so anybody may bring them. With the
first one the ledger begins a new generation, from what stands here, and what was lost is entered
again in it. What no device has is lost with the copy.
"""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from store.database.connection import Database
from store.domain.ids import SpaceId
from store.domain.ledger.facts import BegunAnew, Decided
from store.domain.ledger.reentering import found_lacking, reentered
from store.errors import LedgerDamaged, LedgerTooNew
from store.ledger.books import snapshot
from store.ledger.codec import row_hash
from store.ledger.record import LedgerWriter, Verified, verified
from store.log.entries import LEDGER, LEDGER_DOC
from sync.protocol.ledger import Decision, Offered, OfferTaken
from sync.protocol.problems import refuse
from sync.server import decisions
from sync.server.callers import Caller
from sync.server.ledgers import Ledgers

FACTS_PER_ACT: Final = 64  # of a snapshot: at most about half a megabyte


def is_known(conn: sqlite3.Connection, space: str, act_hash: bytes) -> bool:
    """Whether an act is in the log here, or came back before."""
    found = conn.execute(
        "SELECT 1 FROM log WHERE space = ?1 AND hash = ?2"
        " UNION ALL SELECT 1 FROM act_offered WHERE space = ?1 AND hash = ?2 LIMIT 1",
        (space, act_hash),
    )
    return found.fetchone() is not None


@dataclass(frozen=True, slots=True)
class Restoring:
    """Takes back what was lost.

    Attributes:
        db: the server's database.
        ledgers: sign what is entered again.
        on_decided: called with the space after a commit that wrote acts.
        wake_jobs: called then too, as some of what came back may be due.
    """

    db: Database
    ledgers: Ledgers
    on_decided: Callable[[str], None]
    wake_jobs: Callable[[], None]

    def offer(self, caller: Caller, offered: Offered) -> OfferTaken:
        """Enter offered acts again, as far as they are not known.

        Raises:
            ProblemRaised: `not-an-act`; then nothing of the batch was entered.
        """
        space = SpaceId(caller.space)
        with self.db.read() as conn:  # what is known costs no look at its signature
            new = [raw for raw in offered.acts if not is_known(conn, space, row_hash(raw))]
        acts = [_checked(self.ledgers.public_key, space, raw) for raw in new]
        if not acts:
            return self._nothing_new(space, len(offered.acts))
        with self.db.write() as conn:
            lost = [each for each in acts if not is_known(conn, space, each.entry.hash)]
            writer = self.ledgers.writer(conn, space)
            if any(_goes_on(conn, space, writer, each) for each in lost):
                _begin_anew(conn, space, writer, self.ledgers.new_generation())
            for each in lost:
                _enter(conn, space, writer, each)
            writer.flush()
            at = writer.at
        if lost:
            self.on_decided(space)
            self.wake_jobs()
        return OfferTaken(len(lost), len(offered.acts) - len(lost), at.generation, at.n)

    def _nothing_new(self, space: SpaceId, known: int) -> OfferTaken:
        with self.db.read() as conn:
            state = self.ledgers.state(conn, space)
        return OfferTaken(0, known, state.generation, state.n)


def _checked(key: bytes, space: str, raw: bytes) -> Verified:
    try:
        return verified(key, space, LEDGER, raw)
    except (LedgerDamaged, LedgerTooNew) as error:
        raise refuse(
            "not-an-act", "What was offered is no act that this server has signed for the space."
        ) from error


def _goes_on(
    conn: sqlite3.Connection, space: SpaceId, writer: LedgerWriter, lost: Verified
) -> bool:
    """Whether a lost act is of the generation that goes on here, or of one that came after it.

    Acts of the generations before come late: they are entered, and begin nothing.
    """
    generation = lost.entry.generation
    if generation == writer.at.generation:
        return True
    known = conn.execute(
        "SELECT 1 FROM log WHERE space = ?1 AND doc = ?3 AND actor = ?2"
        " UNION ALL SELECT 1 FROM act_offered WHERE space = ?1 AND generation = ?2 LIMIT 1",
        (space, generation, LEDGER_DOC),
    )
    return known.fetchone() is None


def _begin_anew(
    conn: sqlite3.Connection, space: SpaceId, writer: LedgerWriter, generation: bytes
) -> None:
    """Write down all that stands as the beginning of a new generation."""
    before = writer.at
    writer.begin_anew(generation)
    told = [BegunAnew(before.generation, before.n), *snapshot(conn, space)]
    for at in range(0, len(told), FACTS_PER_ACT):
        writer.note(told[at : at + FACTS_PER_ACT])


def _enter(conn: sqlite3.Connection, space: SpaceId, writer: LedgerWriter, lost: Verified) -> None:
    told = reentered(writer.books, lost.told, writer.now_ms)
    writer.write(told)
    writer.write(found_lacking(writer.books, told, writer.now_ms))
    for fact in told:
        if isinstance(fact, Decided):
            at = writer.at
            decision = Decision(fact.key, fact.ok, at.generation, at.n, fact.type, fact.detail)
            decisions.keep(conn, space, fact.fingerprint, decision, writer.now_ms)
    conn.execute(
        "INSERT INTO act_offered (space, hash, generation) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (space, lost.entry.hash, lost.entry.generation),
    )
