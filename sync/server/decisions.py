"""What was answered to commands, by their keys, so that asking again has no further effect.

A key is kept for 60 days, twice as long as devices are promised. After that it is unknown again,
and a command that still comes is refused by the ids in it, which never leave the ledger.
"""

import sqlite3
from dataclasses import dataclass
from typing import Final

import msgspec

from sync.protocol.ledger import Decision

KEPT_MS: Final = 60 * 86_400_000
PRUNED_MAX: Final = 1_000  # in one transaction

_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(Decision)


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer, and the fingerprint of what it answers."""

    fingerprint: bytes
    decision: Decision


def find(conn: sqlite3.Connection, space: str, key: str) -> Kept | None:
    """The answer to a key; None where it is new."""
    row = conn.execute(
        "SELECT fingerprint, reply FROM decision WHERE space = ? AND key = ?", (space, key)
    ).fetchone()
    return None if row is None else Kept(bytes(row[0]), _decoder.decode(row[1]))


def keep(
    conn: sqlite3.Connection, space: str, fingerprint: bytes, decision: Decision, now_ms: int
) -> None:
    """Keep an answer, in the transaction of its effect; a key that is kept stays as it is."""
    conn.execute(
        "INSERT INTO decision (space, key, fingerprint, reply, at_ms) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        (space, decision.key, fingerprint, _encoder.encode(decision), now_ms),
    )


def oldest_ms(conn: sqlite3.Connection) -> int | None:
    """When the oldest kept answer was given; None where there is none."""
    (at_ms,) = conn.execute("SELECT min(at_ms) FROM decision").fetchone()
    return None if at_ms is None else int(at_ms)


def prune(conn: sqlite3.Connection, now_ms: int) -> int:
    """Forget answers whose time is over, a bounded number; gives how many."""
    return conn.execute(
        "DELETE FROM decision WHERE rowid IN"
        " (SELECT rowid FROM decision WHERE at_ms <= ? ORDER BY at_ms LIMIT ?)",
        (now_ms - KEPT_MS, PRUNED_MAX),
    ).rowcount
