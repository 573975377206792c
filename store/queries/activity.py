"""What changed, by whom and when: the log's latest rows, told as what people did.

Changes of one author to one item that follow each other are one entry. What a change touched is
read from its own bytes, and a lifecycle event from the item's row; no document is opened, and the
number of rows that are read is bounded by the caller. Order is the order in which things came to
this device: per space by the log, across spaces by when that was, which is for display.
"""

import heapq
import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from store.documents.schema import genesis_hash
from store.documents.touched import places
from store.domain.ids import DocId
from store.imports import IMPORT_ACT

CREATED: Final = "created"
_ONE_ENTRY_MS: Final = 30 * 60_000  # what one author writes within this stays together
_ACTS_MAX: Final = 500

_ROWS = (
    "SELECT log.space, log.seq, log.doc, log.origin, log.person, log.device, log.at_ms,"
    " log.received_at_ms, log.deps, log.bytes, item.kind, item.title, item.events, item.purged,"
    " space.name"
    " FROM log JOIN item ON item.doc = log.doc JOIN space ON space.id = log.space"
    " WHERE log.space = ? AND log.type = 'change' ORDER BY log.seq DESC LIMIT ?"
)
_ELSEWHERE = (
    "SELECT count(DISTINCT doc) FROM (SELECT doc FROM log WHERE space = ? AND seq > ?"
    " AND origin IS NOT NULL AND type = 'change' ORDER BY seq LIMIT ?)"
)
_COUNTED_MAX: Final = 1_000  # changes of a space


@dataclass(frozen=True, slots=True)
class Undoable:
    """An act that `Replica.undo` can take back: its number and label, and how many items it has."""

    number: int
    label: str
    items: int


@dataclass(frozen=True, slots=True)
class Activity:
    """Something that somebody did to an item.

    Attributes:
        doc: the item; `is_gone` if it was deleted for good since.
        space: the space's name.
        at_ms: by the author's clock; None where it said none.
        received_at_ms: when the latest of it came to this device, by its own clock.
        changes: how many.
        what: names of what was touched, `created` among them; empty where that is not known any
            more, since the bytes were dropped.
        events: types of lifecycle events in it (done, start…).
        is_own: whether it was written on this device.
        is_new: whether it came from elsewhere since somebody last looked here.
        act: what can be taken back of it; None where nothing can.
    """

    doc: DocId
    kind: str
    title: str
    space: str
    person: str
    device: str
    at_ms: int | None
    received_at_ms: int
    changes: int
    what: tuple[str, ...]
    events: tuple[str, ...]
    is_own: bool
    is_new: bool
    is_gone: bool
    act: Undoable | None


