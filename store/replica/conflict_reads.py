"""What a replica tells of what waits for a person: conflicts, and changes that were refused.

Rows out of projections; a document is opened for the page of one conflict or refusal only.
"""

import sqlite3

from store import peers, queries, spaces
from store.commands.differences import edits_beside_trash
from store.commands.refusals import refusal_of, refusals
from store.documents.conflicts.passages import passage_text
from store.documents.open_doc import OpenDoc
from store.documents.state import Conflict
from store.domain.errors import NotFound
from store.domain.ids import ConflictId, DocId, SpaceId
from store.projections import remember_listed
from store.replica.core import ReplicaCore
from store.rows import ConflictRow, Difference, ParkedRow, Refusal, RefusalRow


class ConflictReads(ReplicaCore):
    """The reads about conflicts. `space` is a name or id; None means all."""

    def conflicts(
        self, *, settled: bool = False, space: str | None = None, remember: bool = True
    ) -> list[ConflictRow]:
        """Open conflicts, or settled ones.

        Args:
            settled: which.
            space: only of this space.
            remember: note that the person is shown these sides: settling then closes what was seen.
        """
        if settled or not remember:
            with self.db.read() as conn:
                return queries.conflicts(conn, settled=settled, space=self._id(space))
        with self._lock, self.db.write() as conn:
            rows = queries.conflicts(conn, space=self._id(space))
            remember_listed(conn, [row.id for row in rows])
            return rows

    def find_conflict(self, prefix: str) -> ConflictId:
        """A conflict by a unique start of its id; raises NotFound, Ambiguous."""
        with self.db.read() as conn:
            return queries.find_conflict(conn, prefix)

    def parked(self, space: str | None = None) -> list[ParkedRow]:
        """Items with changes that a peer refused."""
        with self.db.read() as conn:
            return peers.parked_rows(conn, self._id(space))

    def find_parked(self, prefix: str) -> DocId:
        """The item of a refusal, by a unique start of either's id; raises NotFound."""
        fitting = {
            row.doc_id
            for row in self.parked()
            if row.id.startswith(prefix) or row.doc_id.startswith(prefix)
        }
        if len(fitting) != 1 or not prefix:
            raise NotFound(f"No refused change has the id {prefix}; `cairn parked` lists them.")
        return DocId(fitting.pop())

    def refusals(self, space: str | None = None) -> list[RefusalRow]:
        """Items with changes that a server refused, by name."""
        with self.db.read() as conn:
            return refusals(conn, self._id(space))

    def refusal(self, doc_id: DocId) -> Refusal:
        """What is refused of an item, beside what the server has; raises NotFound."""
        with self._lock, self.db.read() as conn:
            return refusal_of(conn, self._open(conn, doc_id))

    def passage(self, conflict: ConflictId) -> str:
        """What the passage of an open conflict says now, merged; raises NotFound."""
        with self._lock, self.db.read() as conn:
            doc, found = self._open_conflict(conn, conflict)
            return passage_text(doc.doc, doc.id, doc.history, found)

    def edits_beside_trash(self, conflict: ConflictId) -> tuple[Difference, ...]:
        """What an item says now that who put it in the trash had not seen; raises NotFound."""
        with self._lock, self.db.read() as conn:
            doc, found = self._open_conflict(conn, conflict)
            return edits_beside_trash(doc, found)

    # -- inside -----------------------------------------------------------------------------------

    def _open(self, conn: sqlite3.Connection, doc_id: DocId) -> OpenDoc:
        if conn.execute("SELECT 1 FROM doc WHERE id = ?", (doc_id,)).fetchone() is None:
            raise NotFound(f"There is no item {doc_id} on this device.")
        return self._cache.open(conn, doc_id)

    def _open_conflict(
        self, conn: sqlite3.Connection, conflict: ConflictId
    ) -> tuple[OpenDoc, Conflict]:
        row = conn.execute("SELECT doc FROM conflict WHERE id = ?", (conflict,)).fetchone()
        doc = self._open(conn, DocId(row[0] if row else ""))
        found = next((each for each in doc.state().conflicts if each.id == conflict), None)
        if found is None:
            raise NotFound("This conflict is open no more.")
        return doc, found

    def _id(self, name: str | None) -> SpaceId | None:
        if name is None:
            return None
        with self.db.read() as conn:
            return SpaceId(spaces.find_space(conn, name).id)
