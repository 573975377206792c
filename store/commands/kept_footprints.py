"""Footprints of text runs as rows, so that a document which is opened again need not find them.

They are functions of a document's changes, named by them, and disposable like snapshots. Without
them, opening a note of 100,000 characters reads its text twice for each run that has another one
beside it.
"""

import json
import sqlite3
from dataclasses import fields

from store.documents.conflicts.footprints import Footprint
from store.documents.open_doc import OpenDoc

_PARTS = tuple(part.name for part in fields(Footprint))


def load_footprints(conn: sqlite3.Connection, doc: OpenDoc) -> None:
    """Let a document know what was worked out before."""
    found = conn.execute("SELECT first, last, said FROM footprint WHERE doc = ?", (doc.id,))
    doc.know_footprints(
        {(first, last): Footprint(*map(set, json.loads(said))) for first, last, said in found}
    )


def save_footprints(conn: sqlite3.Connection, doc: OpenDoc) -> None:
    """Keep what was worked out since the document was opened, or kept last."""
    conn.executemany(
        "INSERT OR IGNORE INTO footprint(doc, first, last, said) VALUES (?, ?, ?, ?)",
        [
            (doc.id, *run, json.dumps([sorted(getattr(found, part)) for part in _PARTS]))
            for run, found in doc.new_footprints().items()
        ],
    )
