"""Opens every document and compares the rows that show it with what it says.

The rows are derived once more into a database in memory and compared column by column, a page of
documents at a time: each page at one moment, and with room for writers between pages.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from store.commands.document_cache import DocumentCache
from store.database.connection import Database
from store.database.roles import CLIENT
from store.database.upgrade import bring_up_to_date
from store.doctor.opening import opened
from store.documents.schema import genesis_hash
from store.documents.state import DocState
from store.domain.ids import DocId, SpaceId
from store.errors import DocumentCorrupt
from store.log.position import split_hashes
from store.projections import project_many

PAGE_DOCS: Final = 200
# Tables of rows, with the columns that are derived: not row ids, and not what a person was shown.
DERIVED: Final = {
    "item": "*",
    "text": "doc, title, body, tags",
    "item_tag": "doc, tag",
    "link": "doc, key",
    "link_name": "doc, key",
    "conflict": "id, doc, space, kind, field, record, base, sides, settled",
}


@dataclass(slots=True)
class DocumentFindings:
    """What was found.

    Attributes:
        docs: how many documents there are.
        unsound: a clause for each that doesn't open, or has other heads than the log says.
        unlike: a clause for each whose rows say something else.
    """

    docs: int = 0
    unsound: dict[str, str] = field(default_factory=dict)
    unlike: dict[str, str] = field(default_factory=dict)


def check_documents(db: Database, found: DocumentFindings) -> None:
    """Open all documents, and compare their rows with them."""
    after = ""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as anew:
        bring_up_to_date(anew, CLIENT, Path(":memory:"))
        while True:
            with db.read() as conn:
                page = conn.execute(
                    "SELECT id, space, heads FROM doc WHERE id > ? ORDER BY id LIMIT ?",
                    (after, PAGE_DOCS),
                ).fetchall()
                _check_page(conn, anew, page, found)
            if not page:
                break
            after = page[-1][0]
            found.docs += len(page)
    with db.read() as conn:
        for doc in sorted(orphans(conn)):
            found.unlike[doc] = f"{doc} is shown and has no changes"


def orphans(conn: sqlite3.Connection) -> set[str]:
    """Find the documents that are shown though the log knows nothing of them."""
    return {
        row[0]
        for table in DERIVED
        for row in conn.execute(f"SELECT doc FROM {table} WHERE doc NOT IN (SELECT id FROM doc)")
    }


def search_index_matches(db: Database) -> bool:
    """Tell whether the full text index holds what the texts say."""
    # A statement that writes nothing, but is an INSERT: only the writing connection may run it.
    with db.write() as conn:
        try:
            conn.execute("INSERT INTO text_fts (text_fts, rank) VALUES ('integrity-check', 1)")
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_CORRUPT_VTAB:
                raise
            return False
    return True


def _check_page(
    conn: sqlite3.Connection,
    anew: sqlite3.Connection,
    page: Sequence[tuple[str, str, bytes]],
    found: DocumentFindings,
) -> None:
    cache = DocumentCache()  # one of its own: what the replica's holds may hide what the log says
    states: dict[str, list[DocState]] = {}
    for doc, space, joined in page:
        try:
            held, state = opened(conn, cache, doc)
        except DocumentCorrupt as error:
            found.unsound[doc] = _clause(error)
        else:
            states.setdefault(space, []).append(state)
            if held.heads != (split_hashes(joined) or (genesis_hash(held.id),)):
                found.unsound[doc] = f"{doc} opens with other heads than its changes"
    for space, some in states.items():
        project_many(anew, SpaceId(space), some)
    docs = [state.doc for some in states.values() for state in some]
    for doc in sorted({doc for table in DERIVED for doc in _differing(conn, anew, table, docs)}):
        found.unlike[doc] = f"the rows of {doc} don't say what it says"
    for table in DERIVED:
        anew.execute(f"DELETE FROM {table}")


def _differing(
    kept: sqlite3.Connection, anew: sqlite3.Connection, table: str, docs: Sequence[DocId]
) -> Iterator[str]:
    marks = ", ".join("?" * len(docs))
    query = f"SELECT doc, {DERIVED[table]} FROM {table} WHERE doc IN ({marks})"
    unlike = set(kept.execute(query, docs)) ^ set(anew.execute(query, docs))
    return (row[0] for row in unlike)


def _clause(error: DocumentCorrupt) -> str:
    said = str(error).partition("; run ")[0]
    return f"{said[0].lower()}{said[1:]}"
