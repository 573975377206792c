"""Conflict rows: the open and the settled ones of every document, and what a person saw of them.

`listed` is the only column that is not derived: the heads and sides as a listing last showed them.
Settling is written on a fork of those heads, so that a side that came in since stays a conflict
(DECISIONS D8).
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from store.documents.state import Conflict, DocState, Settled, Side
from store.projections.canonical import canonical_json

_UPSERT: Final = (
    "INSERT INTO conflict (id, doc, space, kind, field, record, base, sides, settled)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
    " doc = excluded.doc, space = excluded.space, kind = excluded.kind, field = excluded.field,"
    " record = excluded.record, base = excluded.base, sides = excluded.sides,"
    " settled = excluded.settled"
)


@dataclass(frozen=True, slots=True)
class Listed:
    """A conflict as it was last shown to the person on this device."""

    heads: tuple[bytes, ...]
    sides: tuple[Side, ...]


def project_conflicts(conn: sqlite3.Connection, space: str, states: Sequence[DocState]) -> None:
    """Make the conflict rows of documents say what their states say; `listed` stays."""
    kept = [conflict for state in states for conflict in (*state.conflicts, *state.settled)]
    conn.executemany(
        "DELETE FROM conflict WHERE doc = ? AND id NOT IN (SELECT value FROM json_each(?))",
        [
            (state.doc, canonical_json([one.id for one in (*state.conflicts, *state.settled)]))
            for state in states
            if _has_rows(conn, state)
        ],
    )
    conn.executemany(_UPSERT, [_values(space, conflict) for conflict in kept])


def remember_listed(conn: sqlite3.Connection, ids: Iterable[str]) -> None:
    """Keep the heads and sides of conflicts as they are now, because a person is shown them."""
    for conflict_id in ids:
        found = conn.execute(
            "SELECT doc.heads, conflict.sides FROM conflict JOIN doc ON doc.id = conflict.doc"
            " WHERE conflict.id = ?",
            (conflict_id,),
        ).fetchone()
        if found is not None:
            joined, sides = found
            seen = canonical_json({"heads": joined.hex(), "sides": json.loads(sides)})
            conn.execute("UPDATE conflict SET listed = ? WHERE id = ?", (seen, conflict_id))


def listed(conn: sqlite3.Connection, conflict_id: str) -> Listed | None:
    """Give a conflict as it was last shown; None if it never was."""
    row = conn.execute("SELECT listed FROM conflict WHERE id = ?", (conflict_id,)).fetchone()
    if row is None or row[0] is None:
        return None
    said = json.loads(row[0])
    joined = bytes.fromhex(said["heads"])
    return Listed(
        tuple(joined[at : at + 32] for at in range(0, len(joined), 32)),
        sides_of(said["sides"]),
    )


def sides_of(values: list[dict[str, Any]]) -> tuple[Side, ...]:
    """Read sides from JSON."""
    return tuple(Side(**value) for value in values)


def settled_of(text: str | None) -> Settled | None:
    """Read who settled a conflict from JSON text."""
    return None if text is None else Settled(**json.loads(text))


def _has_rows(conn: sqlite3.Connection, state: DocState) -> bool:
    found = conn.execute("SELECT 1 FROM conflict WHERE doc = ? LIMIT 1", (state.doc,))
    return found.fetchone() is not None


def _values(space: str, conflict: Conflict) -> tuple[Any, ...]:
    settled = conflict.settled
    return (
        conflict.id,
        conflict.doc,
        space,
        conflict.kind,
        conflict.field,
        conflict.record,
        canonical_json(conflict.base),
        canonical_json([_side_json(side) for side in conflict.sides]),
        None if settled is None else canonical_json(_settled_json(settled)),
    )


def _side_json(side: Side) -> dict[str, Any]:
    return {
        "value": side.value,
        "author": side.author,
        "device": side.device,
        "at_ms": side.at_ms,
        "shown": side.shown,
        "op": side.op,
    }


def _settled_json(settled: Settled) -> dict[str, Any]:
    return {
        "by": settled.by,
        "device": settled.device,
        "at_ms": settled.at_ms,
        "value": settled.value,
    }
