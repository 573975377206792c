"""What an authority that was restored has lost, and this device still has (DECISIONS D24).

    told          by its hello: its last act, and from which generation it goes on
    own           the generation that is folded here, and an older one that the authority may have
                  gone on from before this device had offered what it has of it

A server can't know that it was restored. A device sees it: by an act that it has and the server has
not, or by another hash under a number that both have.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from store.database.meta import read_meta, write_meta
from store.domain.ids import SpaceId
from store.ledger.standing import LedgerAt, ledger_at
from store.log.entries import ENTRY_TYPES, LEDGER_DOC, entry_hash


@dataclass(frozen=True, slots=True)
class Told:
    """Where an authority says that its ledger stands; fields as in `LedgerAt`.

    Attributes:
        upto_hash: of the act `upto` of the generation `before`.
    """

    generation: bytes
    n: int
    hash: bytes
    before: bytes
    upto: int
    upto_hash: bytes


def to_offer(conn: sqlite3.Connection, space: SpaceId, told: Told) -> list[bytes]:
    """Give the acts that the authority may have lost, the older generation first."""
    own = ledger_at(conn, space)
    if own is None:
        return []
    kept = _later(conn, space)
    acts: list[bytes] = []
    if kept is not None:
        generation, is_whole = kept
        acts += _acts(
            conn, space, generation, 0 if is_whole else _ended(conn, space, told, generation)
        )
    if own.n and (kept is None or kept[0] != own.generation):
        lacking = _lacking(conn, space, own, told)
        if lacking is not None:
            acts += _acts(conn, space, own.generation, lacking)
    return acts


def offer_later(
    conn: sqlite3.Connection, space: SpaceId, generation: bytes, *, whole: bool
) -> None:
    """Remember to offer acts of a generation: all of them, or those that the hello calls for."""
    write_meta(conn, _key(space), f"{generation.hex()}:{'all' if whole else 'rest'}")


def remembered(conn: sqlite3.Connection, space: SpaceId) -> str:
    """Give what was remembered to be offered; empty if nothing was."""
    return read_meta(conn, _key(space)) or ""


def clear(conn: sqlite3.Connection, space: SpaceId, offered: str) -> None:
    """Forget what was remembered and is offered now, but not what was remembered meanwhile."""
    if remembered(conn, space) == offered:
        write_meta(conn, _key(space), "")


def _lacking(conn: sqlite3.Connection, space: SpaceId, own: LedgerAt, told: Told) -> int | None:
    """After which act of the folded generation the authority lacks what we have; None if none."""
    if own.generation == told.generation:
        if told.n >= own.n:
            return None
        is_known = not told.n or entry_hash(conn, space, own.generation, told.n) == told.hash
        return told.n if is_known else 0
    return _ended(conn, space, told, own.generation)


def _ended(conn: sqlite3.Connection, space: SpaceId, told: Told, generation: bytes) -> int:
    """After which act of a generation that is over the authority may lack what we have."""
    if generation != told.before or not told.upto:
        return 0
    known = entry_hash(conn, space, generation, told.upto)
    return told.upto if known == told.upto_hash else 0


def _acts(
    conn: sqlite3.Connection, space: SpaceId, generation: bytes, after: int
) -> Iterator[bytes]:
    marks = ", ".join("?" * len(ENTRY_TYPES))
    found = conn.execute(
        f"SELECT bytes FROM log WHERE space = ? AND doc = ? AND actor = ? AND actor_seq > ?"
        f" AND type IN ({marks}) ORDER BY actor_seq",
        (space, LEDGER_DOC, generation, after, *ENTRY_TYPES),
    )
    return (row[0] for row in found.fetchall())


def _later(conn: sqlite3.Connection, space: SpaceId) -> tuple[bytes, bool] | None:
    kept = remembered(conn, space)
    if not kept:
        return None
    generation, _, what = kept.partition(":")
    return bytes.fromhex(generation), what == "all"


def _key(space: SpaceId) -> str:
    return f"ledger.offer.{space}"
