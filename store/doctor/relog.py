"""Writes the log of a space anew from those of its rows that are sound.

Rows go through the log's own writer, in their order. If all are sound, the same log comes out.
Otherwise it is another history: it begins under a new generation, and peers are met from the
beginning, so that the next sync brings back what was lost and offers all that is here (D18).
"""

import sqlite3
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from store import log
from store.doctor.log_rows import DamagedRow, StoredRow, stored_rows
from store.domain.ids import DocId, SpaceId
from store.log import CHAIN_START, Appended, LogWriter, Verdict
from store.log.entries import Entry
from store.log.position import HASH_BYTES
from store.peers import peers, server_of
from store.receipts import forget_receipts

if TYPE_CHECKING:
    from store.documents.inspect import InspectedChange

GENERATION_BYTES: Final = 16
_Row = tuple[StoredRow, "InspectedChange | Entry"]


@dataclass(slots=True)
class Relogged:
    """What became of the rows of a log.

    Attributes:
        kept: how many are in the log.
        waiting: how many wait for changes that are gone.
        quarantined: how many are damaged, or were refused.
        is_another: it is another history than before.
    """

    kept: int = 0
    waiting: int = 0
    quarantined: int = 0
    is_another: bool = False


def relog(
    conn: sqlite3.Connection,
    space: SpaceId,
    *,
    refused: Mapping[bytes, str],
    generation: bytes,
    now_ms: int,
) -> Relogged:
    """Write a log anew.

    Args:
        conn: a connection in a write transaction.
        space: whose log.
        refused: hashes of changes that shall not be in it, with the reason.
        generation: for the new history, should it be one.
        now_ms: the time.
    """
    before = log.position(conn, space)
    rows = list(stored_rows(conn, space))
    sound, damaged = _sorted_out(rows, refused)
    conn.execute("DELETE FROM log WHERE space = ?", (space,))
    conn.execute("DELETE FROM doc WHERE space = ?", (space,))
    conn.execute(
        "UPDATE space SET last_seq = 0, last_chain = ?, heads_digest = ? WHERE id = ?",
        (CHAIN_START, bytes(HASH_BYTES), space),
    )
    result = Relogged()
    for row, reason in [*damaged, *_append_all(conn, space, sound, result, now_ms)]:
        _quarantine(conn, space, row, reason, now_ms)
        result.quarantined += 1
    conn.executemany(
        "UPDATE log SET received_at_ms = ? WHERE space = ? AND hash = ?",
        [(row.received_at_ms, space, row.hash) for row, _ in sound],
    )
    after = log.position(conn, space)
    if (after.seq, after.chain) != (before.seq, before.chain):
        result.is_another = True
        _begin_history(conn, space, generation)
    return result


def _sorted_out(
    rows: Sequence[StoredRow], refused: Mapping[bytes, str]
) -> tuple[list[_Row], list[tuple[StoredRow, str]]]:
    sound: list[_Row] = []
    damaged: list[tuple[StoredRow, str]] = []
    for row in rows:
        try:
            change = row.entry() if row.is_entry else row.change()
        except DamagedRow as damage:
            damaged.append((row, f"found by doctor: {damage}"))
        else:
            if row.hash in refused:
                damaged.append((row, f"found by doctor: {refused[row.hash]}"))
            else:
                sound.append((row, change))
    return sound, damaged


def _append_all(
    conn: sqlite3.Connection,
    space: SpaceId,
    rows: Sequence[_Row],
    result: Relogged,
    now_ms: int,
) -> list[tuple[StoredRow, str]]:
    """Append rows as far as their causes are there; hold the others. Gives those refused."""
    server = server_of(conn, space)
    with LogWriter(conn, space, now_ms=now_ms, server=server.id if server else None) as writer:
        left, refused = list(rows), []
        while True:
            verdicts: Counter[Verdict] = Counter()
            missing: list[tuple[_Row, tuple[bytes, ...]]] = []
            for row, change in left:
                answer = _appended(writer, row, change)
                verdicts[answer.verdict] += 1
                if answer.verdict is Verdict.MISSING_DEPS:
                    missing.append(((row, change), answer.missing))
                elif answer.verdict not in (Verdict.ACCEPTED, Verdict.DUPLICATE):
                    refused.append((row, str(answer.verdict)))
            result.kept += verdicts[Verdict.ACCEPTED]
            left = [one for one, _ in missing]
            if not verdicts[Verdict.ACCEPTED] or not left:
                break
        writer.flush()
        _withdraw(writer, [row for row, _ in rows])
    for (row, change), lacking in missing:
        assert not isinstance(change, Entry), "an entry follows nothing"
        if row.is_withdrawn:  # it must not come to life when its causes come back
            refused.append((row, "taken back before"))
            continue
        log.hold(conn, space, row.doc, change, lacking, origin=row.origin, now_ms=now_ms)
        result.waiting += 1
    return refused


def _appended(writer: LogWriter, row: StoredRow, change: "InspectedChange | Entry") -> Appended:
    if not isinstance(change, Entry):
        return writer.append(row.doc, change, origin=row.origin)
    is_new = writer.append_entry(change, origin=row.origin)
    return Appended(Verdict.ACCEPTED if is_new else Verdict.DUPLICATE)


def _withdraw(writer: LogWriter, rows: Collection[StoredRow]) -> None:
    """Take out again what was taken back before (DECISIONS D20)."""
    gone: dict[DocId, list[bytes]] = {}
    for row in rows:
        if row.is_withdrawn:
            gone.setdefault(row.doc, []).append(row.hash)
    for doc, hashes in gone.items():
        writer.withdraw(doc, hashes)


def _quarantine(
    conn: sqlite3.Connection, space: SpaceId, row: StoredRow, reason: str, now_ms: int
) -> None:
    raw = row.raw or b""
    log.quarantine(conn, space, row.doc, row.hash, raw, reason, sender=row.origin, now_ms=now_ms)


def _begin_history(conn: sqlite3.Connection, space: SpaceId, generation: bytes) -> None:
    conn.execute("UPDATE space SET generation = ? WHERE id = ?", (generation, space))
    conn.execute(
        "UPDATE peer SET pull_cursor = NULL, push_seq = 0, verified_at_ms = NULL WHERE space = ?",
        (space,),
    )
    for peer in peers(conn, space):
        forget_receipts(conn, peer.id)  # they speak of places in the log that was
