"""Builds what the store's tests are about: changes by hand, states of documents, open databases.

The log judges a change by its header alone, so the changes here have a header and random bytes.
"""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from store import queries
from store.database import CLIENT, Database, Role
from store.database.meta import read_meta, write_meta
from store.documents.inspect import InspectedChange
from store.documents.schema import genesis_hash
from store.documents.state import Conflict, DocState, EventRow, Settled, Side
from store.domain.ids import (
    ConflictId,
    DocId,
    SpaceId,
    conflict_id,
    kind_of,
    new_doc_id,
    new_space_id,
)
from store.domain.stamp import Stamp
from store.log import LogWriter, create_space
from store.projections import project
from store.rows import TaskRow

NOW_MS: Final = 1_763_898_123_456
HOME: Final[SpaceId] = new_space_id(b"a space 16 bytes")
OTHER: Final[SpaceId] = new_space_id(b"another 16 bytes")
SERVER_PEER: Final = "the-server"


def doc(name: str, kind: str = "task") -> DocId:
    """Name a document after anything."""
    return new_doc_id(kind, hashlib.sha256(name.encode()).digest()[:16])


def conflict_named(name: str) -> ConflictId:
    """Name a conflict after anything."""
    return conflict_id(hashlib.sha256(name.encode()).digest())


def change(
    *deps: bytes,
    actor: bytes = b"alice",
    seq: int = 1,
    says: bytes = b"",
    person: str = "Alice",
) -> InspectedChange:
    """Make a change whose hash follows from all that is given."""
    raw = b"|".join([b"change", *sorted(deps), actor, str(seq).encode(), says])
    return InspectedChange(
        raw=raw,
        hash=hashlib.sha256(raw).digest(),
        deps=deps,
        actor=actor,
        seq=seq,
        start_op=9,
        ops=2,
        time_s=NOW_MS // 1000,
        message=None,
        stamp=Stamp(person, "laptop", NOW_MS),
    )


def first_change(of: DocId, **about: Any) -> InspectedChange:
    """Make a change that follows only the genesis of a document."""
    return change(genesis_hash(of), **about)


@contextmanager
def database(folder: Path, role: Role = CLIENT) -> Iterator[Database]:
    """Open a database in which the space `HOME` exists and nothing else does."""
    opened = Database(folder / "cairn.db", role)
    try:
        with opened.write() as conn:
            create_space(conn, HOME, "Home", b"generation", NOW_MS, "local")
        yield opened
    finally:
        opened.close()


def keep(db: Database, value: str) -> None:
    """Write one value, in a transaction of its own."""
    with db.write() as conn:
        write_meta(conn, "kept", value)


def kept(db: Database) -> str | None:
    """Read what `keep` wrote last."""
    with db.read() as conn:
        return read_meta(conn, "kept")


def log_one(db: Database, of: DocId, *, origin: str | None = None, **about: Any) -> int:
    """Log a first change of a document; its sequence number is given back."""
    with (
        db.write() as conn,
        LogWriter(conn, HOME, now_ms=NOW_MS, server=SERVER_PEER) as log,
    ):
        seq = log.append(of, first_change(of, **about), origin=origin).seq
    assert seq is not None
    return seq


def state_of(of: DocId, *, title: str = "Buy rope", **said: Any) -> DocState:
    """Say what a document says: an open task or a note, unless told otherwise."""
    fields = {"title": title, **said.pop("fields", {})}
    is_task = kind_of(of) == "task"
    defaults: dict[str, Any] = {
        "tags": (),
        "order": None,
        "body": "",
        "state": "open" if is_task else None,
        "trashed": False,
        "purged": False,
        "events": (),
        "created_at_ms": NOW_MS,
        "updated_at_ms": NOW_MS,
        "conflicts": (),
        "settled": (),
    }
    return DocState(doc=of, kind=kind_of(of), fields=fields, **(defaults | said))


def add(conn: sqlite3.Connection, name: str, **said: Any) -> DocId:
    """Put a task among the rows; its title is its name."""
    of = doc(name)
    fields = {key: said.pop(key) for key in ("list", "due", "parent") if key in said}
    project(conn, HOME, state_of(of, title=name, fields=fields, **said))
    return of


def tasks(conn: sqlite3.Connection, view: str = "all", **filters: Any) -> list[TaskRow]:
    """List tasks on a Monday in Vienna, whose day ends at 23:00 UTC."""
    day = {"today": "2026-11-23", "day_ends_at": "2026-11-23T23:00:00Z"}
    return queries.tasks(conn, view=view, **(day | filters))


def event(type: str = "done", **about: Any) -> EventRow:
    """Make an applied event."""
    defaults: dict[str, Any] = {
        "id": "e" + type,
        "at_ms": NOW_MS,
        "author": "Alice",
        "device": "laptop",
        "reason": None,
        "applied": True,
        "why": None,
    }
    return EventRow(type=type, **(defaults | about))


def conflict(of: DocId, name: str = "title", *, settled: Settled | None = None) -> Conflict:
    """Make a conflict of Alice and Bob over a field."""
    return Conflict(
        id=conflict_named(f"{of} {name}"),
        doc=of,
        kind="field",
        field=name,
        base=None,
        sides=(
            Side("Rope", "Alice", "laptop", NOW_MS, shown=False, op="9@aa"),
            Side("Ropes", "Bob", "phone", NOW_MS, shown=True, op="9@bb"),
        ),
        settled=settled,
        record=None if settled is None else "erecord",
    )
