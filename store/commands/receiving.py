"""Changes from elsewhere: tried before they touch stored data, then logged like our own.

A change that does not load is quarantined with its sender named, one that lacks what it follows
waits, and the rest of the batch lives. The cursor moves in the same transaction as the rows.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from store import log
from store.commands.unit_of_work import UnitOfWork
from store.documents.binding import Doc, trial_load
from store.documents.history import ChangeInfo, History
from store.documents.inspect import InspectedChange
from store.documents.open_doc import OpenDoc
from store.documents.schema import genesis_actor
from store.domain.ids import DocId, SpaceId
from store.errors import DocumentCorrupt


@dataclass(slots=True)
class Applied:
    """What became of a batch: numbers, the documents that moved, the hashes of what is new."""

    accepted: int = 0
    duplicate: int = 0
    waiting: int = 0
    quarantined: int = 0
    docs: set[DocId] = field(default_factory=set)
    hashes: set[bytes] = field(default_factory=set)


def take_in(
    act: UnitOfWork,
    space: SpaceId,
    rows: Iterable[tuple[DocId, InspectedChange]],
    *,
    origin: str,
) -> Applied:
    """Log what a peer sent.

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
        _take_in_document(act, space, doc_id, changes, origin, applied)
        released = log.release(act.conn, space, doc_id)
        while released:
            act.flush()
            _take_in_document(act, space, doc_id, [h.change for h in released], origin, applied)
            released = log.release(act.conn, space, doc_id)
    return applied


def _take_in_document(
    act: UnitOfWork,
    space: SpaceId,
    doc_id: DocId,
    changes: Sequence[InspectedChange],
    origin: str,
    applied: Applied,
) -> None:
    doc = act.open(doc_id)
    known = doc.history.position
    fresh = [c for c in dict.fromkeys(changes) if c.hash not in known]
    applied.duplicate += len(changes) - len(fresh)
    sound = _sound(act, space, doc_id, fresh, origin, applied)
    ready = _closed_under_deps(act, space, doc_id, sound, set(known), origin, applied)
    if not ready:
        return
    tried, bad = _tried(doc, ready)
    for change, reason in bad:
        _quarantine(act, space, doc_id, change, reason, origin)
        applied.quarantined += 1
    refused = {change.hash for change, _ in bad}
    for change in ready:
        if change.hash not in refused:
            appended = act.log_change(space, doc_id, change, origin=origin)
            if appended.verdict == log.Verdict.ACCEPTED:
                applied.accepted += 1
                applied.docs.add(doc_id)
                applied.hashes.add(change.hash)
            else:
                applied.quarantined += 1
                act.cache.drop(doc_id)
                tried = None
    if tried is not None:
        act.cache.keep(tried)


def _sound(
    act: UnitOfWork,
    space: SpaceId,
    doc_id: DocId,
    changes: Iterable[InspectedChange],
    origin: str,
    applied: Applied,
) -> list[InspectedChange]:
    """Leave out changes that forge the genesis or re-use an actor's number (DECISIONS D2)."""
    kept: list[InspectedChange] = []
    numbers: dict[tuple[bytes, int], bytes] = {}
    for change in changes:
        reason = None
        if not change.deps or change.actor == genesis_actor(doc_id):
            reason = log.Verdict.BAD_GENESIS
        else:
            taken = numbers.setdefault((change.actor, change.seq), change.hash)
            row = act.conn.execute(
                "SELECT hash FROM log WHERE doc = ? AND actor = ? AND actor_seq = ?",
                (doc_id, change.actor, change.seq),
            ).fetchone()
            if taken != change.hash or (row is not None and row[0] != change.hash):
                reason = log.Verdict.EQUIVOCATION
        if reason is None:
            kept.append(change)
        else:
            _quarantine(act, space, doc_id, change, reason, origin)
            applied.quarantined += 1
    return kept


def _closed_under_deps(
    act: UnitOfWork,
    space: SpaceId,
    doc_id: DocId,
    changes: Sequence[InspectedChange],
    known: set[bytes],
    origin: str,
    applied: Applied,
) -> list[InspectedChange]:
    """The changes whose causes are here or among them, in causal order; the others are held."""
    ready: list[InspectedChange] = []
    left = list(changes)
    while found := [c for c in left if known.issuperset(c.deps)]:
        ready += found
        known.update(c.hash for c in found)
        left = [c for c in left if c.hash not in known]
    for change in left:
        missing = tuple(d for d in change.deps if d not in known)
        log.hold(act.conn, space, doc_id, change, missing, origin=origin, now_ms=act.stamp.at_ms)
        applied.waiting += 1
    return ready


def _tried(
    doc: OpenDoc, changes: Sequence[InspectedChange]
) -> tuple[OpenDoc | None, list[tuple[InspectedChange, str]]]:
    """Try a batch whole, and only if that fails one by one.

    Returns:
        The document with the good ones, and the bad ones with the reason. What follows a bad one is
        bad as well: it can't be loaded without it.
    """
    base = [c.raw for c in doc.history.changes]
    try:
        return _with(doc, trial_load(base, changes, doc.id), changes), []
    except DocumentCorrupt:
        pass  # one of them at least: the turn of each will show which, with its own reason
    good: list[InspectedChange] = []
    bad: list[tuple[InspectedChange, str]] = []
    refused: set[bytes] = set()
    last: Doc | None = None
    for change in changes:
        if refused.intersection(change.deps):
            bad.append((change, "follows a change that was refused"))
            refused.add(change.hash)
            continue
        try:
            last = trial_load(base, [*good, change], doc.id)
        except DocumentCorrupt as error:
            bad.append((change, str(error)))
            refused.add(change.hash)
        else:
            good.append(change)
    return (_with(doc, last, good) if last is not None else None), bad


def _with(doc: OpenDoc, tried: Doc, changes: Iterable[InspectedChange]) -> OpenDoc:
    history = History([*doc.history.changes, *(ChangeInfo.of(c) for c in changes)])
    return OpenDoc(doc.id, tried, history)


def _quarantine(
    act: UnitOfWork,
    space: SpaceId,
    doc_id: DocId,
    change: InspectedChange,
    reason: str,
    origin: str,
) -> None:
    log.quarantine(
        act.conn,
        space,
        doc_id,
        change.hash,
        change.raw,
        reason,
        sender=origin,
        now_ms=act.stamp.at_ms,
    )
