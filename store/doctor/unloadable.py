"""Finds changes whose bytes are sound, one by one, and that Automerge still does not take.

Rare: what comes from others is tried before it is logged. But a repair must end with documents that
open, whatever it is given.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence

from store.doctor.log_rows import COLUMNS, DamagedRow, StoredRow
from store.documents.binding import trial_load
from store.documents.inspect import InspectedChange
from store.documents.schema import genesis_change, genesis_hash
from store.domain.ids import DocId
from store.errors import DocumentCorrupt


def unloadable(conn: sqlite3.Connection, docs: Iterable[str]) -> dict[bytes, str]:
    """Give the hashes of such changes in documents that do not open, with the reason."""
    found: dict[bytes, str] = {}
    for doc in docs:
        if sound := _sound(conn, doc):
            found.update(_culprits(DocId(doc), sound))
    return found


def _sound(conn: sqlite3.Connection, doc: str) -> list[InspectedChange]:
    """The changes of a document that are whole and have all of their causes, in causal order."""
    whole: list[InspectedChange] = []
    for values in conn.execute(
        f"SELECT {COLUMNS} FROM log WHERE doc = ? AND type <> 'withdrawn' ORDER BY seq", (doc,)
    ):
        try:
            whole.append(StoredRow(*values).change())
        except DamagedRow:
            continue  # told, and put away, with the other damaged rows
    return list(_closed(whole, {genesis_hash(DocId(doc))})) if whole else []


def _closed(changes: Iterable[InspectedChange], known: set[bytes]) -> Iterator[InspectedChange]:
    left = list(changes)
    while ready := [change for change in left if known.issuperset(change.deps)]:
        yield from ready
        known.update(change.hash for change in ready)
        left = [change for change in left if change.hash not in known]


def _culprits(doc: DocId, changes: Sequence[InspectedChange]) -> dict[bytes, str]:
    """Try a document change by change; what follows a bad one is not tried, it will wait."""
    base = [genesis_change(doc)]
    bad: dict[bytes, str] = {}
    good: list[InspectedChange] = []
    if _refusal(base, changes, doc) is None:
        return bad
    lost: set[bytes] = set()
    for change in changes:
        if lost.intersection(change.deps):
            lost.add(change.hash)
        elif (reason := _refusal(base, [*good, change], doc)) is None:
            good.append(change)
        else:
            bad[change.hash] = reason
            lost.add(change.hash)
    return bad


def _refusal(base: Sequence[bytes], changes: Sequence[InspectedChange], doc: DocId) -> str | None:
    try:
        trial_load(base, changes, doc)
    except DocumentCorrupt as error:
        return str(error)
    return None
