"""Taking in a push: sort, examine in a child process, commit what is good in one transaction.

This process never loads what a stranger sends (DECISIONS D22). A child with limits does, and what
it can't examine (it ran out of time or memory) is no verdict: the sender hears 503 and waits, while
the other documents of its push are kept. Only a document that alone is more than the child has
memory or may take of the processor's time for is refused, since no waiting helps (ADR 32).
"""

import sqlite3
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from store.database.connection import Database
from store.documents.trial import TrialDoc
from store.domain.ids import DocId, SpaceId
from store.log import Verdict, doc_rows, position, quarantine
from sync.protocol.messages import Push, PushReply, RefusedRow, Row
from sync.protocol.problems import refuse
from sync.server import limits
from sync.server.callers import Caller
from sync.server.commit_times import UNKNOWN, keep_commit_times
from sync.server.examination import Examination, Examiners
from sync.server.house import Shelf, Writing
from sync.server.metrics import Metrics
from sync.server.rates import Outgrown, Strikes
from sync.server.sorting import (
    Candidate,
    Document,
    Sorted,
    by_document,
    open_document,
    read_rows,
)

DOCS_PER_SLICE: Final = 100
TOO_MANY_EDITS: Final = "too-many-edits"

_REFUSALS: Final = {
    Verdict.EQUIVOCATION: "Its author has written another change under the same number.",
    Verdict.BAD_GENESIS: "It begins the document in a wrong way.",
    Verdict.OTHER_SPACE: "The document belongs to another space.",
}


@dataclass(slots=True)
class _Work:
    """One push under way.

    Attributes:
        found: what became of the rows so far.
        passed: hashes that the child found good.
        examined: what the child made of the others.
    """

    found: Sorted = field(default_factory=Sorted)
    passed: set[bytes] = field(default_factory=set)
    examined: Examination = field(default_factory=Examination)


@dataclass(frozen=True, slots=True)
class _Fresh:
    """What a push adds to a document, as far as that can be told without loading it."""

    document: Document
    candidates: list[Candidate]


