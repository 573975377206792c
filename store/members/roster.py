"""The list of members in SQLite: statements in the log are the truth, `member` rows their fold.

Writing functions take a connection in a write transaction and the `LogWriter` of it.
"""

import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from store.domain.ids import SpaceId
from store.domain.membership import Statement, fold, may_be_kept
from store.log import LogWriter
from store.log.entries import MEMBER, Entry
from store.members.codec import (
    VERSION_MAX,
    Body,
    NotAStatement,
    read_kept,
    read_statement,
    row_hash,
    write_statement,
)
from store.members.reading import COLUMNS, STATEMENTS_MAX, Member, may_sign, member, root_of
from store.members.signing import Keys


@dataclass(slots=True)
class TakenStatements:
    """What became of statements: how many are new, and the bytes of those that are none.

    Where no root is known nothing can be believed (`is_unfounded`).
    """

    accepted: int = 0
    is_unfounded: bool = False
    refused: list[bytes] = field(default_factory=list)


def set_root(conn: sqlite3.Connection, space: str, key: bytes) -> None:
    """Believe a root; the list is made anew from what is kept."""
    conn.execute(
        "INSERT INTO member_root (space, key) VALUES (?, ?)"
        " ON CONFLICT (space) DO UPDATE SET key = excluded.key",
        (space, key),
    )
    refresh(conn, space)


def state(
    conn: sqlite3.Connection,
    log: LogWriter,
    space: SpaceId,
    keys: Keys,
    about: Body,
) -> Member:
    """Sign a statement about a device, log it, and fold it in.

    Args:
        conn: in a write transaction.
        log: of the same transaction.
        space: whose list; its root is known.
        keys: the signer's; what they sign counts.
        about: the device; its version is set here.

    Returns:
        The device as it stands now.
    """
    assert may_sign(conn, space, keys.public), "asked before"
    before = member(conn, space, about.key)
    version = min(VERSION_MAX, 1 if before is None else before.version + 1)
    body = Body(
        about.key,
        about.replica,
        about.person,
        about.device,
        about.role,
        about.is_revoked,
        version,
        about.at_ms,
    )
    raw = write_statement(keys, space, body)
    log.append_entry(_entry(raw, about.at_ms), origin=None)
    refresh(conn, space)
    now = member(conn, space, about.key)
    assert now is not None, "it was just said"
    return now


def take_in(
    conn: sqlite3.Connection,
    log: LogWriter,
    space: SpaceId,
    raws: Iterable[bytes],
    *,
    origin: str,
) -> TakenStatements:
    """Log and fold statements that came from elsewhere; those that are known change nothing.

    Without a root nothing can be believed, so nothing is kept: who learns it later asks anew.
    """
    taken = TakenStatements()
    root = root_of(conn, space)
    if root is None:
        taken.is_unfounded = True
        return taken
    known = statements(conn, space)
    hashes = {one.hash for one in known}
    for raw in raws:
        if row_hash(raw) in hashes:
            continue
        try:
            said = read_statement(space, raw)
        except NotAStatement:
            taken.refused.append(raw)
            continue
        if len(known) >= STATEMENTS_MAX or not may_be_kept(root, known, said.signer):
            taken.refused.append(raw)
            continue
        if log.append_entry(_entry(raw, said.at_ms), origin=origin):
            taken.accepted += 1
        known.append(said)
        hashes.add(said.hash)
    if taken.accepted:
        refresh(conn, space)
    return taken


def statements(conn: sqlite3.Connection, space: str) -> list[Statement]:
    """Read what is kept about the members of a space, in the order of the log."""
    found = conn.execute(
        "SELECT bytes FROM log WHERE space = ? AND type = ? ORDER BY seq", (space, MEMBER)
    )
    return [read_kept(raw) for (raw,) in found]


def evidence(conn: sqlite3.Connection, space: str, keys: Collection[bytes]) -> list[bytes]:
    """Give the statements by which somebody with the root alone believes what counts about some.

    Those are what the root said of owners, and what counts about each of these devices.
    """
    root = root_of(conn, space)
    rows = conn.execute(
        "SELECT bytes FROM log WHERE space = ? AND type = ? ORDER BY seq", (space, MEMBER)
    )
    said = [(read_kept(raw), raw) for (raw,) in rows]
    if root is None:
        return []
    counting = fold(root, (one for one, _ in said)).members
    wanted = {counting[key].hash for key in keys if key in counting}
    return [
        raw
        for one, raw in said
        if one.hash in wanted or (one.signer == root and one.role == "owner")
    ]


def refresh(conn: sqlite3.Connection, space: str) -> None:
    """Fold anew what is kept of a space."""
    conn.execute("DELETE FROM member WHERE space = ?", (space,))
    root = root_of(conn, space)
    if root is None:
        return
    folded = fold(root, statements(conn, space))
    conn.executemany(
        f"INSERT INTO member ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                one.key,
                one.replica,
                one.person,
                one.device,
                one.role,
                one.is_revoked,
                one.version,
                one.at_ms,
                one.key in folded.signers,
                space,
            )
            for one in folded.members.values()
        ],
    )


def _entry(raw: bytes, at_ms: int) -> Entry:
    # Each statement stands for itself: numbered by nobody, its hash is its whole name.
    return Entry(MEMBER, row_hash(raw), 0, row_hash(raw), raw, at_ms)
