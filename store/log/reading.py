"""Rows of the log, in the order in which they came in: causal within every document.

What was taken back after a refusal (`WITHDRAWN`) keeps its place, so that the chain holds, but no
reader here gives it out: no document is made of it, and nobody is offered it.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from store.domain.ids import DocId, SpaceId
from store.log.position import split_hashes

CHANGE: Final = "change"
WITHDRAWN: Final = "withdrawn"
_IS_LIVE: Final = f"type <> '{WITHDRAWN}'"
LOOKED_UP_MAX: Final = 900  # hashes in one statement; old builds of SQLite take 999 values

_COLUMNS: Final = (
    "seq, type, doc, hash, actor, actor_seq, start_op, ops, person, device, at_ms,"
    " origin, received_at_ms, chain, deps, bytes"
)


@dataclass(frozen=True, slots=True)
class LogRow:
    """One row of a space's log.

    Attributes:
        type: `change`, `ledger`, `notice` or `member` (DECISIONS D17; `withdrawn` is never read).
        person, device, at_ms: cache of the change's header, for display.
        origin: replica or peer that it came from, None if it was made here.
        bytes: the change as it was received; None once compacted.
    """

    seq: int
    type: str
    doc: DocId
    hash: bytes
    actor: bytes
    actor_seq: int
    start_op: int
    ops: int
    person: str
    device: str
    at_ms: int
    origin: str | None
    received_at_ms: int
    chain: bytes
    deps: tuple[bytes, ...]
    bytes: "bytes | None"


def rows_after(
    conn: sqlite3.Connection,
    space: SpaceId,
    seq: int,
    *,
    rows_max: int,
    bytes_max: int,
    rows_of_one_max: int | None = None,
    not_from: str | None = None,
    types: Sequence[str] | None = None,
) -> list[LogRow]:
    """Read the next rows of a log.

    Args:
        conn: any connection.
        space: whose log.
        seq: read what comes after this sequence number.
        rows_max: at most so many.
        bytes_max: stop before the sum of their bytes exceeds this; one row is always given.
        rows_of_one_max: at most so many as long as all are of one document; None is `rows_max`.
        not_from: leave out rows that came from this peer. An empty answer then means that nothing
            up to the log's end is left for it.
        types: only rows of these types; likewise. None is all.

    Returns:
        Rows by ascending sequence number.
    """
    places = ", ".join(f"?{number}" for number in range(5, 5 + len(types or ())))
    of_types = "" if types is None else f" AND type IN ({places})"
    found = conn.execute(
        f"SELECT {_COLUMNS} FROM log WHERE space = ?1 AND seq > ?2 AND {_IS_LIVE}"
        f" AND (?3 IS NULL OR origin IS NOT ?3){of_types} ORDER BY seq LIMIT ?4",
        (space, seq, not_from, rows_of_one_max or rows_max, *(types or ())),
    )
    rows: list[LogRow] = []
    total, is_one = 0, True
    for values in found:
        row = _log_row(values)
        total += len(row.bytes or b"")
        is_one = is_one and (not rows or row.doc == rows[0].doc)
        if rows and (total > bytes_max or (len(rows) >= rows_max and not is_one)):
            break
        rows.append(row)
    found.close()
    return rows


def forget_origin(
    conn: sqlite3.Connection, space: SpaceId, peer: str, types: Sequence[str]
) -> None:
    """Offer a peer again what came from it: it may have lost it since."""
    places = ", ".join("?" * len(types))
    conn.execute(
        f"UPDATE log SET origin = NULL WHERE space = ? AND origin = ? AND type IN ({places})",
        (space, peer, *types),
    )


def live_hashes(conn: sqlite3.Connection, doc: DocId) -> set[bytes]:
    """Give the hashes of all logged changes of a document, without its genesis."""
    found = conn.execute(f"SELECT hash FROM log WHERE doc = ? AND {_IS_LIVE}", (doc,))
    return {row[0] for row in found}


def live_among(
    conn: sqlite3.Connection, space: SpaceId, doc: DocId, hashes: Iterable[bytes]
) -> set[bytes]:
    """Find those of some changes that a document has, without reading all that it has."""
    asked, found = list(hashes), set[bytes]()
    for start in range(0, len(asked), LOOKED_UP_MAX):
        part = asked[start : start + LOOKED_UP_MAX]
        places = ", ".join("?" * len(part))
        found.update(
            row[0]
            for row in conn.execute(
                f"SELECT hash FROM log WHERE space = ? AND hash IN ({places}) AND doc = ?"
                f" AND {_IS_LIVE}",
                (space, *part, doc),
            )
        )
    return found


def doc_rows(conn: sqlite3.Connection, doc: DocId) -> list[LogRow]:
    """Read all changes of a document, causes before their effects."""
    return [
        _log_row(values)
        for values in conn.execute(
            f"SELECT {_COLUMNS} FROM log WHERE doc = ? AND {_IS_LIVE} ORDER BY seq", (doc,)
        )
    ]


def rows_beyond(
    conn: sqlite3.Connection, space: SpaceId, doc: DocId, have: Iterable[bytes]
) -> Iterator[LogRow]:
    """Read the changes of a document that someone lacks, causes before their effects, one by one.

    Args:
        conn: any connection.
        space: whose log.
        doc: which document.
        have: heads of theirs; hashes that this log doesn't know are passed over.
    """
    covered = set(have)
    lacking: list[int] = []
    index = conn.execute(
        f"SELECT seq, hash, deps FROM log WHERE doc = ? AND space = ? AND {_IS_LIVE}"
        " ORDER BY seq DESC",
        (doc, space),
    )
    for seq, change_hash, deps in index:
        if change_hash in covered:
            # A log is closed under deps, and causes come first: one pass backwards sees them all.
            covered.update(split_hashes(deps))
        else:
            lacking.append(seq)
    statement = f"SELECT {_COLUMNS} FROM log WHERE space = ? AND seq = ?"
    for seq in reversed(lacking):
        yield _log_row(conn.execute(statement, (space, seq)).fetchone())


def _log_row(values: tuple[Any, ...]) -> LogRow:
    *front, deps, raw = values
    front += [split_hashes(deps), raw]
    return LogRow(*front)