@dataclass(frozen=True, slots=True)
class ActivityPage:
    """The latest entries, newest first, and whether there is more before them."""

    entries: tuple[Activity, ...]
    has_more: bool


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of the log with its item and space, as `_ROWS` reads it."""

    space: str
    seq: int
    doc: DocId
    origin: str | None
    person: str | None
    device: str | None
    at_ms: int | None
    received_at_ms: int
    deps: bytes
    bytes: "bytes | None"
    kind: str
    title: str
    events: str
    purged: int
    space_name: str


def activity(conn: sqlite3.Connection, *, rows_max: int, seen: Mapping[str, int]) -> ActivityPage:
    """Tell what happened last.

    Args:
        conn: any connection.
        rows_max: how many changes to look at.
        seen: sequence number up to which each space (by id) was looked at.
    """
    spaces = [row[0] for row in conn.execute("SELECT id FROM space ORDER BY id")]
    latest = [_latest(conn, space, rows_max + 1) for space in spaces]
    rows = list(islice(heapq.merge(*latest, key=lambda row: -row.received_at_ms), rows_max + 1))
    acts = _acts(conn)
    told = (_entry(row, seen, acts) for row in rows[:rows_max])
    return ActivityPage(tuple(_entries(told)), len(rows) > rows_max)


def changed_elsewhere(conn: sqlite3.Connection, seen: Mapping[str, int]) -> int:
    """Count the items that were changed elsewhere since a look; looks at so many changes at most.

    Args:
        conn: any connection.
        seen: sequence number up to which each space (by id) was looked at.
    """
    return sum(
        conn.execute(_ELSEWHERE, (space, seen.get(space, 0), _COUNTED_MAX)).fetchone()[0]
        for space in logged_up_to(conn)
    )


def logged_up_to(conn: sqlite3.Connection) -> dict[str, int]:
    """The last sequence number of each space: what there is to see now."""
    return dict(conn.execute("SELECT id, last_seq FROM space").fetchall())


def _latest(conn: sqlite3.Connection, space: str, rows_max: int) -> Iterator[_Row]:
    for values in conn.execute(_ROWS, (space, rows_max)):
        yield _Row(*values)


def _entry(
    row: _Row, seen: Mapping[str, int], acts: Mapping[tuple[int | None, str], Undoable]
) -> Activity:
    is_own = row.origin is None
    return Activity(
        doc=row.doc,
        kind=row.kind,
        title=row.title,
        space=row.space_name,
        person=row.person or "",
        device=row.device or "",
        at_ms=row.at_ms or None,
        received_at_ms=row.received_at_ms,
        changes=1,
        what=_what(row.doc, row.deps, row.bytes),
        events=_events(row.events, row.at_ms, row.person),
        is_own=is_own,
        is_new=not is_own and row.seq > seen.get(row.space, 0),
        is_gone=bool(row.purged),
        act=acts.get((row.at_ms, row.doc)) if is_own else None,
    )


def _what(doc: DocId, deps: bytes, raw: bytes | None) -> tuple[str, ...]:
    """Name what a change touched."""
    if raw is None:
        return ()
    names = {name or key for name, key in places(raw, doc)} - {"source", "id", "kind"}
    if deps == genesis_hash(doc):
        names.add(CREATED)
    return tuple(sorted(names))


def _events(told: str, at_ms: int | None, person: str | None) -> tuple[str, ...]:
    """The lifecycle events of an item that were written at a moment by somebody."""
    if told == "[]":
        return ()
    found = json.loads(told)
    return tuple(
        each["type"] for each in found if each["at_ms"] == at_ms and each["author"] == person
    )


def _acts(conn: sqlite3.Connection) -> dict[tuple[int | None, str], Undoable]:
    """What can be taken back: acts by their moment and each item that they touched."""
    rows = conn.execute(
        "SELECT id, at_ms, label, inverse FROM act WHERE state = 'done' ORDER BY id DESC LIMIT ?",
        (_ACTS_MAX,),
    )
    acts = [(number, at_ms, label, _docs(inverse)) for number, at_ms, label, inverse in rows]
    imported: Counter[int] = Counter()  # by moment: an import is one act in several rows
    for _, at_ms, label, docs in acts:
        imported[at_ms] += len(docs) if label == IMPORT_ACT else 0
    return {
        (at_ms, doc): Undoable(number, label, imported[at_ms] if label == IMPORT_ACT else len(docs))
        for number, at_ms, label, docs in acts
        for doc in docs
    }


def _docs(inverse: str) -> set[str]:
    return {step["doc"] for step in json.loads(inverse)}


def _entries(rows: Iterable[Activity]) -> Iterator[Activity]:
    """Put together what one author did to one item without anything between."""
    last: Activity | None = None
    for row in rows:
        if last is not None and _belongs(last, row):
            last = replace(
                last,
                changes=last.changes + 1,
                what=tuple(sorted({*last.what, *row.what})),
                events=tuple(dict.fromkeys((*row.events, *last.events))),
                act=last.act if last.act is not None else row.act,
            )
            continue
        if last is not None:
            yield last
        last = row
    if last is not None:
        yield last


def _belongs(last: Activity, row: Activity) -> bool:
    return (last.doc, last.person, last.device, last.is_own, last.is_new) == (
        row.doc,
        row.person,
        row.device,
        row.is_own,
        row.is_new,
    ) and last.received_at_ms - row.received_at_ms <= _ONE_ENTRY_MS