class Intake:
    """Takes changes into the logs of one server. One push at a time: call it from one thread."""

    def __init__(
        self,
        db: Database,
        shelf: Shelf,
        examiners: Examiners,
        strikes: Strikes,
        outgrown: Outgrown,
        clock_ms: Callable[[], int],
        on_news: Callable[[str, str], None],
        metrics: Metrics,
    ) -> None:
        """Write to this database.

        Args:
            db: the server's database, or a device's.
            shelf: where rows are written.
            examiners: try changes.
            strikes: marks against senders.
            outgrown: documents that are not examined again for a while.
            clock_ms: Unix time.
            on_news: called with space and replica after a commit that took something in.
            metrics: hear what became of pushes.
        """
        self._db = db
        self._shelf = shelf
        self._examiners = examiners
        self._strikes = strikes
        self._outgrown = outgrown
        self._clock_ms = clock_ms
        self._on_news = on_news
        self._metrics = metrics

    def push(self, caller: Caller, push: Push) -> PushReply:
        """Take in the rows of a push and say what became of each.

        Raises:
            ProblemRaised: `role` for a viewer's changes; `trial-unavailable` where some rows could
                not be examined (the others are taken in, and come out as duplicates next time).
        """
        entries = [row for row in push.rows if row.type in self._shelf.entry_types]
        changes = [row for row in push.rows if row.type not in self._shelf.entry_types]
        if changes or not entries:  # signed rows may be relayed by anybody
            caller.needs("owner", "editor")
        self._strikes.check(caller.replica)
        work = _Work()
        candidates = read_rows(changes, work.found)
        self._examine(caller, candidates, work)
        accepted, seq = self._commit(caller, candidates, entries, work, _commit_times(push))
        found = work.found
        self._metrics.pushed(accepted, found.duplicate, [row.type for row in found.refused])
        if accepted:
            self._on_news(caller.space, caller.replica)
        self._strike(caller, work.examined)
        return PushReply(
            accepted=accepted,
            duplicate=found.duplicate,
            seq=seq,
            refused=found.refused,
            missing=found.missing,
        )

    def _strike(self, caller: Caller, examined: Examination) -> None:
        """Mark a sender that kept the examiners busy in vain; raises where something is left."""
        if not (examined.unavailable or examined.outgrown):
            self._strikes.clear(caller.replica)
            return
        wait_s = self._strikes.mark(caller.replica)
        if examined.unavailable:
            raise refuse(
                "trial-unavailable",
                f"The changes of {examined.unavailable[0]} could not be examined in time; "
                "the others were taken in. Try again later.",
                retry_after_s=wait_s,
            )

    def _examine(self, caller: Caller, candidates: list[Candidate], work: _Work) -> None:
        """Have the examiners try what is new, and judge each candidate by that.

        Documents go to them by slices, so that they work while this thread sorts the next.
        """
        space, sender, examined = SpaceId(caller.space), caller.replica, work.examined
        fresh: list[_Fresh] = []
        outgrown: set[DocId] = set()  # asked once: what is kept in mind is forgotten at some moment
        under_way: list[Future[None]] = []
        claimed: dict[str, set[bytes]] = {}
        for refused in work.found.refused:
            claimed.setdefault(refused.doc, set()).add(refused.hash)
        groups = iter(by_document(candidates).values())
        while slice_ := list(islice(groups, DOCS_PER_SLICE)):
            found = self._fresh(space, slice_, claimed, work.found)
            docs = (each.document.doc for each in found)
            outgrown.update(doc for doc in docs if self._outgrown.holds(sender, doc))
            trials = [
                TrialDoc(each.document.doc, [one.change.raw for one in each.candidates])
                for each in found
                if each.document.doc not in outgrown
            ]
            under_way += self._examiners.begin(trials, self._stored, examined)
            fresh += found
        for future in under_way:
            future.result()
        for doc in examined.outgrown:
            self._outgrown.note(sender, doc)
        outgrown.update(examined.outgrown)
        unavailable = set(examined.unavailable)
        for each in fresh:
            if each.document.doc in outgrown:
                _refuse_outgrown(each, work.found)
            elif each.document.doc not in unavailable:
                _judge(each, examined, work)

    def _fresh(
        self,
        space: SpaceId,
        groups: list[list[Candidate]],
        claimed: dict[str, set[bytes]],
        found: Sorted,
    ) -> list[_Fresh]:
        """Leave out of documents what is known, a lie, or lacks something."""
        fresh: list[_Fresh] = []
        with self._db.read() as conn:
            for group in groups:
                document = open_document(conn, space, group, claimed.get(group[0].doc, set()))
                if document is None:
                    _refuse_all(group, found)
                elif taken := [one for one in group if document.takes(one, found)]:
                    fresh.append(_Fresh(document, taken))
        return fresh

    def _stored(self, doc: DocId) -> list[bytes]:
        """The stored changes of a document, causes before effects."""
        with self._db.read() as conn:
            return [row.bytes for row in doc_rows(conn, doc) if row.bytes is not None]

    def _commit(
        self,
        caller: Caller,
        candidates: list[Candidate],
        entries: list[Row],
        work: _Work,
        committed_ms: Mapping[bytes, int],
    ) -> tuple[int, int]:
        """Write what passed, and the evidence; give back how many rows, and the log's end."""
        space = SpaceId(caller.space)
        good = [one for one in candidates if one.change.hash in work.passed]
        if not good and not entries and not work.found.evidence:
            with self._db.read() as conn:
                return 0, position(conn, space).seq
        now_ms = self._clock_ms()
        times: list[tuple[int, int]] = []
        with self._shelf.writing(space, now_ms) as writing:
            for candidate in good:
                seq = _append(writing, candidate, caller.origin, work.found)
                if seq is not None:
                    times.append((seq, committed_ms.get(candidate.change.hash, UNKNOWN)))
            told = writing.append_entries(entries, origin=caller.origin)
            work.found.note_entries(entries, told)
            writing.flush()
            keep_commit_times(writing.conn, space, times, now_ms)
            self._keep_evidence(writing.conn, caller, work.found.evidence, now_ms)
            end = position(writing.conn, space).seq
        done_ms = self._clock_ms()
        self._metrics.received([max(0, done_ms - at) for _, at in times if at != UNKNOWN])
        return len(times) + told.accepted, end

    def _keep_evidence(
        self,
        conn: sqlite3.Connection,
        caller: Caller,
        evidence: list[tuple[RefusedRow, bytes]],
        now_ms: int,
    ) -> None:
        if not evidence:
            return
        for refused, raw in evidence:
            quarantine(
                conn,
                SpaceId(caller.space),
                DocId(refused.doc),
                refused.hash,
                raw[: limits.QUARANTINE_BYTES_MAX],
                refused.type,
                sender=caller.origin,
                now_ms=now_ms,
            )
        conn.execute(
            "DELETE FROM quarantine WHERE sender = ? AND id <= (SELECT id FROM quarantine"
            " WHERE sender = ? ORDER BY id DESC LIMIT 1 OFFSET ?)",
            (caller.origin, caller.origin, limits.QUARANTINE_ROWS_PER_SENDER_MAX),
        )


def _judge(fresh: _Fresh, examined: Examination, work: _Work) -> None:
    for candidate in fresh.candidates:
        if not fresh.document.has_deps(candidate, work.found):
            continue
        reason = examined.verdicts[candidate.change.hash]
        if reason is None:
            work.passed.add(candidate.change.hash)
        else:
            fresh.document.fail(candidate, work.found, "not-loadable", reason)


def _refuse_outgrown(fresh: _Fresh, found: Sorted) -> None:
    """Refuse what can't be examined here. Its bytes are not at fault: no evidence is kept."""
    edits = fresh.document.logged + len(fresh.candidates)
    detail = (
        f"The item is too large for this server to examine ({edits:,} edits); "
        "save it as a new item to go on."
    )
    for candidate in fresh.candidates:
        found.refuse(candidate.row, TOO_MANY_EDITS, detail, keep=False)


def _commit_times(push: Push) -> dict[bytes, int]:
    """When the rows of a push were committed, by hash; empty if the sender says nothing of use."""
    if len(push.committed_ms) != len(push.rows):
        return {}
    return {row.hash: at for row, at in zip(push.rows, push.committed_ms, strict=True)}


def _append(log: Writing, candidate: Candidate, origin: str, found: Sorted) -> int | None:
    """Append one change; give back its sequence number if it took one."""
    appended = log.append(candidate.doc, candidate.change, origin=origin)
    match appended.verdict:
        case Verdict.ACCEPTED:
            return appended.seq
        case Verdict.DUPLICATE:
            found.duplicate += 1
        case Verdict.MISSING_DEPS:
            found.lacks(candidate.row, appended.missing)
        case refusal:
            found.refuse(candidate.row, refusal.value, _REFUSALS[refusal])
    return None


def _refuse_all(group: list[Candidate], found: Sorted) -> None:
    for candidate in group:
        found.refuse(candidate.row, "other-space", _REFUSALS[Verdict.OTHER_SPACE])
