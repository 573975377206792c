"""Where a log stands, and digests by which two logs are compared without reading them.

chain_n       sha256(chain_n-1 + hash of row n), chain_0 = 32 zero bytes: names a whole history
doc digest    sha256(document id in UTF-8 + its sorted heads)
heads digest  the sum of all doc digests modulo 2^256: kept in O(1) per change, and the digest
              of a range of ids is the sum over that range

A document whose changes were all withdrawn counts nowhere, as if it had never been.
"""

import hashlib
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from store.domain.ids import DocId, SpaceId
from store.errors import UnknownSpace

HASH_BYTES: Final = 32
CHAIN_START: Final = bytes(HASH_BYTES)
_MODULUS: Final = 1 << (8 * HASH_BYTES)


@dataclass(frozen=True, slots=True)
class Position:
    """The end of a log.

    Attributes:
        generation: random bytes that this history of the log was begun with.
        seq: highest sequence number, 0 if it is empty.
        chain: chain hash at `seq`.
        heads_digest: digest of the heads of all documents.
    """

    generation: bytes
    seq: int
    chain: bytes
    heads_digest: bytes


def create_space(
    conn: sqlite3.Connection,
    space: SpaceId,
    name: str,
    generation: bytes,
    now_ms: int,
    kind: Literal["local", "hosted"],
) -> None:
    """Begin an empty log for a space that this database doesn't hold yet."""
    conn.execute(
        "INSERT INTO space (id, name, kind, generation, last_chain, heads_digest, created_at_ms)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (space, name, kind, generation, CHAIN_START, bytes(HASH_BYTES), now_ms),
    )


def position(conn: sqlite3.Connection, space: SpaceId) -> Position:
    """Tell where the log of a space ends.

    Raises:
        UnknownSpace: this database doesn't hold it.
    """
    row = conn.execute(
        "SELECT generation, last_seq, last_chain, heads_digest FROM space WHERE id = ?", (space,)
    ).fetchone()
    if row is None:
        raise UnknownSpace(space)
    return Position(*row)


def chain_at(conn: sqlite3.Connection, space: SpaceId, seq: int) -> bytes | None:
    """Give the chain hash at a sequence number; None if the log doesn't reach that far."""
    if seq == 0:
        return CHAIN_START
    row = conn.execute("SELECT chain FROM log WHERE space = ? AND seq = ?", (space, seq)).fetchone()
    return None if row is None else row[0]


def heads(conn: sqlite3.Connection, doc: DocId) -> tuple[bytes, ...]:
    """Give the sorted heads of a document by its logged changes; empty if it has none."""
    row = conn.execute("SELECT heads FROM doc WHERE id = ?", (doc,)).fetchone()
    return () if row is None else split_hashes(row[0])


def fingerprint(conn: sqlite3.Connection, space: SpaceId, lo: str, hi: str) -> tuple[bytes, int]:
    """Sum up the documents of a space with lo <= id < hi: their digest and their number."""
    total = count = 0
    found = conn.execute(
        "SELECT id, heads FROM doc WHERE space = ? AND id >= ? AND id < ? AND changes > 0",
        (space, lo, hi),
    )
    for doc, joined in found:
        total += _digest(doc, joined)
        count += 1
    return _as_bytes(total), count


def docs_between(
    conn: sqlite3.Connection, space: SpaceId, lo: str, hi: str, limit: int
) -> list[tuple[DocId, tuple[bytes, ...]]]:
    """List documents of a space with lo <= id < hi and their sorted heads, by id."""
    found = conn.execute(
        "SELECT id, heads FROM doc WHERE space = ? AND id >= ? AND id < ? AND changes > 0"
        " ORDER BY id LIMIT ?",
        (space, lo, hi, limit),
    )
    return [(doc, split_hashes(joined)) for doc, joined in found]


def next_chain(chain: bytes, change_hash: bytes) -> bytes:
    """Chain one more row to a history."""
    return hashlib.sha256(chain + change_hash).digest()


def moved_digest(digest: bytes, doc: str, before: Iterable[bytes], after: Iterable[bytes]) -> bytes:
    """Take a document's old heads out of a heads digest and its new ones in.

    Args:
        digest: the digest until now.
        doc: id of the document.
        before: heads until now; empty if the document was not there.
        after: heads from now on; empty if all of its changes were withdrawn.
    """
    total = int.from_bytes(digest, "big")
    total -= _digest(doc, join_hashes(sorted(before)))
    total += _digest(doc, join_hashes(sorted(after)))
    return _as_bytes(total)


def join_hashes(hashes: Iterable[bytes]) -> bytes:
    """Write hashes as one blob."""
    return b"".join(hashes)


def split_hashes(joined: bytes) -> tuple[bytes, ...]:
    """Read hashes from one blob."""
    if len(joined) == HASH_BYTES:  # by far the most frequent
        return (joined,)
    return tuple(joined[at : at + HASH_BYTES] for at in range(0, len(joined), HASH_BYTES))


def _digest(doc: str, joined: bytes) -> int:
    """The part of a document in a sum; one without changes has none, as if it were not there."""
    if not joined:
        return 0
    return int.from_bytes(hashlib.sha256(doc.encode() + joined).digest(), "big")


def _as_bytes(total: int) -> bytes:
    return (total % _MODULUS).to_bytes(HASH_BYTES, "big")
