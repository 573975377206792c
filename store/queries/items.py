"""One task or note by its id, with body and events; ids by their beginning; names in use."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from store.domain.errors import Ambiguous, NotFound
from store.domain.ids import DocId, SpaceId
from store.queries.lists import NOTE_COLUMNS, TASK_COLUMNS, note_row, task_row
from store.queries.marks import read_marks
from store.rows import EventRow, NoteRow, TaskRow

_MATCHES_NAMED: Final = 5
_AFTER_ALL_IDS: Final = "\x7f"  # sorts after every character that an id has


def item(conn: sqlite3.Connection, doc: DocId) -> TaskRow | NoteRow:
    """Give a task or note whole, in the trash or not.

    Raises:
        NotFound: there is none, or it was purged.
    """
    found = conn.execute("SELECT kind FROM item WHERE doc = ? AND purged = 0", (doc,)).fetchone()
    if found is None:
        raise _not_found("task or note", doc)
    return task(conn, doc) if found[0] == "task" else note(conn, doc)


def task(conn: sqlite3.Connection, doc: DocId) -> TaskRow:
    """Give a task whole.

    Raises:
        NotFound: there is none, or it was purged.
    """
    values = conn.execute(
        f"SELECT {TASK_COLUMNS} FROM item WHERE doc = ? AND kind = 'task' AND purged = 0", (doc,)
    ).fetchone()
    if values is None:
        raise _not_found("task", doc)
    (events,) = conn.execute("SELECT events FROM item WHERE doc = ?", (doc,)).fetchone()
    return replace(
        task_row(values, read_marks(conn, doc)),
        body=_body(conn, doc),
        events=tuple(EventRow(**event) for event in json.loads(events)),
    )


def note(conn: sqlite3.Connection, doc: DocId) -> NoteRow:
    """Give a note whole.

    Raises:
        NotFound: there is none, or it was purged.
    """
    values = conn.execute(
        f"SELECT {NOTE_COLUMNS} FROM item WHERE doc = ? AND kind = 'note' AND purged = 0", (doc,)
    ).fetchone()
    if values is None:
        raise _not_found("note", doc)
    return replace(note_row(values, read_marks(conn, doc)), body=_body(conn, doc))


def find(conn: sqlite3.Connection, prefix: str) -> DocId:
    """Find a task or note by a unique beginning of its id.

    Raises:
        NotFound: no id begins so.
        Ambiguous: several do.
    """
    found = conn.execute(
        "SELECT doc FROM item WHERE doc >= ? AND doc < ? AND purged = 0 ORDER BY doc LIMIT ?",
        (prefix, prefix + _AFTER_ALL_IDS, _MATCHES_NAMED + 1),
    ).fetchall()
    return DocId(only_match("task or note", prefix, [row[0] for row in found]))


def only_match(what: str, prefix: str, matches: Sequence[str]) -> str:
    """Give the one match of a shortened id; raises NotFound or Ambiguous."""
    if not prefix or not matches:
        raise _not_found(what, prefix)
    if len(matches) > 1:
        named = ", ".join(matches[:_MATCHES_NAMED])
        more = " and more" if len(matches) > _MATCHES_NAMED else ""
        raise Ambiguous(
            f"{prefix} fits more than one {what}: {named}{more}; give more of the id.",
            matches=tuple(matches[:_MATCHES_NAMED]),
        )
    return matches[0]


def list_names(conn: sqlite3.Connection, space: SpaceId | None = None) -> list[str]:
    """Give the names of lists that hold a task outside the trash, in order of the alphabet."""
    found = conn.execute(
        "SELECT DISTINCT list FROM item WHERE kind = 'task' AND list IS NOT NULL AND trashed = 0"
        " AND purged = 0 AND (?1 IS NULL OR space = ?1)",
        (space,),
    )
    return sorted((row[0] for row in found), key=str.casefold)


def tag_names(conn: sqlite3.Connection, space: SpaceId | None = None) -> list[str]:
    """Give the tags of items outside the trash, in order of the alphabet."""
    found = conn.execute(
        "SELECT DISTINCT item_tag.tag FROM item_tag JOIN item ON item.doc = item_tag.doc"
        " WHERE item.trashed = 0 AND item.purged = 0 AND (?1 IS NULL OR item.space = ?1)",
        (space,),
    )
    return sorted((row[0] for row in found), key=str.casefold)


def _body(conn: sqlite3.Connection, doc: DocId) -> str:
    (body,) = conn.execute("SELECT body FROM text WHERE doc = ?", (doc,)).fetchone()
    assert isinstance(body, str)
    return body


def _not_found(what: str, doc: str) -> NotFound:
    return NotFound(f"No {what} has the id {doc or '(empty)'}; list them to see their ids.")
