"""Sorts the rows of a push, before anything is examined or written: what each one is, and may be.

A row is judged by itself first (its bytes, its hash, its document's id), then within its document:
known already, a lie about its author's numbering, waiting for something, or a candidate for the
examination. What fails takes along what depends on it, and nothing else.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from store.documents.inspect import ChangeRefused, InspectedChange, inspect_change
from store.documents.schema import genesis_actor, genesis_hash
from store.domain.errors import InvalidValue
from store.domain.ids import DocId, SpaceId, parse_doc_id
from store.log.reading import CHANGE, WITHDRAWN, live_among
from sync.protocol.messages import MissingDeps, RefusedRow, Row

if TYPE_CHECKING:
    from sync.server.house import TakenEntries


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row whose bytes are a sound change of a document that may exist."""

    row: Row
    doc: DocId
    change: InspectedChange


@dataclass(slots=True)
class Sorted:
    """What became of the rows of a push so far.

    Attributes:
        refused: rows that will not be taken, in the order of judging.
        evidence: the bytes of those that are kept in quarantine.
        missing: rows that wait for others.
        duplicate: how many were known already.
    """

    refused: list[RefusedRow] = field(default_factory=list)
    evidence: list[tuple[RefusedRow, bytes]] = field(default_factory=list)
    missing: list[MissingDeps] = field(default_factory=list)
    duplicate: int = 0

    def refuse(self, row: Row, slug: str, detail: str, *, keep: bool = True) -> None:
        """Note that a row will not be taken; keep its bytes as evidence, with its sender named."""
        refused = RefusedRow(row.hash, row.doc, slug, detail)
        self.refused.append(refused)
        if keep:
            self.evidence.append((refused, row.raw))

    def note_entries(self, rows: list[Row], told: "TakenEntries") -> None:
        """Note what became of rows that are no changes."""
        for row, slug, detail in told.refused:
            self.refuse(row, slug, detail, keep=not told.has_evidence)
        for row in told.held_up:
            self.lacks(row, ())
        refused = len(told.refused) + len(told.held_up)
        self.duplicate += len(rows) - told.accepted - refused

    def depends_on_refused(self, row: Row) -> None:
        """Note that a row falls with another one. Its own bytes are not at fault."""
        detail = "It builds on a change of the same push that was refused."
        self.refuse(row, "depends-on-refused", detail, keep=False)

    def lacks(self, row: Row, deps: Iterable[bytes]) -> None:
        """Note that a row waits for others."""
        self.missing.append(MissingDeps(row.hash, row.doc, list(deps)))


def read_rows(rows: list[Row], found: Sorted) -> list[Candidate]:
    """Judge each row by itself; give back those that can be looked at within their document."""
    candidates: list[Candidate] = []
    for row in rows:
        if row.type != CHANGE:
            found.refuse(
                row, "unknown-row-type", "This server takes rows of type change only.", keep=False
            )
            continue
        try:
            doc = parse_doc_id(row.doc)
            change = inspect_change(row.raw)
        except InvalidValue as error:
            found.refuse(row, "bad-document", str(error))
        except ChangeRefused as error:
            found.refuse(row, error.reason_type, error.detail)
        else:
            if change.hash == row.hash:
                candidates.append(Candidate(row, doc, change))
            else:
                found.refuse(row, "wrong-hash", "Its bytes have another hash than it says.")
    return candidates


def by_document(candidates: list[Candidate]) -> dict[DocId, list[Candidate]]:
    """Group candidates; documents in the order of their first row, rows in the order they came."""
    groups: dict[DocId, list[Candidate]] = {}
    for candidate in candidates:
        groups.setdefault(candidate.doc, []).append(candidate)
    return groups


@dataclass(slots=True)
class Document:
    """A document as the log has it, and as the push would continue it.

    Attributes:
        doc: its id.
        known: those of the hashes that the push names which a change may depend on.
        written: hash by (actor, number), to find a second one.
        failed: hashes of this push that were refused.
        logged: how many changes the log has.
    """

    doc: DocId
    known: set[bytes]
    written: dict[tuple[bytes, int], bytes]
    failed: set[bytes]
    logged: int = 0

    def takes(self, candidate: Candidate, found: Sorted) -> bool:
        """Decide whether a candidate may be examined; note what becomes of it where it may not."""
        change = candidate.change
        if change.hash in self.known:
            found.duplicate += 1
            return False
        if change.hash in self.failed:  # the same row twice
            found.depends_on_refused(candidate.row)
            return False
        if not change.deps or change.actor == genesis_actor(self.doc):
            self._fail(candidate, found, "bad-genesis", "It begins the document in a wrong way.")
            return False
        if not self.has_deps(candidate, found):
            return False
        if self.written.setdefault((change.actor, change.seq), change.hash) != change.hash:
            self._fail(
                candidate,
                found,
                "equivocation",
                "Its author has written another change under the same number.",
            )
            return False
        self.known.add(change.hash)
        return True

    def has_deps(self, candidate: Candidate, found: Sorted) -> bool:
        """Tell whether what a change builds on is here or comes along."""
        deps = candidate.change.deps
        if not self.failed.isdisjoint(deps):
            self.failed.add(candidate.change.hash)
            found.depends_on_refused(candidate.row)
            return False
        missing = [dep for dep in deps if dep not in self.known]
        if missing:
            found.lacks(candidate.row, missing)
        return not missing

    def fail(self, candidate: Candidate, found: Sorted, slug: str, detail: str) -> None:
        """Refuse a candidate that was let through before; what depends on it will fall too."""
        self.known.discard(candidate.change.hash)
        self._fail(candidate, found, slug, detail)

    def _fail(self, candidate: Candidate, found: Sorted, slug: str, detail: str) -> None:
        self.failed.add(candidate.change.hash)
        found.refuse(candidate.row, slug, detail)


def open_document(
    conn: sqlite3.Connection, space: SpaceId, group: list[Candidate], failed: set[bytes]
) -> Document | None:
    """Read of a document what its candidates are judged by; None if it is another space's.

    It may have a hundred thousand changes: only those are looked up that the candidates name.

    Args:
        conn: any connection.
        space: the space that the push goes to.
        group: the candidates of one document, at least one.
        failed: hashes that rows of this push claimed and that were refused on their own.
    """
    doc = group[0].doc
    row = conn.execute("SELECT space, changes FROM doc WHERE id = ?", (doc,)).fetchone()
    document = Document(doc, {genesis_hash(doc)}, {}, failed)
    if row is None:
        return document
    if row[0] != space:
        return None
    document.logged = row[1]
    named = {hash_ for one in group for hash_ in (one.change.hash, *one.change.deps)}
    document.known |= live_among(conn, space, doc, named)
    for candidate in group:
        number = candidate.change.actor, candidate.change.seq
        found = conn.execute(
            "SELECT hash FROM log WHERE space = ? AND doc = ? AND actor = ? AND actor_seq = ?"
            " AND type <> ?",
            (space, doc, *number, WITHDRAWN),
        ).fetchone()
        if found is not None:
            document.written[number] = found[0]
    return document
