"""Reading the list of members: rows that `roster` writes. Loads nothing that checks signatures."""

import sqlite3
from dataclasses import dataclass
from typing import Final

from store.database.meta import read_meta
from store.domain.membership import Role

STATEMENTS_MAX: Final = 10_000  # of one space; a thousand devices that change ten times each
PUBLIC_KEY: Final = "signing_key"  # of this device, in `meta`, as hex

COLUMNS: Final = "key, replica, person, device, role, is_revoked, version, at_ms, is_signer, space"


@dataclass(frozen=True, slots=True)
class Member:
    """A device that belongs to a space, or did.

    Attributes:
        key: its public key.
        replica: its replica id, for display.
        person, device: names, for display.
        role: owner, editor or viewer.
        is_revoked: it was shut out.
        version: of the statement that counts.
        at_ms: when that was signed, by its signer's clock.
        is_signer: what it signs counts.
    """

    key: bytes
    replica: str
    person: str
    device: str
    role: Role
    is_revoked: bool
    version: int
    at_ms: int
    is_signer: bool


def root_of(conn: sqlite3.Connection, space: str) -> bytes | None:
    """The public key that a space's list follows from; None where none is known here."""
    row = conn.execute("SELECT key FROM member_root WHERE space = ?", (space,)).fetchone()
    return None if row is None else bytes(row[0])


def members(conn: sqlite3.Connection, space: str) -> list[Member]:
    """List the devices of a space, those shut out too, in the order of joining."""
    found = conn.execute(
        f"SELECT {COLUMNS} FROM member WHERE space = ? ORDER BY at_ms, key", (space,)
    )
    return [_member(row) for row in found]


def member(conn: sqlite3.Connection, space: str, key: bytes) -> Member | None:
    """Find a device by its key."""
    row = conn.execute(
        f"SELECT {COLUMNS} FROM member WHERE space = ? AND key = ?", (space, key)
    ).fetchone()
    return None if row is None else _member(row)


def may_sign(conn: sqlite3.Connection, space: str, key: bytes) -> bool:
    """Whether what a device signs about members of a space counts."""
    found = member(conn, space, key)
    return key == root_of(conn, space) or (found is not None and found.is_signer)


def own_membership(conn: sqlite3.Connection, space: str) -> Member | None:
    """What the list of a space says of this device, None if it isn't on it."""
    key = own_public_key(conn)
    return None if key is None else member(conn, space, key)


def own_public_key(conn: sqlite3.Connection) -> bytes | None:
    """This database's public key, None while it has none."""
    kept = read_meta(conn, PUBLIC_KEY)
    return None if kept is None else bytes.fromhex(kept)


def _member(row: tuple[bytes, str, str, str, Role, int, int, int, int, str]) -> Member:
    key, replica, person, device, role, is_revoked, version, at_ms, is_signer, _ = row
    return Member(
        key, replica, person, device, role, bool(is_revoked), version, at_ms, bool(is_signer)
    )
