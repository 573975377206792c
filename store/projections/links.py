"""Link rows: where the text of each item leads, and by what links each is found.

Both are keys of `store.domain.links`, so a link is followed, and followed back, by comparing keys:
what a title leads to is known the moment that an item has it, and no text is read for it.
"""

import sqlite3
from collections.abc import Sequence

from store.documents.state import DocState
from store.domain.links import link_keys, name_keys


def project_links(conn: sqlite3.Connection, states: Sequence[DocState]) -> None:
    """Make the link rows of documents say what their states say; rows that hold stay."""
    for state in states:
        title, source = _text(state, "title"), _text(state, "source")
        _write(conn, "link", state.doc, link_keys(state.body, source))
        _write(conn, "link_name", state.doc, name_keys(state.doc, title or "", source))


def _text(state: DocState, field: str) -> str | None:
    value = state.fields.get(field)
    return value if isinstance(value, str) else None


def _write(conn: sqlite3.Connection, table: str, doc: str, keys: frozenset[str]) -> None:
    there = {row[0] for row in conn.execute(f"SELECT key FROM {table} WHERE doc = ?", (doc,))}
    if there != keys:
        conn.executemany(
            f"DELETE FROM {table} WHERE doc = ? AND key = ?", [(doc, key) for key in there - keys]
        )
        conn.executemany(
            f"INSERT INTO {table} (doc, key) VALUES (?, ?)",
            [(doc, key) for key in sorted(keys - there)],
        )
