"""Copies what can be read of a damaged home into a new database, table by table.

A table that SQLite can still read is copied as it is. Of any other one, the rows are looked for in
all pages of the file (`pages`) and known by their shape. Nothing is judged here: the repair that
follows checks every change by its hash.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from store.database.meta import read_meta, write_meta
from store.doctor.pages import HEADER_BYTES, MAGIC, PAGE_BYTES, Pages, Record, Value
from store.doctor.relog import GENERATION_BYTES
from store.domain.errors import InvalidValue
from store.domain.ids import (
    ENTROPY_BYTES,
    new_replica_id,
    parse_conflict_id,
    parse_doc_id,
    parse_space_id,
)
from store.log import create_space
from store.log.position import HASH_BYTES

Row = Mapping[str, Value]


def _is(parse: Callable[[str], str]) -> Callable[[Value], bool]:
    def fits(value: Value) -> bool:
        try:
            return isinstance(value, str) and bool(parse(value))
        except InvalidValue:
            return False

    return fits


def _is_hash(value: Value) -> bool:
    return isinstance(value, bytes) and len(value) == HASH_BYTES


def _is_text(value: Value) -> bool:
    return isinstance(value, str)


_is_doc, _is_space = _is(parse_doc_id), _is(parse_space_id)

# What to save, and by what a row of each table is known among others with as many columns.
# Not here: `item_tag`, `link`, `link_name` (made from what is), the books of ledgers (folded anew),
# `act` (of another history), `snapshot` and `footprint` (short cuts), `contact` (then nothing is
# certain).
_SHAPES: Final[Mapping[str, Mapping[str, Callable[[Value], bool]]]] = {
    "space": {"id": _is_space, "generation": lambda v: isinstance(v, bytes)},
    "log": {"space": _is_space, "doc": _is_text, "hash": _is_hash, "chain": _is_hash},
    "doc": {"id": _is_doc, "space": _is_space},
    "waiting": {"space": _is_space, "hash": _is_hash, "doc": _is_doc},
    "quarantine": {"space": _is_space, "hash": lambda v: isinstance(v, bytes)},
    "meta": {"key": lambda v: _is_text(v) and not _is_doc(v), "value": _is_text},
    "item": {"doc": _is_doc, "space": _is_space},
    "text": {"doc": _is_doc, "title": _is_text, "body": _is_text},
    "conflict": {"id": _is(parse_conflict_id), "doc": _is_doc},
    "peer": {"space": _is_space, "url": _is_text, "state": _is_text},
    "parked": {"space": _is_space, "hash": _is_hash, "doc": _is_doc},
    "draft": {"doc": _is_doc, "space": _is_space, "text": _is_text},
    "imported": {"space": _is_space, "file": _is_text, "doc": _is_doc, "content": _is_hash},
    "ledger": {"space": _is_space, "key": _is_hash, "generation": lambda v: isinstance(v, bytes)},
    "outbox": {"space": _is_space, "key": _is_text, "body": lambda v: isinstance(v, bytes)},
    "noted": {"space": _is_space, "id": _is_text, "at_ms": lambda v: isinstance(v, int)},
}
_SPACES_WITHOUT_A_ROW: Final = (
    "SELECT DISTINCT log.space, EXISTS (SELECT 1 FROM peer WHERE peer.space = log.space) FROM log"
    " WHERE log.space NOT IN (SELECT id FROM space)"
)


@dataclass(slots=True)
class Salvaged:
    """What was found.

    Attributes:
        rows: how many rows were saved, by table.
        promised: how many changes the file said that it had, as far as that can be read.
    """

    rows: dict[str, int] = field(default_factory=dict)
    promised: int = 0

    @property
    def is_nothing(self) -> bool:
        """Whether there is nothing by which a home could be made again."""
        return not self.rows.get("space") and not self.rows.get("log")


def salvage(
    damaged: Path,
    fresh: sqlite3.Connection,
    *,
    now_ms: int,
    entropy: Callable[[int], bytes],
) -> Salvaged:
    """Copy what can be read.

    Args:
        damaged: a copy of the damaged file, with its journal beside it; it is written to.
        fresh: a connection in a transaction on a database with all tables and no rows.
        now_ms: the time.
        entropy: so many random bytes.
    """
    _mend_header(damaged)
    found = Salvaged()
    lost: list[str] = []
    with closing(sqlite3.connect(damaged, isolation_level=None)) as old:
        for table in _SHAPES:
            try:
                rows = _read(old, fresh, table)
            except sqlite3.DatabaseError:
                lost.append(table)
            else:
                found.rows[table] = _insert(fresh, table, rows)
    if lost:
        for table, rows in _by_shape(Pages(damaged.read_bytes()), fresh, lost).items():
            found.rows[table] = _insert(fresh, table, rows)
    if not found.is_nothing:
        _complete(fresh, now_ms, entropy)
    (found.promised,) = fresh.execute(
        "SELECT max((SELECT coalesce(sum(last_seq), 0) FROM space), (SELECT count(*) FROM log))"
    ).fetchone()
    return found


def _mend_header(path: Path) -> None:
    """Write a plausible header over one that is none, so that SQLite gets as far as it can."""
    with path.open("r+b") as file:
        head = bytearray(file.read(HEADER_BYTES))
        if head.startswith(MAGIC) or len(head) < HEADER_BYTES:
            return
        has_wal = path.with_name(f"{path.name}-wal").exists()
        head[:24] = (
            MAGIC
            + PAGE_BYTES.to_bytes(2, "big")
            + bytes([2 if has_wal else 1] * 2)
            + bytes([0, 64, 32, 32])
        )
        head[24:96] = bytes(72)
        head[47] = 4  # schema format
        head[59] = 1  # UTF-8
        file.seek(0)
        file.write(head)


def _columns(conn: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in conn.execute(f"PRAGMA table_info({table})")]


def _read(old: sqlite3.Connection, fresh: sqlite3.Connection, table: str) -> list[Row]:
    """Read a table whole, through its tree and not through an index.

    Raises:
        sqlite3.DatabaseError: a part of it is damaged.
    """
    old.execute("PRAGMA writable_schema=ON")  # also reads a file that is shorter than it says
    names = _columns(old, table)
    if not names:
        raise sqlite3.DatabaseError(f"there is no table {table} left")
    known = [name for name in _columns(fresh, table) if name in names]
    found = old.execute(f"SELECT {', '.join(known)} FROM {table} NOT INDEXED")
    return [dict(zip(known, values, strict=True)) for values in found]


def _by_shape(
    pages: Pages, fresh: sqlite3.Connection, tables: Iterable[str]
) -> dict[str, list[Row]]:
    columns = {table: _columns(fresh, table) for table in tables}
    found: dict[str, list[Row]] = {table: [] for table in tables}
    for record in pages.records():
        for table, row in _fitting(record, columns):
            found[table].append(row)
    return found


def _fitting(record: Record, columns: Mapping[str, list[str]]) -> Iterator[tuple[str, Row]]:
    number, values = record
    for table, names in columns.items():
        if len(names) == len(values):
            row: dict[str, Value] = dict(zip(names, values, strict=True))
            if row.get("id", "") is None:
                row["id"] = number
            if all(fits(row[name]) for name, fits in _SHAPES[table].items()):
                yield table, row


def _insert(fresh: sqlite3.Connection, table: str, rows: Iterable[Row]) -> int:
    """Put rows into a table; gives how many it took."""
    taken = 0
    for row in rows:
        marks = ", ".join("?" * len(row))
        statement = f"INSERT OR IGNORE INTO {table} ({', '.join(row)}) VALUES ({marks})"
        try:
            taken += fresh.execute(statement, tuple(row.values())).rowcount
        except sqlite3.IntegrityError:
            continue  # a value of another type than the column's: not a row of this table
    return taken


def _complete(fresh: sqlite3.Connection, now_ms: int, entropy: Callable[[int], bytes]) -> None:
    """Make up what a home can't be without: its spaces, a current one, and who writes here."""
    for space, is_hosted in fresh.execute(_SPACES_WITHOUT_A_ROW).fetchall():
        name = f"Saved {space[-4:]}"
        kind: Literal["local", "hosted"] = "hosted" if is_hosted else "local"
        create_space(fresh, space, name, entropy(GENERATION_BYTES), now_ms, kind)
    if fresh.execute("SELECT 1 FROM space WHERE is_current").fetchone() is None:
        fresh.execute(
            "UPDATE space SET is_current = 1"
            " WHERE id = (SELECT id FROM space ORDER BY created_at_ms, id LIMIT 1)"
        )
    if read_meta(fresh, "replica_id") is None:
        author = fresh.execute(
            "SELECT person, device FROM log WHERE origin IS NULL ORDER BY seq DESC LIMIT 1"
        ).fetchone()
        person, device = author or (None, None)
        write_meta(fresh, "person", person or "me")
        write_meta(fresh, "device", device or "device")
        write_meta(fresh, "replica_id", new_replica_id(entropy(ENTROPY_BYTES)))
