"""Puts a home right whose database can be read: log, heads, rows and the index of words.

All of it is one transaction: a repair that is cut off has changed nothing.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from store.change_set import ChangeSet
from store.commands.document_cache import DocumentCache
from store.commands.unit_of_work import UnitOfWork
from store.database.connection import Database
from store.doctor.documents_check import PAGE_DOCS, DocumentFindings, orphans
from store.doctor.examination import Check, Examination, counted
from store.doctor.examine import examine, look_at
from store.doctor.ledger_check import ledger_problems
from store.doctor.log_check import heads_problems, log_problems, space_ids
from store.doctor.opening import opened
from store.doctor.relog import GENERATION_BYTES, Relogged, relog
from store.doctor.rescue import Shown, drop_lost_drafts, lost_drafts, recover, shown
from store.doctor.unloadable import unloadable
from store.documents.state import DocState
from store.domain.ids import DocId, SpaceId
from store.errors import DocumentCorrupt
from store.projections import forget, project_many

if TYPE_CHECKING:
    from store.replica import Replica

INITIATOR: Final = "doctor"
# Documents of which the server has every change: a sync brings back whatever is lost here.
_ACKNOWLEDGED: Final = (
    "SELECT doc.id FROM doc JOIN peer ON peer.space = doc.space AND peer.kind = 'server'"
    " WHERE doc.own_seq <= peer.push_seq"
)


@dataclass(slots=True)
class Repaired:
    """What a repair did.

    Attributes:
        logs: what became of each log that was written anew.
        recovered: how many items were saved from their rows.
        docs: how many documents had their rows made anew.
        ledgers: how many ledgers were folded anew.
    """

    logs: list[Relogged] = field(default_factory=list)
    recovered: int = 0
    docs: int = 0
    ledgers: int = 0

    def check(self) -> Check:
        """Say it."""
        quarantined = sum(log.quarantined for log in self.logs)
        waiting = sum(log.waiting for log in self.logs)
        said = [f"{counted(self.docs, 'item')} shown anew from the log"]
        if quarantined:
            said.append(f"{counted(quarantined, 'damaged change')} moved to quarantine")
        if waiting:
            said.append(f"{counted(waiting, 'change')} kept until what they follow comes back")
        if self.ledgers:
            said.append("supplies and money folded anew")
        if self.recovered:
            said.append(f"{counted(self.recovered, 'item')} saved with the tag recovered")
        if any(log.is_another for log in self.logs):
            said.append("the next sync fetches what is missing and offers all that is here")
        return Check("repair", True, f"{'; '.join(said)}.")


def repair(replica: "Replica") -> Examination:
    """Put right what can be, and examine the home afterwards.

    Raises:
        StoreError: the disk or another process stands in the way; nothing was changed.
    """
    documents = DocumentFindings()
    before = look_at(replica.db, documents)
    if before.ok:
        return Examination((Check("repair", True, "Nothing had to be put right."), *before.checks))
    if before.failed("integrity"):
        return before  # it says that the file needs `repair_home`, which copies it first
    with replica.act(INITIATOR) as act:
        act.cache.clear()
        repaired = _repair(replica.db, act, documents)
        if before.failed("search"):
            act.conn.execute("INSERT INTO text_fts (text_fts) VALUES ('rebuild')")
    replica.announce(ChangeSet(initiator=INITIATOR, is_unknown=True))
    return Examination((repaired.check(), *examine(replica).checks))


def _repair(db: Database, act: UnitOfWork, documents: DocumentFindings) -> Repaired:
    conn = act.conn
    acknowledged = {row[0] for row in conn.execute(_ACKNOWLEDGED)}
    before = _all_heads(conn)
    done = _relog_all(db, act, unloadable(conn, documents.unsound))
    done.ledgers = _refold_all(db, conn)
    changed = _changed(before, _all_heads(conn))
    lost = ((changed | orphans(conn)) - acknowledged) | lost_drafts(conn)
    suspects = {was.doc: was for was in shown(conn, sorted(lost))}
    done.docs, alike = _derive_rows(
        conn, changed | documents.unlike.keys() | documents.unsound.keys(), suspects
    )
    for doc in suspects.keys() - alike:
        recover(act, suspects[doc])
        done.recovered += 1
    drop_lost_drafts(conn)
    return done


def _relog_all(db: Database, act: UnitOfWork, refused: Mapping[bytes, str]) -> Repaired:
    done = Repaired()
    for space in space_ids(db):
        if refused or any(log_problems(db, space)) or any(heads_problems(db, space)):
            done.logs.append(
                relog(
                    act.conn,
                    space,
                    refused=refused,
                    generation=act.world.entropy(GENERATION_BYTES),
                    now_ms=act.world.clock_ms(),
                )
            )
    return done


def _refold_all(db: Database, conn: sqlite3.Connection) -> int:
    """Fold the ledgers anew that are not what their acts say."""
    from store.ledger.refolding import refold
    from store.ledger.standing import ledger_at

    done = 0
    for space in space_ids(db):
        at = ledger_at(conn, space)
        if at is not None and any(ledger_problems(db, space)):
            refold(conn, conn, space, at.key, at.generation)
            done += 1
    return done


def _all_heads(conn: sqlite3.Connection) -> dict[str, bytes]:
    return dict(conn.execute("SELECT id, heads FROM doc WHERE changes > 0"))


def _changed(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> set[str]:
    return {doc for doc in before.keys() | after.keys() if before.get(doc) != after.get(doc)}


def _derive_rows(
    conn: sqlite3.Connection, docs: Iterable[str], suspects: Mapping[DocId, Shown]
) -> tuple[int, set[DocId]]:
    """Make the rows of documents anew.

    Returns:
        The number of documents, and those of the suspects that say what their rows said.
    """
    wanted = sorted({*docs, *suspects})
    # Short cuts to open a document by; made again when it is next edited.
    for table in ("snapshot", "footprint"):
        conn.executemany(f"DELETE FROM {table} WHERE doc = ?", [(doc,) for doc in wanted])
    alike: set[DocId] = set()
    derived = 0
    for start in range(0, len(wanted), PAGE_DOCS):
        for space, states in _states(conn, wanted[start : start + PAGE_DOCS]).items():
            project_many(conn, space, states)
            derived += len(states)
            alike |= {s.doc for s in states if s.doc in suspects and suspects[s.doc].is_said_by(s)}
    for doc in orphans(conn):
        forget(conn, DocId(doc))
    return derived, alike


def _states(conn: sqlite3.Connection, docs: Iterable[str]) -> dict[SpaceId, Sequence[DocState]]:
    """Read what documents say, by space; without those that are gone."""
    cache = DocumentCache()
    states: dict[SpaceId, list[DocState]] = {}
    for doc in docs:
        row = conn.execute("SELECT space FROM doc WHERE id = ?", (doc,)).fetchone()
        if row is None:
            continue
        try:
            _, state = opened(conn, cache, doc)
        except DocumentCorrupt:
            continue  # its rows stay as they are; the examination that follows names it
        states.setdefault(SpaceId(row[0]), []).append(state)
    return dict(states)
