"""Changes from elsewhere: judged before they touch stored data, then logged like our own.

They get the verdicts that the server gives, by the same code (`store.documents.verdicts`): a device
that hears from others than the server must not take what the server refuses, nor the other way
round. A change that is refused is quarantined with its sender named, one that lacks what it follows
waits, and the rest of the batch lives. The cursor moves in the same transaction as the rows.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from store import log, offered_again, peers
from store.commands.receiving_acts import TakenActs
from store.commands.unit_of_work import UnitOfWork
from store.documents.inspect import InspectedChange
from store.documents.open_doc import OpenDoc
from store.documents.schema import genesis_actor
from store.documents.verdicts import Case, find_bad
from store.domain.ids import DocId, SpaceId
from store.measures.samples import Samples


@dataclass(slots=True)
class Applied:
    """What became of a batch: numbers, the documents that moved, the hashes of what is new.

    `samples` are what was counted for the measures, and is written already.
    Statements about members are counted by themselves, the refused ones with what is quarantined;
    `acts` is what became of the authority's acts in it.
    """

    accepted: int = 0
    duplicate: int = 0
    waiting: int = 0
    quarantined: int = 0
    statements: int = 0
    docs: set[DocId] = field(default_factory=set)
    hashes: set[bytes] = field(default_factory=set)
    acts: TakenActs = field(default_factory=TakenActs)
    samples: Samples = field(default_factory=Samples)


def take_in(
    act: UnitOfWork,
    space: SpaceId,
    rows: Iterable[tuple[DocId, InspectedChange]],
    *,
    origin: str,
) -> Applied:
    """Log what a peer sent; what it had refused and has nevertheless is parked no more.

    Args:
        act: the act; its transaction also moves the cursor.
        space: where the documents belong.
        rows: changes in the order in which the peer has them.
        origin: the peer, for the log and the quarantine.
    """
    by_doc: dict[DocId, list[InspectedChange]] = defaultdict(list)
    for doc_id, change in rows:
        by_doc[doc_id].append(change)
    applied = Applied()
    for doc_id, changes in by_doc.items():
        _Intake(act, space, doc_id, origin, applied).take(changes)
        _take_released(act, space, doc_id, applied)
    _let_flow(act, space, by_doc, origin)
    return applied


def _let_flow(
    act: UnitOfWork,
    space: SpaceId,
    sent: Mapping[DocId, Sequence[InspectedChange]],
    origin: str,
) -> None:
    """Let documents flow again of which a peer has taken what it had refused."""
    parked = peers.parked_hashes(act.conn, space, by=origin)
    tried_again = offered_again.unsent(act.conn, space)
    if not (parked or tried_again):
        return
    for doc, changes in sent.items():
        hashes = {change.hash for change in changes}
        offered_again.note_sent(act.conn, space, hashes & tried_again)
        if not hashes.isdisjoint(parked):
            peers.offer_again(act.conn, space, doc)
            act.touched.setdefault(doc, space)


def take_released(act: UnitOfWork, space: SpaceId, docs: Iterable[DocId]) -> Applied:
    """Log what waited for changes that the same act has logged already, by whatever way they came.

    Args:
        act: the act.
        space: where the documents belong.
        docs: those of which it has logged changes.
    """
    applied = Applied()
    for doc_id in docs:
        _take_released(act, space, doc_id, applied)
    return applied


def _take_released(act: UnitOfWork, space: SpaceId, doc: DocId, applied: Applied) -> None:
    # Each as from whom it came, who may be another peer than the one that brought its cause.
    while released := log.release(act.conn, space, doc):
        for origin, held in groupby(released, key=lambda one: one.origin):
            _Intake(act, space, doc, origin, applied).take([one.change for one in held])


@dataclass(frozen=True, slots=True)
class _Intake:
    """What comes in for one document, from a peer; from nobody if it is our own that waited."""

    act: UnitOfWork
    space: SpaceId
    doc: DocId
    origin: str | None
    applied: Applied

    def take(self, changes: Sequence[InspectedChange]) -> None:
        """Judge changes, and log those that pass."""
        if self._is_of_another_space():
            for change in dict.fromkeys(changes):
                self._quarantine(change, log.Verdict.OTHER_SPACE)
            return
        doc = self.act.open(self.doc)
        fresh = [c for c in dict.fromkeys(changes) if c.hash not in doc.history.position]
        if len(fresh) < len(changes):
            self.applied.duplicate += len(changes) - len(fresh)
            known = [c.hash for c in changes if c.hash in doc.history.position]
            if self.origin is not None:
                self.act.confirm(self.space, self.doc, known, origin=self.origin)
        sound, rivals = self._sound(fresh)
        case = Case(sound)
        self._hold(doc, doc.check(case))
        self._log(doc, case)
        again = []
        for change, first in rivals:
            if first is not None and case.why_refused(first) is not None:
                again.append(change)  # its number is not taken after all
            else:
                self._quarantine(change, log.Verdict.EQUIVOCATION)
        if again:
            self.take(again)

    def _log(self, doc: OpenDoc, case: Case) -> None:
        if case.passing:
            self.act.cache.drop(self.doc)  # its memory runs ahead of the log until all is said
            before = doc.history.changes[1:]
            is_whole = doc.take(case)
            if not is_whole:
                find_bad(self.doc, before, case)
            for change in case.passing:
                if case.why_refused(change.hash) is None:
                    self._append(change)
            if is_whole:
                self.act.take_in(doc)
        for change, reason in case.refused():
            self._quarantine(change, reason)

    def _append(self, change: InspectedChange) -> None:
        appended = self.act.log_change(self.space, self.doc, change, origin=self.origin)
        assert appended.verdict == log.Verdict.ACCEPTED, "it was judged by the same log"
        self.applied.accepted += 1
        self.applied.docs.add(self.doc)
        self.applied.hashes.add(change.hash)

    def _sound(
        self, changes: Iterable[InspectedChange]
    ) -> tuple[list[InspectedChange], list[tuple[InspectedChange, bytes | None]]]:
        """Leave out changes that forge the genesis or re-use an actor's number (DECISIONS D2).

        Returns:
            The others, and those that re-use a number, each with the change of this batch that has
            it; None if that is logged already.
        """
        kept: list[InspectedChange] = []
        rivals: list[tuple[InspectedChange, bytes | None]] = []
        numbers: dict[tuple[bytes, int], bytes] = {}
        for change in changes:
            if not change.deps or change.actor == genesis_actor(self.doc):
                self._quarantine(change, log.Verdict.BAD_GENESIS)
                continue
            logged = self._with_number(change)
            first = numbers.setdefault((change.actor, change.seq), change.hash)
            if logged not in (None, change.hash):
                rivals.append((change, None))
            elif first != change.hash:
                rivals.append((change, first))
            else:
                kept.append(change)
        return kept, rivals

    def _with_number(self, change: InspectedChange) -> bytes | None:
        row = self.act.conn.execute(
            "SELECT hash FROM log WHERE space = ? AND doc = ? AND actor = ? AND actor_seq = ?",
            (self.space, self.doc, change.actor, change.seq),
        ).fetchone()
        return row[0] if row is not None else None

    def _is_of_another_space(self) -> bool:
        row = self.act.conn.execute("SELECT space FROM doc WHERE id = ?", (self.doc,)).fetchone()
        return row is not None and row[0] != self.space

    def _hold(self, doc: OpenDoc, lacking: Iterable[InspectedChange]) -> None:
        for change in lacking:
            missing = tuple(d for d in change.deps if d not in doc.history.position)
            log.hold(
                self.act.conn,
                self.space,
                self.doc,
                change,
                missing,
                origin=self.origin,
                now_ms=self.act.stamp.at_ms,
            )
            self.applied.waiting += 1

    def _quarantine(self, change: InspectedChange, reason: str) -> None:
        log.quarantine(
            self.act.conn,
            self.space,
            self.doc,
            change.hash,
            change.raw,
            reason,
            sender=self.origin,
            now_ms=self.act.stamp.at_ms,
        )
        self.applied.quarantined += 1
