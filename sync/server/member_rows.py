"""The tables of who may enter: `token` and `invite`. Plain reads and writes on a connection."""

import sqlite3
from dataclasses import dataclass

from store.domain.membership import Role


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A device of a space, and the hash of what it enters with."""

    hash: bytes
    space: str
    replica: str
    person: str
    device: str
    role: Role
    created_at_ms: int
    last_seen_at_ms: int | None = None
    revoked_at_ms: int | None = None
    invite: bytes | None = None  # hash of the one that let it in, if one did
    key: bytes | None = None  # the device's public key, if it proved one


@dataclass(frozen=True, slots=True)
class InviteRow:
    """An invite, by the hash of its secret. `created_by` is a replica id."""

    hash: bytes
    space: str
    role: Role
    expires_at_ms: int
    used_at_ms: int | None
    created_by: str
    uses_left: int = 1


_TOKEN = (
    "SELECT hash, space, replica, person, device, role, created_at_ms, last_seen_at_ms,"
    " revoked_at_ms, invite, key FROM token"
)
_INVITE = "SELECT hash, space, role, expires_at_ms, used_at_ms, created_by, uses_left FROM invite"


def token_by_hash(conn: sqlite3.Connection, token_hash: bytes) -> TokenRow | None:
    """Find the device that a token stands for."""
    row = conn.execute(f"{_TOKEN} WHERE hash = ?", (token_hash,)).fetchone()
    return None if row is None else TokenRow(*row)


def tokens_of(conn: sqlite3.Connection, space: str) -> list[TokenRow]:
    """All devices that ever joined a space, oldest first."""
    rows = conn.execute(f"{_TOKEN} WHERE space = ? ORDER BY created_at_ms, rowid", (space,))
    return [TokenRow(*row) for row in rows]


def tokens_of_replica(conn: sqlite3.Connection, space: str, replica: str) -> list[TokenRow]:
    """The tokens of one replica, oldest first; at most one of them is not revoked."""
    rows = conn.execute(
        f"{_TOKEN} WHERE space = ? AND replica = ? ORDER BY created_at_ms, rowid", (space, replica)
    )
    return [TokenRow(*row) for row in rows]


def times_out(conn: sqlite3.Connection, space: str, replica: str) -> int:
    """How often a replica was let in and is out again."""
    return sum(row.revoked_at_ms is not None for row in tokens_of_replica(conn, space, replica))


def add_token(conn: sqlite3.Connection, row: TokenRow) -> None:
    """Add a device."""
    conn.execute(
        "INSERT INTO token (hash, space, replica, person, device, role, created_at_ms,"
        " last_seen_at_ms, revoked_at_ms, invite, key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            row.hash,
            row.space,
            row.replica,
            row.person,
            row.device,
            row.role,
            row.created_at_ms,
            row.last_seen_at_ms,
            row.revoked_at_ms,
            row.invite,
            row.key,
        ),
    )


def replace_token(conn: sqlite3.Connection, old: bytes, new: bytes) -> None:
    """Give a device another token; the old one opens nothing any more."""
    conn.execute("UPDATE token SET hash = ? WHERE hash = ?", (new, old))


def touch_token(conn: sqlite3.Connection, token_hash: bytes, at_ms: int) -> None:
    """Note that a device was here."""
    conn.execute("UPDATE token SET last_seen_at_ms = ? WHERE hash = ?", (at_ms, token_hash))


def revoke_tokens(conn: sqlite3.Connection, space: str, replica: str, at_ms: int) -> None:
    """Close the door to a replica; tokens that were revoked before keep their time."""
    conn.execute(
        "UPDATE token SET revoked_at_ms = ?"
        " WHERE space = ? AND replica = ? AND revoked_at_ms IS NULL",
        (at_ms, space, replica),
    )


def set_role(conn: sqlite3.Connection, space: str, replica: str, role: Role) -> None:
    """Let a replica do what a role may."""
    conn.execute(
        "UPDATE token SET role = ? WHERE space = ? AND replica = ? AND revoked_at_ms IS NULL",
        (role, space, replica),
    )


def any_token_seen(conn: sqlite3.Connection) -> bool:
    """Tell whether any device has entered with its token yet."""
    found = conn.execute("SELECT 1 FROM token WHERE last_seen_at_ms IS NOT NULL LIMIT 1").fetchone()
    return found is not None


def invite_by_hash(conn: sqlite3.Connection, secret_hash: bytes) -> InviteRow | None:
    """Find an invite."""
    row = conn.execute(f"{_INVITE} WHERE hash = ?", (secret_hash,)).fetchone()
    return None if row is None else InviteRow(*row)


def add_invite(conn: sqlite3.Connection, row: InviteRow) -> None:
    """Add an invite."""
    conn.execute(
        "INSERT INTO invite (hash, space, role, expires_at_ms, used_at_ms, created_by, uses_left)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            row.hash,
            row.space,
            row.role,
            row.expires_at_ms,
            row.used_at_ms,
            row.created_by,
            row.uses_left,
        ),
    )


def use_invite(conn: sqlite3.Connection, secret_hash: bytes, at_ms: int) -> None:
    """Note that an invite was used once more."""
    conn.execute(
        "UPDATE invite SET used_at_ms = ?, uses_left = uses_left - 1 WHERE hash = ?",
        (at_ms, secret_hash),
    )


def count_open_invites(conn: sqlite3.Connection, space: str, now_ms: int) -> int:
    """How many invites of a space could be used now."""
    (count,) = conn.execute(
        "SELECT count(*) FROM invite WHERE space = ? AND uses_left > 0 AND expires_at_ms > ?",
        (space, now_ms),
    ).fetchone()
    return int(count)


def space_name(conn: sqlite3.Connection, space: str) -> str | None:
    """The name of a space, None if it isn't hosted here."""
    row = conn.execute("SELECT name FROM space WHERE id = ?", (space,)).fetchone()
    return None if row is None else str(row[0])


def count_spaces(conn: sqlite3.Connection) -> int:
    """How many spaces are hosted here."""
    (count,) = conn.execute("SELECT count(*) FROM space").fetchone()
    return int(count)
