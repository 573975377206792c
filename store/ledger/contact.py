"""When a space's ledger was last read to its end: the authority's clock, and this machine's."""

import sqlite3

from store.domain.ids import SpaceId
from store.domain.ledger.on_device import Contact, Reading


def keep_contact(conn: sqlite3.Connection, space: SpaceId, contact: Contact) -> None:
    """Say when all of a space's ledger was last read."""
    seen = contact.reading
    conn.execute(
        "INSERT INTO contact (space, server_ms, boot, elapsed_ms, wall_ms) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (space) DO UPDATE SET server_ms = excluded.server_ms, boot = excluded.boot,"
        " elapsed_ms = excluded.elapsed_ms, wall_ms = excluded.wall_ms",
        (space, contact.server_ms, seen.boot, seen.elapsed_ms, seen.wall_ms),
    )


def contact_of(conn: sqlite3.Connection, space: SpaceId) -> Contact | None:
    """When all of a space's ledger was last read; None if it never was."""
    row = conn.execute(
        "SELECT server_ms, boot, elapsed_ms, wall_ms FROM contact WHERE space = ?", (space,)
    ).fetchone()
    return None if row is None else Contact(row[0], Reading(*row[1:]))


def forget_contacts(conn: sqlite3.Connection) -> None:
    """This home is a copy, or was restored: what it knew of elapsed time is not its own."""
    conn.execute("DELETE FROM contact")
